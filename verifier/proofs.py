"""Steps 4–6 under policy `open`: whose keys have signed a document, and whether every proof of it holds.

A document may have several proofs, in a set or a chain. One at least has to be by a key of the issuer; where the caller
wants no more than to be told, the report says that none is. The others are by whom they name, and tell nothing but that
this key has signed. A good proof never hides a bad one (docs/attacks.md B4).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from keys.did import Method, methods_of_key_did, read_document, web_address
from keys.proof import Keyed, proofs_of, suite_of
from registry.fetch import Fetcher
from schemas.canonical import Digested
from schemas.errors import DataLoss, Malformed, Refused, Unavailable, Unsupported
from schemas.languages import say
from schemas.reading import Json, read_object, shown
from schemas.statuslist import read_instant
from verifier.canonizer import Canonizer
from verifier.checks import about_keys, not_looked_at, said, unanswered
from verifier.report import Check, Outcome, Signature, Unasked, Verdict

IssuerBinding = Literal["enforce", "warn"]
"""Has a key of the issuer to be among those that signed, or does the report only tell?"""
Proof = Mapping[str, Json]
_GRAVITY: Sequence[Outcome] = ("not_applicable", "passed", "unknown", "failed")
_NO_END = said(5, "not_applicable", say("verify.key_time.no_history"))


@dataclass(frozen=True, slots=True)
class Signed:
    """A document of a checked shape with its proofs, whose issuer it names."""

    document: Mapping[str, Json]
    proofs: Sequence[Proof]
    issuer: str
    canonical: Digested


@dataclass(frozen=True, slots=True)
class Means:
    """What keys are fetched with, who canonicalizes, and how strictly a key has to be the issuer's."""

    fetcher: Fetcher
    canonizer: Canonizer
    binding: IssuerBinding = "enforce"


def read_proofs(value: Mapping[str, Json]) -> tuple[Proof, ...]:
    """The proofs of a credential, each of a known suite and for assertion; raises `schemas.errors.Refused`."""
    proofs = proofs_of(value)
    for proof in proofs:
        suite_of(proof)
        if proof.get("proofPurpose") != "assertionMethod" or not isinstance(proof.get("verificationMethod"), str):
            raise DataLoss.saying("verify.proof.wrong_shape", member="proofPurpose, verificationMethod")
    return proofs


def times_of(proofs: Sequence[Proof]) -> tuple[datetime | None, datetime | None]:
    """When the last of them says that it was made, and when the first ends; raises `Malformed`."""
    made, ends = ([read_instant(proof[name]) for proof in proofs if name in proof] for name in ("created", "expires"))
    return max(made, default=None), min(ends, default=None)


def signatures(signed: Signed, means: Means, now: datetime) -> list[Check]:
    """Step 4; then, if one key is the issuer's or none has to be, step 5, and step 6 with a line for each proof."""
    key, issuers = _issuers_key(signed, means.fetcher)
    if key.outcome != "passed":
        if means.binding == "enforce":
            return [key, *not_looked_at(5, 6)]
        key = said(4, "not_applicable", say("verify.key.not_the_issuers"))
    looked = _looked_at(signed, issuers, means)
    return [key, _key_times(looked, now), *_lines(looked)]


def _issuers_key(signed: Signed, fetcher: Fetcher) -> tuple[Check, Mapping[str, Method]]:
    """4: a key of the issuer, for assertion, is among those that signed (docs/attacks.md B2, B3); and its keys."""
    try:
        methods = {method.id: method for method in methods_of(signed.issuer, fetcher)}
    except Unavailable as silence:
        return unanswered(4, silence.because, Unasked(about_keys(signed.issuer), silence.because)), {}
    except Refused as refused:
        return said(4, "failed", refused.because, "tampered"), {}
    named = [methods[name] for proof in signed.proofs if (name := proof["verificationMethod"]) in methods]
    own = [method for method in named if method.controller == signed.issuer]
    if not own:
        return said(4, "failed", say("verify.key.foreign"), "tampered"), methods
    if not any("assertionMethod" in method.purposes for method in own):
        return said(4, "failed", say("verify.key.wrong_purpose"), "tampered"), methods
    return said(4, "passed", say("verify.key.passed")), methods


def methods_of(did: str, fetcher: Fetcher) -> tuple[Method, ...]:
    """The verification methods of a DID; raises `Unavailable` where they cannot be had."""
    if did.startswith(("did:key:", "did:jwk:")):
        return methods_of_key_did(did)
    if not did.startswith("did:web:"):
        raise Unavailable.saying("verify.key.not_fetched", id=shown(did, 120))
    document = fetcher.get(web_address(did))
    try:
        if document is not None:
            return read_document(read_object(document), did)
    except Refused:
        pass  # what stands there is no DID document of this issuer: no answer, not a forged credential
    raise Unavailable.saying("verify.key.not_fetched", id=shown(did, 120))


@dataclass(frozen=True, slots=True)
class _Looked:
    """A proof that was looked at: the method that it names, where that is known, and its line of step 6."""

    proof: Proof
    method: Method | None
    line: Check


