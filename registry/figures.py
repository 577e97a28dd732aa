"""Open figures, without persons: documents by kind, institution, month and level, and ends by reason.

Documents are counted as they are published (`tallies`), so no request counts them again. A count below five is hidden,
and so is another one where the total would give it away; where that is not enough, the whole table is. Which one is
hidden beside it depends on the order of the table, never on how large it is, or that would tell too. Each table is
looked at by itself. Documents of test institutions are counted only where there are no others.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry.entry import Entry
from registry.ledger import changes, entries, institutions, tallies
from registry.statuses import REASONS, TERMINAL
from schemas.credential import utc
from schemas.kinds.table import KINDS
from schemas.languages import KAZAKHSTAN, LANGUAGES, Text, month_in_words, say

HIDDEN_BELOW = 5
KEPT = timedelta(minutes=1)
LEVELS = (*range(1, 9), 0)
"""Of the National Qualifications Framework; 0: the document states none."""


def place_of(entry: Entry, document: bytes) -> dict[str, Any]:
    """Where a document is counted."""
    level = KINDS[entry.kind].level_of(json.loads(document)) if entry.kind in KINDS else None
    month = f"{entry.registered_at.astimezone(KAZAKHSTAN):%Y-%m}"
    return {"issuer": entry.issuer, "kind": entry.kind, "month": month, "level": level or 0}


def count(connection: Connection, place: Mapping[str, Any], documents: int = 1) -> None:
    """So many documents more, in the transaction that publishes them."""
    ours = sa.and_(*(tallies.c[name] == value for name, value in place.items()))
    more = sa.update(tallies).where(ours).values(documents=tallies.c.documents + documents)
    if connection.execute(more).rowcount == 0:
        connection.execute(tallies.insert(), {**place, "documents": documents})


@dataclass(frozen=True, slots=True)
class Row:
    """What is counted, and how many; None where that is hidden."""

    key: str
    label: Text
    count: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that add up to `total`; no rows where all of them are hidden."""

    name: str
    total: int | None
    rows: tuple[Row, ...]

    @property
    def title(self) -> Text:
        return say(f"figures.table.{self.name}")

    @property
    def column(self) -> Text:
        """What its rows are."""
        return say(f"figures.column.{self.name}")

    @property
    def most(self) -> int:
        """The largest count that is shown."""
        return max((row.count or 0 for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the register tells everybody of itself."""

    counted_at: datetime
    test: bool
    tables: tuple[Table, ...]

    def as_json(self) -> dict[str, Any]:
        """The answer of `/api/figures`."""
        return {
            "counted_at": utc(self.counted_at),
            "test": self.test,
            "hidden_below": HIDDEN_BELOW,
            "tables": [
                {
                    "name": table.name,
                    "title": table.title.as_json(),
                    "total": table.total,
                    "rows": [{"key": r.key, "label": r.label.as_json(), "count": r.count} for r in table.rows],
                }
                for table in self.tables
            ],
        }

    def as_csv(self) -> bytes:
        """The answer of `/api/figures.csv`: a line for each row, one for each total; a hidden count is empty."""
        out = io.StringIO()
        lines = csv.writer(out)
        lines.writerow(["table", "key", *LANGUAGES, "count"])
        for table in self.tables:
            for row in table.rows:
                lines.writerow([table.name, row.key, *(_plain(text) for _, text in row.label), row.count])
            lines.writerow([table.name, "total", *(text for _, text in say("figures.total")), table.total])
        return out.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    """No text of a cell is taken for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def shown(counts: Mapping[str, int]) -> Mapping[str, int | None] | None:
    """What of a table may be seen beside its total; None where nothing may, not even which counts are zero."""
    hidden = [key for key, n in counts.items() if 0 < n < HIDDEN_BELOW]
    others = [key for key, n in counts.items() if n >= HIDDEN_BELOW]
    while hidden and others and not _keeps_secret([counts[key] for key in hidden]):
        hidden.append(others.pop())
    if hidden and not others:
        return None
    return {key: None if key in hidden else n for key, n in counts.items()}


def _keeps_secret(hidden: list[int]) -> bool:
    """Does their sum, which the total gives away, tell none of them?"""
    extremes = ({1}, {HIDDEN_BELOW - 1})
    return len(hidden) > 1 and sum(hidden) >= HIDDEN_BELOW and set(hidden) not in extremes


def table(name: str, counts: Mapping[str, int], label: Callable[[str], Text]) -> Table:
    """The table as everybody may see it."""
    total = sum(counts.values())
    seen = shown(counts) if total == 0 or total >= HIDDEN_BELOW else None
    rows = tuple(Row(key, label(key), n) for key, n in (seen or {}).items())
    return Table(name, total if total == 0 or total >= HIDDEN_BELOW else None, rows)


def counted(engine: Engine, now: datetime) -> Figures:
    """The figures as of `now`."""
    today = now.astimezone(KAZAKHSTAN).date()
    with engine.connect() as connection:
        test = connection.execute(sa.select(institutions.c.did).where(~institutions.c.test)).first() is None
        ask = _Ask(connection, test)
        names = ask.names()
        kinds, issued, months, levels = map(ask.documents, ("kind", "issuer", "month", "level"))
        ended = ask.ended(today)
    listed = _months(months, f"{today:%Y-%m}")
    return Figures(
        now,
        test,
        (
            table("kind", {kind: kinds.get(kind, 0) for kind in KINDS}, lambda kind: KINDS[kind].title),
            table("institution", {did: issued[did] for did in names if did in issued}, names.__getitem__),
            table("month", {month: months.get(month, 0) for month in listed}, month_in_words),
            table("level", {str(level): levels.get(level, 0) for level in LEVELS}, _level),
            table("reason", {reason: ended.get(reason, 0) for reason in REASONS}, _reason),
        ),
    )


@dataclass(frozen=True)
class _Ask:
    """What is asked of the database, about test institutions or about the others."""

    connection: Connection
    test: bool

    def names(self) -> Mapping[str, Text]:
        """By DID, in the order of slugs."""
        query = sa.select(institutions).where(institutions.c.test == self.test).order_by(institutions.c.slug)
        return {row.did: Text(row.name_kk, row.name_ru, row.name_en) for row in self.connection.execute(query)}

    def documents(self, name: str) -> Mapping[Any, int]:
        """How many documents were published, by a column of the tallies."""
        column = tallies.c[name]
        query = sa.select(column, sa.func.sum(tallies.c.documents)).join(
            institutions, institutions.c.did == tallies.c.issuer
        )
        return self._found(query.where(institutions.c.test == self.test).group_by(column))

    def ended(self, today: date) -> Mapping[str, int]:
        """How many have ended by today, by reason class."""
        joined = sa.select(changes.c.reason, sa.func.count()).join(entries, entries.c.code == changes.c.code)
        ours = joined.join(institutions, institutions.c.did == entries.c.issuer)
        ends = ours.where(changes.c.act.in_(sorted(TERMINAL)), changes.c.effective_on <= today)
        return self._found(ends.where(institutions.c.test == self.test).group_by(changes.c.reason))

    def _found(self, query: sa.Select[Any]) -> Mapping[Any, int]:
        return {row[0]: row[1] for row in self.connection.execute(query)}


def recount(connection: Connection) -> None:
    """The tallies of a database that was filled before there were any."""
    if connection.execute(sa.select(tallies.c.month)).first() is not None:
        return
    kept = sa.select(entries).order_by(entries.c.registered_at)
    for row in connection.execute(kept, execution_options={"yield_per": 100}).mappings():
        named = {name: row[name] for name in ("code", "number", "kind", "issuer", "digest", "registered_at")}
        count(connection, place_of(Entry(**named, slots=()), row["document"]))


def _months(counted: Mapping[str, int], now: str) -> Iterator[str]:
    """From the first month of a document to this one, without a gap."""
    if not counted:
        return
    year, month = (int(part) for part in min(counted).split("-"))
    while (this := f"{year}-{month:02}") <= max(now, *counted):
        yield this
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _level(key: str) -> Text:
    return say("figures.no_level") if key == "0" else say("figures.level", level=key)


def _reason(key: str) -> Text:
    return say(f"status.reason.{key}")


@dataclass
class Kept:
    """The figures of the last minute: however many ask, they are put together once."""

    engine: Engine
    clock: Callable[[], datetime]
    _found: Figures | None = None
    _lock: Lock = field(default_factory=Lock)

    def figures(self) -> Figures:
        with self._lock:
            now = self.clock()
            if self._found is None or not timedelta() <= now - self._found.counted_at < KEPT:
                self._found = counted(self.engine, now)
            return self._found
