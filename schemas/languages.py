"""Kazakh, Russian and English: texts in three languages, the word lists, dates as people write them.

Every sentence that a person reads stands in `schemas/words/*.toml`, so that a native editor can review it there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from importlib import resources
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton

Language = Literal["kk", "ru", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

KAZAKHSTAN = ZoneInfo("Asia/Almaty")
"""Civil dates are dates here (UTC+5)."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the three languages."""

    kk: str
    ru: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return str(getattr(self, language))

    def __iter__(self) -> Iterator[tuple[Language, str]]:
        return ((language, self[language]) for language in LANGUAGES)

    def fill(self, **values: object) -> Text:
        """This text with `{name}` replaced; a value may be a Text, a date or an instant and is put in words."""
        return Text(*(self[lang].format_map({k: spoken(v, lang) for k, v in values.items()}) for lang in LANGUAGES))

    def as_json(self) -> dict[str, str]:
        """`{"kk": …, "ru": …, "en": …}`."""
        return dict(self)

    @classmethod
    def same(cls, words: str) -> Text:
        """A text that reads the same in each language: a code, a number."""
        return cls(words, words, words)


def spoken(value: object, language: Language) -> str:
    """`value` as a reader of `language` expects it."""
    if isinstance(value, Text):
        return value[language]
    if isinstance(value, datetime):
        return instant_in_words(value, language)
    if isinstance(value, date):
        return date_in_words(value, language)
    return str(value)


@lru_cache(maxsize=4096)
def date_in_words(day: date, language: Language) -> str:
    """27 June 2026 · 27 июня 2026 г. · 2026 ж. 27 маусым."""
    return format_date(day, format="d MMMM y" if language == "en" else "long", locale=language)


def month_in_words(month: str) -> Text:
    """2026-06 → June 2026."""
    first = date.fromisoformat(f"{month}-01")
    return Text(*(format_skeleton("yMMMM", first, locale=language) for language in LANGUAGES))


def instant_in_words(instant: datetime, language: Language) -> str:
    """The instant in Kazakhstan's time, marked UTC+5."""
    local = instant.astimezone(KAZAKHSTAN)
    return f"{date_in_words(local.date(), language)}, {local:%H:%M} (UTC+5)"


@cache
def words() -> Mapping[str, Text]:
    """All sentences and labels by their dotted key, from `schemas/words/*.toml`."""
    entries: dict[str, Text] = {}
    for file in resources.files("schemas").joinpath("words").iterdir():
        if file.name.endswith(".toml"):
            entries.update(_flatten(tomllib.loads(file.read_text("utf-8"))))
    return entries


def _flatten(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, Text]]:
    if set(table) == set(LANGUAGES) and all(isinstance(words, str) for words in table.values()):
        yield prefix, Text(**{lang: str(table[lang]) for lang in LANGUAGES})
        return
    for key, value in table.items():
        if not isinstance(value, Mapping):
            raise TypeError(f"word list: {prefix}.{key} must have exactly kk, ru and en")
        yield from _flatten(value, f"{prefix}.{key}" if prefix else key)


def joined(*sentences: Text) -> Text:
    """One after the other."""
    return Text(*(" ".join(each[language] for each in sentences) for language in LANGUAGES))


def say(key: str, **values: object) -> Text:
    """The sentence under `key`, filled with `values`."""
    entry = words()[key]
    return entry.fill(**values) if values else entry
