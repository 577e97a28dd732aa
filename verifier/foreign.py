"""Policy `open`: any W3C credential with a Data Integrity proof, in safe mode.

Steps 3 and 9 do not apply: no register confirms the issuer, and the report says so. Keys come from the issuer's own
DID: a did:key or did:jwk is its key; a did:web is fetched only for hosts on the configured list (the fetcher's).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from keys.did import Method, methods_of_key_did, read_document, web_address
from keys.proof import suite_of
from registry.fetch import Fetcher
from schemas.canonical import Digested
from schemas.contexts import VC_2
from schemas.errors import DataLoss, Malformed, Refused, Unavailable, Unsupported
from schemas.languages import Text, say
from schemas.reading import Json, read_object, shown
from schemas.statuslist import StatusList, bit_at, read_index, read_instant
from verifier.canonizer import Canonizer
from verifier.checks import CLOCK_SKEW, not_looked_at, said
from verifier.evidence import SignedList, read_foreign_list
from verifier.report import Check, Report, Shown, Signer, Verdict

_FORBIDDEN = frozenset({"@vocab", "@base", "@import", "@propagate", "@nest", "@reverse"})
_ALLOWED = frozenset({"@context", "@id", "@type", "@value", "@language", "@direction", "@list", "@set"})
"""Of JSON-LD's keywords, what a credential may use (docs/attacks.md A4)."""
_VC = "https://www.w3.org/2018/credentials#"
_DECIDING = ("issuer", "validFrom", "validUntil", "credentialStatus")
"""The members that a verdict follows from: each is stated under its own name or not at all."""


def verify_foreign(data: bytes, now: datetime, fetcher: Fetcher, canonizer: Canonizer) -> Report:
    """The report under policy `open`."""
    try:
        value = read_object(data)
    except Refused as refused:
        steps = [said(1, "failed", refused.because, "malformed"), *not_looked_at(2, 4, 5, 6, 7, 8)]
        return report_of(steps, now, None)
    readable = said(1, "passed", say("verify.readable.passed"))
    try:
        canonical = shape(value, canonizer)
        proof = _proof(value)
    except Refused as refused:
        return report_of(
            [readable, said(2, "failed", refused.because, verdict_of(refused)), *not_looked_at(4, 5, 6, 7, 8)],
            now,
            None,
        )
    steps = [
        readable,
        said(2, "passed", say("verify.shape.passed_open")),
        *_signature(value, proof, canonical, fetcher, canonizer),
    ]
    signed = all(step.outcome != "failed" for step in steps) and steps[-1].outcome == "passed"
    steps += [dates(value, proof, now), status(value, now, fetcher, canonizer) if signed else not_looked_at(8)[0]]
    return report_of(steps, now, value if signed else None)


def report_of(steps: Iterable[Check], now: datetime, value: Mapping[str, Json] | None) -> Report:
    """The report of these steps and of those that do not apply; `value` is what a signature has vouched for."""
    unasked = (
        said(3, "not_applicable", say("verify.issuer.not_confirmed")),
        said(9, "not_applicable", say("verify.register.not_applicable")),
    )
    checks, test = sorted((*steps, *unasked), key=lambda step: step.n), bool(value and value.get("test") is True)
    return Report(tuple(checks), now, "open", test, None if value is None else _shown(value))


def verdict_of(refused: Refused) -> Verdict:
    """What a refusal makes of a document."""
    if isinstance(refused, DataLoss):
        return "tampered"
    return "unsupported" if isinstance(refused, Unsupported) else "malformed"


def shape(value: Mapping[str, Json], canonizer: Canonizer) -> Digested:
    """Step 2: VC 2.0's own members, contexts without loopholes, and no unsigned term."""
    contexts, types = value.get("@context"), value.get("type")
    if not isinstance(contexts, list) or contexts[:1] != [VC_2]:
        raise Malformed.saying("verify.shape.not_credential", member="@context")
    check_keywords({name: member for name, member in value.items() if name != "proof"})
    if "VerifiableCredential" not in (types if isinstance(types, list) else [types]):
        raise Malformed.saying("verify.shape.not_credential", member="type")
    if not issuer_id(value):
        raise Malformed.saying("verify.shape.not_credential", member="issuer")
    if not value.get("credentialSubject") or not isinstance(value["credentialSubject"], dict | list):
        raise Malformed.saying("verify.shape.not_credential", member="credentialSubject")
    read = canonizer.stated({name: member for name, member in value.items() if name != "proof"})
    for name in _DECIDING:
        if read.properties[_VC + name] != _how_many(value.get(name)):
            raise Malformed.saying("verify.shape.not_credential", member=name)
    return read.canonical


