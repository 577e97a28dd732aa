"""A supplement on the holder's recorded request (Regulation 7.2): what its parent states, in eight sections."""

from issuer.intents import Intent
from issuer.issue import Approval, Private, approve
from issuer.office import Office
from registry.issuers import Institution
from registry.statuses import state_at
from schemas.credential import Credential, stored_credential
from schemas.errors import Refused
from schemas.kinds.facts import Trilingual
from schemas.kinds.microcredential import MicroCredential
from schemas.kinds.supplement import Supplement
from schemas.kinds.supplement_request import SupplementRequest, supplement_facts
from schemas.kinds.table import Kind
from schemas.numbers import read_number


def approve_supplement(
    office: Office,
    kind: Kind,
    institution: Institution,
    case: str,
    request: SupplementRequest,
    private: Private,
    mandator: Institution | None = None,
) -> Approval:
    """The approval of a requested supplement; raises `Refused` when there is no such parent in force."""
    intent = _parent(office, institution, request.parent_certificate)
    document = office.store.final(intent.code)
    in_force = state_at(office.store.history(intent.code), office.now()) == "valid"
    known = office.store.intent_of_case(institution.slug, kind.name, case) is not None
    if document is None or not (in_force or known):
        raise Refused.saying("issue.parent_not_in_force", number=intent.number)
    facts = _facts(office, institution, request, stored_credential(document))
    return approve(
        office, kind, institution, case, facts, private, request=request, parent=intent.number, mandator=mandator
    )


def _parent(office: Office, institution: Institution, named: str) -> Intent:
    """By registration number, or by the case of the office's own file."""
    try:
        found = office.store.intent_numbered(read_number(named))
    except Refused:
        found = office.store.intent_of_case(institution.slug, "MicroCredentialCertificate", named)
    if found is None or found.state != "final" or found.institution != institution.slug:
        raise Refused.saying("issue.no_parent", named=named)
    return found


def _facts(office: Office, institution: Institution, request: SupplementRequest, parent: Credential) -> Supplement:
    if not isinstance(parent.facts, MicroCredential):
        raise Refused.saying("issue.no_parent", named=parent.number)
    return supplement_facts(
        request,
        parent.facts,
        parent_number=parent.number,
        parent_issued_on=parent.issued_on,
        institution_name=Trilingual.of(institution.name),
        issued_on=office.today(),
        signatories=office.store.signatories(institution.slug),
    )
