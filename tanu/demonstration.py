"""`tanu demo`: the specimen institutions and what they issue. Run again, also after a crash, it finishes what is
missing and adds nothing twice."""

from importlib import resources
from pathlib import Path

from issuer import cosign, federation
from issuer.batch import Checked, Handed, check_file
from issuer.office import Office
from issuer.outbox import deliver
from issuer.signing import resume
from schemas.errors import Refused
from schemas.kinds.table import kind_named
from tanu import batches
from tanu.accrediting import add_bodies, add_mandates
from tanu.demo import FILES
from tanu.home import demo_passphrase, initialise
from tanu.institutions import InstitutionRow, add_institutions, read_institutions
from tanu.session import Session

SHIPPED = Path(str(resources.files("tanu.demo")))


def prepare(session: Session) -> Office:
    """The demo's home with its institutions; it writes its own passphrase and says so."""
    home = initialise(session.settings)
    office = home.office(session.settings.passphrase or demo_passphrase(home), "demo")
    office.check_passphrase()
    shipped = read_institutions(SHIPPED / "issuers.json")
    office = add_bodies(home, office, shipped.bodies)
    add_institutions(office, tuple(_fitting(office, row) for row in shipped.institutions))
    add_mandates(office, shipped.mandates)
    resume(office)
    deliver(office)
    federation.renew(office)
    return office


def _fitting(office: Office, row: InstitutionRow) -> InstitutionRow:
    """A demonstration that was made before its rules has documents already, to which no rule reaches back."""
    there = office.registry.institution_called(row.slug)
    if there is None or there.rules or office.store.newest_intent(row.slug) is None:
        return row
    return row.model_copy(update={"signature_rules": ()})


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
        handed += _issued(session, office, checked, session.home.out / Path(name).stem)
    return handed


def _issued(session: Session, office: Office, checked: Checked, out: Path) -> list[Handed]:
    """With the signatures of the specimen persons, where the register asks for them."""
    handed, waiting = batches.issue_all(session, office, checked, out, pdf=True)
    if not waiting:
        return handed
    cosign_all(office)
    return batches.issue_all(session, office, checked, out, pdf=True)[0]


def cosign_all(office: Office) -> None:
    """As many specimen persons sign as the register asks for, in the order of their roles."""
    for found in cosign.waiting(office):
        for role in dict.fromkeys(role for rule in found.rules for role in rule.roles[: rule.needed]):
            if cosign.waits_for(found, role, office.now()):
                cosign.cosign(office, found.intent.number, role)
    deliver(office)
