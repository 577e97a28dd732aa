"""The main path of issuing: nine steps, stations 2–6 of docs/journey.md.

1. authorise: one document for a case; the institution may issue this kind on the days of decision and of issue
2. lint: rules, schema, NFC, size, before anything is taken; the exact bytes, which need a number, as a verifier would
   read them, before step 4 ends; and whether the paper would say what they say, where it is drawn at once
3. reserve: number, code and slots, under unique constraints
4. intent: the exact bytes to be signed, proof options, profile and operator: COMMIT, together with 3
5. audit: who signs what: COMMIT
6. sign: the recorded bytes, with the recorded options
7. compare: without its proof the document is the recorded one, and the proof holds over a canonical form computed anew
   by another reader of JSON-LD
8. final: the signed document and its errand: COMMIT. Where responsible persons have to sign too, the institution's
   proof, and it waits for theirs (`issuer.cosign`)
9. publish: `issuer.outbox` delivers; only then is the office answered

A batch goes through 3–8 in groups, each group's intents and audit rows committed before its first signature. The
same functions finish what a crash has left (`resume`): with the same bytes, or void, with a reason.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from uuid import UUID

from issuer.cosign import Waiting, asked, waiting_numbered
from issuer.documents import TEMPLATE
from issuer.drafting import Author, Reserved, check_fits, drafted
from issuer.intents import Intent
from issuer.letters import check_holder, confirmed
from issuer.office import Office
from issuer.signing import Prepared, resume, sign
from issuer.store import Writing
from keys.proof import proof_options
from registry.entitlement import Lacking, Wanted, entitlement
from registry.issuers import Institution
from schemas.canonical import jcs_digest
from schemas.credential import RULE_SET, Draft, start_of
from schemas.errors import Refused
from schemas.kinds.facts import Facts, Node
from schemas.kinds.table import Kind
from schemas.languages import Language, Text, joined, say
from schemas.reading import Json

STEPS = ("authorise", "lint", "reserve", "intent", "audit", "sign", "compare", "final", "publish")
"""The nine, in their order."""
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
    mandator: Institution | None = None
    """In whose name, where it is not the institution's own."""

    @property
    def author(self) -> Author:
        return Author(self.institution, self.mandator)

    @property
    def case_of(self) -> tuple[str, str, str]:
        """Institution, kind and case: there is one document of these."""
        return self.institution.slug, self.kind.name, self.case

    @cached_property
    def facts_digest(self) -> str:
        """What makes a repeated case the same document: what the office stated, and the first language."""
        stated = (self.request or self.facts).model_dump(mode="json", by_alias=True, exclude_none=True)
        return jcs_digest([self.private.first_language, stated, *([self.mandator.bin] if self.mandator else [])])


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
    mandator: Institution | None = None,
) -> Approval:
    """Steps 1 and 2. Raises `Refused`: not accredited for this kind on the day of decision or of issue (PQ-01), no
    mandate of the institution in whose name it is to be issued, a decision in the future, a case that was issued with
    other content, a name that mixes alphabets, or a document too large."""
    approval = Approval(kind, institution, case, facts, private, request, parent, mandator)
    if not _is_known(office, approval):
        _check_right(office, approval)  # 1
        check_holder(facts, private.as_spelled)  # 2
        check_fits(office, kind, approval.author, facts, private.first_language)
    return approval


def _is_known(office: Office, approval: Approval) -> bool:
    """Was the case issued before, with the same content? Then nothing is decided again."""
    known = office.store.intent_of_case(*approval.case_of)
    if known is not None and known.facts_digest != approval.facts_digest:
        raise Refused.saying("issue.case_differs", case=approval.case, number=known.number)
    return known is not None


def _check_right(office: Office, approval: Approval) -> None:
    """A wrong clock is told before what it makes look wrong."""
    try:
        _check_days(office, approval)
    except Refused:
        office.check_clock(office.store)
        raise


def _check_days(office: Office, approval: Approval) -> None:
    decided, today = approval.facts.decided_on, office.today()
    if decided > today:
        raise Refused.saying("issue.decided_in_future", day=decided)
    wanted = Wanted(approval.kind.name, approval.facts.profession_code)
    holder, behalf = approval.mandator or approval.institution, approval.author.behalf
    for day in (decided, today):
        found = entitlement(holder, None, wanted, start_of(day))
        if isinstance(found, Lacking):
            raise Refused(_not_accredited(approval, day, found))
    by_mandate = entitlement(approval.institution, behalf, wanted, office.now()) if behalf else None
    if isinstance(by_mandate, Lacking) and by_mandate.because:
        raise Refused(by_mandate.because)


