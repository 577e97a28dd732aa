"""What is handed in over HTTP, read piece by piece and no further than its cap; nothing here looks inside."""

from collections.abc import AsyncGenerator, AsyncIterable

from registry.doors import Empty, TooLarge
from schemas.reading import MAX_BYTES
from verifier.intake import is_pdf
from verifier.paper import MAX_PDF_BYTES

FORM_BYTES = 16 * 1024
"""What a form puts around its file."""


async def read(pieces: AsyncIterable[bytes]) -> bytes:
    """A body that is the document itself. Raises `TooLarge` as soon as the cap is passed, or `Empty`."""
    body = bytearray()
    async for piece in pieces:
        body += piece
        check_size(body)
    return checked(bytes(body))


async def no_more_than_a_form(pieces: AsyncIterable[bytes]) -> AsyncGenerator[bytes, None]:
    """A form's pieces, up to the largest file with a form around it."""
    received = 0
    async for piece in pieces:
        received += len(piece)
        if received > MAX_PDF_BYTES + FORM_BYTES:
            raise TooLarge.saying("pages.refused.too_large_pdf")
        yield piece


def checked(data: bytes) -> bytes:
    """`data`, if there is any and it is within the cap of what it is."""
    check_size(data)
    if not data.strip():
        raise Empty.saying("pages.refused.empty")
    return data


def check_size(data: bytes | bytearray) -> None:
    """Raises `TooLarge` when `data`, or what has come of it, is over the cap."""
    if is_pdf(bytes(data[:1024])):
        if len(data) > MAX_PDF_BYTES:
            raise TooLarge.saying("pages.refused.too_large_pdf")
    elif len(data) > MAX_BYTES:
        raise TooLarge.saying("pages.refused.too_large_json")
