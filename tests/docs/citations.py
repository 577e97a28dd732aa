"""Attacks and rules: which of them tests and code name, and where. Their words stand in `attacks.toml`, `rules.toml`.

An attack is named by a test's name (`test_A11_…`), or as `docs/attacks.md A11` in the docstring of a test, in a comment
above several tests, or at the head of a test file, which then stands for all of its tests. A rule is named by its
id, or as in `test_PQ_01_…`.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
ROOMS = ("schemas", "keys", "registry", "issuer", "verifier", "tanu", "bench")
_CITED = re.compile(r"docs/attacks\.md\s+((?:[A-F]\d+(?:, ?|–|\s+and )?)+)")
_RULE = re.compile(r"\b(?:PQ|NF|QR|MC|SE|SD|SF|WT|TV|ZM|QN|EF|T)-\d{1,2}\b(?!-?\d)")
_MADE = ("tanu/demo/",)
"""What the demonstration's institutions wrote names numbers of cases, not rules."""


def known(name: str) -> dict[str, dict[str, str]]:
    """Id → words, of `attacks` or `rules`."""
    return tomllib.loads((_HERE / f"{name}.toml").read_text("utf-8"))


# ---------------------------------------------------------------- what is named where


def attacks_in(text: str) -> Iterator[str]:
    """The attacks that a text cites; a range names each of its rows."""
    for cited in _CITED.findall(text):
        for first, last in re.findall(r"([A-F]\d+)(?:–[A-F]?(\d+))?", cited):
            yield from (f"{first[0]}{n}" for n in range(int(first[1:]), int(last or first[1:]) + 1))


def rules_in(text: str) -> Iterator[str]:
    """The rules that a text names, by their ids, or in a name: `test_PQ_01_…`, `pq_01_…`."""
    yield from _RULE.findall(text)
    spelled = re.findall(r"(?<![A-Za-z])(PQ|NF|QR|MC|SE|SD|SF|WT|TV|ZM|QN|EF)_(\d\d)_", text, re.IGNORECASE)
    yield from (f"{group.upper()}-{n}" for group, n in spelled)


def _functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [node for node in found if node.name.startswith("test_")]


def _test_files() -> list[Path]:
    return sorted([*Path("tests").rglob("test_*.py"), *Path("tests").rglob("conftest.py")])


def _sections(source: str) -> list[tuple[int, list[str]]]:
    """(line, attacks named there) of the comments that stand above several tests."""
    lines = enumerate(source.splitlines(), start=1)
    return [(at, list(attacks_in(line))) for at, line in lines if re.match(r"# (?:-{3,} )?\S", line)]


def _attacks_of_file(path: Path) -> Iterator[tuple[str, str]]:
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    sections = _sections(source)
    found: list[tuple[str, str]] = []
    for test in _functions(tree):
        above = [cited for at, cited in sections if at < test.lineno][-1:]
        named = re.findall(r"(?<=_)[A-F]\d+(?=_)", test.name)
        cited = {*named, *attacks_in(ast.get_docstring(test) or ""), *(above[0] if above else ())}
        found += [(attack, f"{path}::{test.name}") for attack in cited]
    yield from found
    for attack in set(attacks_in(ast.get_docstring(tree) or "")) - {attack for attack, _ in found}:
        yield attack, str(path)


@cache
def attack_tests() -> Mapping[str, list[str]]:
    """Attack → the tests that show it, in the order of files and lines."""
    return _gathered(pair for path in _test_files() for pair in _attacks_of_file(path))


@cache
def attack_places() -> Mapping[str, list[str]]:
    """Attack → the files of the code that cite it."""
    return _gathered((attack, str(path)) for path in code_files() for attack in attacks_in(path.read_text("utf-8")))


def code_files() -> Iterator[Path]:
    """What may name an attack or a rule: code, texts, templates."""
    for room in ROOMS:
        for path in sorted([*Path(room).rglob("*.py"), *Path(room).rglob("*.toml"), *Path(room).rglob("*.html")]):
            if not str(path).startswith(_MADE):
                yield path


@cache
def rule_places() -> Mapping[str, list[str]]:
    """Rule → the files of the code that name it."""
    return _gathered((rule, str(path)) for path in code_files() for rule in rules_in(path.read_text("utf-8")))


def _rules_of_file(path: Path) -> Iterator[tuple[str, str]]:
    """By name, docstring, body and parameters, and by the tables above that the parameters are taken from."""
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    tables = {
        target.id: ast.unparse(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for test in _functions(tree):
        used = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)} & set(tables)
        for rule in rules_in("\n".join([ast.unparse(test), *(tables[name] for name in used)])):
            yield rule, f"{path}::{test.name}"


@cache
def rule_tests() -> Mapping[str, list[str]]:
    """Rule → the tests that name it."""
    return _gathered(pair for path in _test_files() for pair in _rules_of_file(path))


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        if value not in found.setdefault(key, []):
            found[key].append(value)
    return found


# ---------------------------------------------------------------- the tables


ATTACK_HEAD = ("id", "attack", "expected result", "shown by")
RULE_HEAD = ("id", "act, clause", "rule", "named in", "tests")
GROUP_HEAD = ("group", "what it orders", "act", "rules", "named in the code")


def named_attacks() -> list[str]:
    """Those that tests or code name."""
    return sorted({*attack_tests(), *attack_places()}, key=lambda attack: (attack[0], int(attack[1:])))


def attack_rows() -> Iterator[tuple[str, ...]]:
    """A row for each attack that tests or code name and that has words."""
    words = known("attacks")
    for attack in named_attacks():
        if row := words.get(attack):
            yield attack, row["attack"], row["expected"], _listed(attack_tests().get(attack, []))


def named_rules() -> list[str]:
    """Those that the code names, in the order of their groups."""
    groups = list(known("rules"))
    return sorted(rule_places(), key=lambda rule: (groups.index(rule.split("-")[0]), int(rule.split("-")[1])))


def rule_rows() -> Iterator[tuple[str, ...]]:
    """A row for each rule that the code names and that has words."""
    groups = known("rules")
    for rule in named_rules():
        row = groups[rule.split("-")[0]]
        if rule not in row:
            continue
        clause, _, text = row[rule].partition(": ")
        tests = _listed(rule_tests().get(rule, [])) or "–"
        yield rule, f"{row['short']}, {clause}" if row["short"] else clause, text, _listed(rule_places()[rule]), tests


def group_rows() -> Iterator[tuple[str, ...]]:
    """A row for each group of rules, built or not."""
    for group, row in known("rules").items():
        named = [rule for rule in named_rules() if rule.split("-")[0] == group]
        yield group, row["about"], row["act"], row["rules"], str(len(named)) if named else "none yet"


def _listed(names: Iterable[str]) -> str:
    return "<br>".join(f"`{name}`" for name in names)
