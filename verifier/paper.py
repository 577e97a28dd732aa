"""Reading a PDF: which credential is embedded in it. What is sealed and what is visible are not looked at yet, and
whoever hands in a PDF is told so."""

import io
import logging
import zlib
from collections.abc import Iterator

import pikepdf

from schemas.errors import Malformed
from schemas.reading import MAX_BYTES

_QPDF = logging.getLogger("pikepdf")
MAX_PDF_BYTES = 10 * 1024 * 1024
MAX_FILES = 20


def embedded_credential(data: bytes) -> bytes:
    """The one credential that a PDF carries, byte for byte.

    Raises `Malformed` for a file that is no readable PDF, for one with no credential, and for one with several.
    """
    if len(data) > MAX_PDF_BYTES:
        raise Malformed.saying("paper.too_large", limit=MAX_PDF_BYTES // 1024 // 1024)
    _QPDF.setLevel(logging.CRITICAL)  # its warnings quote the file, which is nothing for our logs
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            found = list(_credentials(pdf))
    except pikepdf.PasswordError:
        raise Malformed.saying("paper.encrypted") from None
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error):
        raise Malformed.saying("paper.unreadable") from None
    if len(found) != 1:
        raise Malformed.saying("paper.several" if found else "paper.none")
    return found[0]


def _credentials(pdf: pikepdf.Pdf) -> Iterator[bytes]:
    """Every attached file that is a JSON document with a proof."""
    for number, specification in enumerate(pdf.attachments.values()):
        if number >= MAX_FILES:
            raise ValueError("too many attached files")
        content = _bounded(specification.get_file().obj)
        if content is not None and content.lstrip()[:1] == b"{" and b"VerifiableCredential" in content:
            yield content


def _bounded(stream: pikepdf.Object) -> bytes | None:
    """A stream's content if it is small: never inflated beyond the cap (docs/attacks.md E15)."""
    filters = stream.get("/Filter")
    names = [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters)] if filters else []
    raw = stream.read_raw_bytes()
    if not names:
        return raw if len(raw) <= MAX_BYTES else None
    if names != ["/FlateDecode"]:
        return None
    inflate = zlib.decompressobj()
    content = inflate.decompress(raw, MAX_BYTES + 1)
    return content if len(content) <= MAX_BYTES else None
