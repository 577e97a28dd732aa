"""The registry in SQL. Rows are added, never changed or removed; the tables are in `registry.ledger`, the institutions
in `registry.institutions`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.entry import Entry
from registry.figures import count, place_of
from registry.institutions import Roll
from registry.ledger import changes, entries, entry_slots, status_lists, withheld, writing
from registry.statuses import Change, State, state_at
from schemas.credential import Slot
from schemas.errors import Refused
from schemas.languages import KAZAKHSTAN
from schemas.statuslist import TokenForm

_AHEAD = timedelta(minutes=5)
"""As far as verifiers bear with another's clock."""


class AlreadyPublished(Refused):
    """The same code or number with other bytes."""


@dataclass(frozen=True, slots=True)
class PublishedList:
    """One version of a signed status list: as a credential, and a revocation list as tokens too."""

    url: str
    version: int
    issuer: str
    purpose: str
    signed_at: datetime
    valid_until: datetime
    document: bytes
    jwt: bytes | None = None
    cwt: bytes | None = None


@dataclass(frozen=True)
class RegistryStore(Roll):
    """Answers what `registry.client.Registry` asks, and takes what the issuer publishes."""

    # What is asked

    def entry(self, code: str) -> Entry | None:
        with self.engine.connect() as connection:
            row = connection.execute(_ENTRY_CODED, {"of": code}).mappings().first()
            return None if row is None else _read_entry(connection, row)

    def supplements(self, number: str) -> Sequence[Entry]:
        """The documents that supplement the one with `number`."""
        with self.engine.connect() as connection:
            rows = connection.execute(_ENTRY_ROW.where(entries.c.parent == number)).mappings().all()
            return [_read_entry(connection, row) for row in rows]

    def document(self, code: str) -> bytes | None:
        return self._bytes(_DOCUMENT_CODED, code)

    def document_numbered(self, number: str) -> bytes | None:
        return self._bytes(_DOCUMENT_NUMBERED, number)

    def signed_with(self, method: str) -> Sequence[Entry]:
        """The documents that have a proof by that verification method. Every document is read."""
        named = f'"verificationMethod":"{method}"'.encode()
        query = sa.select(entries.c.code, entries.c.document).order_by(entries.c.registered_at, entries.c.code)
        with self.engine.connect() as connection:
            rows = connection.execution_options(yield_per=500).execute(query)
            codes = [row.code for row in rows if named in row.document]
        return [entry for code in codes if (entry := self.entry(code))]

    def history(self, code: str) -> Sequence[Change]:
        with self.engine.connect() as connection:
            return _history(connection, code)

    def parent_history(self, code: str) -> Sequence[Change] | None:
        with self.engine.connect() as connection:
            parent = connection.execute(_PARENT, {"of": code}).scalar()
            return None if parent is None else _history(connection, parent)

    def successor(self, code: str) -> str | None:
        with self.engine.connect() as connection:
            found: str | None = connection.execute(_SUCCESSOR, {"of": code}).scalar()
            return found

    def status_list(self, url: str) -> bytes | None:
        return self._bytes(_LIST, url)

    def _bytes(self, query: sa.Select[Any], name: str) -> bytes | None:
        with self.engine.connect() as connection:
            found: bytes | None = connection.execute(query, {"of": name}).scalar()
            return found

    def status_token(self, url: str, form: TokenForm) -> bytes | None:
        """The newest token of the status list at that address."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(status_lists.c[form]).where(status_lists.c.url == url)).scalar()

    # What the issuer publishes

    def publish(self, published: Iterable[tuple[Entry, bytes]]) -> None:
        """Enters documents. Again with the same bytes changes nothing; with others raises `AlreadyPublished`."""
        with writing(self.engine) as connection:
            for entry, data in published:
                if not _is_published(connection, entry, data):
                    _insert_entry(connection, entry, data)

    def record(self, event: str, code: str, change: Change) -> None:
        """Enters a change of state; the same `event` again changes nothing."""
        with writing(self.engine) as connection:
            known = sa.select(changes.c.seq).where(changes.c.event == event, changes.c.code == code)
            if connection.execute(known).first() is None:
                connection.execute(changes.insert(), {"event": event, "code": code, **change_row(change)})

    def withhold(self, code: str, at: datetime) -> None:
        """From now on the public is shown no more than state, number and issuer; again changes nothing."""
        with writing(self.engine) as connection:
            if connection.execute(sa.select(withheld.c.code).where(withheld.c.code == code)).first() is None:
                connection.execute(withheld.insert(), {"code": code, "recorded_at": at})

    def states_of(self, url: str, now: datetime) -> Iterator[tuple[int, State]]:
        """(slot, state) of the documents of a list that have changed state at least once; a few at a time."""
        query = sa.select(entry_slots.c.slot, changes).join(entry_slots, changes.c.code == entry_slots.c.code)
        ours = sa.func.coalesce(entry_slots.c.list_url, "") == url  # so SQLite begins with the changes: they are fewer
        ordered = query.where(ours).order_by(changes.c.code, changes.c.seq)
        with self.engine.connect() as connection:
            rows = connection.execution_options(yield_per=1000).execute(ordered).mappings()
            for index, history in groupby(rows, lambda row: row["slot"]):
                yield index, state_at(map(_read_change, history), now)

    def list_version(self, url: str) -> int:
        """The version of the newest published list; 0 before the first."""
        with self.engine.connect() as connection:
            query = sa.select(status_lists.c.version).where(status_lists.c.url == url)
            return connection.execute(query).scalar() or 0

    def lists_in_force(self, now: datetime, until: datetime) -> frozenset[str]:
        """The lists that are good beyond `until`, with tokens, and in which nothing has taken effect since. One that
        was signed much later than `now` is not among them: the clock was wrong then."""
        tokens = sa.or_(status_lists.c.purpose != "revocation", status_lists.c.jwt.is_not(None))
        query = sa.select(status_lists.c.url, status_lists.c.signed_at)
        good = query.where(status_lists.c.valid_until > until, status_lists.c.signed_at <= now + _AHEAD, tokens)
        with self.engine.connect() as connection:
            found = {row.url: row.signed_at for row in connection.execute(good)}
            return frozenset(found) - _behind(connection, found, now)

    def put_list(self, published: PublishedList) -> bool:
        """Publishes a list if its version is the next one; False when another process was first."""
        values = {name: getattr(published, name) for name in PublishedList.__slots__}
        there = sa.select(status_lists.c.version).where(status_lists.c.url == published.url)
        with writing(self.engine) as connection:
            if (connection.execute(there).scalar() or 0) != published.version - 1:
                return False
            if published.version == 1:
                connection.execute(status_lists.insert(), values)
            else:
                connection.execute(sa.update(status_lists).where(status_lists.c.url == published.url).values(**values))
            return True


def _behind(connection: Connection, signed: Mapping[str, datetime], now: datetime) -> set[str]:
    """The lists in which a change that was to take effect later has done so since they were signed."""
    first, last = (instant.astimezone(KAZAKHSTAN).date() for instant in (min(signed.values(), default=now), now))
    query = sa.select(entry_slots.c.list_url, changes).join(entry_slots, changes.c.code == entry_slots.c.code)
    lately = connection.execute(query.where(changes.c.effective_on.between(first, last))).mappings()
    return {
        row["list_url"]
        for row in lately
        if row["list_url"] in signed and signed[row["list_url"]] < _read_change(row).effective_at <= now
    }


_ENTRY = [column for column in entries.c if column.name != "document"]
_ENTRY_FIELDS = [column.name for column in _ENTRY]
_ENTRY_SAID = [*_ENTRY_FIELDS, "withheld"]
_ENTRY_ROW = sa.select(*_ENTRY, sa.exists().where(withheld.c.code == entries.c.code).label("withheld"))
_ENTRY_CODED = _ENTRY_ROW.where(entries.c.code == sa.bindparam("of"))
_SLOTS = sa.select(entry_slots).where(entry_slots.c.code == sa.bindparam("of")).order_by(entry_slots.c.purpose)
_CHANGES = sa.select(changes).where(changes.c.code == sa.bindparam("of")).order_by(changes.c.seq)
_DOCUMENT_CODED, _DOCUMENT_NUMBERED = (
    sa.select(entries.c.document).where(c == sa.bindparam("of")) for c in entries.c["code", "number"]
)
_ANOTHER = entries.alias()
_PARENT = (
    sa.select(_ANOTHER.c.code)
    .join(entries, entries.c.parent == _ANOTHER.c.number)
    .where(entries.c.code == sa.bindparam("of"))
)
_SUCCESSOR = (
    sa.select(entries.c.code)
    .join(changes, changes.c.successor == entries.c.number)
    .where(changes.c.code == sa.bindparam("of"))
    .order_by(changes.c.seq.desc())
    .limit(1)
)
_LIST = sa.select(status_lists.c.document).where(status_lists.c.url == sa.bindparam("of"))


def _history(connection: Connection, code: str) -> Sequence[Change]:
    return [_read_change(row) for row in connection.execute(_CHANGES, {"of": code}).mappings()]


def _read_entry(connection: Connection, row: sa.RowMapping) -> Entry:
    found = connection.execute(_SLOTS, {"of": row["code"]}).mappings()
    slots = tuple(Slot(s["list_url"], s["slot"], s["purpose"]) for s in found)
    return Entry(**{name: row[name] for name in _ENTRY_SAID}, slots=slots)


def _is_published(connection: Connection, entry: Entry, data: bytes) -> bool:
    there = sa.select(entries.c.document).where(sa.or_(entries.c.code == entry.code, entries.c.number == entry.number))
    found = connection.execute(there).scalar()
    if found is not None and found != data:
        raise AlreadyPublished.saying("registry.already_published", number=entry.number)
    return found is not None


def _insert_entry(connection: Connection, entry: Entry, data: bytes) -> None:
    count(connection, place_of(entry, data))
    connection.execute(entries.insert(), entry_row(entry, data))
    if slots := slot_rows(entry):
        connection.execute(entry_slots.insert(), slots)


def entry_row(entry: Entry, data: bytes) -> dict[str, Any]:
    """A row of `entries`."""
    return {name: getattr(entry, name) for name in _ENTRY_FIELDS} | {"document": data}


def slot_rows(entry: Entry) -> list[dict[str, Any]]:
    """Its rows of `entry_slots`."""
    return [{"list_url": s.list_url, "slot": s.index, "purpose": s.purpose, "code": entry.code} for s in entry.slots]


_CHANGE = (
    *("act", "reason", "authority", "basis", "effective_on", "recorded_at", "successor"),
    *("decided_on", "from_beginning"),
)


def _read_change(row: sa.RowMapping) -> Change:
    return Change(**{name: row[name] for name in _CHANGE})


def change_row(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in _CHANGE}
