"""A holder's presentation: bytes, what was asked, and a time → a PresentationReport.

Asked beside the nine questions of each credential (docs/journey.md, "Presentations"):

13. it is a presentation, readable and within limits, with no unsigned term and at most 20 credentials
14. the key belongs to the holder, for authentication
15. every proof of it holds
16. it answers this challenge, for this domain
17. it was made before now and has not ended
18. the credentials are about the holder, where that is asked for

The credentials are judged once the presentation itself is proven: anybody can wrap other people's documents. Whether
a challenge was ours and unused is known to `verifier.asking`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from keys.did import Method
from registry.client import Registry
from registry.fetch import Fetcher, once
from schemas.credential import utc, written
from schemas.errors import DataLoss, Refused, Unavailable, Unsupported
from schemas.languages import Text, say
from schemas.reading import Json
from verifier.abridged import abridged
from verifier.canonizer import Canonizer
from verifier.checks import about_keys
from verifier.checks import not_looked_at as nothing_of
from verifier.enveloped import names_of
from verifier.moment import CLOCK_SKEW
from verifier.presented import Presented, Proven, Spoken, read_presentation, subjects_of
from verifier.proofs import methods_of
from verifier.report import REVEALS, VERDICTS, Check, Outcome, Policy, Report, Unasked, Verdict, derive, unasked_of
from verifier.verify import HERE, NO_HOSTS, verify

NAMES = {
    13: "presentation",
    14: "holder_key",
    15: "holder_proof",
    16: "asked_for",
    17: "presented",
    18: "holder_binding",
}
Binding = Literal["told", "required"]
"""Whether the credentials have to be about the holder, or the report only says if they are."""
_UNREAD: frozenset[Verdict] = frozenset({"tampered", "unsupported", "malformed"})
Judge = Callable[[bytes], Report]
"""The report on one credential."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the holder was asked for; a domain or holder of None is not compared."""

    challenge: str
    domain: str | None
    holder: str | None = None
    binding: Binding = "told"


@dataclass(frozen=True, slots=True)
class PresentedCredential:
    """One credential of a presentation: its own report, and whether it is about the holder."""

    report: Report
    about_holder: Outcome
    because: Text

    def as_json(self) -> dict[str, Any]:
        about = {"outcome": self.about_holder, "because": self.because.as_json()}
        return {**self.report.as_json(), "about_holder": about}


@dataclass(frozen=True, slots=True)
class PresentationReport:
    """The answer to a presentation."""

    checks: tuple[Check, ...]
    credentials: tuple[PresentedCredential, ...]
    checked_at: datetime
    policy: Policy
    holder: str | None
    """Once the key that proves it is known."""

    @property
    def verdict(self) -> Verdict:
        """Of the presentation's own checks and of every credential in it, the word that is later in `VERDICTS`."""
        found = [derive(self.checks), *(each.report.verdict for each in self.credentials)]
        return max(found, key=VERDICTS.index)

    def as_json(self) -> dict[str, Any]:
        """The JSON of `POST /api/presentations/verify`; shortened where it would be too long a refusal."""
        credentials = [each.as_json() for each in self.credentials]
        whole = {
            "verdict": self.verdict,
            "test": any(each.report.test for each in self.credentials),
            "checked_at": utc(self.checked_at),
            "policy": self.policy,
            "holder": self.holder,
            "checks": [check.as_json() for check in self.checks],
            "unasked": [source.as_json() for source in unasked_of(self.checks)],
            "credentials": credentials,
        }
        return whole if REVEALS[self.verdict] == "everything" else abridged(whole, credentials)


def verify_presentation(
    data: bytes,
    registry: Registry,
    now: datetime,
    *,
    challenge: str,
    domain: str | None,
    holder: str | None = None,
    binding: Binding = "told",
    policy: Policy = "product",
    fetcher: Fetcher = NO_HOSTS,
    canonizer: Canonizer = HERE,
) -> PresentationReport:
    """The report on the presentation in `data`, as of `now`, as the answer to `challenge` for `domain`.

    `holder` is who it has to be from, if that is known. `fetcher` is what policy `open` may use, for keys of holders
    too. Never raises for bad input, only `Unavailable` when more is handed in than can be worked on.
    """

    fetcher, canonizer = once(fetcher), canonizer.shared()

    def judge(credential: bytes) -> Report:
        return verify(credential, registry, now, policy=policy, fetcher=fetcher, canonizer=canonizer)

    means = Means(judge, policy, fetcher if policy == "open" else NO_HOSTS, canonizer)
    return examine(data, Asked(challenge, domain, holder, binding), now, means)


