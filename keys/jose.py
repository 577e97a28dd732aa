"""JWS in compact form, of a credential (`vc+jwt`) or a presentation (`vp+jwt`): sealing and reading side by side
(VC-JOSE-COSE 1.0, section 3.1; RFC 7515; RFC 8725).

A header names a key and never brings one: `jku`, `x5u`, `jwk` and `x5c` are not looked at (docs/attacks.md B9).
"""

from collections.abc import Mapping

from keys.multibase import base64url_decode, base64url_encode
from keys.payload import Content, Sealed, Unproven, Unsecured
from keys.public import KEY_TYPES, KeyName
from keys.signer import JwsInput, Signer
from schemas.canonical import jcs
from schemas.errors import Malformed
from schemas.reading import MAX_BYTES, Json, read_object, shown

MAX_HEADER = 16 * 1024
"""Bytes; room for certificates that others send along."""
_ALGORITHMS: Mapping[str, KeyName] = {row.alg: row.name for row in KEY_TYPES.values()} | {"Ed25519": "Ed25519"}
"""`alg` → the type of key (RFC 7518, section 3.1; RFC 8037; RFC 9864, section 2.2). No other counts, in no other
spelling: neither `none` nor one with a shared secret (docs/attacks.md B7, B8)."""


def seal(unsecured: Unsecured, signer: Signer, kid: str) -> str:
    """The compact JWS of exactly these bytes; `kid` is the absolute URL of the verification method (section 4.1)."""
    name = unsecured.content.name
    header = {"alg": signer.public.type.alg, "cty": name, "kid": kid, "typ": f"{name}+jwt"}
    message = JwsInput(base64url_encode(jcs(header)), base64url_encode(unsecured.data))
    return f"{message.header}.{message.payload}.{base64url_encode(signer.sign(message))}"


def read(token: str, content: Content) -> Sealed:
    """The envelope in `token`, unopened. Raises `Malformed` for what is no envelope of that content, and `Unproven`
    for one that nothing can prove."""
    if len(token) > MAX_BYTES:
        raise Malformed.saying("reading.too_large", limit=MAX_BYTES // 1024)
    parts = token.split(".")
    if len(parts) != 3:
        raise Malformed.saying("keys.envelope.not_a_token")
    header, payload, signature = (base64url_decode(part) for part in parts)
    found = read_object(header, max_bytes=MAX_HEADER)
    if not signature:
        raise Unproven.saying("keys.envelope.no_signature")
    algorithm = _algorithm(found)
    _check_type(found, content)
    kid, claims = _text(found, "kid"), {"iss": found["iss"]} if "iss" in found else {}
    return Sealed(content, algorithm, kid, claims, JwsInput(parts[0], parts[1]), signature, payload)


def _algorithm(header: Mapping[str, Json]) -> KeyName:
    """The type of key that may open it; `crit` and `b64` would change what the signature means, and none is known."""
    if unknown := next((name for name in ("crit", "b64") if name in header), None):
        raise Unproven.saying("keys.envelope.unknown_condition", name=unknown)
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in _ALGORITHMS:
        raise Unproven.saying("keys.envelope.no_such_algorithm", alg=shown(str(alg)))
    return _ALGORITHMS[alg]


def _check_type(header: Mapping[str, Json], content: Content) -> None:
    """A token of another kind is no credential (RFC 8725, section 3.11): `typ` has to say what it is, and `cty`, where
    it stands, the same."""
    typ, cty = _media_type(header, "typ"), _media_type(header, "cty")
    if typ != f"{content.name}+jwt" or cty not in (None, content.name):
        raise Malformed.saying("keys.envelope.other_type", expected=f"{content.name}+jwt", found=shown(str(typ)))


def _media_type(header: Mapping[str, Json], name: str) -> str | None:
    """As compared: without `application/` and in small letters (RFC 7515, section 4.1.9)."""
    text = _text(header, name)
    return None if text is None else text.lower().removeprefix("application/")


def _text(header: Mapping[str, Json], name: str) -> str | None:
    value = header.get(name)
    if value is not None and not isinstance(value, str):
        raise Malformed.saying("keys.envelope.bad_header", name=name)
    return value
