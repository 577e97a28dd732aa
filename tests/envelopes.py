"""A foreign school's credential and presentation, its keys of four types, and envelopes as an attacker would write
them: any header, any payload, any bytes as the signature."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import cbor2

from keys.cose import ALG, ALGORITHMS, CONTENT_TYPE, KID, TYP
from keys.multibase import base64url_encode
from keys.payload import Content, Unsecured
from keys.public import KEY_TYPES, KeyName
from keys.signer import FileSigner, SigStructure, _signature
from schemas.contexts import VC_2
from schemas.reading import Json

SIZES: Mapping[KeyName, int] = {name: row.curve.size if row.curve else 32 for name, row in KEY_TYPES.items()}
METHOD = "https://school.example/issuers/1#key-1"


def key_of(name: KeyName, whose: str = "a foreign school") -> FileSigner:
    """The key of that type of `whose`."""
    secret = hashlib.shake_256(f"tests: {whose}".encode()).digest(SIZES[name])
    return FileSigner.from_seed(b"\0" + secret[1:] if name == "P-521" else secret, name)


KEYS: Mapping[KeyName, FileSigner] = {name: key_of(name) for name in KEY_TYPES}


def credential(**more: Json) -> dict[str, Json]:
    """A credential as its school wrote it; a member that is None is left out."""
    members: dict[str, Json] = {
        "@context": [VC_2, {"course": "https://school.example/terms#course"}],
        "id": "urn:uuid:0d3bb1a1-5f0c-4d1c-93d1-0d4ae0b8ec3b",
        "type": ["VerifiableCredential"],
        "issuer": "https://school.example/issuers/1",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:learner", "course": "Алгебра"},
    } | more
    return {name: member for name, member in members.items() if member is not None}


def presentation(*credentials: Json, **more: Json) -> dict[str, Json]:
    """A learner's presentation of what is enveloped already."""
    members = {
        "@context": [VC_2],
        "type": ["VerifiablePresentation"],
        "holder": "did:example:learner",
    }
    return members | ({"verifiableCredential": list(credentials)} if credentials else {}) | more


def packed(document: Json) -> bytes:
    """As JSON."""
    return json.dumps(document, ensure_ascii=False).encode()


def encoded(value: Json) -> bytes:
    """JSON, or bytes as they are."""
    return value if isinstance(value, bytes) else packed(value)


def part(value: Json) -> str:
    """The same as a part of a compact JWS."""
    return base64url_encode(encoded(value))


def header(signer: FileSigner, content: str = "vc", **more: Json) -> dict[str, Json]:
    """The header that the key's owner would write; a member that is None is left out."""
    members: dict[str, Json] = {
        "alg": signer.public.type.alg,
        "typ": f"{content}+jwt",
        "cty": content,
        "kid": METHOD,
    } | more
    return {name: member for name, member in members.items() if member is not None}


def anything_signed(signer: FileSigner, message: bytes) -> bytes:
    """The signature that an attacker makes with a key of their own, over bytes of no type."""
    return _signature(signer._key, message)


def token(head: Json, payload: Json, signer: FileSigner, signature: bytes | None = None) -> str:
    """A compact JWS, signed by `signer` unless another signature is given."""
    message = f"{part(head)}.{part(payload)}"
    return f"{message}.{part(anything_signed(signer, message.encode()) if signature is None else signature)}"


def labels(signer: FileSigner, content: str = "vc") -> dict[Any, Any]:
    """The protected header that the key's owner would write in COSE."""
    return {
        ALG: ALGORITHMS[signer.public.name][0],
        CONTENT_TYPE: f"application/{content}",
        KID: METHOD.encode(),
        TYP: f"application/{content}+cose",
    }


def sign1(protected: Any, payload: Json, signer: FileSigner, loose: Any = None) -> bytes:
    """A COSE_Sign1; a header that is bytes already stays as it is."""
    headers = protected if isinstance(protected, bytes) else cbor2.dumps(protected)
    data = encoded(payload)
    signature = signer.sign(SigStructure(headers, data))
    return cbor2.dumps(cbor2.CBORTag(18, [headers, {} if loose is None else loose, data, signature]))


def mirrored(signature: bytes, name: KeyName) -> bytes:
    """The other signature that fits as well: (r, n−s)."""
    half = len(signature) // 2
    other = ORDERS[name] - int.from_bytes(signature[half:])
    return signature[:half] + other.to_bytes(half)


ORDERS: Mapping[KeyName, int] = {
    "P-256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "P-384": int("F" * 48 + "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16),
    "P-521": int("1" + "F" * 65 + "A51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409", 16),
}
"""The orders of the groups (FIPS 186-5; SP 800-186)."""


def unsecured(document: Json, content: Content) -> Unsecured:
    """`document`, checked."""
    return Unsecured(content, packed(document))
