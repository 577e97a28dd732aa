"""What a person hands in → the credential's bytes: JSON and envelopes stay as they are, a PDF gives the one inside."""

from schemas.errors import Malformed, Unsupported
from verifier.paper import embedded_credential

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")


def is_pdf(data: bytes) -> bool:
    """Does it begin as a PDF does? (ISO 32000-2, section 7.5.2; readers allow some bytes before it)"""
    return b"%PDF-" in data[:1024]


def is_token(data: bytes) -> bool:
    """Does it begin as a compact JWS does: with the base64url of `{"`?"""
    return data.lstrip()[:3] == b"eyJ"


def is_binary_envelope(data: bytes) -> bool:
    """Does it begin as a COSE_Sign1 does: with its tag, 18? (RFC 9052, section 2)"""
    return data[:1] == b"\xd2"


def handed_in(data: bytes) -> bytes:
    """The bytes of the credential in `data`, or of the envelope around it; raises `Malformed` or `Unsupported` with
    what to hand in instead."""
    if is_pdf(data):
        return embedded_credential(data)
    if data.startswith(_PICTURES):
        raise Unsupported.saying("intake.picture")
    if data[:2] == b"PK":
        raise Unsupported.saying("intake.archive")
    if not data.strip():
        raise Malformed.saying("intake.empty")
    return data
