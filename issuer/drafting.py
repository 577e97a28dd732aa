"""From approved facts to the document that will be signed: what the office and the register add to them."""

import json
from dataclasses import dataclass
from datetime import datetime

import registry.issuers
from issuer.office import Office
from registry.entitlement import Behalf, Entitlement, Wanted, entitlement
from registry.issuers import Institution
from schemas.credential import Draft, Heading, Slot, draft
from schemas.errors import Refused
from schemas.kinds.document import Accreditation, Issuer, Mandator
from schemas.kinds.facts import Facts, Trilingual
from schemas.kinds.table import Kind
from schemas.languages import Language
from schemas.reading import MAX_BYTES


@dataclass(frozen=True, slots=True)
class Reserved:
    """The code, the number and the slots that are taken for a document."""

    code: str
    number: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Author:
    """Who issues, and in whose name where that is not its own."""

    institution: Institution
    mandator: Institution | None = None

    @property
    def behalf(self) -> Behalf | None:
        return Behalf(self.mandator) if self.mandator else None


def check_fits(office: Office, kind: Kind, author: Author, facts: Facts, language: Language) -> None:
    """A trial draft: the published schema holds and the signed document will be small enough for any verifier."""
    slots = tuple(Slot(f"{office.public_url}/status/x", 0, p) for p in kind.status_purposes)
    anything = Reserved("0" * 14, f"{author.institution.letters}-{kind.letters}-2026-000000-00", slots)
    trial = drafted(office, kind, author, facts, language, anything)
    if len(trial.data) > MAX_BYTES - 1024:
        raise Refused.saying("issue.too_large", limit=MAX_BYTES // 1024)
    kind.check_schema(json.loads(trial.data))


def drafted(office: Office, kind: Kind, author: Author, facts: Facts, language: Language, taken: Reserved) -> Draft:
    """The document under what is taken for it, as of today."""
    institution = author.institution
    heading = Heading(
        address=office.page_url(taken.code),
        number=taken.number,
        issuer=_issuer(office, kind, author, facts, language),
        issued_on=office.today(),
        first_language=language,
        signatories=office.store.signatories(institution.slug),
        slots=taken.slots,
        schema_url=f"{office.public_url}/schemas/{kind.name}/{kind.version}.json",
        test=institution.test,
    )
    return draft(kind, facts, heading)


def _issuer(office: Office, kind: Kind, author: Author, facts: Facts, language: Language) -> Issuer:
    """The issuer as the document names it: the registry's row of today."""
    now, institution = office.now(), author.institution
    found = entitlement(institution, author.behalf, Wanted(kind.name, facts.profession_code), now)
    right = _accreditation(found.accreditation) if isinstance(found, Entitlement) else None
    behalf = found.behalf if isinstance(found, Entitlement) else None
    return Issuer(
        id=institution.issuing_did(now),
        type=("Profile",) if kind.badge else None,
        name=institution.name[language],
        legal_name=Trilingual.of(institution.name),
        bin=institution.bin,
        country="KZ",
        city=Trilingual.of(institution.city),
        accreditation=None if behalf else right,
        on_behalf_of=_mandator(behalf, right, now) if behalf else None,
    )


def _mandator(behalf: Behalf, right: Accreditation | None, now: datetime) -> Mandator:
    mandator = behalf.mandator
    return Mandator(
        id=mandator.issuing_did(now),
        legal_name=Trilingual.of(mandator.name),
        bin=mandator.bin,
        mandate_number=behalf.number or "–",
        accreditation=right,
    )


def _accreditation(right: registry.issuers.Accreditation) -> Accreditation:
    return Accreditation(
        accreditation_body=Trilingual.of(right.body),
        accreditation_number=right.number,
        accredited_from=right.valid_from,
        accredited_until=right.valid_until,
    )
