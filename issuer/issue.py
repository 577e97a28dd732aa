"""The main path of issuing: approve → prepare → sign → compare → publish, stations 2–6 of docs/journey.md.

2. approve: the institution may issue this kind on the days of decision and of issue; the row keeps the rules
3. prepare: number, code and slots are taken, the document is drafted and linted as a verifier would; the intent, with
   the exact bytes to be signed and the proof options, is committed before any signature
4. sign: an audit row is committed, then the key signs the recorded bytes
5. compare: the signed document without its proof is the recorded one, and the proof holds over a canonical form
   computed anew by another reader of JSON-LD; where responsible persons have to sign too, it waits for them
   (`issuer.cosign`)
6. publish: final document and errand are committed together; `issuer.outbox` delivers

A batch goes through 3–5 in groups, each group's intents and audit rows committed before its first signature. The
same functions finish what a crash has left (`resume`).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from uuid import UUID

import registry.issuers
from issuer.cosign import Waiting, asked, keep, waiting_numbered
from issuer.intents import Intent
from issuer.letters import check_holder, confirmed
from issuer.lint import linted, reread
from issuer.office import Office
from issuer.store import Writing
from keys.proof import check, proof_options, secure
from keys.public import PublicKey
from keys.signer import WrongPassphrase
from registry.issuers import Institution
from schemas.canonical import Recorded, jcs_digest
from schemas.credential import (
    RULE_SET,
    Draft,
    Heading,
    Slot,
    draft,
    start_of,
    written,
)
from schemas.errors import Refused
from schemas.kinds.document import Accreditation, Issuer
from schemas.kinds.facts import Facts, Node, Trilingual
from schemas.kinds.table import Kind, kind_named
from schemas.languages import Language, Text, say
from schemas.reading import MAX_BYTES, Json, read_object

GROUP = 100
"""Documents whose intents are committed together (docs/journey.md, "What an answer means")."""


@dataclass(frozen=True, slots=True)
class Private:
    """What only the office knows of a holder, and the language that the holder's document begins with."""

    first_language: Language = "kk"
    iin: str | None = None
    email: str | None = None
    as_spelled: frozenset[str] = frozenset()
    """Words of names that mix alphabets, and that the office has confirmed (docs/attacks.md A21)."""


@dataclass(frozen=True)
class Approval:
    """A decision that a document may be issued; cannot be made from a refusal."""

    kind: Kind
    institution: Institution
    case: str
    facts: Facts
    private: Private = Private()
    request: Node | None = None
    """Of a supplement: what the office recorded of the holder's request."""
    parent: str | None = None
    """Of a supplement: the registration number of its parent."""

    @property
    def case_of(self) -> tuple[str, str, str]:
        """Institution, kind and case: there is one document of these."""
        return self.institution.slug, self.kind.name, self.case

    @cached_property
    def facts_digest(self) -> str:
        """What makes a repeated case the same document: what the office stated, and the first language."""
        stated = (self.request or self.facts).model_dump(mode="json", by_alias=True, exclude_none=True)
        return jcs_digest([self.private.first_language, stated])


@dataclass(frozen=True)
class Reserved:
    """A draft with the code, number and slots that are taken for it."""

    code: str
    number: str
    slots: tuple[Slot, ...]
    draft: Draft


@dataclass(frozen=True)
class Prepared:
    """A recorded intent with the draft that it holds."""

    intent: Intent
    draft: Draft


class ComparisonFailed(Refused):
    """What was signed, or would be, is not what was recorded."""


@dataclass(frozen=True)
class Issued:
    """A published document. `again`: the case had been issued before, with the same content."""

    code: str
    number: str
    document: bytes
    case: str
    again: bool = False


def approve(
    office: Office,
    kind: Kind,
    institution: Institution,
    case: str,
    facts: Facts,
    private: Private = Private(),
    *,
    request: Node | None = None,
    parent: str | None = None,
) -> Approval:
    """Station 2. Raises `Refused`: not accredited for this kind on the day of decision or of issue (PQ-01), a decision
    in the future, a case that was issued with other content, a name that mixes alphabets, or a document too large."""
    approval = Approval(kind, institution, case, facts, private, request, parent)
    if not _is_known(office, approval):
        check_holder(facts, private.as_spelled)
        _check_days(office, approval)
        _check_fits(office, approval)
    return approval


def _is_known(office: Office, approval: Approval) -> bool:
    """Was the case issued before, with the same content? Then nothing is decided again."""
    known = office.store.intent_of_case(*approval.case_of)
    if known is not None and known.facts_digest != approval.facts_digest:
        raise Refused.saying("issue.case_differs", case=approval.case, number=known.number)
    return known is not None


