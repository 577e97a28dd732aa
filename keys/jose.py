"""JWS in compact form, of a credential (`vc+jwt`), a presentation (`vp+jwt`) or a status list (`statuslist+jwt`):
sealing and reading side by side (VC-JOSE-COSE 1.0, section 3.1; draft-ietf-oauth-status-list, section 5.1; RFC 7515;
RFC 8725). Of what a register says (`entity-statement+jwt`) the sealing alone.

A header names a key and never brings one: `jku`, `x5u`, `jwk` and `x5c` are not looked at (docs/attacks.md B9).
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from keys import statustoken
from keys.entity import EntityStatement
from keys.multibase import base64url_decode, base64url_encode
from keys.payload import CLAIMS, Content, Sealed, Unproven, Unsecured
from keys.public import KEY_TYPES, KeyName
from keys.signer import JwsInput, Signer
from keys.statustoken import SealedList, StatusToken
from schemas.canonical import jcs
from schemas.errors import Malformed
from schemas.reading import MAX_BYTES, Json, read_object, shown

MAX_HEADER = 16 * 1024
"""Bytes; room for certificates that others send along."""
_ALGORITHMS: Mapping[str, KeyName] = {row.alg: row.name for row in KEY_TYPES.values()} | {"Ed25519": "Ed25519"}
"""`alg` → the type of key (RFC 7518, section 3.1; RFC 8037; RFC 9864, section 2.2). No other counts, in no other
spelling: neither `none` nor one with a shared secret (docs/attacks.md B7, B8)."""
_LIST, _STATEMENT = "statuslist+jwt", "entity-statement+jwt"


def seal(unsecured: Unsecured, signer: Signer, kid: str) -> str:
    """The compact JWS of exactly these bytes; `kid` is the absolute URL of the verification method (section 4.1)."""
    name = unsecured.content.name
    return _sealed({"cty": name, "kid": kid, "typ": f"{name}+jwt"}, unsecured.data, signer)


def seal_list(token: StatusToken, signer: Signer, kid: str) -> str:
    """The compact JWS of a status list."""
    claims = token.claims
    listed = claims["status_list"] | {"lst": base64url_encode(token.compressed)}
    payload = json.dumps(claims | {"status_list": listed}, separators=(",", ":"), sort_keys=True)
    return _sealed({"kid": kid, "typ": _LIST}, payload.encode(), signer)


def seal_statement(statement: EntityStatement, issued_at: datetime, expires_at: datetime, signer: Signer) -> str:
    """The compact JWS of an entity statement (OpenID Federation 1.0, section 3.1); `kid` is the key's thumbprint."""
    claims = statement.claims(issued_at, expires_at)
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return _sealed({"kid": signer.public.thumbprint, "typ": _STATEMENT}, payload.encode(), signer)


def _sealed(header: Mapping[str, Json], payload: bytes, signer: Signer) -> str:
    protected = jcs({"alg": signer.public.type.alg, **header})
    message = JwsInput(protected, payload)
    return f"{message.message.decode()}.{base64url_encode(signer.sign(message))}"


def read(token: str, content: Content) -> Sealed:
    """The envelope in `token`, unopened. Raises `Malformed` for what is no envelope of that content, and `Unproven`
    for one that nothing can prove."""
    header, message, signature = _parts(token, MAX_BYTES)
    algorithm = _algorithm(header)
    _check_type(header, f"{content.name}+jwt", content.name)
    kid, claims = _text(header, "kid"), {name: header[name] for name in header if name in CLAIMS}
    return Sealed(content, algorithm, kid, claims, message, signature, message.payload)


def read_list(token: str) -> SealedList:
    """The status list in `token`, unopened; raises like `read`."""
    header, message, signature = _parts(token, statustoken.MAX_BYTES)
    algorithm = _algorithm(header)
    _check_type(header, _LIST)
    return SealedList(algorithm, _text(header, "kid"), message, signature, lambda: _claims(message.payload))


def _claims(payload: bytes) -> dict[str, Any]:
    """Of a status list; its `lst` as bytes."""
    claims = read_object(payload, max_bytes=statustoken.MAX_BYTES)
    listed = claims.get("status_list")
    if isinstance(listed, dict) and isinstance(listed.get("lst"), str):
        claims["status_list"] = listed | {"lst": base64url_decode(listed["lst"])}
    return claims


def _parts(token: str, limit: int) -> tuple[dict[str, Json], JwsInput, bytes]:
    """Header, what is signed, signature."""
    if len(token) > limit:
        raise Malformed.saying("reading.too_large", limit=limit // 1024)
    parts = token.split(".")
    if len(parts) != 3:
        raise Malformed.saying("keys.envelope.not_a_token")
    protected, payload, signature = map(base64url_decode, parts)
    header = read_object(protected, max_bytes=MAX_HEADER)
    if not signature:
        raise Unproven.saying("keys.envelope.no_signature")
    return header, JwsInput(protected, payload), signature


def _algorithm(header: Mapping[str, Json]) -> KeyName:
    """The type of key that may open it; `crit` and `b64` would change what the signature means, and none is known."""
    if unknown := next((name for name in ("crit", "b64") if name in header), None):
        raise Unproven.saying("keys.envelope.unknown_condition", name=unknown)
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in _ALGORITHMS:
        raise Unproven.saying("keys.envelope.no_such_algorithm", alg=shown(str(alg)))
    return _ALGORITHMS[alg]


def _check_type(header: Mapping[str, Json], expected: str, content: str | None = None) -> None:
    """A token of another kind is no credential (RFC 8725, section 3.11): `typ` has to say what it is, and `cty`, where
    it stands, the same."""
    typ, cty = _media_type(header, "typ"), _media_type(header, "cty")
    if typ != expected or cty not in (None, content):
        raise Malformed.saying("keys.envelope.other_type", expected=expected, found=shown(str(typ)))


def _media_type(header: Mapping[str, Json], name: str) -> str | None:
    """As compared: without `application/` and in small letters (RFC 7515, section 4.1.9)."""
    text = _text(header, name)
    return None if text is None else text.lower().removeprefix("application/")


def _text(header: Mapping[str, Json], name: str) -> str | None:
    value = header.get(name)
    if value is not None and not isinstance(value, str):
        raise Malformed.saying("keys.envelope.bad_header", name=name)
    return value
