"""Public keys of four types, written as Multikey or JWK, and the one question asked of them: does a signature fit?

Multikey: Controlled Identifiers 1.0, section 2.2.2. JWK: RFC 7517, RFC 8037; thumbprint: RFC 7638. Whose key it is and
what it may sign is not asked here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, Self, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys.multibase import MAX_ENCODED, base64url_decode, base64url_encode, multibase_decode, multibase_encode
from schemas.canonical import jcs
from schemas.errors import Malformed, Unsupported
from schemas.reading import Json

KeyName: TypeAlias = Literal["Ed25519", "P-256", "P-384", "P-521"]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """An elliptic curve of ECDSA with the hash that goes with it everywhere (FIPS 186-5; RFC 7518, section 3.4)."""

    curve: ec.EllipticCurve
    hash: hashes.HashAlgorithm
    size: int
    """Bytes of a coordinate, and of each half of a signature."""


@dataclass(frozen=True, slots=True)
class KeyType:
    """A row: the type's name (`crv` of a JWK), multicodec prefix, JWK members, hash, length of a signature."""

    name: KeyName
    multicodec: bytes
    kty: str
    alg: str
    """The JWS algorithm of the key, and its only one (RFC 7518, RFC 8037)."""
    digest: str
    """The hash of Data Integrity suites for it, as `hashlib` names it (VC DI ECDSA 1.0, section 3)."""
    signature: int
    """Bytes."""
    curve: Curve | None = None


KEY_TYPES: Mapping[KeyName, KeyType] = {
    row.name: row
    for row in (
        KeyType("Ed25519", b"\xed\x01", "OKP", "EdDSA", "sha256", 64),
        KeyType("P-256", b"\x80\x24", "EC", "ES256", "sha256", 64, Curve(ec.SECP256R1(), hashes.SHA256(), 32)),
        KeyType("P-384", b"\x81\x24", "EC", "ES384", "sha384", 96, Curve(ec.SECP384R1(), hashes.SHA384(), 48)),
        KeyType("P-521", b"\x82\x24", "EC", "ES512", "sha512", 132, Curve(ec.SECP521R1(), hashes.SHA512(), 66)),
    )
}

SMALL_ORDER = frozenset(
    bytes.fromhex(encoding)
    for encoding in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    )
)
"""Points of order 1, 2, 4 and 8, canonical and not: with such a key one signature fits every message."""


