"""DIDs of institutions: did:key where the address is no https host name, else did:web; documents built and read.

A did:key has one signing key only; a did:web has one for documents and one for status lists (docs/decisions/0012).
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from keys.public import PublicKey
from schemas.errors import Malformed
from schemas.reading import shown

_DID_WEB = re.compile(r"did:web:[A-Za-z0-9.-]+(%3A[0-9]{1,5})?(:[A-Za-z0-9_-][A-Za-z0-9._~-]*)*")
"""The host, its port, and the path: nothing that a URL would read as more than that."""


@dataclass(frozen=True, slots=True)
class Method:
    """A verification method: its DID URL, its controller, its key, and what it may be used for."""

    id: str
    controller: str
    multibase: str
    purposes: frozenset[str]


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


def key_document(did: str) -> tuple[Method, ...]:
    """The method of a did:key (did:key Method v0.9, section 3.1.2): for assertion, authentication and the rest."""
    multibase = did.removeprefix("did:key:")
    PublicKey.from_multibase(multibase)
    purposes = frozenset({"assertionMethod", "authentication", "capabilityDelegation", "capabilityInvocation"})
    return (Method(method_id(did, multibase), did, multibase, purposes),)


def web_address(did: str) -> str:
    """Where the document of a did:web stands (did:web Method, section 2.5.2)."""
    if not _DID_WEB.fullmatch(did):
        raise Malformed.saying("keys.not_a_did", did=shown(did))
    host, *path = did.removeprefix("did:web:").split(":")
    return f"https://{host.replace('%3A', ':')}/{'/'.join(path) or '.well-known'}/did.json"


def build_document(did: str, keys: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The DID document of an institution; `keys` are (DID URL, multibase), all for assertion."""
    methods = [{"id": i, "type": "Multikey", "controller": did, "publicKeyMultibase": m} for i, m in keys]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def read_document(document: Mapping[str, Any], did: str) -> tuple[Method, ...]:
    """The Multikey methods of `did` in its document; raises `Malformed` when it is another's document."""
    if document.get("id") != did:
        raise Malformed.saying("keys.not_a_did", did=shown(str(document.get("id"))))
    methods = [m for m in _objects(document.get("verificationMethod")) if m.get("type") == "Multikey"]
    return tuple(
        Method(
            str(m["id"]), str(m.get("controller")), str(m.get("publicKeyMultibase")), _purposes(document, str(m["id"]))
        )
        for m in methods
        if "id" in m
    )


def _purposes(document: Mapping[str, Any], method: str) -> frozenset[str]:
    names = ("assertionMethod", "authentication", "keyAgreement", "capabilityInvocation", "capabilityDelegation")
    return frozenset(name for name in names if method in _references(document.get(name)))


def _references(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [str(item.get("id")) if isinstance(item, dict) else str(item) for item in items if item]


def _objects(value: Any) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]