def _how_many(member: Json) -> int:
    return len(member) if isinstance(member, list) else int(member is not None)


def check_keywords(value: Json) -> None:
    """Of a document outside its contexts: what may stay unsigned, or be seen by some readers only, is not used."""
    if isinstance(value, list):
        for item in value:
            check_keywords(item)
    elif isinstance(value, dict):
        if len(value) > 1 and ("@list" in value or "@set" in value):
            raise Malformed.saying("kinds.keyword", name="@list, @set")
        for name, member in value.items():
            if name == "@context":
                _check_context(member)
            elif name.startswith("@") and name not in _ALLOWED:
                raise Malformed.saying("kinds.keyword", name=shown(name))
            else:
                check_keywords(member)


def _check_context(context: Json) -> None:
    """A5, A6: no loophole in an inline context, wherever it stands, and no other name for a keyword than VC 2.0's."""
    for part in context if isinstance(context, list) else [context]:
        if _FORBIDDEN & _keys(part):
            raise Malformed.saying("kinds.contexts")
        for term, definition in part.items() if isinstance(part, dict) else ():
            meant = definition.get("@id") if isinstance(definition, dict) else definition
            if isinstance(meant, str) and meant.startswith("@") and meant != f"@{term}":
                raise Malformed.saying("kinds.contexts")
            if isinstance(definition, dict):
                _check_context(definition.get("@context"))


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


def _proof(value: Mapping[str, Json]) -> dict[str, Any]:
    proof = value.get("proof")
    if isinstance(proof, list) and len(proof) > 1:
        raise Unsupported.saying("verify.proof.several")
    proof = proof[0] if isinstance(proof, list) and proof else proof
    if not isinstance(proof, dict) or not proof:
        raise DataLoss.saying("verify.proof.missing")
    suite_of(proof)
    if proof.get("proofPurpose") != "assertionMethod" or not isinstance(proof.get("verificationMethod"), str):
        raise DataLoss.saying("verify.proof.wrong_shape", member="proofPurpose, verificationMethod")
    return proof


def _signature(
    value: dict[str, Json], proof: dict[str, Any], canonical: Digested, fetcher: Fetcher, canonizer: Canonizer
) -> list[Check]:
    """Steps 4–6."""
    issuer, method_id = issuer_id(value), str(proof["verificationMethod"])
    try:
        methods = methods_of(issuer, fetcher)
    except Unavailable as silence:
        return [said(4, "unknown", silence.because), *not_looked_at(5, 6)]
    except Refused as refused:
        return [said(4, "failed", refused.because, "tampered"), *not_looked_at(5, 6)]
    method = next((m for m in methods if m.id == method_id and m.controller == issuer), None)
    if method is None or "assertionMethod" not in method.purposes:
        because = say("verify.key.foreign") if method is None else say("verify.key.wrong_purpose")
        return [said(4, "failed", because, "tampered"), *not_looked_at(5, 6)]
    timeless = said(5, "not_applicable", say("verify.key_time.no_history"))
    return [said(4, "passed", say("verify.key.passed")), timeless, _holds(value, proof, method, canonical, canonizer)]


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


def _holds(
    value: dict[str, Json], proof: dict[str, Any], method: Method, canonical: Digested, canonizer: Canonizer
) -> Check:
    try:
        holds = canonizer.holds(value, proof, method.key, canonical)
    except Unsupported as refused:
        return said(6, "failed", refused.because, "unsupported")
    except Refused as refused:
        return said(6, "failed", refused.because, "tampered")
    return (
        said(6, "passed", say("verify.proof.passed"))
        if holds
        else said(6, "failed", say("verify.proof.failed"), "tampered")
    )


