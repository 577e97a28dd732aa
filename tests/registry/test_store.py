"""What is published never changes: the tables refuse it, and so does the register itself."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from registry.store import AlreadyPublished, PublishedList
from tests.world import EXTRACT, World


def execute(w: World, statement: str) -> None:
    """SQL past the product, triggers left in place."""
    with w.home.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(sa.text(statement))


@pytest.mark.parametrize("table", ["entries", "entry_slots", "changes"])
def test_C12_rows_are_neither_changed_nor_removed(table: str, w: World) -> None:
    w.revoke(w.issue(EXTRACT))
    before = w.rows_of(f"SELECT * FROM {table}")
    column = {"entries": "number", "entry_slots": "purpose", "changes": "act"}[table]
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}", f"UPDATE {table} SET rowid = 99"):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"):
            execute(w, statement)
    with pytest.raises(sa.exc.DatabaseError):
        execute(w, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    assert w.rows_of(f"SELECT * FROM {table}") == before


def test_what_is_published_twice_is_published_once(w: World) -> None:
    issued = w.issue()
    entry = w.registry.entry(issued.code)
    assert entry is not None
    w.office.registry.publish([(entry, issued.document)])
    assert w.rows_of("SELECT count(*) FROM entries") == [(1,)]


def test_the_same_code_or_number_with_other_bytes_is_refused(w: World) -> None:
    issued = w.issue()
    entry = w.registry.entry(issued.code)
    assert entry is not None
    for other in (entry, replace(entry, code="0" * 14), replace(entry, number="KMU-MC-2026-000009-29")):
        with pytest.raises(AlreadyPublished):
            w.office.registry.publish([(other, issued.document + b" ")])
    assert w.registry.document(issued.code) == issued.document


def test_C8_no_slot_is_given_twice(w: World) -> None:
    one, two = w.issue_many(2)
    entry, other = w.registry.entry(one.code), w.registry.entry(two.code)
    assert entry is not None
    assert other is not None
    third = replace(entry, code="0" * 14, number="KMU-MC-2026-000009-29")
    with pytest.raises(sa.exc.IntegrityError):
        w.office.registry.publish([(third, b"{}")])
    two_in_one = replace(third, slots=(replace(entry.slots[0], index=1), replace(entry.slots[0], index=2)))
    with pytest.raises(sa.exc.IntegrityError):
        w.office.registry.publish([(two_in_one, b"{}")])
    assert w.rows_of("SELECT count(*) FROM entries") == [(2,)]


def test_a_change_is_recorded_once(w: World) -> None:
    issued = w.issue()
    decided = w.revoke(issued)
    w.office.registry.record(decided.event, issued.code, decided.change)
    assert w.registry.history(issued.code) == [decided.change]


def test_what_is_asked_is_what_was_published(w: World) -> None:
    issued = w.issue(EXTRACT)
    entry = w.registry.entry(issued.code)
    assert entry is not None
    assert {slot.purpose for slot in entry.slots} == {"revocation", "suspension"}
    assert w.registry.institution(entry.issuer) == w.university
    assert w.registry.document(issued.code) == w.registry.document_numbered(issued.number) == issued.document
    assert (w.registry.entry("x"), w.registry.successor("x"), w.registry.institution("x")) == (None, None, None)
    assert (w.registry.parent_history("x"), w.registry.document_numbered("x")) == (None, None)
    assert (w.registry.document("x"), w.registry.status_list("x"), list(w.registry.history("x"))) == (None, None, [])


def test_an_institution_is_entered_once(w: World) -> None:
    other = replace(w.university, letters="ZZZ", did="did:key:other")
    w.office.registry.add_institution(other)
    assert w.university.letters == "KMU"
    assert [institution.slug for institution in w.office.registry.institutions()] == ["kau", "kmu"]


def test_C3_a_list_is_published_version_by_version(w: World) -> None:
    w.issue()
    url = f"{w.public_url}/status/kmu-revocation-1"
    version = w.office.registry.list_version(url)
    data = w.registry.status_list(url)
    assert data is not None
    newest = PublishedList(url, version, w.university.did, "revocation", w.clock.now, w.clock.now, b"other")
    for wrong in (version - 1, version, version + 2):
        assert not w.office.registry.put_list(replace(newest, version=wrong))
        assert w.registry.status_list(url) == data
    assert w.office.registry.put_list(replace(newest, version=version + 1))
    assert w.registry.status_list(url) == b"other"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE status_lists SET version = version - 1",
        "UPDATE status_lists SET version = version + 2",
        "UPDATE status_lists SET document = 'x'",
        "UPDATE status_lists SET jwt = 'x'",
        "DELETE FROM status_lists",
    ],
)
def test_C3_the_tables_refuse_an_older_list_and_another_of_the_same_version(statement: str, w: World) -> None:
    w.issue()
    before = w.rows_of("SELECT * FROM status_lists")
    with pytest.raises(sa.exc.DatabaseError, match="a list"):
        execute(w, statement)
    assert w.rows_of("SELECT * FROM status_lists") == before
