"""A small world: a registry in a folder, specimen institutions with named keys, a clock that stands still.

    w = World(tmp_path)
    issued = w.issue()                            # a micro-credential of 3 ECTS
    assert w.verify(issued.document).verdict == "valid"
    w.annul(issued)
    assert w.look_up(issued.code).verdict == "annulled"

Everything below `tanu` is the real thing. Keys come from their names, so a world is the same each time, and no key
file has to be sealed; `tests/keys` has those.
"""

import copy
import hashlib
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from issuer import annulment, outbox, status
from issuer import issue as issuing
from issuer.clock import Steady
from issuer.cosign import Cosigned, Waiting, cosign
from issuer.ends.cases import OPEN, Case
from issuer.ends.store import looking
from issuer.intents import Decided, Order, Proposal
from issuer.issue import Approval, Issued, Private, approve
from issuer.office import Office
from issuer.supplements import approve_supplement
from keys.proof import proof_options, secure
from keys.ring import KeyRing
from keys.signer import FileSigner, Signer
from registry.client import Registry
from registry.entry import Entry
from registry.issuers import Institution
from schemas.canonical import rdfc
from schemas.credential import check_shape, written
from schemas.kinds.facts import Facts
from schemas.kinds.supplement_request import SupplementRequest
from schemas.kinds.table import KINDS
from schemas.numbers import Number
from schemas.reading import Json, read_object
from tanu.accrediting import BodyRow, add_accreditations, add_bodies
from tanu.home import Home, initialise
from tanu.institutions import InstitutionRow, add_institutions
from tanu.settings import Settings
from tests.world_facts import ROWS, changed, facts_of, supplement_request, three
from verifier.report import Report
from verifier.verify import look_up, verify

BEGINNING = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
"""10:00 in Kazakhstan."""
FIRST, SECOND = "Ә. Маман", "Б. Екінші"
"""The officers of the specimen institutions: who enters what ends a document, and who confirms it."""
MICRO = "MicroCredentialCertificate"
CENTRE = "ProfessionalQualificationRecognition"
EXTRACT = "LearningRecognitionDecision"
TRAINING = "ShortTermTrainingCertificate"
SUPPLEMENT = "CertificateSupplement"


@dataclass
class Clock:
    """Stands still until a test moves it."""

    now: datetime = BEGINNING

    def __call__(self) -> datetime:
        return self.now

    passed: float = 0.0

    def move(self, **by: float) -> None:
        """`move(hours=25)`; backwards too."""
        self.now += timedelta(**by)
        self.passed += timedelta(**by).total_seconds()

    def step(self, **by: float) -> None:
        """Somebody sets the clock; time itself goes on as before."""
        self.now += timedelta(**by)

    def elapsed(self) -> float:
        """Seconds that have really passed."""
        return self.passed


class NamedKeys(KeyRing):
    """Keys made from names: the n-th key of a world is always the same."""

    def __init__(self, world: str = "world") -> None:
        super().__init__(Path("/nowhere"), "")
        self.world = world
        self.signers: dict[str, FileSigner] = {}

    def new_key(self) -> str:
        signer = named_key(f"{self.world} {len(self.signers) + 1}")
        self.signers[signer.multibase] = signer
        return signer.multibase

    def signer(self, multibase: str) -> Signer:
        while multibase not in self.signers and len(self.signers) < 20:
            self.new_key()  # the home was made by another world of this name
        return self.signers[multibase]


def named_key(name: str) -> FileSigner:
    """The key of that name."""
    return FileSigner.from_seed(hashlib.sha256(f"tests: {name}".encode()).digest())


def institution_row(slug: str, letters: str, bin_: str, kinds: Iterable[str], **more: Any) -> InstitutionRow:
    """A specimen institution, accredited from 2024 to the end of 2027 unless `more` says otherwise."""
    right = {"body": "agency", "number": f"IA-{letters}", "from": "2024-01-01", "until": "2027-12-31"}
    row = {
        "slug": slug,
        "letters": letters,
        "organisation": "university",
        "names": {"kk": f"{letters} үлгісі", "ru": f"Образец {letters}", "en": f"Specimen {letters}"},
        "bin": bin_,
        "country": "KZ",
        "city": {"kk": "Қостанай", "ru": "Костанай", "en": "Kostanay"},
        "test": True,
        "signatories": [
            {"signatoryName": "Ғ. Ұлықбекова", "position": {"kk": "Төраға", "ru": "Председатель", "en": "Chair"}}
        ],
        "accreditations": [right | {"kinds": sorted(kinds)}],
        "officers": [{"name": name, "from": "2024-01-01"} for name in (FIRST, SECOND)],
    }
    return InstitutionRow.model_validate(row | more)


