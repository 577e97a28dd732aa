"""The fonts on paper: Noto Sans and Noto Serif, pinned by SHA-256 in `fonts/index.json`, read once per process.

A document is printed for decades: a font file that is missing or has changed stops the printing, and so does a
character that the font cannot draw. Nothing is ever set as an empty box.
"""

import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from schemas.errors import Refused

FOLDER = Path(__file__).with_name("fonts")

SANS = "NotoSans-Regular"
SANS_BOLD = "NotoSans-Bold"
SERIF = "NotoSerif-Regular"
SERIF_BOLD = "NotoSerif-Bold"

_FIRST_USE = Lock()


def width(text: str, font: str, size: float) -> float:
    """How wide `text` is when set; raises `Refused` naming the first character that the font lacks."""
    known = widths(font)
    try:
        return sum([known[character] for character in text]) * size / 1000
    except KeyError as missing:
        raise _no_glyph(missing.args[0]) from None


def drawable(text: str) -> str:
    """Numbers stay with the word that follows them («27 маусым», «№ 7»).

    The narrow no-break space of dates («2026 г.») is in neither family; its wider sister is.
    """
    return _BOUND.sub("\\1\u00a0", text).replace("\u202f", "\u00a0")


_BOUND = re.compile(r"(№|\b\d{1,4}) (?=[^\W_])")


@cache
def widths(font: str) -> Mapping[str, float]:
    """Each character that `font` can draw → its width in thousandths of the type size."""
    with _FIRST_USE:
        return _registered()[font]


def _no_glyph(character: str) -> Refused:
    seen = character if character.isprintable() else " "
    return Refused.saying("paper.no_glyph", character=seen, code=f"U+{ord(character):04X}")


def forget() -> None:
    """The fonts are read and checked afresh at their next use."""
    widths.cache_clear()
    _registered.cache_clear()


@cache
def _registered() -> Mapping[str, Mapping[str, float]]:
    return {row["file"].removesuffix(".ttf"): _register(row["file"], row["sha256"]) for row in _index()}


def _index() -> list[dict[str, str]]:
    return list(json.loads(_read("index.json")))


def _read(name: str) -> bytes:
    try:
        return (FOLDER / name).read_bytes()
    except OSError:
        raise Refused.saying("paper.font_missing", file=name) from None


def _register(name: str, digest: str) -> Mapping[str, float]:
    """Hands the checked bytes to ReportLab under the file's name without its ending."""
    data = _read(name)
    if hashlib.sha256(data).hexdigest() != digest:
        raise Refused.saying("paper.font_changed", file=name)
    font = TTFont(name.removesuffix(".ttf"), io.BytesIO(data), asciiReadable=False)
    pdfmetrics.registerFont(font)
    drawn = {chr(code): float(advance) for code, advance in font.face.charWidths.items()}
    return {character: advance for character, advance in drawn.items() if _visible(character)}


def _visible(character: str) -> bool:
    """Control characters are in some fonts' tables, and draw nothing."""
    return character.isprintable() or unicodedata.category(character) == "Zs"
