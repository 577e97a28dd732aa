"""Policy `open`: any W3C credential of 2.0 or 1.1 with Data Integrity proofs, in safe mode.

Steps 3 and 9 do not apply: no register confirms the issuer, and the report says so. Keys come from the issuer's own
DID: a did:key or did:jwk is its key; a did:web is fetched only for hosts on the configured list (the fetcher's).
Steps 4–6 are in `verifier.proofs`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from registry.fetch import Fetcher
from schemas.canonical import Digested
from schemas.contexts import VC_1
from schemas.datamodel import check_credential
from schemas.errors import DataLoss, Malformed, Refused, Unavailable, Unsupported
from schemas.languages import Text, say
from schemas.reading import Json, read_object, shown
from schemas.statuslist import StatusList, bit_at, read_index, read_instant
from verifier.canonizer import Canonizer
from verifier.checks import about_list, not_looked_at, said, signed_later, unanswered
from verifier.evidence import SignedList, read_foreign_list
from verifier.moment import CLOCK_SKEW, Moment
from verifier.proofs import IssuerBinding, Means, Proof, Signed, read_proofs, signatures
from verifier.report import Check, Report, Shown, Signer, Unasked, Verdict

_FORBIDDEN = frozenset({"@vocab", "@base", "@import", "@propagate", "@nest", "@reverse", "@direction"})
"""In a context: what would define the undefined, or change what stands elsewhere and is not signed there (A5, A6)."""
_ALLOWED = frozenset({"@context", "@id", "@type", "@value", "@language", "@direction", "@list", "@set"})
"""Of JSON-LD's keywords, what a credential may use (docs/attacks.md A4)."""
_VC = "https://www.w3.org/2018/credentials#"
_BEGIN, _END = ("validFrom", "issuanceDate"), ("validUntil", "expirationDate")
"""The second of each is VC 1.1's, whose context knows the first too."""
_DECIDING = ("issuer", "validFrom", "validUntil", "credentialStatus")
"""The members that a verdict follows from: each is stated under its own name or not at all."""
_DECIDING_1_1 = (*_DECIDING, "issuanceDate", "expirationDate")


@dataclass(frozen=True, slots=True)
class Leniency:
    """What the standard doors let pass and nobody else does, since examples of the standards need it: an issuer that
    does not control the key, and terms that only a catch-all (`@vocab`) of an inline context takes in."""

    binding: IssuerBinding = "enforce"
    catch_all: bool = False


STRICT = Leniency()


def verify_foreign(
    data: bytes,
    now: datetime,
    fetcher: Fetcher,
    canonizer: Canonizer,
    leniency: Leniency = STRICT,
    *,
    at: datetime | None = None,
) -> Report:
    """The report under policy `open`; with `at`, of that time by what is known now."""
    moment = Moment(now, at)
    try:
        value = read_object(data)
    except Refused as refused:
        steps = [said(1, "failed", refused.because, "malformed"), *not_looked_at(2, 4, 5, 6, 7, 8)]
        return report_of(steps, now, None)
    readable = said(1, "passed", say("verify.readable.passed"))
    try:
        canonical = shape(value, canonizer, leniency)
        proofs = read_proofs(value)
    except Refused as refused:
        return report_of(
            [readable, said(2, "failed", refused.because, verdict_of(refused)), *not_looked_at(4, 5, 6, 7, 8)],
            now,
            None,
        )
    means = Means(fetcher, canonizer, leniency.binding)
    steps = [
        readable,
        said(2, "passed", say("verify.shape.passed_open")),
        *signatures(Signed(value, proofs, issuer_id(value), canonical), means, now),
    ]
    signed = all(step.outcome in ("passed", "not_applicable") for step in steps)
    state = status(value, moment, fetcher, canonizer) if signed else not_looked_at(8)[0]
    steps += [dates(value, proofs, moment), state]
    return report_of(steps, now, value if signed else None)


def report_of(steps: Iterable[Check], now: datetime, value: Mapping[str, Json] | None) -> Report:
    """The report of these steps and of those that do not apply; `value` is what a signature has vouched for."""
    unasked = (
        said(3, "not_applicable", say("verify.issuer.not_confirmed")),
        said(9, "not_applicable", say("verify.register.not_applicable")),
    )
    checks = sorted((*steps, *unasked), key=lambda step: step.n)
    # an array of one, or a value object, signs the same as what is in it: any `test` but false is TEST
    test = value is not None and value.get("test", False) is not False
    return Report(tuple(checks), now, "open", test, None if value is None else _shown(value))


