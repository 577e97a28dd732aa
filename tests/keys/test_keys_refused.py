"""What is no sound key of a type that Tanu knows is refused, wherever a key is read."""

import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys.did import methods_of_key_did, read_document
from keys.multibase import base64url_decode, base64url_encode, multibase_encode
from keys.public import KEY_TYPES, KeyName, PublicKey
from keys.signer import FileSigner
from schemas.errors import Malformed, Unsupported
from schemas.reading import Json

NIST: tuple[KeyName, ...] = ("P-256", "P-384", "P-521")
PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
"""P-256: y² = x³ − 3x + B in this field."""


def multikey(name: KeyName, point: bytes) -> str:
    """Any bytes as a Multikey of that type."""
    return multibase_encode(KEY_TYPES[name].multicodec + point)


@pytest.mark.parametrize("name", NIST)
def test_B12_a_point_in_another_form_is_no_key(name: KeyName) -> None:
    key = FileSigner.generate(name).public
    size, x, y = len(key.point) - 1, key.point[1:], base64url_decode(key.jwk["y"])
    whole = [prefix + x + y for prefix in (b"\x04", b"\x06", b"\x07")]
    for point in (*whole, b"\0", b"", x, b"\x05" + x, b"\x02" + b"\xff" * size, key.point + b"\0", key.point[:-1]):
        with pytest.raises(Malformed):
            PublicKey.from_multibase(multikey(name, point))


@pytest.mark.parametrize("name", NIST)
def test_B12_a_jwk_off_the_curve_or_spelled_otherwise_is_no_key(name: KeyName) -> None:
    jwk: dict[str, Json] = {**FileSigner.generate(name).public.jwk}
    y = bytearray(base64url_decode(jwk["y"]))
    y[-1] ^= 1
    moved, longer, shorter = (base64url_encode(bytes(each)) for each in (y, b"\0" + y, y[1:]))
    for change in ({"y": moved}, {"x": jwk["y"], "y": jwk["x"]}, {"y": ""}, {"y": longer}, {"y": shorter}, {"y": None}):
        with pytest.raises(Malformed):
            PublicKey.from_jwk(jwk | change)