def dates(value: Mapping[str, Json], proof: Mapping[str, Json], now: datetime) -> Check:
    """Step 7; every date of a credential and of a proof is optional (VC 2.0 section 4.9, Data Integrity 2.1)."""
    named = {"validFrom": value, "validUntil": value, "created": proof, "expires": proof}
    try:
        begins, ends, signed, proof_ends = (
            read_instant(of[name]) if name in of else None for name, of in named.items()
        )
    except Malformed as refused:
        return said(7, "failed", refused.because, "malformed")
    if begins and ends and begins > ends:
        return said(7, "failed", say("verify.dates.reversed"), "malformed")
    if signed and signed > now + CLOCK_SKEW:
        return said(7, "failed", say("verify.dates.signed_later", instant=signed), "not_yet_valid")
    if begins and begins > now + CLOCK_SKEW:
        return said(7, "failed", say("verify.dates.not_yet", instant=begins), "not_yet_valid")
    end = min((instant for instant in (ends, proof_ends) if instant), default=None)
    if end and now > end:
        return said(7, "failed", say("verify.dates.expired", instant=end), "expired")
    return said(7, "passed", say("verify.dates.passed_open"))


def status(value: Mapping[str, Json], now: datetime, fetcher: Fetcher, canonizer: Canonizer) -> Check:
    """Step 8: the issuer's own lists, fetched only from hosts on the configured list. A set bit counts even where
    another list says nothing."""
    entries = value.get("credentialStatus")
    if not entries:
        return said(8, "not_applicable", say("verify.status.none"))
    silent: list[Text] = []
    for entry in entries if isinstance(entries, list) else [entries]:
        if not isinstance(entry, dict) or entry.get("type") != "BitstringStatusListEntry":
            silent.append(say("statuslist.no_list"))
            continue
        try:
            index = read_index(entry.get("statusListIndex"))
        except Malformed as refused:
            return said(8, "failed", refused.because, "malformed")
        found = _list_of(entry, issuer_id(value), now, fetcher, canonizer)
        if isinstance(found, Text):
            silent.append(found)
        elif index >= len(found.bits) * 8:
            silent.append(say("statuslist.out_of_range", index=index))
        elif bit_at(found.bits, index):
            state: Verdict = "suspended" if found.purpose == "suspension" else "revoked"
            return said(8, "failed", say("verify.status.bit_set", state=say(f"status.state.{state}")), state)
    return said(8, "unknown", silent[0]) if silent else said(8, "passed", say("verify.status.passed_open"))


def _list_of(
    entry: Mapping[str, Json], issuer: str, now: datetime, fetcher: Fetcher, canonizer: Canonizer
) -> StatusList | Text:
    """The list that an entry names if it is the issuer's own, authentic and fresh; else why its word does not count."""
    url = str(entry.get("statusListCredential"))
    named = shown(url, 120)
    try:
        data = fetcher.get(url)
        if data is None:
            return say("verify.status.missing", url=named)
        found = read_foreign_list(data, canonizer)
        content = found.content
        same = (content.url, content.issuer, content.purpose) == (url, issuer, entry.get("statusPurpose"))
        if not same or not _signed_by(issuer, found, fetcher, canonizer):
            return say("verify.status.not_authentic", url=named)
    except Unavailable as silence:
        return say("verify.status.unreachable", source=silence.because)
    except Refused as refused:
        return say("verify.status.unusable", url=named, problem=refused.because)
    if not content.valid_from - CLOCK_SKEW <= now <= content.valid_until:
        return say("verify.status.stale", url=named, instant=content.valid_until)
    return content


def _signed_by(issuer: str, found: SignedList, fetcher: Fetcher, canonizer: Canonizer) -> bool:
    """Is the list's one proof by a key of the issuer, for assertion?"""
    proof = _proof(found.document)
    methods = methods_of(issuer, fetcher)
    method = next((m for m in methods if m.id == proof["verificationMethod"]), None)
    if method is None or method.controller != issuer or "assertionMethod" not in method.purposes:
        return False
    return canonizer.holds(found.document, proof, method.key, found.canonical)


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