def _looked_at(signed: Signed, issuers: Mapping[str, Method], means: Means) -> list[_Looked]:
    """Every proof, in the order of the document. Keys that have to be asked for are asked for once what the others have
    signed holds, the issuer among them (docs/attacks.md D1)."""
    near = [place for place, proof in enumerate(signed.proofs) if _is_at_hand(_did(proof), signed.issuer)]
    far = [place for place in range(len(signed.proofs)) if place not in near]
    looked = _look_at(signed, near, issuers, means)
    if any(each.line.outcome == "failed" for each in looked.values()):
        not_reached = said(6, "unknown", say("verify.proof.not_reached"))
        looked |= {place: _Looked(signed.proofs[place], None, not_reached) for place in far}
    else:
        looked |= _look_at(signed, far, issuers, means)
    return [looked[place] for place in range(len(signed.proofs))]


def _is_at_hand(did: str, issuer: str) -> bool:
    return did == issuer or did.startswith(("did:key:", "did:jwk:"))


def _did(proof: Proof) -> str:
    """Whose key it names."""
    return str(proof["verificationMethod"]).partition("#")[0]


def _look_at(signed: Signed, places: Sequence[int], issuers: Mapping[str, Method], means: Means) -> dict[int, _Looked]:
    """The proofs at these places."""
    methods = {place: _method(signed.proofs[place], issuers, means.fetcher) for place in places}
    known = {place: method for place, method in methods.items() if isinstance(method, Method)}
    keyed = [(signed.proofs[place], method.key) for place, method in known.items()]
    lines = dict(zip(known, _held(signed, keyed, means.canonizer), strict=True))
    lines |= {place: method for place, method in methods.items() if isinstance(method, Check)}
    return {place: _Looked(signed.proofs[place], known.get(place), lines[place]) for place in places}


def _method(proof: Proof, issuers: Mapping[str, Method], fetcher: Fetcher) -> Method | Check:
    """Of the issuer, or of the DID that the name belongs to."""
    name, did = str(proof["verificationMethod"]), _did(proof)
    try:
        methods = issuers if name in issuers else {method.id: method for method in methods_of(did, fetcher)}
    except Unavailable as silence:
        return unanswered(6, silence.because, Unasked(about_keys(did), silence.because))
    except Refused as refused:
        return said(6, "failed", refused.because, "tampered")
    method = methods.get(name)
    if method is None or method.controller != did:
        return said(6, "failed", say("verify.key.foreign"), "tampered")
    if "assertionMethod" not in method.purposes:
        return said(6, "failed", say("verify.key.wrong_purpose"), "tampered")
    return method


def _key_times(looked: Sequence[_Looked], now: datetime) -> Check:
    """5, of all keys: the outcome that says least for the document."""
    times = [key_time(each.method, _signed_at(each.proof), now) for each in looked if each.method]
    return max(times, key=lambda time: _GRAVITY.index(time.outcome), default=_NO_END)


def key_time(method: Method, stated: datetime | None, now: datetime) -> Check:
    """5: from its end on, nothing is verified by a key (Controlled Identifiers 1.0, section 2.2); most have no end.

    When a signature was made is its own word alone, and whoever has a key writes what time they like. So a revoked key,
    which may be in other hands, fails even what it dates before; of an expired one it stays open.
    """
    if not method.expires and not method.revoked:
        return _NO_END
    if not method.good_at(stated or now):
        return said(5, "failed", say("verify.key_time.failed", instant=stated or now), "tampered")
    if method.revoked and method.revoked <= now:
        return said(5, "failed", say("verify.key_time.revoked", instant=method.revoked), "tampered")
    if method.expires and method.expires <= now:
        return said(5, "unknown", say("verify.key_time.expired", instant=method.expires))
    return said(5, "passed", say("verify.key_time.passed", instant=now))


def _signed_at(proof: Proof) -> datetime | None:
    """A time that cannot be read is for step 7 to refuse."""
    with suppress(Malformed):
        return read_instant(proof["created"]) if "created" in proof else None
    return None


def _lines(looked: Sequence[_Looked]) -> Iterator[Check]:
    """6, once for each proof; of several, each line says whose it is."""
    for place, each in enumerate(looked, start=1):
        line, signature = each.line, _signature(each.proof, each.line)
        if len(looked) > 1:
            method = shown(signature.method, 80)
            line = replace(line, because=say("verify.proof.line", place=place, method=method, because=line.because))
        yield replace(line, signature=signature)


def _held(signed: Signed, keyed: Sequence[Keyed], canonizer: Canonizer) -> list[Check]:
    """Of each proof, over the document or, in a chain, over the document with the proofs that it follows. All are one
    piece of work; one that takes too long decides none of them (docs/attacks.md A11)."""
    try:
        outcomes = canonizer.holds(signed.document, keyed, signed.canonical) if keyed else []
    except Refused as refused:
        return [said(6, "failed", refused.because, "malformed")] * len(keyed)
    return [_line(outcome) for outcome in outcomes]


def _line(outcome: bool | Refused) -> Check:
    if isinstance(outcome, Refused):
        verdict: Verdict = "unsupported" if isinstance(outcome, Unsupported) else "tampered"
        return said(6, "failed", outcome.because, verdict)
    if not outcome:
        return said(6, "failed", say("verify.proof.failed"), "tampered")
    return said(6, "passed", say("verify.proof.passed"))


def _signature(proof: Proof, line: Check) -> Signature:
    """No register says who that is."""
    created = None
    with suppress(Malformed, KeyError):
        created = read_instant(proof["created"])
    return Signature(None, None, None, str(proof["verificationMethod"]), created, line.outcome, line.because)
