"""A register with many entries: the rows that publishing writes, written in bulk.

The documents are the bytes of an issued one, each with its own code, number and slot, so they are looked up as any
other; only the issued one would pass a verification.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.engine import Connection, Engine

from registry.entry import Entry
from registry.figures import count as tally
from registry.figures import place_of
from registry.ledger import changes, entries, entry_slots
from registry.statuses import Change
from registry.store import change_row, entry_row, slot_rows
from schemas.credential import Credential, Slot
from schemas.languages import KAZAKHSTAN
from schemas.numbers import Number, new_code
from schemas.statuslist import MIN_SLOTS

AT_ONCE = 5_000
SERIAL = 100_000
"""The first of the serial numbers, beyond those that are issued."""
ENDED_OF = 100
"""One in so many has ended."""
MONTHS = 36


@dataclass(frozen=True)
class Filling:
    """How the entries are made of `one`, which is issued and published."""

    one: Credential
    entry: Entry
    seed: int = 7

    def entries(self, count: int) -> Iterator[tuple[Entry, bytes]]:
        """So many, always the same ones."""
        chance = random.Random(self.seed)
        letters, kind, *_ = self.one.number.split("-")
        for at in range(count):
            code, number = new_code(chance.randrange), str(Number(letters, kind, 2026, SERIAL + at))
            data = self.one.data.replace(self.one.code.encode(), code.encode())
            yield self._entry(at, code, number), data.replace(self.one.number.encode(), number.encode())

    def _entry(self, at: int, code: str, number: str) -> Entry:
        """Slots lie as far apart in their lists as chance would put them; a list is closed when it is half full."""
        (slot,) = self.one.slots
        ordinal, place = divmod(at, MIN_SLOTS // 2)
        url = f"{slot.list_url.rpartition('-')[0]}-{ordinal + 2}"
        slots = (Slot(url, place * 48_271 % MIN_SLOTS, slot.purpose),)
        registered_at = self.entry.registered_at - timedelta(days=30 * (at % MONTHS))
        digest = hashlib.sha256(code.encode()).hexdigest()
        return Entry(code, number, self.entry.kind, self.entry.issuer, digest, registered_at, slots)


def fill(engine: Engine, filling: Filling, count: int) -> Sequence[str]:
    """Enters so many; their codes, in the order in which they were entered."""
    codes: list[str] = []
    tallied: Counter[str] = Counter()
    with _in_bulk(engine) as connection:
        waiting: list[tuple[Entry, bytes]] = []
        for entry, data in filling.entries(count):
            waiting.append((entry, data))
            codes.append(entry.code)
            tallied[f"{entry.registered_at.astimezone(KAZAKHSTAN):%Y-%m}"] += 1
            if len(waiting) == AT_ONCE:
                _write(connection, waiting)
                waiting.clear()
        _write(connection, waiting)
        place = place_of(filling.entry, filling.one.data)
        for month, documents in sorted(tallied.items()):
            tally(connection, place | {"month": month}, documents)
    return codes


def _write(connection: Connection, published: Sequence[tuple[Entry, bytes]]) -> None:
    """The rows of these, in the tables of the register."""
    if not published:
        return
    connection.execute(entries.insert(), [entry_row(entry, data) for entry, data in published])
    connection.execute(entry_slots.insert(), [row for entry, _ in published for row in slot_rows(entry)])
    ended = [entry for entry, _ in published[::ENDED_OF]]
    connection.execute(changes.insert(), [_ended(entry) for entry in ended])


def _ended(entry: Entry) -> dict[str, Any]:
    day: date = entry.registered_at.date()
    change = Change("revoked", "error", "The rector", "Order No. 1", day, entry.registered_at)
    return {"event": entry.digest[:32], "code": entry.code} | change_row(change)


@contextmanager
def _in_bulk(engine: Engine) -> Iterator[Connection]:
    """One transaction that need not outlive a crash, so nothing is written twice; afterwards all is as it was."""
    engine.dispose()
    with create_engine(engine.url).connect() as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        yield connection
        connection.commit()
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
