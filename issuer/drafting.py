"""From approved facts to the document that will be signed: what the office and the register add to them."""

import json
from dataclasses import dataclass

import registry.issuers
from issuer.office import Office
from registry.issuers import Institution
from schemas.credential import Draft, Heading, Slot, draft
from schemas.errors import Refused
from schemas.kinds.document import Accreditation, Issuer
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


def check_fits(office: Office, kind: Kind, institution: Institution, facts: Facts, language: Language) -> None:
    """A trial draft: the published schema holds and the signed document will be small enough for any verifier."""
    slots = tuple(Slot(f"{office.public_url}/status/x", 0, p) for p in kind.status_purposes)
    anything = Reserved("0" * 14, f"{institution.letters}-{kind.letters}-2026-000000-00", slots)
    trial = drafted(office, kind, institution, facts, language, anything)
    if len(trial.data) > MAX_BYTES - 1024:
        raise Refused.saying("issue.too_large", limit=MAX_BYTES // 1024)
    kind.check_schema(json.loads(trial.data))


def drafted(
    office: Office, kind: Kind, institution: Institution, facts: Facts, language: Language, taken: Reserved
) -> Draft:
    """The document under what is taken for it, as of today."""
    heading = Heading(
        address=office.page_url(taken.code),
        number=taken.number,
        issuer=_issuer(office, institution, kind, facts, language),
        issued_on=office.today(),
        first_language=language,
        signatories=office.store.signatories(institution.slug),
        slots=taken.slots,
        schema_url=f"{office.public_url}/schemas/{kind.name}/{kind.version}.json",
        test=institution.test,
    )
    return draft(kind, facts, heading)


def _issuer(office: Office, institution: Institution, kind: Kind, facts: Facts, language: Language) -> Issuer:
    """The issuer as the document names it: the registry's row of today."""
    right = institution.accreditation_for(kind.name, office.now(), facts.profession_code)
    return Issuer(
        id=institution.issuing_did(office.now()),
        type=("Profile",) if kind.badge else None,
        name=institution.name[language],
        legal_name=Trilingual.of(institution.name),
        bin=institution.bin,
        country="KZ",
        city=Trilingual.of(institution.city),
        accreditation=_accreditation(right) if right else None,
    )


def _accreditation(right: registry.issuers.Accreditation) -> Accreditation:
    return Accreditation(
        accreditation_body=Trilingual.of(right.body),
        accreditation_number=right.number,
        accredited_from=right.valid_from,
        accredited_until=right.valid_until,
    )