def _not_accredited(approval: Approval, day: date, lacking: Lacking) -> Text:
    kind, holder = approval.kind, approval.mandator or approval.institution
    key = "rules.pq_01_not_accredited" if kind.letters == "PQ" else "issue.not_accredited"
    told = say(key, body=holder.name, day=day, kind=kind.title)
    return joined(told, lacking.because) if lacking.because else told


def issue(
    office: Office, approvals: Iterable[Approval], publish: Callable[[Office], object]
) -> Iterator[Issued | Waiting]:
    """Steps 3–9 for each approval, in groups; yields a document only once it is published, or once it waits for
    nothing but the signatures of others.

    A case that was issued before, with the same content, yields the document that exists.
    """
    waiting = iter(approvals)
    while group := list(islice(waiting, GROUP)):
        prepared = prepare(office, group)
        sign(office, prepared)
        fresh = {each.intent.case_of: each.intent for each in prepared}
        if again := {approval.case_of for approval in group} - set(fresh):
            resume(office, again)
        publish(office)
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
    """Steps 3 and 4 for the cases that are new: one transaction for the group; when it is committed, every intent is
    durable. What is new is decided inside it, so that two processes never issue one case twice. Whether the institution
    may issue it, and with which key, is asked of the register again: a batch takes its time."""
    now = office.now()
    approvals = list(_as_of_now(office, approvals))
    with office.store.writing() as writing:
        new = list(_new(writing, approvals))
        if new:
            office.check_clock(writing)
        for each in new:
            _check_days(office, each)
        reserved = [_reserve(office, writing, approval) for approval in new]  # 3
        drafts = [_draft(office, *given) for given in zip(new, reserved, strict=True)]
        digests = _linted(office, new, drafts)  # 2, of the exact bytes
        whole = zip(new, reserved, drafts, digests, strict=True)
        return [_record(office, writing, *given, now) for given in whole]  # 4


def _linted(office: Office, approvals: Sequence[Approval], drafts: Sequence[Draft]) -> Sequence[str]:
    """The digests of a group; raises `Refused` naming the case that is refused."""
    try:
        return office.parallel(office.linter, [draft.data for draft in drafts])
    except Refused:
        for approval, draft in zip(approvals, drafts, strict=True):
            try:
                office.linter(draft.data)
            except Refused as refused:
                raise Refused.saying("issue.lint", case=approval.case, problem=refused.because) from None
        raise


def _as_of_now(office: Office, approvals: Sequence[Approval]) -> Iterator[Approval]:
    """With the institutions as the register has them now."""
    named = {each.slug for approval in approvals for each in (approval.institution, approval.mandator) if each}
    now = {slug: office.institution(slug) for slug in named}
    for each in approvals:
        institution, mandator = now[each.institution.slug], each.mandator and now[each.mandator.slug]
        same = (institution, mandator) == (each.institution, each.mandator)
        yield each if same else replace(each, institution=institution, mandator=mandator)


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
    return Reserved(code, number, slots)


def _draft(office: Office, approval: Approval, reserved: Reserved) -> Draft:
    language = approval.private.first_language
    return drafted(office, approval.kind, approval.author, approval.facts, language, reserved)


def _record(
    office: Office,
    writing: Writing,
    approval: Approval,
    reserved: Reserved,
    draft: Draft,
    digest: str,
    now: datetime,
) -> Prepared:
    kind = approval.kind
    key, _ = office.signing_key(approval.institution, "documents")
    if len(approval.institution.dids) > 1 and draft.value["issuer"]["id"] != key.did:
        raise Refused.saying("issue.key_changed", slug=approval.institution.slug)  # in this very second
    intent = Intent(
        code=reserved.code,
        number=reserved.number,
        institution=approval.institution.slug,
        kind=kind.name,
        profile=f"{kind.name}/{kind.version}/{RULE_SET}/{TEMPLATE}",
        case=approval.case,
        facts_digest=approval.facts_digest,
        document=draft.data,
        canonical_sha256=digest,
        options=_options(office, approval.institution, draft, key.id, now),
        operator=office.operator,
        created_at=now,
        parent=approval.parent,
    )
    for word in confirmed(approval.facts):
        writing.audit(now, office.operator, "mixed_letters", reserved.number, word=word)
    writing.record_intent(intent, reserved.slots, approval.private.iin, approval.private.email)
    return Prepared(intent, draft)


def _options(office: Office, institution: Institution, draft: Draft, method: str, now: datetime) -> dict[str, Json]:
    """The institution's proof has an id where others sign it too, in a chain."""
    rules = asked(institution, draft.kind.name, draft.data, now)
    chained = any(rule.form == "chain" for rule in rules)
    name = {"id": UUID(int=office.random(1 << 128), version=4).urn} if chained else {}
    return name | proof_options(method, now)
