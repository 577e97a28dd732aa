"""`tanu demo`: the specimen institutions and what they issue. Run again, also after a crash, it finishes what is
missing and adds nothing twice."""

from importlib import resources
from pathlib import Path

from issuer.batch import Handed, check_file
from issuer.issue import resume
from issuer.office import Office
from issuer.outbox import deliver
from schemas.errors import Refused
from schemas.kinds.table import kind_named
from tanu import batches
from tanu.demo import FILES
from tanu.home import demo_passphrase, initialise
from tanu.institutions import add_institutions, read_institutions
from tanu.session import Session

SHIPPED = Path(str(resources.files("tanu.demo")))


def prepare(session: Session) -> Office:
    """The demo's home with its institutions; it writes its own passphrase and says so."""
    home = initialise(session.settings)
    office = home.office(session.settings.passphrase or demo_passphrase(home), "demo")
    office.check_passphrase()
    add_institutions(office, read_institutions(SHIPPED / "issuers.json"))
    resume(office)
    deliver(office)
    return office


def issue_all(session: Session, office: Office) -> list[Handed]:
    """Issues every shipped file, in order; a document that is there stays."""
    handed: list[Handed] = []
    for name, (kind_name, slug) in FILES.items():
        parts = {p.name: p.read_bytes() for p in batches.parts_of(SHIPPED / name)}
        data = (SHIPPED / name).read_bytes()
        checked = check_file(office, kind_named(kind_name), office.institution(slug), name, data, parts)
        if checked.problems:
            place = checked.problems[0].place
            problem = f"{place.sheet} {place.row} {place.column}: {checked.problems[0].because.en}"
            raise Refused.saying("home.bad_file", path=SHIPPED / name, problem=problem)
        handed += batches.issue_all(session, office, checked, session.home.out / Path(name).stem, pdf=True)
    return handed
