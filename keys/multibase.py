"""Multibase: base58btc and base64url without padding (Controlled Identifiers 1.0, section 2.4)."""

import base64
import binascii
import re

from schemas.errors import Malformed

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MAX_ENCODED = 200
"""No key or signature of ours comes near; base58 decoding costs the square of the length."""


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


def base64url_encode(data: bytes) -> str:
    """base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base64url_decode(text: str) -> bytes:
    """The reverse, and of one spelling only: raises `Malformed` for padding, other letters, and spare bits that are
    set."""
    try:
        if not re.fullmatch(r"[A-Za-z0-9_-]*", text, re.ASCII):
            raise binascii.Error
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise Malformed.saying("keys.not_base64url") from None
    if base64url_encode(data) != text:
        raise Malformed.saying("keys.not_base64url")
    return data
