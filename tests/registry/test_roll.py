"""An institution is read once for each revision of the roll, and whatever is entered makes the next revision."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from registry.store import RegistryStore
from tests.world import World

ROLL = {"institutions", "issuer_keys", "rights", "responsible_persons", "signature_rules", "accreditation_bodies"}
READ = {"figures.py": {"institutions"}}
"""Which read tables of the roll, and only that."""
CODE = Path(__file__).parents[2]


def other_process(w: World) -> RegistryStore:
    """The same database with nothing in memory."""
    return RegistryStore(w.home.engine, w.office.registry.roots)


@contextmanager
def asked_of(engine: sa.Engine) -> Iterator[list[str]]:
    """The questions that are put to the database."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.extend([statement] if statement.startswith("SELECT") else [])

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def test_who_asks_again_is_answered_from_what_was_read(w: World) -> None:
    store, did = w.office.registry, w.university.did
    first = store.institution(did)
    assert first is not None
    with asked_of(w.home.engine) as asked:
        assert store.institution(did) is first
    assert len(asked) == 1


def test_what_another_process_enters_is_known_at_once(w: World) -> None:
    elsewhere, did = other_process(w), w.university.did
    before = elsewhere.institution(did)
    w.accreditation(valid_until=date(2027, 6, 1))
    after = elsewhere.institution(did)
    assert before is not None
    assert after is not None
    assert before.accreditations != after.accreditations == w.university.accreditations


def test_a_stranger_is_asked_for_each_time(w: World) -> None:
    store = w.office.registry
    assert store.institution("did:key:z6MkStranger") is None
    assert not [name for _, name in store._kept.state[1] if "Stranger" in name]


def test_nothing_of_the_roll_is_entered_without_a_revision() -> None:
    """All that writes into its tables is in one file, where one transaction makes a revision; `say` writes
    what is told elsewhere, which is read anew each time."""
    roll = CODE / "registry" / "institutions.py"
    functions = (node for node in ast.walk(ast.parse(roll.read_text())) if isinstance(node, ast.FunctionDef))
    assert {each.name for each in functions if "writing(" in ast.unparse(each)} == {"_entering", "say"}
    for room in ("registry", "issuer", "tanu", "verifier"):
        for file in (CODE / room).rglob("*.py"):
            if file not in (roll, CODE / "registry" / "ledger.py"):
                imported = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom))
                names = {name.name for node in imported if node.module == "registry.ledger" for name in node.names}
                assert not names & (ROLL - READ.get(file.name, set())), file