@dataclass(frozen=True, slots=True)
class Means:
    """What a presentation is examined with."""

    judge: Judge
    policy: Policy
    fetcher: Fetcher = NO_HOSTS
    canonizer: Canonizer = HERE


def examine(data: bytes, asked: Asked, now: datetime, means: Means) -> PresentationReport:
    """The report, by whoever judges the credentials."""
    try:
        presented = read_presentation(data, means.canonizer)
    except Refused as refused:
        steps = (_refused(13, refused), *_not_looked_at(14, 15, 16, 17, 18))
        return PresentationReport(steps, (), now, means.policy, None)
    key, holder, methods = _key(presented, asked, now, means.fetcher)
    proof, proven = _proof(presented, methods)
    steps = (_said(13, "passed", say("presentation.shape.passed")), key, proof, *_about(proven, asked, now))
    credentials = _judged(proven, holder, means) if _all_passed(steps) else _not_judged(proven, now, means)
    bound = _bound(credentials, asked) if proven else _unproven(asked)
    return PresentationReport((*steps, bound), credentials, now, means.policy, holder if proven else None)


def unanswered(because: Text, now: datetime, policy: Policy) -> PresentationReport:
    """The report where nothing was looked at, since the challenge was not to be answered."""
    steps = (*_not_looked_at(13, 14, 15), _said(16, "failed", because, "tampered"), *_not_looked_at(17, 18))
    return PresentationReport(steps, (), now, policy, None)


def _said(n: int, outcome: Outcome, because: Text, verdict: Verdict | None = None) -> Check:
    return Check(n, NAMES[n], outcome, because, verdict)


def _not_looked_at(*steps: int) -> tuple[Check, ...]:
    return tuple(_said(n, "unknown", say("presentation.not_looked_at")) for n in steps)


def _refused(n: int, refused: Refused) -> Check:
    """13 and the others: what was changed after signing is told from what was never right."""
    if isinstance(refused, Unsupported):
        return _said(n, "failed", refused.because, "unsupported")
    unread = n == 13 and not isinstance(refused, DataLoss)
    return _said(n, "failed", refused.because, "malformed" if unread else "tampered")


def _all_passed(steps: Sequence[Check]) -> bool:
    return all(step.outcome == "passed" for step in steps)


def _key(
    presented: Presented, asked: Asked, now: datetime, fetcher: Fetcher
) -> tuple[Check, str | None, Sequence[Method]]:
    """14: the key of each proof belongs to the holder, for authentication."""
    holder = presented.claimed_holder or (presented.methods[0] or "").partition("#")[0]
    try:
        if asked.holder not in (None, holder):
            raise NotTheHolders.saying("presentation.key.other_holder")
        known = [method for method in methods_of(holder, fetcher) if method.controller == holder]
        methods = [_named(name, known, now) for name in presented.methods]
    except Unavailable as silence:
        source = Unasked(about_keys(holder), silence.because)
        return replace(_said(14, "unknown", silence.because), unasked=(source,)), None, ()
    except Refused as refused:
        return _refused(14, refused), None, ()
    return _said(14, "passed", say("presentation.key.passed")), holder, methods


class NotTheHolders(Refused):
    """The key is another's, or not for this."""


def _named(name: str | None, known: Sequence[Method], now: datetime) -> Method:
    """The method that a proof names; an envelope may leave it out where there is one only."""
    found = [method for method in known if name is None or name in names_of(method)]
    if len(found) != 1:
        raise NotTheHolders.saying("presentation.key.foreign")
    if "authentication" not in found[0].purposes:
        raise NotTheHolders.saying("presentation.key.wrong_purpose")
    if not found[0].good_at(now):
        raise NotTheHolders.saying("presentation.key.ended")
    return found[0]