def test_B12_of_all_first_coordinates_only_those_on_the_curve_are_keys() -> None:
    on_curve = 0
    for x in range(60):
        square = (x**3 - 3 * x + B) % PRIME
        y = pow(square, (PRIME + 1) // 4, PRIME)
        there = y * y % PRIME == square
        on_curve += there
        for sign in (b"\x02", b"\x03"):
            assert is_key(multikey("P-256", sign + x.to_bytes(32))) is there
            assert not is_key(multikey("P-256", sign + (x + PRIME).to_bytes(32)))  # the same number, written longer
    assert 10 < on_curve < 50


def is_key(multibase: str) -> bool:
    """Is it a key at all?"""
    try:
        return bool(PublicKey.from_multibase(multibase))
    except Malformed:
        return False


CURVES: dict[str, tuple[ec.EllipticCurve, bytes]] = {
    "secp256k1": (ec.SECP256K1(), b"\xe7\x01"),
    "P-192": (ec.SECP192R1(), b"\x90\x24"),
    "P-224": (ec.SECP224R1(), b"\x91\x24"),
    "brainpoolP256r1": (ec.BrainpoolP256R1(), b"\x80\x25"),
}
ED25519 = FileSigner.from_seed(b"\x09" * 32).public
GOLDILOCKS = ed448.Ed448PrivateKey.generate().public_key().public_bytes_raw()
RSA = {bits: rsa.generate_private_key(65537, bits).public_key() for bits in (1024, 2048)}


def on(curve: ec.EllipticCurve) -> ec.EllipticCurvePublicKey:
    """A key on a curve."""
    return ec.derive_private_key(7, curve).public_key()


def ec_jwk(name: str, curve: ec.EllipticCurve) -> dict[str, Json]:
    """Its JWK, under a name of the curve."""
    numbers, size = on(curve).public_numbers(), (curve.key_size + 7) // 8
    x, y = (base64url_encode(n.to_bytes(size)) for n in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": name, "x": x, "y": y}


def rsa_jwk(bits: int) -> dict[str, Json]:
    """A JWK of RSA."""
    return {"kty": "RSA", "n": base64url_encode(RSA[bits].public_numbers().n.to_bytes(bits // 8)), "e": "AQAB"}


MULTIKEYS: dict[str, str] = {
    **{
        name: multibase_encode(codec + on(curve).public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
        for name, (curve, codec) in CURVES.items()
    },
    **{
        f"RSA {bits}": multibase_encode(b"\x85\x24" + key.public_bytes(Encoding.DER, PublicFormat.PKCS1))
        for bits, key in RSA.items()
    },
    "Ed448": multibase_encode(b"\x83\x24" + GOLDILOCKS),
    "X25519": multibase_encode(b"\xec\x01" + ED25519.point),
    "BLS12-381": multibase_encode(b"\xeb\x01" + b"\x80" * 96),
    "a secret key of Ed25519": multibase_encode(b"\x80\x26" + ED25519.point),
    "a secret key on P-256": multibase_encode(b"\x86\x26" + ED25519.point),
    "no type": multibase_encode(ED25519.point),
}
JWKS: dict[str, dict[str, Json]] = {
    **{name: ec_jwk(name, curve) for name, (curve, _) in CURVES.items()},
    **{f"{name} said to be P-256": ec_jwk("P-256", curve) for name, (curve, _) in CURVES.items()},
    **{f"RSA {bits}": rsa_jwk(bits) for bits in RSA},
    "Ed448": {"kty": "OKP", "crv": "Ed448", "x": base64url_encode(GOLDILOCKS)},
    "X25519": {**ED25519.jwk, "crv": "X25519"},
    "a shared secret": {"kty": "oct", "k": ED25519.jwk["x"]},
    "Ed25519 as EC": {**ED25519.jwk, "kty": "EC"},
    "two types": {**ED25519.jwk, "kty": ["OKP"]},
    "no curve": {"kty": "OKP", "x": ED25519.jwk["x"]},
    "a secret key": {**ED25519.jwk, "d": ED25519.jwk["x"]},
    "the algorithm of another key": {**ED25519.jwk, "alg": "ES256"},
    "no algorithm": {**ED25519.jwk, "alg": "none"},
}
WEB = "did:web:a.example"


def listed(**method: Json) -> None:
    """Reads a DID document with one method, which is asked for."""
    one = {"id": f"{WEB}#k", "controller": WEB, **method}
    read_document({"id": WEB, "verificationMethod": [one]}, WEB, f"{WEB}#k")


ENTRIES_OF_MULTIKEYS: dict[str, Callable[[str], object]] = {
    "alone": PublicKey.from_multibase,
    "did:key": lambda text: methods_of_key_did(f"did:key:{text}"),
    "Multikey": lambda text: listed(type="Multikey", publicKeyMultibase=text),
    "Ed25519VerificationKey2020": lambda text: listed(type="Ed25519VerificationKey2020", publicKeyMultibase=text),
}
ENTRIES_OF_JWKS: dict[str, Callable[[dict[str, Json]], object]] = {
    "alone": PublicKey.from_jwk,
    "did:jwk": lambda jwk: methods_of_key_did("did:jwk:" + base64url_encode(json.dumps(jwk).encode())),
    "JsonWebKey": lambda jwk: listed(type="JsonWebKey", publicKeyJwk=jwk),
    "JsonWebKey2020": lambda jwk: listed(type="JsonWebKey2020", publicKeyJwk=jwk),
}


@pytest.mark.parametrize("key", MULTIKEYS)
@pytest.mark.parametrize("entry", ENTRIES_OF_MULTIKEYS)
def test_B14_a_multikey_of_another_type_is_refused_at_every_entry(entry: str, key: str) -> None:
    with pytest.raises((Unsupported, Malformed)):
        ENTRIES_OF_MULTIKEYS[entry](MULTIKEYS[key])


@pytest.mark.parametrize("key", JWKS)
@pytest.mark.parametrize("entry", ENTRIES_OF_JWKS)
def test_B14_a_jwk_of_another_type_is_refused_at_every_entry(entry: str, key: str) -> None:
    with pytest.raises((Unsupported, Malformed)):
        ENTRIES_OF_JWKS[entry](JWKS[key])


@pytest.mark.parametrize("entry", ENTRIES_OF_JWKS)
def test_what_is_a_key_is_read_at_every_entry(entry: str) -> None:
    ENTRIES_OF_JWKS[entry]({**ED25519.jwk})
    ENTRIES_OF_MULTIKEYS[list(ENTRIES_OF_MULTIKEYS)[list(ENTRIES_OF_JWKS).index(entry)]](ED25519.multibase)
