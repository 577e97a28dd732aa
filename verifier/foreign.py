"""Policy `open`: any W3C credential of 2.0 or 1.1 with Data Integrity proofs, in safe mode.

Steps 3 and 9 do not apply: no register confirms the issuer, and the report says so. Keys come from the issuer's own
DID: a did:key or did:jwk is its key; a did:web is fetched only for hosts on the configured list (the fetcher's).
Steps 4–6 are in `verifier.proofs`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from registry.fetch import Fetcher, once
from schemas.datamodel import check_credential
from schemas.errors import DataLoss, Malformed, Refused, Unsupported
from schemas.languages import LANGUAGES, Text, say
from schemas.reading import Json, read_object, shown
from schemas.stated import BEGINS, ENDS, NAMES, TEST, VC, Stated
from verifier.canonizer import Canonizer
from verifier.checks import not_looked_at, said, signed_later
from verifier.listed import status
from verifier.moment import Moment
from verifier.proofs import IssuerBinding, Means, Proof, Signed, read_proofs, signatures, times_of
from verifier.report import REVEALS, Check, Report, Shown, Signer, Verdict, derive

_FORBIDDEN = frozenset({"@vocab", "@base", "@import", "@propagate", "@nest", "@reverse", "@direction"})
"""In a context: what would define the undefined, or change what stands elsewhere and is not signed there (A5, A6)."""
_ALLOWED = frozenset({"@context", "@id", "@type", "@value", "@language", "@direction", "@list", "@set"})
"""Of JSON-LD's keywords, what a credential may use (docs/attacks.md A4)."""
_DATES = ("validFrom", "validUntil", "issuanceDate", "expirationDate")
_DECIDING = ("issuer", "credentialSubject", "credentialStatus", *_DATES)
"""The members that a verdict follows from: each is stated under its own name or not at all. Those of VC 1.1 count in a
document that calls itself one of 2.0, for it may have been another when it was signed."""


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
    moment, fetcher, canonizer = Moment(now, at), once(fetcher), canonizer.shared()
    try:
        value = read_object(data)
    except Refused as refused:
        steps = [said(1, "failed", refused.because, "malformed"), *not_looked_at(2, 4, 5, 6, 7, 8)]
        return report_of(steps, now)
    readable = said(1, "passed", say("verify.readable.passed"))
    try:
        read = shape(value, canonizer, leniency)
        proofs = read_proofs(value)
    except Refused as refused:
        bad = said(2, "failed", refused.because, verdict_of(refused))
        return report_of([readable, bad, *not_looked_at(4, 5, 6, 7, 8)], now)
    issuer = issuer_id(value)
    signed = Signed(value, proofs, issuer, read.stated.canonical)
    steps = [
        readable,
        said(2, "passed", say("verify.shape.passed_open")),
        *signatures(signed, Means(fetcher, canonizer, leniency.binding), now),
        dates(read.stated, proofs, moment),
    ]
    if not all(step.outcome in ("passed", "not_applicable") for step in steps if step.n != 7):
        return report_of([*steps, *not_looked_at(8)], now)
    return report_of([*steps, status(read.stated, issuer, moment, Means(fetcher, canonizer))], now, read)


@dataclass(frozen=True, slots=True)
class Shaped:
    """A credential of a checked shape: its JSON, and what it states."""

    value: Mapping[str, Json]
    stated: Stated

    @property
    def is_test(self) -> bool:
        """Does it say so, by whatever name, or has it a member of that name? Any value but false is a yes."""
        values = self.stated.values.get(TEST, [])
        stated = any(value != {"@value": False} for value in values) or self.stated.properties[TEST] > len(values)
        return stated or self.value.get("test", False) is not False


def report_of(steps: Iterable[Check], now: datetime, signed: Shaped | None = None) -> Report:
    """The report of these steps and of those that do not apply; `signed` is what a signature has vouched for."""
    unasked = (
        said(3, "not_applicable", say("verify.issuer.not_confirmed")),
        said(9, "not_applicable", say("verify.register.not_applicable")),
    )
    checks = sorted((*steps, *unasked), key=lambda step: step.n)
    if signed is None:
        return Report(tuple(checks), now, "open", test=False, document=None)
    shown_of = None if REVEALS[derive(checks)] == "nothing" else _shown(signed)
    return Report(tuple(checks), now, "open", signed.is_test, shown_of)