def _proof(presented: Presented, methods: Sequence[Method]) -> tuple[Check, Proven | None]:
    """15: every proof holds."""
    if not methods:
        return _not_looked_at(15)[0], None
    try:
        proven = presented.prove(methods)
    except Refused as refused:
        return _refused(15, refused), None
    return _said(15, "passed", say("presentation.proof.passed")), proven


def _about(proven: Proven | None, asked: Asked, now: datetime) -> tuple[Check, Check]:
    """16 and 17: of every proof."""
    if proven is None:
        answers, times = _not_looked_at(16, 17)
        return answers, times
    wrong = [because for spoken in proven.spoken if (because := _wrong(spoken, asked))]
    late = [check for spoken in proven.spoken if (check := _ended(spoken, now))]
    answers = (
        _said(16, "failed", wrong[0], "tampered") if wrong else _said(16, "passed", say("presentation.asked.passed"))
    )
    return answers, late[0] if late else _said(17, "passed", say("presentation.dates.passed"))


def _wrong(spoken: Spoken, asked: Asked) -> Text | None:
    """Challenge and domain are compared to the letter (Data Integrity 1.0, section 4.4)."""
    if spoken.challenge is None:
        return say("presentation.asked.no_challenge")
    if spoken.challenge != asked.challenge:
        return say("presentation.asked.other_challenge")
    if asked.domain is not None and spoken.domains != {asked.domain}:
        return say("presentation.asked.other_domain")
    return None


def _ended(spoken: Spoken, now: datetime) -> Check | None:
    begun = max((instant for instant in (spoken.created, spoken.begins) if instant), default=None)
    if begun and begun > now + CLOCK_SKEW:
        return _said(17, "failed", say("verify.dates.signed_later", instant=begun), "not_yet_valid")
    if spoken.ends and now > spoken.ends:
        return _said(17, "failed", say("verify.dates.expired", instant=spoken.ends), "expired")
    return None


def _judged(proven: Proven | None, holder: str | None, means: Means) -> tuple[PresentedCredential, ...]:
    return tuple(
        _about_holder(credential, means.judge(written(credential)), holder, means.fetcher)
        for credential in (proven.credentials if proven else ())
    )


def _not_judged(proven: Proven | None, now: datetime, means: Means) -> tuple[PresentedCredential, ...]:
    """Of a presentation that is no answer, nothing is told but how many credentials it has."""
    nothing = Report(tuple(nothing_of(*range(1, 10))), now, means.policy, test=False, document=None)
    unknown = PresentedCredential(nothing, "unknown", say("presentation.not_looked_at"))
    return (unknown,) * len(proven.credentials if proven else ())


def _about_holder(
    credential: Mapping[str, Json], report: Report, holder: str | None, fetcher: Fetcher
) -> PresentedCredential:
    """Is the holder among those whom the credential is about? What no signature vouches for tells nothing."""
    held = {check.outcome for check in report.checks if check.n == 6} == {"passed"}
    subjects = subjects_of(credential, fetcher) if held and report.verdict not in _UNREAD else []
    ids = [each.get("id") for each in subjects if isinstance(each, dict)]
    if not ids:
        return PresentedCredential(report, "unknown", say("presentation.about.unread"))
    if holder in ids:
        return PresentedCredential(report, "passed", say("presentation.about.passed"))
    if None in ids:
        return PresentedCredential(report, "unknown", say("presentation.about.unnamed"))
    return PresentedCredential(report, "failed", say("presentation.about.another"))


def _unproven(asked: Asked) -> Check:
    """18, of what no key of the holder vouches for."""
    return _not_looked_at(18)[0] if asked.binding == "required" else _bound((), asked)


def _bound(credentials: Sequence[PresentedCredential], asked: Asked) -> Check:
    """18: decided by the credential that says least; where there is none, nothing is bound to anybody."""
    if asked.binding == "told":
        return _said(18, "not_applicable", say("presentation.about.not_required"))
    if not credentials:
        return _said(18, "unknown", say("presentation.about.none"))
    for outcome in ("failed", "unknown"):
        if found := next((each for each in credentials if each.about_holder == outcome), None):
            return _said(18, found.about_holder, found.because, "tampered" if outcome == "failed" else None)
    return _said(18, "passed", say("presentation.about.passed"))
