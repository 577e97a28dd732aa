"""The layout of the house: who may know whom, and where each heavy library lives."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

KNOWS = {
    "schemas": set(),
    "keys": {"schemas"},
    "registry": {"schemas", "keys"},
    "issuer": {"schemas", "keys", "registry"},
    "verifier": {"schemas", "keys", "registry"},
    "tanu": {"schemas", "keys", "registry", "issuer", "verifier"},
}
"""Package → the packages that it may import."""

HOMES = {
    "cryptography": ["keys/*"],
    "cbor2": ["keys/*"],
    "pyld": ["schemas/canonical.py", "schemas/blanknodes.py"],
    "pyoxigraph": ["schemas/canonical.py", "schemas/blanknodes.py", "schemas/closed.py"],
    "rfc8785": ["schemas/canonical.py"],
    "jsonschema_rs": ["schemas/kinds/table.py", "schemas/validation.py"],
    "pydantic": [
        *("schemas/kinds/*", "issuer/*", "tanu/institutions.py", "tanu/accrediting.py", "tanu/cosigners.py"),
        "tanu/officers.py",
    ],
    "babel": ["schemas/languages.py"],
    "sqlalchemy": [
        *("*/store.py", "*/ledger.py", "registry/institutions.py", "registry/challenges.py", "registry/figures.py"),
        *("tanu/database.py", "tanu/home.py"),
    ],
    "fastapi": ["*/routes.py", "tanu/asgi.py", "tanu/problems.py"],
    "starlette": ["*/routes.py", "tanu/asgi.py", "tanu/problems.py"],
    "uvicorn": ["tanu/serving.py"],
    "httpx": ["registry/fetch.py"],
    "smtplib": ["issuer/mail.py"],
    "jinja2": ["registry/pages/*"],
    "reportlab": ["issuer/documents/*"],
    "qrcode": ["issuer/documents/*"],
    "pikepdf": ["issuer/documents/*", "verifier/paper.py"],
    "zxingcpp": ["verifier/paper.py"],
    "PIL": ["issuer/documents/*", "verifier/paper.py"],
    "openpyxl": ["issuer/workbooks.py", "tanu/demo/*"],
    "python_calamine": ["issuer/grids.py"],
    "typer": ["tanu/*"],
    "click": ["tanu/*"],
    "rich": ["tanu/*"],
}
"""Library → the files where it may be imported. Pages of all rooms share the templates of `registry/pages`;
a `ledger.py` holds the tables of the `store.py` beside it, and `tanu/home.py` names the type of its engine."""

MACHINERY = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "misc", "common"}
TEXTS = "tanu/demo/content/*"
"""What the demonstration's institutions wrote, not code: as long as it is."""
FILES = sorted(path for package in KNOWS for path in Path(package).rglob("*.py"))
files = pytest.mark.parametrize("path", FILES, ids=str)


@cache
def modules() -> dict[str, Path]:
    """Dotted name → file."""
    return {".".join(path.with_suffix("").parts).removesuffix(".__init__"): path for path in FILES}


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules() else str(node.module)


@files
def test_a_room_knows_only_the_rooms_that_it_may(path: Path) -> None:
    known = {name.partition(".")[0] for name in imports(path)} & (set(KNOWS) | {"tests", "bench"})
    assert known <= KNOWS[path.parts[0]] | {path.parts[0]}


@files
def test_a_heavy_library_has_one_home(path: Path) -> None:
    for library in {name.partition(".")[0] for name in imports(path)} & set(HOMES):
        assert any(fnmatch(str(path), home) for home in HOMES[library]), library


def test_there_are_no_circles() -> None:
    graph = {name: set(imports(path)) & set(modules()) - {name} for name, path in modules().items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" → ".join(circle.args[1]))


@files
def test_files_are_short_and_named_from_the_field(path: Path) -> None:
    assert not {*path.parts, path.stem} & MACHINERY
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= 400 or fnmatch(str(path), TEXTS)


def test_a_small_test_run_loads_nothing_of_the_service() -> None:
    loaded = "import sys, tests.conftest; print(*{name.partition('.')[0] for name in sys.modules})"
    found = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert "hypothesis" in found
    assert not set(found) & (set(KNOWS) | set(HOMES))
