"""Whatever a person reads is there in Kazakh, Russian and English."""

import re
import string
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from schemas.display import marked
from schemas.kinds.facts import Node
from schemas.kinds.table import KINDS, Kind
from schemas.languages import LANGUAGES, words
from tests.schemas.test_kinds import models

LISTS = sorted(Path("schemas/words").glob("*.toml"))
SAY_THEMSELVES = {"letter"}
"""Values that read the same in each language."""
LEGAL = re.compile(r"^(MC|PQ|NF|QR|SE|SD|WT)-\d\d")


@pytest.mark.parametrize("file", LISTS, ids=lambda file: str(file.stem))
def test_each_entry_has_three_languages_and_the_same_places(file: Path) -> None:
    for key, entry in entries(tomllib.loads(file.read_text("utf-8"))):
        assert set(entry) == set(LANGUAGES), key
        places = {frozenset(placeholders(entry[language])) for language in LANGUAGES}
        assert len(places) == 1, f"{key}: {places}"
        for language in LANGUAGES:
            assert entry[language].strip(), f"{key}.{language}"
            assert unicodedata.is_normalized("NFC", entry[language]), f"{key}.{language}"


def entries(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """The leaves of a word list by their dotted keys."""
    if all(isinstance(value, str) for value in table.values()):
        yield prefix, table
        return
    for key, value in table.items():
        yield from entries(value, f"{prefix}.{key}".lstrip("."))


def placeholders(sentence: str) -> Iterator[str]:
    """The names in braces."""
    return (name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None)


def shown_models(kind: Kind) -> Iterator[type[Node]]:
    """The models of `kind` whose fields people see."""
    return (model for model in models(kind.facts) if issubclass(model, Node))


kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@kinds
def test_every_kind_has_its_title_and_legal_basis(kind: Kind) -> None:
    assert kind.title.kk
    assert kind.legal_basis.kk


@kinds
def test_every_shown_field_has_its_label(kind: Kind) -> None:
    for model in shown_models(kind):
        for name, mark in marked(model):
            assert (mark.label or f"field.{name}") in words(), f"{model.__name__}.{name}"
            assert mark.unit is None or f"unit.{mark.unit}" in words()


@kinds
def test_every_field_of_the_facts_says_who_may_see_it(kind: Kind) -> None:
    for model in shown_models(kind):
        if set(model.model_fields) != set(LANGUAGES):
            assert set(dict(marked(model))) == set(model.model_fields), model.__name__


@kinds
def test_every_value_that_is_shown_has_its_words(kind: Kind) -> None:
    for model in shown_models(kind):
        for name, _ in marked(model):
            for value in () if name in SAY_THEMSELVES else values(model.model_fields[name].annotation):
                assert f"value.{name}.{value}" in words(), f"{model.__name__}.{name}: {value}"


def values(annotation: Any) -> Iterator[str]:
    """The values, in lower case, that the annotation's Literals and bool allow; numbers say themselves."""
    if annotation is bool:
        yield from ("true", "false")
    if get_origin(annotation) is Literal:
        yield from (str(value).lower() for value in get_args(annotation) if isinstance(value, str | bool))
    else:
        for argument in get_args(annotation):
            yield from values(argument)


@kinds
def test_the_rule_beside_a_field_is_a_rule_number(kind: Kind) -> None:
    for model in shown_models(kind):
        for name, mark in marked(model):
            assert mark.rule is None or LEGAL.match(mark.rule), f"{model.__name__}.{name}"


def test_every_sentence_of_a_rule_begins_with_its_number() -> None:
    for key, sentence in words().items():
        match = re.match(r"rules\.(mc|pq|nf|qr|se)_(\d\d)_", key)
        if match:
            number = f"{match[1].upper()}-{match[2]}"
            assert all(sentence[language].startswith(f"{number} (") for language in LANGUAGES), key


def test_one_thing_has_one_word() -> None:
    """What a proof is called: GLOSSARY's «подпись», «қолтаңба»."""
    for key, sentence in words().items():
        assert "доказательств" not in sentence.ru, key
        assert not re.search(r"дәлел(?!де)", sentence.kk), key