def issue(
    office: Office, approvals: Iterable[Approval], publish: Callable[[Office], object] = outbox.deliver
) -> Iterator[Issued]:
    """`issuer.issue.issue` where nobody has to sign beside the institution."""
    for each in issuing.issue(office, approvals, publish):
        assert isinstance(each, Issued), each
        yield each


def body_row(slug: str, bin_: str, kinds: Iterable[str] = (), by: str = "root", **more: Any) -> BodyRow:
    """A specimen body, which may accredit for these kinds since 2023; without any, a root."""
    authority = {"by": by, "number": f"R-{slug}", "kinds": sorted(kinds), "from": "2023-01-01"}
    row = {"slug": slug, "names": three(f"Specimen {slug}"), "bin": bin_, "test": True}
    return BodyRow.model_validate(row | ({"authority": authority} if kinds else {}) | more)


BODIES = (body_row("root", "880140000054"), body_row("agency", "880140000064", KINDS))
"""Whom the world trusts, and who accredits its institutions."""


def accredited(*rights: dict[str, Any]) -> InstitutionRow:
    """The university with these accreditations, each for all kinds since 2024 unless it says otherwise."""
    plain = {"body": "agency", "kinds": sorted(KINDS), "from": "2024-01-01"}
    rows = [plain | {"number": f"IA-{n}"} | right for n, right in enumerate(rights)]
    return institution_row("kmu", "KMU", "990340000014", (), accreditations=rows)


UNIVERSITY = institution_row("kmu", "KMU", "990340000014", KINDS)
OTHER = institution_row("kau", "KAU", "050140000011", [MICRO])
"""Known and accredited too, but another."""


