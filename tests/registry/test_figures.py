"""Figures without persons: what is counted, and that no hidden count can be worked out."""

import csv
import io
from collections import defaultdict
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.entry import Entry
from registry.figures import Figures, Kept, Table, counted, recount, shown, table
from registry.pages.charts import HIGH, SHOWN, columns
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES, Text
from tests.world import CENTRE, EXTRACT, MICRO, SUPPLEMENT, TRAINING, World

# ---------------------------------------------------------------- what is hidden


@pytest.mark.parametrize(
    ("counts", "seen"),
    [
        ((12, 7, 30), (12, 7, 30)),
        ((12, 0, 30), (12, 0, 30)),
        ((3, 7, 12), (None, 7, None)),
        ((3, 2, 12), (None, None, 12)),
        ((4, 4, 12, 20), (None, None, 12, None)),
        ((1, 1, 12, 20), (None, None, 12, None)),
        ((0, 3, 12, 7), (0, None, 12, None)),
        ((0, 3, 12), None),
        ((1, 1, 12), None),
        ((3, 12), None),
        ((4, 1), None),
        ((4, 4), None),
        ((1, 1, 1, 1, 1), None),
        ((3, 0), None),
        ((0, 0), (0, 0)),
    ],
)
def test_what_of_a_table_is_seen(counts: tuple[int, ...], seen: tuple[int | None, ...] | None) -> None:
    named = {str(at): n for at, n in enumerate(counts)}
    found = shown(named)
    assert (None if found is None else tuple(found.values())) == seen


def published(counts: tuple[int, ...]) -> tuple[Any, ...]:
    """What everybody sees of these counts."""
    made = table("kind", {str(at): n for at, n in enumerate(counts)}, Text.same)
    return made.total, tuple(row.count for row in made.rows)


@pytest.mark.parametrize(("cells", "below"), [(2, 30), (3, 24), (4, 11)])
def test_no_count_below_five_can_be_worked_out_even_by_whoever_knows_the_rule(cells: int, below: int) -> None:
    """Of all tables that look the same there are two that differ in a count that is hidden and below five."""
    alike: defaultdict[tuple[Any, ...], list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(below), repeat=cells):
        alike[published(counts)].append(counts)
    for (total, seen), tables in alike.items():
        for at in range(cells):
            values = {counts[at] for counts in tables}
            if (total or 0) < below and (not seen or seen[at] is None) and min(values) in range(1, 5):
                assert len(values) > 1, (total, seen, tables)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_no_count_below_five_is_seen_and_totals_are_exact(counts: list[int]) -> None:
    made = table("kind", {str(at): n for at, n in enumerate(counts)}, Text.same)
    assert not [row for row in made.rows if row.count in range(1, 5)]
    assert made.total in (None, sum(counts))
    assert (made.total is None) == (0 < sum(counts) < 5)
    hidden = [counts[int(row.key)] for row in made.rows if row.count is None]
    assert not hidden or (len(hidden) > 1 and sum(hidden) >= 5)


# ---------------------------------------------------------------- what is counted


def rows_of(found: Figures, name: str) -> dict[str, int | None]:
    """The rows of a table by their keys."""
    return {row.key: row.count for row in the(found, name).rows}


def the(found: Figures, name: str) -> Table:
    return next(each for each in found.tables if each.name == name)


def test_documents_are_counted_by_kind_institution_month_and_level(w: World) -> None:
    w.issue_many(6)
    w.issue_many(5, CENTRE)
    w.issue_many(7, by="kau")
    w.clock.move(days=60)
    w.issue_many(8)
    found = counted(w.home.engine, w.clock.now)
    assert {each.total for each in found.tables if each.name != "reason"} == {26}
    kinds = rows_of(found, "kind")
    assert (kinds[MICRO], kinds[CENTRE], sum(n or 0 for n in kinds.values())) == (21, 5, 26)
    assert sorted(n or 0 for n in rows_of(found, "institution").values()) == [7, 19]
    assert rows_of(found, "month") == {"2026-11": 18, "2026-12": 0, "2027-01": 8}
    assert {level: n for level, n in rows_of(found, "level").items() if n} == {"6": 21, "4": 5}
    assert found.test


def test_the_month_is_that_of_kazakhstan(w: World) -> None:
    w.clock.move(days=9, hours=14, minutes=30)  # 00:30 of the next day there, 19:30 of this one by UTC
    w.issue_many(5)
    assert rows_of(counted(w.home.engine, w.clock.now), "month") == {"2026-12": 5}


def test_ends_are_counted_by_reason_once_they_hold(w: World) -> None:
    issued = w.issue_many(12)
    for each in issued[:5]:
        w.annul(each)
    for each in issued[5:11]:
        w.revoke(each, reason="key_compromised", effective_on=w.clock.now.date().replace(day=25))
    w.suspend(issued[11])
    assert the(counted(w.home.engine, w.clock.now), "reason").total == 5
    w.clock.move(days=10)
    found = counted(w.home.engine, w.clock.now)
    assert rows_of(found, "reason") == {
        "error": 0,
        "violation": 5,
        "key_compromised": 6,
        "correction": 0,
        "other": 0,
    }


def test_a_document_that_is_published_again_is_counted_once(w: World) -> None:
    issued = w.issue_many(5)
    entry = w.registry.entry(issued[0].code)
    assert entry is not None
    w.office.registry.publish([(entry, issued[0].document)])
    assert the(counted(w.home.engine, w.clock.now), "kind").total == 5