def verdict_of(refused: Refused) -> Verdict:
    """What a refusal makes of a document."""
    if isinstance(refused, DataLoss):
        return "tampered"
    return "unsupported" if isinstance(refused, Unsupported) else "malformed"


def shape(value: Mapping[str, Json], canonizer: Canonizer, leniency: Leniency = STRICT) -> Shaped:
    """Step 2: the members that VC 2.0 or 1.1 asks for, contexts without loopholes, and no unsigned term."""
    check_credential(value)
    unsigned = {name: member for name, member in value.items() if name != "proof"}
    check_keywords(unsigned, _FORBIDDEN - {"@vocab"} if leniency.catch_all else _FORBIDDEN)
    read = canonizer.stated(unsigned)
    for name in _DECIDING:
        if read.properties[VC + name] != _how_many(value.get(name)):
            raise Malformed.saying("verify.shape.other_name", member=name)
    return Shaped(value, read)


def _how_many(member: Json) -> int:
    return len(member) if isinstance(member, list) else int(member is not None)


def check_keywords(value: Json, forbidden: frozenset[str] = _FORBIDDEN) -> None:
    """Of a document outside its contexts: what may stay unsigned, or be seen by some readers only, is not used, nor a
    name for a blank node, under which two objects would be one (docs/attacks.md A12)."""
    if isinstance(value, list):
        for item in value:
            check_keywords(item, forbidden)
    elif isinstance(value, dict):
        if len(value) > 1 and ("@list" in value or "@set" in value):
            raise Malformed.saying("kinds.keyword", name="@list, @set")
        if any(str(value.get(name, "")).startswith("_:") for name in ("id", "@id")):
            raise Malformed.saying("kinds.blank_node")
        for name, member in value.items():
            if name == "@context":
                _check_context(member, forbidden)
            elif name.startswith("@") and name not in _ALLOWED:
                raise Malformed.saying("kinds.keyword", name=shown(name))
            else:
                check_keywords(member, forbidden)


def _check_context(context: Json, forbidden: frozenset[str]) -> None:
    """A5, A6: no loophole in an inline context, wherever it stands. Other names for keywords are refused by
    `schemas.dropped`."""
    if found := forbidden & _keys(context):
        raise Malformed.saying("verify.shape.loophole", name=min(found))


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


def dates(stated: Stated, proofs: Sequence[Proof], moment: Moment) -> Check:
    """Step 7; every date of a credential and of a proof is optional (VC 2.0 section 4.9, Data Integrity 2.1)."""
    try:
        begins, ends = max(stated.instants(BEGINS), default=None), min(stated.instants(ENDS), default=None)
        signed, proof_ends = times_of(proofs)
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
    if moment.is_past and not signed and not begins:
        return said(7, "unknown", say("verify.dates.no_beginning"))
    return said(7, "passed", say("verify.dates.passed_then" if moment.is_past else "verify.dates.passed_open"))


def _shown(read: Shaped) -> Shown:
    """A foreign document: its name and its issuer's claim, nothing more."""
    issuer, values = issuer_id(read.value), read.stated.values
    (claim,) = values[f"{VC}issuer"]
    title = _name([text for name in NAMES for text in values.get(name, [])], 200)
    claimed = _name([text for name in NAMES for text in claim.get(name, [])], 120)
    signer = Signer(issuer, claimed or Text.same(shown(issuer, 120)), confirmed=False)
    return Shown(None, None, title, None, None, None, signer, None, None, (), (), None, ())


def _name(stated: Iterable[Json], limit: int) -> Text | None:
    """For each reader the name in a language of theirs, else that in none (VC 2.0, section 11.1); of several the first
    in order, since which stands first is not signed."""
    texts = [(str(text.get("@language", "")).lower(), text["@value"]) for text in stated if "@value" in text]
    names = dict(sorted(((tag, shown(text, limit)) for tag, text in texts if isinstance(text, str)), reverse=True))
    if not names:
        return None
    return Text(*(names.get(language) or names.get("") or names[min(names)] for language in LANGUAGES))
