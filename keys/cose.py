"""COSE_Sign1 of a credential (`application/vc+cose`), a presentation (`application/vp+cose`) or a status list
(`application/statuslist+cwt`): sealing and reading side by side (VC-JOSE-COSE 1.0, section 3.3;
draft-ietf-oauth-status-list, section 5.2; RFC 9052, sections 3, 4.2, 4.4).

Read strictly (`keys.cbor`), with no tag but the first. A header names a key and never brings one.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import cbor2

from keys import cbor, statustoken
from keys.payload import Content, Sealed, Unproven, Unsecured
from keys.public import KeyName
from keys.signer import Signer, SigStructure
from keys.statustoken import SealedList, StatusToken
from schemas.errors import Malformed
from schemas.reading import MAX_BYTES, shown

ALG, CRIT, CONTENT_TYPE, KID, CWT_CLAIMS, TYP = 1, 2, 3, 4, 15, 16
"""Labels of header parameters (RFC 9052, section 3.1; RFC 9596; RFC 9597)."""
ALGORITHMS: Mapping[KeyName, tuple[int, int]] = {
    "Ed25519": (-8, -19),
    "P-256": (-7, -9),
    "P-384": (-35, -51),
    "P-521": (-36, -52),
}
"""What is written for a type of key (RFC 9053, section 2), and the fully specified number that others write (RFC 9864,
sections 2.1 and 2.2)."""
_CLAIM_NAMES = {1: "iss", 2: "sub", 3: "aud", 4: "exp", 5: "nbf", 6: "iat", 10: "nonce"}
"""Claim keys of a CWT → the names of RFC 7519 (RFC 8392, section 3.1; RFC 9711)."""
_LIST = "application/statuslist+cwt"
_LIST_CLAIMS = {1: "iss", 2: "sub", 4: "exp", 6: "iat", 7: "jti", 65534: "ttl", 65533: "status_list"}
"""Claim keys of a status list → the names of its claims in JSON; `jti` is `cti` here, and bytes."""
_SIGN1 = 0xD2
"""Tag 18, as its one byte."""


def seal(unsecured: Unsecured, signer: Signer, kid: str) -> bytes:
    """The tagged COSE_Sign1 of exactly these bytes; all headers are protected."""
    name = unsecured.content.name
    headers = {CONTENT_TYPE: f"application/{name}", KID: kid.encode(), TYP: f"application/{name}+cose"}
    return _sealed(headers, unsecured.data, signer)


def seal_list(token: StatusToken, signer: Signer, kid: str) -> bytes:
    """The tagged COSE_Sign1 of a status list, a CWT without the tag of one (section 5.2)."""
    claims = token.claims
    if "jti" in claims:
        claims["jti"] = claims["jti"].encode()
    payload = cbor2.dumps({label: claims[name] for label, name in _LIST_CLAIMS.items() if name in claims})
    return _sealed({KID: kid.encode(), TYP: _LIST}, payload, signer)


def _sealed(headers: Mapping[int, Any], payload: bytes, signer: Signer) -> bytes:
    protected = cbor2.dumps({ALG: ALGORITHMS[signer.public.name][0], **headers})
    signature = signer.sign(SigStructure(protected, payload))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))


def read(data: bytes, content: Content) -> Sealed:
    """The envelope in `data`, unopened. Raises `Malformed` for what is no envelope of that content, and `Unproven`
    for one that nothing can prove."""
    headers, loose, message, payload, signature = _envelope(data, MAX_BYTES)
    algorithm = _algorithm(headers)
    _check_type(headers, f"application/{content.name}+cose", f"application/{content.name}")
    kid = _kid(headers.get(KID, loose.get(KID)))
    return Sealed(content, algorithm, kid, _claims(headers), message, signature, payload)


def read_list(data: bytes) -> SealedList:
    """The status list in `data`, unopened; raises like `read`."""
    headers, loose, message, payload, signature = _envelope(data, statustoken.MAX_BYTES)
    algorithm = _algorithm(headers)
    _check_type(headers, _LIST)
    kid = _kid(headers.get(KID, loose.get(KID)))
    return SealedList(algorithm, kid, message, signature, lambda: _list_claims(payload))


def _list_claims(payload: bytes) -> dict[str, Any]:
    """Of a status list, by their names."""
    found = _map(cbor.read(payload))
    claims = {name: found[label] for label, name in _LIST_CLAIMS.items() if label in found}
    if isinstance(claims.get("jti"), bytes):
        claims["jti"] = claims["jti"].decode(errors="replace")
    return claims


_Envelope: TypeAlias = tuple[Mapping[Any, Any], Mapping[Any, Any], SigStructure, bytes, bytes]
"""Protected headers, unprotected ones, what is signed, its payload, the signature."""


def _envelope(data: bytes, limit: int) -> _Envelope:
    if len(data) > limit:
        raise Malformed.saying("reading.too_large", limit=limit // 1024)
    protected, loose, payload, signature = _parts(data)
    headers = _map(cbor.read(protected)) if protected else {}
    if headers.keys() & loose.keys() or loose.keys() & {ALG, CRIT, CONTENT_TYPE, CWT_CLAIMS, TYP}:
        raise Malformed.saying("keys.envelope.bad_header", name="1, 2, 3, 15, 16")
    if not signature:
        raise Unproven.saying("keys.envelope.no_signature")
    return headers, loose, SigStructure(protected, payload), payload, signature


def _parts(data: bytes) -> tuple[bytes, dict[Any, Any], bytes, bytes]:
    """The four of a COSE_Sign1; a detached payload is none."""
    parts = cbor.read(data[1:]) if data[:1] == bytes([_SIGN1]) else None
    if not isinstance(parts, list) or len(parts) != 4:
        raise Malformed.saying("keys.envelope.not_sign1")
    protected, loose, payload, signature = parts
    if not all(isinstance(part, bytes) for part in (protected, payload, signature)):
        raise Malformed.saying("keys.envelope.not_sign1")
    return protected, _map(loose), payload, signature


def _map(value: Any) -> dict[Any, Any]:
    """By its labels (RFC 9052, section 1.4): Python alone would take `true` and `1.0` for the label 1."""
    if not isinstance(value, dict) or not all(type(label) in (int, str) for label in value):
        raise Malformed.saying("keys.envelope.not_sign1")
    return value


def _algorithm(headers: Mapping[Any, Any]) -> KeyName:
    if CRIT in headers:
        raise Unproven.saying("keys.envelope.unknown_condition", name="crit")
    alg = headers.get(ALG)
    for name, numbers in ALGORITHMS.items():
        if type(alg) is int and alg in numbers:
            return name
    raise Unproven.saying("keys.envelope.no_such_algorithm", alg=shown(repr(alg)))


def _check_type(headers: Mapping[Any, Any], expected: str, content: str | None = None) -> None:
    """As in `keys.jose`: what it is has to be said (RFC 9596), and the type of its content, where it stands, too."""
    typ = headers.get(TYP)
    if typ != expected or headers.get(CONTENT_TYPE) not in (None, content):
        raise Malformed.saying("keys.envelope.other_type", expected=expected, found=shown(repr(typ)))


def _kid(value: Any) -> str | None:
    try:
        return None if value is None else bytes.decode(value)
    except (TypeError, UnicodeDecodeError):
        raise Malformed.saying("keys.envelope.bad_header", name="kid") from None


def _claims(headers: Mapping[Any, Any]) -> dict[str, Any]:
    claims = _map(headers.get(CWT_CLAIMS, {}))
    return {_CLAIM_NAMES[key]: value for key, value in claims.items() if key in _CLAIM_NAMES}