@dataclass(frozen=True)
class PublicKey:
    """A public key: its type and its point, as Multikey writes it (raw for Ed25519, compressed for the others).

    Two keys are equal when they are the same key, however they were written.
    """

    name: KeyName
    point: bytes

    @classmethod
    def from_multibase(cls, text: str) -> Self:
        """`publicKeyMultibase`; raises `Malformed`, and `Unsupported` for another type of key."""
        return cls._checked(*_multikey(text))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Json]) -> Self:
        """`publicKeyJwk`; raises like `from_multibase`. A JWK with private members is no public key."""
        row = next((row for row in KEY_TYPES.values() if row.name == jwk.get("crv")), None)
        if row is None or jwk.get("kty") != row.kty:
            raise Unsupported.saying("keys.unknown_type")
        if "d" in jwk or jwk.get("alg") not in (None, row.alg, row.name):
            raise Malformed.saying("keys.bad_key")
        if row.curve is None:
            return cls._checked(row.name, _coordinate(jwk, "x", 32))
        x, y = (_coordinate(jwk, member, row.curve.size) for member in ("x", "y"))
        return cls._checked(row.name, b"\x04" + x + y)

    @classmethod
    def _checked(cls, name: KeyName, point: bytes) -> Self:
        curve = KEY_TYPES[name].curve
        if curve is None:
            if len(point) != 32 or point in SMALL_ORDER:
                raise Malformed.saying("keys.bad_key")
            return cls(name, point)
        return cls(name, _compressed(_on_curve(curve, point)))

    @property
    def type(self) -> KeyType:
        return KEY_TYPES[self.name]

    @cached_property
    def multibase(self) -> str:
        """`publicKeyMultibase`: z6Mk… for Ed25519, zDn… for P-256, z82… for P-384."""
        return multibase_encode(self.type.multicodec + self.point)

    @cached_property
    def jwk(self) -> dict[str, str]:
        """`publicKeyJwk`, with the members that the thumbprint covers and no others."""
        curve = self.type.curve
        if curve is None:
            return {"crv": self.name, "kty": "OKP", "x": base64url_encode(self.point)}
        numbers, size = _on_curve(curve, self.point).public_numbers(), curve.size
        x, y = (base64url_encode(number.to_bytes(size)) for number in (numbers.x, numbers.y))
        return {"crv": self.name, "kty": "EC", "x": x, "y": y}

    @cached_property
    def thumbprint(self) -> str:
        """RFC 7638: base64url of SHA-256 over the required members of the JWK."""
        return base64url_encode(hashlib.sha256(jcs(self.jwk)).digest())

    def holds(self, signature: bytes, message: bytes) -> bool:
        """Does the signature fit? Ed25519 by RFC 8032; ECDSA as r‖s (IEEE P1363) with the hash of its curve.

        Both (r, s) and (r, n−s) fit, as other issuers write either; so a signature identifies nothing
        (docs/attacks.md B11).
        """
        if len(signature) != self.type.signature:
            return False
        curve = self.type.curve
        try:
            if curve is None:
                _ed25519(self.point).verify(signature, message)
            else:
                r, s = int.from_bytes(signature[: curve.size]), int.from_bytes(signature[curve.size :])
                key = _on_curve(curve, self.point)
                key.verify(encode_dss_signature(r, s), message, ec.ECDSA(curve.hash))
        except InvalidSignature:
            return False
        return True


def is_for_signatures(jwk: Mapping[str, Json]) -> bool:
    """May signatures be checked with it? So it is unless its `use` or `key_ops` says otherwise (RFC 7517, sections 4.2
    and 4.3)."""
    operations = jwk.get("key_ops", ["verify"])
    return jwk.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def public_key(key: Ed25519PublicKey | ec.EllipticCurvePublicKey) -> PublicKey:
    """The public key of a key of `cryptography`."""
    if isinstance(key, Ed25519PublicKey):
        return PublicKey("Ed25519", key.public_bytes_raw())
    name = next(row.name for row in KEY_TYPES.values() if row.curve == curve_of(key))
    return PublicKey(name, _compressed(key))


def curve_of(key: ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey) -> Curve:
    """The row of a key's curve."""
    curves = (row.curve for row in KEY_TYPES.values())
    return next(curve for curve in curves if curve and curve.curve.name == key.curve.name)


def _compressed(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def _coordinate(jwk: Mapping[str, Json], member: str, size: int) -> bytes:
    """RFC 7518, section 6.2.1.2: as many bytes as the curve has, leading zeros included."""
    text = jwk.get(member)
    if not isinstance(text, str) or len(text) > MAX_ENCODED or len(found := base64url_decode(text)) != size:
        raise Malformed.saying("keys.bad_key")
    return found


@lru_cache(maxsize=256)
@lru_cache(maxsize=256)
def _multikey(text: str) -> tuple[KeyName, bytes]:
    """The type and the encoded point."""
    data = multibase_decode(text)
    for row in KEY_TYPES.values():
        if data[:2] == row.multicodec:
            if row.curve and len(data) != 3 + row.curve.size:  # Multikey has compressed points only
                raise Malformed.saying("keys.bad_key")
            return row.name, data[2:]
    raise Unsupported.saying("keys.unknown_type")


@lru_cache(maxsize=256)
def _ed25519(point: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(point)


@lru_cache(maxsize=256)
def _on_curve(curve: Curve, point: bytes) -> ec.EllipticCurvePublicKey:
    """Raises `Malformed` for a point off the curve (docs/attacks.md B12)."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve.curve, point)
    except ValueError:
        raise Malformed.saying("keys.bad_key") from None