def verdict_of(refused: Refused) -> Verdict:
    """What a refusal makes of a document."""
    if isinstance(refused, DataLoss):
        return "tampered"
    return "unsupported" if isinstance(refused, Unsupported) else "malformed"


def shape(value: Mapping[str, Json], canonizer: Canonizer, leniency: Leniency = STRICT) -> Digested:
    """Step 2: the members that VC 2.0 or 1.1 asks for, contexts without loopholes, and no unsigned term."""
    check_credential(value)
    unsigned = {name: member for name, member in value.items() if name != "proof"}
    check_keywords(unsigned, _FORBIDDEN - {"@vocab"} if leniency.catch_all else _FORBIDDEN)
    read = canonizer.stated(unsigned)
    for name in _DECIDING_1_1 if value["@context"][0] == VC_1 else _DECIDING:
        if read.properties[_VC + name] != _how_many(value.get(name)):
            raise Malformed.saying("verify.shape.not_credential", member=name)
    return read.canonical


def _how_many(member: Json) -> int:
    return len(member) if isinstance(member, list) else int(member is not None)


def check_keywords(value: Json, forbidden: frozenset[str] = _FORBIDDEN) -> None:
    """Of a document outside its contexts: what may stay unsigned, or be seen by some readers only, is not used."""
    if isinstance(value, list):
        for item in value:
            check_keywords(item, forbidden)
    elif isinstance(value, dict):
        if len(value) > 1 and ("@list" in value or "@set" in value):
            raise Malformed.saying("kinds.keyword", name="@list, @set")
        for name, member in value.items():
            if name == "@context":
                _check_context(member, forbidden)
            elif name.startswith("@") and name not in _ALLOWED:
                raise Malformed.saying("kinds.keyword", name=shown(name))
            else:
                check_keywords(member, forbidden)


def _check_context(context: Json, forbidden: frozenset[str]) -> None:
    """A5, A6: no loophole in an inline context, wherever it stands, and no other name for a keyword than VC 2.0's."""
    for part in context if isinstance(context, list) else [context]:
        if forbidden & _keys(part):
            raise Malformed.saying("kinds.contexts")
        for term, definition in part.items() if isinstance(part, dict) else ():
            meant = definition.get("@id") if isinstance(definition, dict) else definition
            if isinstance(meant, str) and meant.startswith("@") and meant != f"@{term}":
                raise Malformed.saying("kinds.contexts")
            if isinstance(definition, dict):
                _check_context(definition.get("@context"), forbidden)


def _keys(value: Json) -> set[str]:
    """Every key inside a context, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*(_keys(inner) for inner in value.values()))
    return set().union(*(_keys(inner) for inner in value)) if isinstance(value, list) else set()


def issuer_id(value: Mapping[str, Json]) -> str:
    """The issuer's address; empty where there is none."""
    issuer = value.get("issuer")
    found = issuer.get("id") if isinstance(issuer, dict) else issuer
    return found if isinstance(found, str) and ":" in found else ""


def dates(value: Mapping[str, Json], proofs: Sequence[Proof], moment: Moment) -> Check:
    """Step 7; every date of a credential and of a proof is optional (VC 2.0 section 4.9, Data Integrity 2.1)."""
    try:
        begins, ends = max(_instants(value, _BEGIN), default=None), min(_instants(value, _END), default=None)
        signed = max((at for proof in proofs for at in _instants(proof, ("created",))), default=None)
        proof_ends = min((at for proof in proofs for at in _instants(proof, ("expires",))), default=None)
    except Malformed as refused:
        return said(7, "failed", refused.because, "malformed")
    if begins and ends and begins > ends:
        return said(7, "failed", say("verify.dates.reversed"), "malformed")
    if signed and signed > moment.latest:
        return said(7, "failed", signed_later(signed, moment), "not_yet_valid")
    if begins and begins > moment.latest:
        return said(7, "failed", say("verify.dates.not_yet", instant=begins), "not_yet_valid")
    end = min((instant for instant in (ends, proof_ends) if instant), default=None)
    if end and moment.instant > end:
        return said(7, "failed", say("verify.dates.expired", instant=end), "expired")
    return said(7, "passed", say("verify.dates.passed_then" if moment.is_past else "verify.dates.passed_open"))


def _instants(of: Mapping[str, Json], names: Iterable[str]) -> list[datetime]:
    return [read_instant(of[name]) for name in names if name in of]


