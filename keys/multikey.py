"""Public keys ↔ Multikey and did:key: base58btc and multicodec (Controlled Identifiers 1.0, section 2.2.2)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schemas.errors import Malformed, Unsupported

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = bytes((0xED, 0x01))
MAX_ENCODED = 200
"""No key or signature of ours comes near; base58 decoding costs the square of the length."""

_SMALL_ORDER = frozenset(
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


def base58_encode(data: bytes) -> str:
    """base58btc, Bitcoin's alphabet; leading zero bytes become ones."""
    number, digits = int.from_bytes(data), ""
    while number:
        number, rest = divmod(number, 58)
        digits = _ALPHABET[rest] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def base58_decode(text: str) -> bytes:
    """The reverse; raises `Malformed` for a character outside the alphabet."""
    if len(text) > MAX_ENCODED:
        raise Malformed.saying("keys.not_multibase")
    number = 0
    for character in text:
        place = _ALPHABET.find(character)
        if place < 0:
            raise Malformed.saying("keys.not_multibase")
        number = number * 58 + place
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def multibase_encode(data: bytes) -> str:
    """Multibase `z`."""
    return "z" + base58_encode(data)


def multibase_decode(text: str) -> bytes:
    """The bytes of a multibase string of kind `z`; raises `Malformed` for any other."""
    if not text.startswith("z") or len(text) < 2:
        raise Malformed.saying("keys.not_multibase")
    return base58_decode(text[1:])


def encode_ed25519(key: Ed25519PublicKey) -> str:
    """`publicKeyMultibase` of an Ed25519 key: z6Mk…"""
    return multibase_encode(_ED25519 + key.public_bytes_raw())


def decode_ed25519(multibase: str) -> Ed25519PublicKey:
    """The reverse; raises `Malformed`, and `Unsupported` for another type of key."""
    data = multibase_decode(multibase)
    if data[:2] != _ED25519:
        raise Unsupported.saying("keys.not_ed25519")
    if len(data) != 34 or data[2:] in _SMALL_ORDER:
        raise Malformed.saying("keys.bad_key")
    return Ed25519PublicKey.from_public_bytes(data[2:])


def holds(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Does the signature fit? (RFC 8032)"""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
