"""The pages' common home, and the only one of the template engine: layout, style, headers.

A page is whole in its first bytes: its style is inside, allowed by its digest, and nothing else is ever asked for.
What a page says is decided by the rooms; this room only writes it.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from registry.pages.reader import Reader, Site, reader
from schemas.display import Table
from schemas.languages import LANGUAGES, Language, Text, say, spoken

__all__ = ["NOTHING_KEPT", "Page", "Pages", "Reader", "Site", "data_headers", "reader"]

_FOLDER = Path(__file__).parent

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NOTHING_KEPT = "no-store"
"""The `Cache-Control` of every answer that depends on the moment or on a secret."""


def data_headers(cache: str = NOTHING_KEPT) -> dict[str, str]:
    """What stands over every answer that is no page."""
    return _ALWAYS | {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": cache}


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page with the headers that belong to it."""

    html: str
    headers: Mapping[str, str]


NUMERIC = frozenset(
    {
        "academic_credits",
        "correct",
        "count",
        "discipline_credits",
        "discipline_hours",
        "ects",
        "grade",
        "hours",
        "letter",
        "percent",
        "points",
        "source_hours",
        "total",
    }
)
"""Columns of figures."""
NARROW_COLUMNS = 3
"""More columns than this stand below each other on a phone."""
COLUMNS = 5
"""A list with more fields than this is told row by row: no table so wide fits the column."""
LONG = 120
"""From so many characters on a text has the whole width, below its label."""


def _is_text(value: object) -> bool:
    return isinstance(value, Text)


def _is_table(value: object) -> bool:
    return isinstance(value, Table)


@cache
def style() -> str:
    """The one stylesheet, without comments and idle white space."""
    css = re.sub(r"/\*.*?\*/", "", _FOLDER.joinpath("style.css").read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"\s*([{};:,>])\s*", r"\1", re.sub(r"\s+", " ", css)).replace(";}", "}").strip()


@cache
def content_security_policy() -> str:
    """Nothing but the page's own style, by its digest, and pictures written in the page (docs/attacks.md E1, E19)."""
    digest = b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


class Pages:
    """The templates of one room, in the layout that all rooms share; without a folder, the registry's own."""

    def __init__(self, site: Site, folder: Path = _FOLDER) -> None:
        self.site = site
        self._templates = Environment(
            loader=FileSystemLoader([folder, _FOLDER]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.tests |= {"table": _is_table, "words": _is_text}
        self._templates.globals |= {
            "style": Markup(style()),  # noqa: S704 (our own file)
            "languages": LANGUAGES,
            "names": say("pages.language"),
            "short": say("pages.language_short"),
            "numeric": NUMERIC,
            "long": LONG,
            "columns": COLUMNS,
            "narrow": NARROW_COLUMNS,
            "site": site,
        }

    def page(self, template: str, who: Reader, *, switch: str = "?", **values: Any) -> Page:
        """`template` for `who`. `switch` is where the language links lead: `lang=…` is added to it."""
        language = who.language
        html = self._templates.get_template(template).render(
            lang=language,
            switch=switch,
            t=lambda text, **filled: in_words(text, language, **filled),
            link=lambda path: self.site.path(path, who),
            of=lambda text: language_of(text, language),
            who=who,
            **values,
        )
        vary = {"Vary": "Accept-Language, Accept", "Content-Language": language}
        return Page(html, _ALWAYS | vary | {"Content-Security-Policy": content_security_policy()})


def in_words(said: str | Text | date, language: Language, **filled: object) -> str:
    """In the reader's language: the sentence under a key of the word lists, a text, a date, an instant."""
    return say(said, **filled)[language] if isinstance(said, str) else spoken(said, language)


_CYRILLIC = re.compile("[\u0400-\u04ff]")


def language_of(text: Text, page: Language) -> Language:
    """The language in which `text` is really written on a page in `page` (WCAG 3.1.2).

    A name that the document spells in one language stands in its own letters on every page.
    """
    if page == "en" and _CYRILLIC.search(text.en):
        return "kk" if text.en == text.kk else "ru"
    if page != "en" and text[page] == text.en and not _CYRILLIC.search(text.en):
        return "en"
    return page