def status(value: Mapping[str, Json], moment: Moment, fetcher: Fetcher, canonizer: Canonizer) -> Check:
    """Step 8: the issuer's own lists, fetched only from hosts on the configured list. A set bit counts even where
    another list says nothing.

    Lists tell only today. What is not withdrawn today was not withdrawn before; nothing else follows for the past.
    """
    entries = value.get("credentialStatus")
    if not entries:
        return said(8, "not_applicable", say("verify.status.none"))
    silent: list[Text] = []
    sources: list[Unasked] = []
    for entry in entries if isinstance(entries, list) else [entries]:
        if not isinstance(entry, dict) or entry.get("type") != "BitstringStatusListEntry":
            silent.append(say("statuslist.no_list"))
            continue
        try:
            index = read_index(entry.get("statusListIndex"))
        except Malformed as refused:
            return said(8, "failed", refused.because, "malformed")
        try:
            found = _list_of(entry, issuer_id(value), moment.now, fetcher, canonizer)
        except Unavailable as silence:
            silent.append(say("verify.status.unreachable", source=silence.because))
            sources.append(Unasked(about_list(str(entry.get("statusListCredential"))), silence.because))
            continue
        if isinstance(found, Text):
            silent.append(found)
        elif index >= len(found.bits) * 8:
            silent.append(say("statuslist.out_of_range", index=index))
        elif moment.is_past and (bit_at(found.bits, index) or found.purpose != "revocation"):
            silent.append(say("verify.status.only_today", url=shown(found.url, 120)))
        elif bit_at(found.bits, index):
            state: Verdict = "suspended" if found.purpose == "suspension" else "revoked"
            return said(8, "failed", say("verify.status.bit_set", state=say(f"status.state.{state}")), state)
    if silent:
        return unanswered(8, silent[0], *sources)
    return said(8, "passed", say("verify.status.never" if moment.is_past else "verify.status.passed_open"))


def _list_of(
    entry: Mapping[str, Json], issuer: str, now: datetime, fetcher: Fetcher, canonizer: Canonizer
) -> StatusList | Text:
    """The list that an entry names if it is the issuer's own, authentic and fresh; else why its word does not count.
    Raises `Unavailable` where that cannot be told."""
    url = str(entry.get("statusListCredential"))
    named = shown(url, 120)
    try:
        data = fetcher.get(url)
        if data is None:
            return say("verify.status.missing", url=named)
        found = read_foreign_list(data, canonizer)
        content = found.content
        same = (content.url, content.issuer, content.purpose) == (url, issuer, entry.get("statusPurpose"))
        if not same or not _is_signed(found, issuer, now, Means(fetcher, canonizer)):
            return say("verify.status.not_authentic", url=named)
    except Refused as refused:
        return say("verify.status.unusable", url=named, problem=refused.because)
    if not content.valid_from - CLOCK_SKEW <= now <= content.valid_until:
        return say("verify.status.stale", url=named, instant=content.valid_until)
    if fetcher.newest.is_behind(issuer, url, content.valid_from, content.version):
        return say("verify.status.rolled_back", url=named, instant=content.valid_from)
    return content


def _is_signed(found: SignedList, issuer: str, now: datetime, means: Means) -> bool:
    """Does every proof of a list hold, and is one by a key of the issuer, for assertion? Raises `Unavailable` where
    that cannot be told."""
    signed = Signed(found.document, read_proofs(found.document), issuer, found.canonical)
    checks = signatures(signed, means, now)
    if silent := next((check for check in checks if check.outcome == "unknown"), None):
        if not any(check.outcome == "failed" for check in checks):
            raise Unavailable(silent.because)
        return False
    return all(check.outcome != "failed" for check in checks)


def _shown(value: Mapping[str, Json]) -> Shown:
    """A foreign document: its name and its issuer's claim, nothing more."""
    issuer = value.get("issuer")
    name = issuer.get("name") if isinstance(issuer, dict) else None
    signer = Signer(issuer_id(value), Text.same(shown(_plain(name) or issuer_id(value), 120)), confirmed=False)
    title = _plain(value.get("name"))
    heading = Text.same(shown(title, 200)) if title else None
    return Shown(None, None, heading, None, None, None, signer, None, None, (), (), None, ())


def _plain(name: Json) -> str | None:
    """A `name` as one string: VC 2.0 allows language objects (section 11.1)."""
    first = name[0] if isinstance(name, list) and name else name
    found = first.get("@value") if isinstance(first, dict) else first
    return found if isinstance(found, str) else None
