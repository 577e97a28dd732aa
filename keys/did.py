"""DIDs: did:key and did:jwk, which are their key; did:web, whose document is built and read here.

An institution is a did:key where the address is no https host name, else a did:web. A did:key has one signing key only;
a did:web has one for documents and one for status lists (docs/decisions/0012).
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit

from keys.multibase import base64url_decode
from keys.public import PublicKey, is_for_signatures
from schemas.credential import utc
from schemas.errors import Malformed, Refused, Unsupported
from schemas.reading import Json, read_object, shown
from schemas.statuslist import read_instant

_DID_WEB = re.compile(r"did:web:[A-Za-z0-9.-]+(%3A[0-9]{1,5})?(:[A-Za-z0-9_-][A-Za-z0-9._~-]*)*")
"""The host, its port, and the path: nothing that a URL would read as more than that."""


_RELATIONSHIPS = (
    "assertionMethod",
    "authentication",
    "keyAgreement",
    "capabilityInvocation",
    "capabilityDelegation",
)
"""What a method may be for (Controlled Identifiers 1.0, section 2.3)."""
_SIGNING = frozenset(_RELATIONSHIPS) - {"keyAgreement"}
_MAX_JWK = 1_000
"""Characters of a did:jwk; a key on P-521 takes some 330."""
MAX_METHODS = 100
"""Of one DID document."""


@dataclass(frozen=True, slots=True)
class Method:
    """A verification method (Controlled Identifiers 1.0, section 2.2): its DID URL, its controller, its key, and what
    it may be used for. Its controller may be another than the DID in whose document it stands."""

    id: str
    controller: str
    key: PublicKey
    purposes: frozenset[str]
    expires: datetime | None = None
    revoked: datetime | None = None

    def good_at(self, instant: datetime) -> bool:
        """Neither expired nor revoked by then."""
        return all(end is None or instant < end for end in (self.expires, self.revoked))


def institution_did(public_url: str, slug: str, multibase: str) -> str:
    """The DID of an institution of the installation at `public_url`.

    did:web:HOST:i:SLUG for an https host name; with an IP address, localhost or plain http a did:key.
    """
    address = urlsplit(public_url)
    if address.scheme != "https" or not is_host_name(address.hostname or ""):
        return f"did:key:{multibase}"
    host = (address.hostname or "") + (f":{address.port}" if address.port else "")
    return f"did:web:{quote(host, safe='')}:i:{slug}"


def is_host_name(host: str) -> bool:
    """A public name: neither an IP address nor localhost."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local"))
    return False


def method_id(did: str, multibase: str) -> str:
    """The DID URL of a key of `did`."""
    return f"{did}#{multibase}"


def methods_of_key_did(did: str) -> tuple[Method, ...]:
    """The method of a DID that is its own key; raises `Malformed`, or `Unsupported` for another type of key or DID."""
    if did.startswith("did:key:"):
        return (_method_of_did_key(did),)
    if did.startswith("did:jwk:"):
        return (_method_of_did_jwk(did),)
    raise Unsupported.saying("keys.not_a_did", did=shown(did, 120))


def _method_of_did_key(did: str) -> Method:
    """did:key Method v0.9, section 3.1.2: for assertion, authentication and the rest, and for no agreement on keys."""
    key = PublicKey.from_multibase(did.removeprefix("did:key:"))
    return Method(method_id(did, key.multibase), did, key, _SIGNING)


def _method_of_did_jwk(did: str) -> Method:
    """did:jwk Method: the JWK in base64url; it is for signing, unless it says otherwise."""
    if len(did) > _MAX_JWK:
        raise Malformed.saying("keys.not_a_did", did=shown(did, 120))
    jwk = read_object(base64url_decode(did.removeprefix("did:jwk:")))
    purposes = _SIGNING if is_for_signatures(jwk) else frozenset({"keyAgreement"})
    return Method(f"{did}#0", did, PublicKey.from_jwk(jwk), purposes)


