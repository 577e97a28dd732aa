"""The main path: bytes, a registry and a time → a Report.

What is asked, in this order (docs/journey.md, "Nine questions"):

1. readable and within limits
2. known contexts, known kind, the shape holds, no unsigned term
3. the issuer is published, and was accredited for this kind on the day of signing
4. the key belongs to that issuer, for this purpose
5. the key was good at the time of the proof
6. every proof holds over the canonical bytes, and nobody who has to sign is missing: a line for each
7. dates
8. status is authentic, fresh, and clear
9. the registration is in the register

All steps that can run do run. What only a signature can vouch for is asked after step 6. Policy `open` is in
`verifier.foreign` and `verifier.enveloped`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from registry.client import Registry
from registry.entitlement import Entitlement
from registry.fetch import Fetcher
from registry.issuers import Institution
from registry.statuses import Change, changes_at
from schemas import display
from schemas.closed import read_closed
from schemas.credential import Credential, check_facts, check_shape
from schemas.errors import DataLoss, Malformed, Refused, Unsupported
from schemas.kinds.facts import Mark
from schemas.languages import Text, say
from schemas.reading import read_object, shown
from schemas.statuslist import read_instant
from verifier import checks
from verifier.canonizer import Canonizer, InProcess
from verifier.checks import said
from verifier.cosignatures import after_theft, cosignatures, institution_line
from verifier.enveloped import is_envelope, verify_enveloped
from verifier.evidence import Standing, ask, issuer_of, mandator_of, partners_of, standing_of
from verifier.foreign import verify_foreign
from verifier.later import later
from verifier.moment import Moment
from verifier.report import REVEAL_ORDER, REVEALS, Check, Person, Policy, Report, Reveal, Shown, Signer, Verdict, derive

NO_HOSTS = Fetcher()
"""Fetches nothing."""
HERE = InProcess()
"""Does its work in this process."""


def verify(
    data: bytes,
    registry: Registry,
    now: datetime,
    *,
    policy: Policy = "product",
    show: frozenset[Mark] = display.LINK,
    fetcher: Fetcher = NO_HOSTS,
    canonizer: Canonizer = HERE,
    at: datetime | None = None,
) -> Report:
    """The report on the document in `data`, as of `now`; or as of `at` in the past, by what is known now.

    `show` says which fields the reader may see once the verdict allows; `fetcher` is what policy `open` may use for
    issuers on the configured list; `canonizer` does the work on what strangers have made. Never raises for bad input,
    only `Unavailable` when more is handed in than can be worked on, and `registry.doors.BadMoment` for an `at` to come.
    """
    moment = Moment(now, at)
    if policy == "open":
        report = (verify_enveloped if is_envelope(data) else verify_foreign)(data, now, fetcher, canonizer, at=at)
        return replace(report, at=at)
    read = _read(data, canonizer)
    if isinstance(read, Credential):
        return _checked(read, registry, moment, show, canonizer)
    return Report(tuple(read), now, policy, test=False, document=None, at=at)


def look_up(
    code: str,
    registry: Registry,
    now: datetime,
    *,
    show: frozenset[Mark] = display.CODE,
    at: datetime | None = None,
) -> Report:
    """The report on the registered document with that public code; no checks and `not_found` where there is none."""
    nothing = Report((), Moment(now, at).now, "product", test=False, document=None, at=at)
    found = ask(lambda: registry.document(code))
    if found.silence:
        return replace(nothing, checks=(checks.no_document(found.silence),))
    if found.value is None:
        return nothing
    report = verify(found.value, registry, now, show=show, at=at)
    if report.document is not None and report.document.code not in (None, code):
        differs = said(9, "failed", say("verify.register.differs"), "tampered")
        return replace(nothing, checks=(*report.checks[:-1], differs), test=report.test)
    return report


def _read(data: bytes, canonizer: Canonizer) -> Credential | list[Check]:
    """Steps 1 and 2: the document, or the checks that say why it is none."""
    if is_envelope(data):
        token = say("intake.token")
        return [said(1, "failed", token, "unsupported"), *checks.not_looked_at(2, 3, 4, 5, 6, 7, 8, 9)]
    try:
        value = read_object(data)
    except Refused as refused:
        return [said(1, "failed", refused.because, "malformed"), *checks.not_looked_at(2, 3, 4, 5, 6, 7, 8, 9)]
    readable = said(1, "passed", say("verify.readable.passed"))
    try:
        credential = check_shape(data, value, partial(read_closed, full=lambda each: canonizer.stated(each).canonical))
        _ = credential.proof
    except Refused as refused:
        return [
            readable,
            said(2, "failed", refused.because, _made_of(refused)),
            *checks.not_looked_at(3, 4, 5, 6, 7, 8, 9),
        ]
    except KeyError:
        return [
            readable,
            said(2, "failed", say("verify.proof.missing"), "tampered"),
            *checks.not_looked_at(3, 4, 5, 6, 7, 8, 9),
        ]
    return credential


def _made_of(refused: Refused) -> Verdict:
    """What a refusal of step 2 makes of a document: a term added after signing is a change of it
    (docs/attacks.md A1)."""
    if isinstance(refused, DataLoss):
        return "tampered"
    return "unsupported" if isinstance(refused, Unsupported) else "malformed"


def _checked(
    credential: Credential, registry: Registry, moment: Moment, show: frozenset[Mark], canonizer: Canonizer
) -> Report:
    """Steps 3–9."""
    answer, mandator = issuer_of(credential, registry), mandator_of(credential, registry)
    institution = answer.value
    belongs = checks.key(credential, answer)
    found = (
        institution.key(credential.proof.verification_method) if institution and belongs.outcome == "passed" else None
    )
    proof = checks.proof(credential, found)
    partners = partners_of(credential, institution, registry)
    cosigned = cosignatures(credential, institution, partners, moment.now, canonizer)
    held = all(check.outcome == "passed" for check in (proof, *cosigned))
    standing = standing_of(credential, registry) if held else None
    registered = standing.entry.value.registered_at if standing and standing.entry.value else None
    in_time = checks.key_time(credential, found, registered, _successor_number(standing))
    cosigned = after_theft(cosigned, institution, partners, registered)
    line = institution_line(credential, institution, (belongs, in_time, proof))
    signature = (belongs, in_time, line, *cosigned)
    lasting = (
        said(1, "passed", say("verify.readable.passed")),
        _shape(credential, signature),
        checks.issuer(credential, answer, mandator, registered),
        *signature,
        checks.register(credential, standing, institution),
    )

    def steps(of: Moment) -> tuple[Check, ...]:
        passing = (checks.dates(credential, of), checks.status(credential, standing, institution, of))
        return (*lasting[:-1], *passing, lasting[-1])

    then, today = steps(moment), steps(moment.today) if moment.is_past else ()
    reveals = max((REVEALS[derive(each)] for each in (then, today) if each), key=REVEAL_ORDER.index)
    document = _reveal(credential, reveals, institution, mandator.value, standing, registry, moment, show)
    test = credential.is_test or bool(institution and institution.test)
    since = later(credential, standing, moment)
    return Report(then, moment.now, "product", test, document, at=moment.at, later=since)


def _successor_number(standing: Standing | None) -> str | None:
    history = standing.history.value or () if standing else ()
    return next((change.successor for change in reversed(history) if change.successor), None)


def _shape(credential: Credential, signature: Sequence[Check]) -> Check:
    """2: the shape holds; so do the rules of the kind, unless what breaks them was changed after signing, which steps
    4–6 tell."""
    try:
        check_facts(credential)
    except Malformed as refused:
        if not any(check.outcome == "failed" for check in signature):
            return said(2, "failed", refused.because, "malformed")
    return said(2, "passed", say("verify.shape.passed", kind=credential.kind.title))


def _reveal(
    credential: Credential,
    reveals: Reveal,
    institution: Institution | None,
    mandator: Institution | None,
    standing: Standing | None,
    registry: Registry,
    moment: Moment,
    show: frozenset[Mark],
) -> Shown | None:
    """What the verdict lets a reader see (docs/journey.md, "The verdict"), that of today no less than that of a time in
    the past; the issuer's name is the registry's."""
    if reveals == "nothing":
        return None
    if reveals == "claimed_name":
        return _claimed(credential)
    if institution is None or standing is None:
        return None
    facts = credential.facts
    everything = reveals == "everything"
    if standing.entry.value and standing.entry.value.withheld and show == display.CODE:
        show = display.NOTHING
    named = facts.title_mark in show
    history = tuple(changes_at(standing.history.value or (), moment.instant))
    return Shown(
        kind=credential.kind.title,
        kind_name=credential.kind.name,
        title=facts.title if named else None,
        holder=facts.holder_text if everything and display.shows_holder(facts, show) else None,
        number=credential.number,
        code=credential.code,
        issuer=_signer(credential, institution, mandator),
        issued_on=credential.issued_on if named else None,
        valid_until=read_instant(credential.value["validUntil"]) if "validUntil" in credential.value else None,
        lines=display.lines(facts, show) if everything else (),
        signatories=_signatories(credential) if everything and named else (),
        legal_basis=credential.kind.legal_basis if everything and named else None,
        history=history,
        successor_code=_successor(credential.code, history, registry),
    )


def _signer(credential: Credential, institution: Institution, mandator: Institution | None) -> Signer:
    """With the right by which it was issued, where there was one on the day of signing."""
    by = checks.entitled_at(credential, institution, mandator, read_instant(credential.proof.created))
    found = by if isinstance(by, Entitlement) else None
    return Signer(
        credential.issuer_id,
        institution.name,
        confirmed=True,
        bin=institution.bin,
        city=institution.city,
        accreditation=found.accreditation if found else None,
        on_behalf_of=found.behalf if found else None,
    )


def _signatories(credential: Credential) -> tuple[Person, ...]:
    return tuple(Person(person.signatory_name, person.position.text) for person in credential.signatories)


def _claimed(credential: Credential) -> Shown:
    """Of a document whose issuer nobody confirms: the name that it claims, and the key or domain behind it."""
    signer = Signer(credential.issuer.id, Text.same(shown(credential.issuer.name, 120)), confirmed=False)
    return Shown(None, None, None, None, None, None, signer, None, None, (), (), None, ())


def _successor(code: str, history: Sequence[Change], registry: Registry) -> str | None:
    if not any(change.successor for change in history):
        return None
    return ask(lambda: registry.successor(code)).value