@dataclass
class World:
    """One home with an office in it. `folder` may be used for files."""

    folder: Path
    public_url: str = "http://127.0.0.1:8000"
    rows: tuple[InstitutionRow, ...] = (UNIVERSITY, OTHER)
    bodies: tuple[BodyRow, ...] = BODIES
    clock: Clock = field(default_factory=Clock)
    seed: int = 7

    def __post_init__(self) -> None:
        self.home: Home = initialise(Settings(self.folder / "home", self.public_url, None, None, frozenset()))
        self.keys = NamedKeys()
        chance = random.Random(self.seed)
        office = self.home.office("", "tester")
        steady = Steady(self.clock.elapsed)
        office = replace(office, ring=self.keys, now=self.clock, random=chance.randrange, steady=steady)
        self.office: Office = add_bodies(self.home, office, self.bodies)
        self.cases = 0
        self._names = count(1)
        add_institutions(self.office, self.rows)

    # The office

    @property
    def registry(self) -> Registry:
        return self.office.registry

    def accreditation(self, by: str = "kmu", **changes: Any) -> None:
        """A new version of an institution's accreditation, such as with another last day; or one more, under a number
        of its own."""
        row = next(row for row in self.rows if row.slug == by).accreditations[0]
        add_accreditations(self.office, by, (row.model_copy(update=changes),))

    @property
    def university(self) -> Institution:
        return self.office.institution("kmu")

    def case(self) -> str:
        """The name of a case that there has not been yet."""
        self.cases += 1
        return f"case-{self.cases}"

    def facts(self, kind: str = MICRO, **changes: Any) -> Facts:
        """The specimen of a kind, with changes: `grade__percent=93`."""
        return facts_of(KINDS[kind], changed(ROWS[kind](), **changes))

    def approve(
        self,
        kind: str = MICRO,
        *,
        by: str = "kmu",
        case: str | None = None,
        private: Private | None = None,
        parent: Issued | None = None,
        on_behalf_of: str | None = None,
        **changes: Any,
    ) -> Approval:
        """Station 2: the decision to issue the specimen of `kind`; a supplement gets a parent if none is named."""
        given = (self.office, KINDS[kind], self.office.institution(by), case or self.case())
        mandator = self.office.institution(on_behalf_of) if on_behalf_of else None
        if kind == SUPPLEMENT:
            named = parent or self.issue(by=by, on_behalf_of=on_behalf_of)
            request = supplement_request() | {"parent_certificate": named.number}
            requested = SupplementRequest.model_validate(changed(request, **changes))
            return approve_supplement(*given, requested, private or Private(), mandator)
        return approve(*given, self.facts(kind, **changes), private or Private(), mandator=mandator)

    def issue(self, kind: str = MICRO, **how: Any) -> Issued:
        """Stations 2–6, for one document."""
        return next(iter(issue(self.office, [self.approve(kind, **how)])))

    def issue_many(self, n: int, kind: str = MICRO, **how: Any) -> list[Issued]:
        """A batch."""
        return list(issue(self.office, [self.approve(kind, **how) for _ in range(n)]))

    def begin(self, kind: str = MICRO, **how: Any) -> Waiting:
        """Stations 2–5, for a document that others have to sign too."""
        (found,) = issuing.issue(self.office, [self.approve(kind, **how)], outbox.deliver)
        assert isinstance(found, Waiting), found
        return found

    def cosign(self, waiting: Waiting, *names: str) -> Cosigned:
        """Signs it as each of them, with keys of the home."""
        done = [cosign(self.office, waiting.intent.number, name) for name in names]
        self.deliver()
        return done[-1]

    def finished(self, waiting: Waiting) -> bytes:
        """The document once it is published."""
        document = self.registry.document(waiting.intent.code)
        assert document is not None
        return document

    def deliver(self) -> int:
        """Station 6, alone."""
        return outbox.deliver(self.office)

    def order(self, act: str, **how: Any) -> Order:
        """What an authority decides."""
        reason = {"annulled": "violation", "replaced": "correction"}.get(act, "error")
        plain = {"authority": "Ректор", "basis": "Бұйрық № 12", "minutes": "№ 12", "entered_by": FIRST}
        return Order(**{"act": act, "reason": reason, **plain, **how})

    def heard(self, number: str) -> Case:
        """The case before an annulment, up to the holder's answer; one that is open goes on."""
        with looking(self.office.store) as ends:
            case = ends.case_of(status.signed_document(self.office, number).code)
        if case is None or case.state not in OPEN:
            case = annulment.open_case(self.office, number, "Плагиат", FIRST)
        if case.state == "recorded":
            case = annulment.inform(self.office, number, FIRST)
        if case.state == "informed":
            case = annulment.answer(self.office, number, "Келісемін", FIRST)
        return case

    def propose(self, number: str, act: str, **how: Any) -> Proposal:
        """One person enters it; an annulment is the decision of its case."""
        if act == "annulled":
            self.heard(number)
            return annulment.decide(self.office, number, self.order(act, **how))
        return status.propose(self.office, number, self.order(act, **how))

    def decide(self, number: str, act: str, *, confirmed_by: str = SECOND, **how: Any) -> Decided:
        """Station 8 without its delivery: one person proposes, another confirms."""
        return status.confirm(self.office, self.propose(number, act, **how).event, confirmed_by)

    def change(self, document: Issued, act: str, **how: Any) -> Decided:
        """Station 8."""
        decided = self.decide(document.number, act, **how)
        self.deliver()
        return decided

    def suspend(self, document: Issued, **how: Any) -> Decided:
        return self.change(document, "suspended", **how)

    def reinstate(self, document: Issued, **how: Any) -> Decided:
        return self.change(document, "reinstated", **how)

    def revoke(self, document: Issued, **how: Any) -> Decided:
        return self.change(document, "revoked", **how)

    def annul(self, document: Issued, **how: Any) -> Decided:
        return self.change(document, "annulled", **how)

    def replace(self, document: Issued, successor: Issued, **how: Any) -> Decided:
        return self.change(document, "replaced", successor=successor.number, **how)

    # The public

    def verify(self, document: bytes | Mapping[str, Json], registry: Registry | None = None, **how: Any) -> Report:
        """Station 9, on bytes or on a JSON value."""
        data = document if isinstance(document, bytes) else written(document)
        return verify(data, registry or self.registry, self.clock.now, **how)

    def look_up(self, code: str, **how: Any) -> Report:
        """What the page of a code says."""
        return look_up(code, self.registry, self.clock.now, **how)

    # The attacker

    def signed_by(self, key: FileSigner, document: Mapping[str, Json], **options: Json) -> dict[str, Json]:
        """`document` under a proof by `key`, with whatever proof options are wanted."""
        unsigned = {name: member for name, member in document.items() if name != "proof"}
        plain = proof_options(f"did:key:{key.multibase}#{key.multibase}", self.clock.now)
        chosen = {name: value for name, value in {**plain, **options}.items() if value is not ...}
        return secure(unsigned, rdfc(unsigned), chosen, key)

    def signed_again(self, document: Mapping[str, Json], *, by: str = "kmu", **options: Json) -> dict[str, Json]:
        """`document` under a new proof by an institution's own key."""
        key = self.office.institution(by).keys[0]
        signer = self.keys.signers[key.multibase]
        return self.signed_by(signer, document, **{"verificationMethod": key.id, **options})

    def register(self, document: Mapping[str, Json]) -> bytes:
        """Enters a document in the register past the office, as a registrar would who is part of a fraud."""
        data = written(document)
        credential = check_shape(data, read_object(data))
        entry = Entry(
            code=credential.code,
            number=credential.number,
            kind=credential.kind.name,
            issuer=credential.issuer_id,
            digest=credential.digest,
            registered_at=self.clock.now,
            slots=credential.slots,
            parent=credential.parent_number,
        )
        self.office.registry.publish([(entry, data)])
        return data

    def forged(self, issued: Issued, *, by: str = "kmu", **changes: Json) -> bytes:
        """A document like `issued` with other members, signed by an institution's own key and entered in the
        register: what holds it back is neither signature nor register. `proof__created` is an option of the proof."""
        value = value_of(issued.document)
        n = next(self._names)
        value["id"], value["number"] = f"{self.public_url}/c/{n:014}", str(Number("KMU", "MC", 2027, n))
        value["credentialSubject"]["achievement"]["id"] = f"{value['id']}#achievement"
        value["credentialSubject"]["licenseNumber"] = value["number"]
        value["credentialStatus"]["statusListIndex"] = str(n)
        value["issuer"]["id"] = self.office.institution(by).did
        options = {name.removeprefix("proof__"): new for name, new in changes.items() if name.startswith("proof__")}
        for name, new in changes.items():
            if not name.startswith("proof__"):
                value[name] = new
        return self.register(self.signed_again(value, by=by, **options))

    # Behind the scenes

    def rewrite(self, statement: str, **values: Any) -> None:
        """SQL that no room of the product has: what a database administrator could do, triggers put aside."""
        with self.home.engine.connect().execution_options(writes=True) as connection, connection.begin():
            triggers = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
            for name, _ in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.execute(sa.text(statement), values)
            connection.exec_driver_sql("INSERT INTO roll_revisions DEFAULT VALUES")
            for _, ddl in triggers:
                connection.exec_driver_sql(ddl)

    @contextmanager
    def fault(self, statement: str) -> Iterator[None]:
        """A database that fails at one kind of statement: `w.fault("INSERT ON issuer_finals")`."""
        name = f"fault_{next(self._names)}"
        ddl = f"CREATE TRIGGER {name} BEFORE {statement} BEGIN SELECT RAISE(ABORT, 'no space left on device'); END"
        with self.home.engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.exec_driver_sql(ddl)
        try:
            yield
        finally:
            with self.home.engine.connect().execution_options(writes=True) as connection, connection.begin():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")

    def rows_of(self, query: str, **values: Any) -> list[Any]:
        """The rows that a SELECT finds."""
        with self.home.engine.connect() as connection:
            return list(connection.execute(sa.text(query), values).all())


class Told:
    """A registry with some answers replaced: `Told(w.registry, status_list=lambda url: None)`."""

    def __init__(self, registry: Registry, **answers: Callable[..., Any]) -> None:
        self.registry = registry
        self.answers = answers
        self.asked: list[str] = []

    def __getattr__(self, question: str) -> Any:
        self.asked.append(question)
        return self.answers.get(question) or getattr(self.registry, question)

    @classmethod
    def by(cls, registry: Registry, **answers: Callable[..., Any]) -> Registry:
        """The same, as what it stands for."""
        return cast(Registry, cls(registry, **answers))


def value_of(document: bytes) -> dict[str, Json]:
    """The JSON of a document, to be changed."""
    return copy.deepcopy(read_object(document))


def loosely(document: Mapping[str, Json], **how: Any) -> bytes:
    """The same JSON value in other bytes: with spaces, escapes, or its keys in another order."""
    return json.dumps(document, **({"ensure_ascii": True, "indent": 2} | how)).encode()


def day(text: str) -> date:
    """`2026-11-21`."""
    return date.fromisoformat(text)