def test_test_institutions_are_counted_only_where_there_are_no_others(w: World) -> None:
    w.issue_many(6)
    for each in w.issue_many(5, by="kau"):
        w.annul(each)
    found = counted(w.home.engine, w.clock.now)
    assert (found.test, the(found, "kind").total, the(found, "reason").total) == (True, 11, 5)
    w.rewrite("UPDATE institutions SET test = 0 WHERE slug = 'kau'")
    found = counted(w.home.engine, w.clock.now)
    assert (found.test, the(found, "kind").total, the(found, "reason").total) == (False, 5, 5)
    assert [row.label.en for row in the(found, "institution").rows] == ["Specimen KAU"]
    w.rewrite("UPDATE institutions SET test = 1 WHERE slug = 'kau'")
    w.rewrite("UPDATE institutions SET test = 0 WHERE slug = 'kmu'")
    found = counted(w.home.engine, w.clock.now)
    assert (the(found, "kind").total, the(found, "reason").total) == (6, 0)


def test_an_older_database_is_counted_once(w: World) -> None:
    w.issue_many(5)
    w.issue_many(6, CENTRE)
    before = counted(w.home.engine, w.clock.now)
    w.rewrite("DELETE FROM tallies")
    for _ in range(2):
        with w.home.engine.connect().execution_options(writes=True) as connection, connection.begin():
            recount(connection)
        assert counted(w.home.engine, w.clock.now) == before


def test_figures_are_put_together_once_a_minute(w: World) -> None:
    kept = Kept(w.home.engine, w.clock)
    assert the(kept.figures(), "kind").total == 0
    w.issue_many(5)
    assert the(kept.figures(), "kind").total == 0
    w.clock.move(seconds=60)
    assert the(kept.figures(), "kind").total == 5
    w.clock.move(hours=-1)
    assert kept.figures().counted_at == w.clock.now, "a clock that steps back does not freeze them"


def test_what_another_room_has_not_counted_is_no_reason_to_publish_nothing(w: World) -> None:
    entry = Entry("0" * 14, "KMU-XX-2026-000001-00", "Unknown", w.university.did, "0" * 64, w.clock.now, ())
    w.office.registry.publish([(entry, b"{}")])
    found = counted(w.home.engine, w.clock.now)
    assert w.registry.document("0" * 14) == b"{}"
    assert the(found, "month").total is None


# ---------------------------------------------------------------- as they go out


def some(w: World) -> Figures:
    """Some of them hidden."""
    w.issue_many(7)
    w.issue_many(5, CENTRE)
    w.issue_many(2, EXTRACT, by="kmu")
    w.issue(by="kau")
    return counted(w.home.engine, w.clock.now)


def test_json_and_csv_say_the_same(w: World) -> None:
    found = some(w)
    data = found.as_json()
    lines = list(csv.DictReader(io.StringIO(found.as_csv().decode("utf-8-sig"))))
    for said in data["tables"]:
        mine = [line for line in lines if line["table"] == said["name"]]
        assert [line["count"] for line in mine[:-1]] == [
            "" if row["count"] is None else str(row["count"]) for row in said["rows"]
        ]
        assert (mine[-1]["key"], mine[-1]["count"]) == ("total", "" if said["total"] is None else str(said["total"]))
        assert all(line[language] for line in mine for language in LANGUAGES)
    assert data["hidden_below"] == 5
    assert {row["key"]: row["count"] for row in data["tables"][0]["rows"]} == {
        MICRO: 8,
        CENTRE: None,
        EXTRACT: None,
        TRAINING: 0,
        SUPPLEMENT: 0,
    }


def test_nothing_of_a_holder_is_in_them(w: World) -> None:
    found = some(w)
    said = str(found.as_json()) + found.as_csv().decode()
    assert not [part for _, name in w.facts().holder_text for part in name.split() if part in said]
    assert not [row[0] for row in w.rows_of("SELECT code FROM entries") if row[0] in said]


def test_a_name_is_no_formula(w: World) -> None:
    w.rewrite("UPDATE institutions SET name_kk = '=1+1'")
    w.issue_many(5)
    assert b",'=1+1," in counted(w.home.engine, w.clock.now).as_csv()


# ---------------------------------------------------------------- the chart


def test_columns_stand_beside_each_other_within_the_chart() -> None:
    for counts in ([5], [5, None, 0, 96], list(range(60)), [None] * 3, [0, 0]):
        drawn = columns(counts)
        assert len(drawn) == min(len(counts), SHOWN)
        assert all(each.y + each.height == HIGH and each.y >= 0 for each in drawn)
        assert all(each.x >= 0 and each.x + each.width <= 100 for each in drawn)
        assert all(one.x + one.width <= other.x for one, other in pairwise(drawn))
    assert [each.height for each in columns([48, 96, 0, 1])] == [48, 96, 0, 3]


def test_how_high_a_hidden_column_is_tells_nothing() -> None:
    assert {columns([most, None])[1].height for most in (5, 50, 5000)} == {14}


def test_every_kind_that_states_a_level_is_known(world: World) -> None:
    assert {name for name, kind in KINDS.items() if kind.level} == {MICRO, CENTRE}
    for name in (MICRO, CENTRE):
        issued = world.issue(name)
        document = world.registry.document(issued.code)
        assert document is not None
        assert b'"nqfLevel":' in document