def _check_days(office: Office, approval: Approval) -> None:
    decided, today = approval.facts.decided_on, office.today()
    if decided > today:
        raise Refused.saying("issue.decided_in_future", day=decided)
    for day in (decided, today):
        if approval.institution.accreditation_for(approval.kind.name, start_of(day)) is None:
            raise Refused(_not_accredited(approval.kind, approval.institution, day))


def _not_accredited(kind: Kind, institution: Institution, day: date) -> Text:
    key = "rules.pq_01_not_accredited" if kind.letters == "PQ" else "issue.not_accredited"
    return say(key, body=institution.name, day=day, kind=kind.title)


def _check_fits(office: Office, approval: Approval) -> None:
    """A trial draft: the published schema holds and the signed document will be small enough for any verifier."""
    code = "0" * 14
    slots = tuple(Slot(f"{office.public_url}/status/x", 0, p) for p in approval.kind.status_purposes)
    number = f"{approval.institution.letters}-{approval.kind.letters}-2026-000000-00"
    trial = _draft(office, approval, code, number, slots)
    if len(trial.data) > MAX_BYTES - 1024:
        raise Refused.saying("issue.too_large", limit=MAX_BYTES // 1024)
    approval.kind.check_schema(json.loads(trial.data))


def issue(
    office: Office, approvals: Iterable[Approval], publish: Callable[[Office], object]
) -> Iterator[Issued | Waiting]:
    """Stations 3–6 for each approval, in groups; yields a document only once it is published, or once it waits for
    nothing but the signatures of others.

    A case that was issued before, with the same content, yields the document that exists.
    """
    waiting = iter(approvals)
    while group := list(islice(waiting, GROUP)):
        prepared = prepare(office, group)
        sign(office, prepared)
        resume(office)
        publish(office)
        fresh = {each.intent.case_of: each.intent for each in prepared}
        for approval in group:
            intent = fresh.get(approval.case_of) or office.store.intent_of_case(*approval.case_of)
            if intent is None:
                raise Refused.saying("issue.void", number=approval.case)
            yield _issued(office, intent, again=approval.case_of not in fresh)


def _issued(office: Office, intent: Intent, *, again: bool) -> Issued | Waiting:
    document = office.store.final(intent.code)
    if document is None and office.store.proofs(intent.code):
        return waiting_numbered(office, intent.number)
    if document is None:
        raise Refused.saying("issue.void", number=intent.number)
    return Issued(intent.code, intent.number, document, intent.case, again)


def prepare(office: Office, approvals: Sequence[Approval]) -> list[Prepared]:
    """Station 3 for the cases that are new: one transaction for the group; when it is committed, every intent is
    durable. What is new is decided inside it, so that two processes never issue one case twice."""
    now = office.now()
    with office.store.writing() as writing:
        new = list(_new(writing, approvals))
        reserved = [_reserve(office, writing, approval) for approval in new]
        digests = office.parallel(linted, [each.draft.data for each in reserved])
        return [_record(office, writing, *given, now) for given in zip(new, reserved, digests, strict=True)]


def _new(writing: Writing, approvals: Sequence[Approval]) -> Iterator[Approval]:
    """The approvals whose case has no document yet, each case once; raises `Refused` where a case is there with
    other content."""
    seen: dict[tuple[str, str, str], str] = {}
    for approval in approvals:
        known = writing.intent_of_case(*approval.case_of)
        before = known.facts_digest if known else seen.get(approval.case_of)
        if before is None:
            seen[approval.case_of] = approval.facts_digest
            yield approval
        elif before != approval.facts_digest:
            raise Refused.saying("issue.case_differs", case=approval.case, number=known.number if known else "–")


def _reserve(office: Office, writing: Writing, approval: Approval) -> Reserved:
    institution, kind = approval.institution, approval.kind
    number = writing.next_number(institution.slug, institution.letters, kind.letters, office.today().year)
    code = writing.new_code(office.random)
    slots = tuple(
        writing.free_slot(institution.slug, purpose, office.public_url, office.random)
        for purpose in kind.status_purposes
    )
    return Reserved(code, number, slots, _draft(office, approval, code, number, slots))


def _record(
    office: Office, writing: Writing, approval: Approval, reserved: Reserved, digest: str, now: datetime
) -> Prepared:
    kind = approval.kind
    key, _ = office.signing_key(approval.institution, "documents")
    intent = Intent(
        code=reserved.code,
        number=reserved.number,
        institution=approval.institution.slug,
        kind=kind.name,
        profile=f"{kind.name}/{kind.version}/{RULE_SET}",
        case=approval.case,
        facts_digest=approval.facts_digest,
        document=reserved.draft.data,
        canonical_sha256=digest,
        options=_options(office, approval.institution, reserved, key.id, now),
        operator=office.operator,
        created_at=now,
        parent=approval.parent,
    )
    for word in confirmed(approval.facts):
        writing.audit(now, office.operator, "mixed_letters", reserved.number, word=word)
    writing.record_intent(intent, reserved.slots, approval.private.iin, approval.private.email)
    return Prepared(intent, reserved.draft)


def _options(
    office: Office, institution: Institution, reserved: Reserved, method: str, now: datetime
) -> dict[str, Json]:
    """The institution's proof has an id where others sign it too, in a chain."""
    rules = asked(institution, reserved.draft.kind.name, reserved.draft.data, now)
    chained = any(rule.form == "chain" for rule in rules)
    name = {"id": UUID(int=office.random(1 << 128), version=4).urn} if chained else {}
    return name | proof_options(method, now)


def _draft(office: Office, approval: Approval, code: str, number: str, slots: tuple[Slot, ...]) -> Draft:
    kind, institution = approval.kind, approval.institution
    heading = Heading(
        address=office.page_url(code),
        number=number,
        issuer=_issuer(kind, institution, office.now(), approval.private.first_language),
        issued_on=office.today(),
        first_language=approval.private.first_language,
        signatories=office.store.signatories(institution.slug),
        slots=slots,
        schema_url=f"{office.public_url}/schemas/{kind.name}/{kind.version}.json",
        test=institution.test,
    )
    return draft(kind, approval.facts, heading)


def _issuer(kind: Kind, institution: Institution, now: datetime, language: Language) -> Issuer:
    """The issuer as the document names it: the registry's row of today."""
    right = institution.accreditation_for(kind.name, now)
    return Issuer(
        id=institution.did,
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


def sign(office: Office, prepared: Sequence[Prepared]) -> None:
    """Stations 4–6: audit rows first, durable; then the signatures; each is compared before it is kept."""
    if not prepared:
        return
    with office.store.writing() as writing:
        for each in prepared:
            writing.audit(
                office.now(), each.intent.operator, "sign", each.intent.number, bytes=each.intent.canonical_sha256
            )
    again = office.parallel(reread, [each.intent.document for each in prepared])
    signed = [_signed_or_void(office, *given) for given in zip(prepared, again, strict=True)]
    slugs = {each.intent.institution for each in prepared}
    institutions = {slug: office.institution(slug) for slug in slugs}
    with office.store.writing() as writing:
        for each, outcome in zip(prepared, signed, strict=True):
            if not writing.is_open(each.intent.code):
                continue  # another process has finished it meanwhile: with the same bytes, as signatures are equal
            if isinstance(outcome, Refused):
                writing.void(each.intent, office.now(), outcome.because.en)
            else:
                keep(writing, each.intent, institutions[each.intent.institution], outcome, office.now())


def _signed_or_void(office: Office, prepared: Prepared, digest: str) -> bytes | Refused:
    """The signed document, or why this number ends here; a gap in the numbers is kept with its reason."""
    try:
        return _signed(office, prepared, digest)
    except ComparisonFailed as refused:
        return refused


def _signed(office: Office, prepared: Prepared, digest: str) -> bytes:
    """The recorded document with its proof, after the comparison; `digest` is what the other reader found."""
    intent, canonical = prepared.intent, Recorded(bytes.fromhex(digest))
    if digest != intent.canonical_sha256:
        raise ComparisonFailed.saying("issue.comparison_failed", number=intent.number)
    multibase = _key_of(intent)
    signer = office.ring.signer(multibase)
    document = written(secure(json.loads(intent.document), canonical, intent.options, signer))
    published = read_object(document)
    unsigned = {name: member for name, member in published.items() if name != "proof"}
    key = PublicKey.from_multibase(multibase)
    if written(unsigned) != intent.document or not check(published, published["proof"], key, canonical):
        raise ComparisonFailed.saying("issue.comparison_failed", number=intent.number)
    return document


def resume(office: Office) -> int:
    """Finishes what was recorded but not signed: the same bytes, the same options, so the same document.

    What was recorded for a key whose file is gone waits until it is back; a wrong passphrase is told.
    """
    left = [intent for intent in office.store.unfinished() if _has_key(office, intent)]
    sign(office, [Prepared(intent, Draft(kind_named(intent.kind), intent.document)) for intent in left])
    return len(left)


def _has_key(office: Office, intent: Intent) -> bool:
    try:
        office.ring.signer(_key_of(intent))
    except WrongPassphrase:
        raise
    except Refused:
        return False
    return True


def _key_of(intent: Intent) -> str:
    """The public key that the recorded options name."""
    return str(intent.options["verificationMethod"]).rpartition("#")[2]
