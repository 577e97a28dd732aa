"""The word lists and the code agree: what is said is there, what is there is said, and each place is filled.

`tests/schemas/test_words.py` looks at the lists by themselves, and at the fields and values of the kinds.
"""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import get_args

import pytest

from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES, words
from verifier.report import VERDICTS, Outcome

ROOMS = ("schemas", "keys", "registry", "issuer", "verifier", "tanu")
CODE = sorted(path for room in ROOMS for path in Path(room).rglob("*.py"))
TEMPLATES = sorted(path for room in ROOMS for path in Path(room).rglob("*.html"))
SAYING = {"say", "saying", "t"}
"""`say(key, …)`, `Refused.saying(key, …)`, and `t(key, …)` of a template's own code."""
KEY = re.compile(r"[a-z_]+(\.[A-Za-z0-9_+-]+)+")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def calls(path: Path) -> Iterator[ast.Call]:
    """The calls in a file that say something."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in SAYING and node.args:
                yield node


def placeholders(key: str) -> set[str]:
    """The names in braces of an entry."""
    return {name for _, name, _, _ in string.Formatter().parse(words()[key].en) if name and name.isidentifier()}


@pytest.mark.parametrize("path", CODE, ids=str)
def test_what_the_code_says_is_there_and_its_places_are_filled(path: Path) -> None:
    for call in calls(path):
        key = call.args[0]
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and KEY.fullmatch(key.value):
            assert key.value in words(), f"{path}:{call.lineno}: {key.value}"
            given = {keyword.arg for keyword in call.keywords}
            if None not in given:
                missing = placeholders(key.value) - given
                assert not missing, f"{path}:{call.lineno}: {key.value} without {missing}"


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_what_a_template_says_is_there_and_its_places_are_filled(path: Path) -> None:
    text = path.read_text("utf-8")
    for key, rest in re.findall(r"""\bt\(\s*["']([^"']+)["']([^()]*(?:\([^()]*\)[^()]*)*)\)""", text):
        if KEY.fullmatch(key):
            assert key in words(), f"{path}: {key}"
            given = set(re.findall(r"(\w+)=", rest))
            assert placeholders(key) <= given, f"{path}: {key} without {placeholders(key) - given}"
    for key in re.findall(r"""["']([a-z]+\.[a-z_.]+[a-z])["']""", text):
        assert not key.startswith(tuple(f"{room}." for room in rooms_of_words())) or key in words(), f"{path}: {key}"


def rooms_of_words() -> set[str]:
    """The first parts of all keys."""
    return {key.partition(".")[0] for key in words()}


def test_the_keys_that_code_makes_up_begin_as_entries_do() -> None:
    for path, pattern in made_up():
        assert any(re.fullmatch(pattern, key) for key in words()), f"{path}: {pattern}"


@cache
def made_up() -> tuple[tuple[Path, str], ...]:
    """Every f-string that may be a key, as a pattern."""
    return tuple(
        (path, pattern)
        for path in CODE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.JoinedStr) and (pattern := key_pattern(node))
    )


def key_pattern(node: ast.JoinedStr) -> str | None:
    """`status.act.{act}` as a pattern; None for what is no key."""
    first = node.values[0]
    if not isinstance(first, ast.Constant) or not re.fullmatch(r"[a-z_]+\.([a-z_]+\.?)*", str(first.value)):
        return None
    if str(first.value).partition(".")[0] not in rooms_of_words():
        return None
    return "".join(re.escape(str(v.value)) if isinstance(v, ast.Constant) else "(.+)" for v in node.values)


@cache
def atoms() -> frozenset[str]:
    """Everything in the code and the templates that may stand in a key where an f-string leaves it open: texts,
    numbers, and names of fields; parts of texts with points in them too."""
    found = {"true", "false", *VERDICTS, *KINDS, *get_args(Outcome), *LANGUAGES, *(str(s.value) for s in HTTPStatus)}
    for path in CODE:
        for node in ast.walk(tree(path)):
            match node:
                case ast.Constant(value=str() | int() | float() as value):
                    found.add(str(value).lower())
                    found.add(str(value))
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                    found |= {name, name.lower()}
                case ast.ClassDef(name=name):
                    found |= {name, name.lower()}
    for path in TEMPLATES:
        found |= set(re.findall(r"\w+", path.read_text("utf-8")))
    return frozenset(found)


@cache
def said_plainly() -> frozenset[str]:
    """Every text in the code and the templates that is a key."""
    texts = {
        node.value
        for path in CODE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for path in TEMPLATES:
        texts |= set(re.findall(r"""["']([\w.]+)["']""", path.read_text("utf-8")))
    return frozenset(texts)


def is_used(key: str) -> bool:
    """Does anything say this entry?"""
    if key in said_plainly():
        return True
    return any(all(is_atom(part) for part in parts) for parts in ways_to_make(key))


def ways_to_make(key: str) -> Iterator[tuple[str, ...]]:
    """What an f-string, or two texts put together in a template, leave open in this key."""
    for _, pattern in made_up():
        if found := re.fullmatch(pattern, key):
            yield found.groups()
    head, _, last = key.rpartition(".")
    if f"{head}." in said_plainly():
        yield (last,)


def is_atom(part: str) -> bool:
    """Is there something in the code that may stand for this part of a key?"""
    return part in atoms() or all(each in atoms() for each in part.split("."))


@pytest.mark.parametrize("file", sorted(Path("schemas/words").glob("*.toml")), ids=lambda file: str(file.stem))
def test_nothing_stands_in_a_word_list_that_nobody_says(file: Path) -> None:
    keys = list(keys_of(tomllib.loads(file.read_text("utf-8"))))
    assert keys
    assert [key for key in keys if not is_used(key)] == []


def keys_of(table: dict[str, object], prefix: str = "") -> Iterator[str]:
    """The dotted keys of a word list."""
    for name, value in table.items():
        key = f"{prefix}.{name}".lstrip(".")
        if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            yield from keys_of(value, key)
        else:
            yield key