def web_address(did: str) -> str:
    """Where the document of a did:web stands (did:web Method, section 2.5.2)."""
    if not _DID_WEB.fullmatch(did):
        raise Malformed.saying("keys.not_a_did", did=shown(did))
    host, *path = did.removeprefix("did:web:").split(":")
    return f"https://{host.replace('%3A', ':')}/{'/'.join(path) or '.well-known'}/did.json"


def build_document(
    did: str, keys: Iterable[tuple[str, str]], revoked: Mapping[str, datetime] = MappingProxyType({})
) -> dict[str, Any]:
    """The DID document of an institution; `keys` are (DID URL, multibase), all for assertion; `revoked` are those that
    came into other hands, by DID URL. One that was retired stays as it is: what it has signed has to be checked."""
    plain = ({"id": i, "type": "Multikey", "controller": did, "publicKeyMultibase": m} for i, m in keys)
    methods = [m | ({"revoked": utc(revoked[m["id"]])} if m["id"] in revoked else {}) for m in plain]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def read_document(document: Mapping[str, Any], did: str, wanted: str | None = None) -> tuple[Method, ...]:
    """The verification methods of `did` in its document that can be used for signing.

    Raises `Malformed` when it is another's document or has two methods under one id. What is no usable method is left
    out, as is a method under the address of another DID, of which that DID alone can tell (Controlled Identifiers 1.0,
    section 3.3); where the method `wanted` is one of those, its refusal is raised, such as `Unsupported` for its type.
    """
    if document.get("id") != did:
        raise Malformed.saying("keys.not_a_did", did=shown(str(document.get("id"))))
    given = {name: _objects(document.get(name)) for name in ("verificationMethod", *_RELATIONSHIPS)}
    methods = [(_absolute(did, method.get("id")), method) for listed in given.values() for method in listed]
    names = [where for where, _ in methods if where]
    if len(set(names)) < len(names) or len(methods) > MAX_METHODS:
        raise Malformed.saying("keys.not_a_did", did=shown(did, 120))
    purposes = {name: frozenset(_references(document.get(name), did)) for name in _RELATIONSHIPS}
    found = []
    for where, method in methods:
        try:
            if where and not where.startswith(f"{did}#"):
                raise Malformed.saying("keys.not_a_did", did=shown(where, 120))
            found.append(_method(method, where, frozenset(name for name in purposes if where in purposes[name])))
        except Refused:
            if where == wanted:
                raise
    return tuple(found)


def _method(method: Mapping[str, Json], where: str, purposes: frozenset[str]) -> Method:
    controller = method.get("controller")
    if not where or not isinstance(controller, str):
        raise Malformed.saying("keys.bad_key")
    ends = (read_instant(method[name]) if name in method else None for name in ("expires", "revoked"))
    return Method(where, controller, _key(method), purposes, *ends)


def _key(method: Mapping[str, Json]) -> PublicKey:
    """The key of a method, by the type that says how it is written, and written once."""
    multibase, jwk = method.get("publicKeyMultibase"), method.get("publicKeyJwk")
    match method.get("type"):
        case "Multikey" if isinstance(multibase, str) and jwk is None:
            return PublicKey.from_multibase(multibase)
        case "Ed25519VerificationKey2020" if isinstance(multibase, str) and jwk is None:
            key = PublicKey.from_multibase(multibase)
            if key.name == "Ed25519":
                return key
        case "JsonWebKey" | "JsonWebKey2020" if isinstance(jwk, dict) and multibase is None and is_for_signatures(jwk):
            return PublicKey.from_jwk(jwk)
        case "Multikey" | "Ed25519VerificationKey2020" | "JsonWebKey" | "JsonWebKey2020":
            pass
        case _:
            raise Unsupported.saying("keys.unknown_type")
    raise Malformed.saying("keys.bad_key")


def _absolute(did: str, reference: Json) -> str:
    """The DID URL that a reference in the document of `did` means (DID Core, section 3.2.2); empty where it is none."""
    if not isinstance(reference, str):
        return ""
    return did + reference if reference.startswith("#") else reference


def _references(value: Any, did: str) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        yield _absolute(did, item.get("id") if isinstance(item, dict) else item)


def _objects(value: Any) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]
