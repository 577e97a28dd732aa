"""The signed examples of VC DI EdDSA 1.0 and VC DI ECDSA 1.0 at `credentials/verify`: each is accepted as it is printed
there, whoever its issuer is, and none with one value changed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import Doors

FOLDERS = (Path("tests/vectors/vc-di-eddsa"), Path("tests/vectors/vc-di-ecdsa"))
PATTERNS = ("signed*.json", "derivedRevealDocument.json")
EXAMPLES = sorted(path for folder in FOLDERS for pattern in PATTERNS for path in folder.rglob(pattern))
examples = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: "-".join(path.parts[3:]))


@pytest.fixture(autouse=True)
def on_its_day(doors: Doors) -> Iterator[None]:
    """One of them was good on that day alone."""
    now, doors.clock.now = doors.clock.now, datetime(2024, 12, 16, 12, tzinfo=UTC)
    yield
    doors.clock.now = now


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


def at(path: Path) -> str:
    """The instance that it is shown to."""
    return "ecdsa-sd-2023" if "ecdsa-sd-2023" in path.parts else "eddsa-rdfc-2022"


@examples
def test_an_example_is_accepted_as_it_is_printed(doors: Doors, path: Path) -> None:
    answer = doors.verify(at(path), read(path))
    assert answer.status_code == 200, answer.json()["detail"]
    assert answer.json()["errors"] == []


@examples
def test_an_example_with_one_value_changed_is_400(doors: Doors, path: Path) -> None:
    document = read(path)
    proofs = document["proof"] if isinstance(document["proof"], list) else [document["proof"]]
    for proof in proofs:
        created, proof["created"] = proof["created"], "2021-01-01T00:00:00Z"
        assert doors.verify(at(path), document).status_code == 400
        del proof["created"]
        assert doors.verify(at(path), document).status_code == 400
        proof["created"] = created
    changed = document | {"issuer": "https://vc.example/issuers/9999"}
    assert doors.verify(at(path), changed).status_code == 400
