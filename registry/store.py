"""The registry in SQL. Rows are added, never changed or removed; database triggers hold that on SQLite.

Institutions and their keys are the exception in one way: a key's end (`retired_at`, `compromised_from`) is set once.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry.entry import Entry
from registry.issuers import Accreditation, Institution, IssuerKey
from registry.statuses import Change
from schemas.credential import Slot, utc
from schemas.errors import Refused
from schemas.languages import Text


class Instant(sa.types.TypeDecorator[datetime]):
    """An instant as UTC text with `Z`, whole seconds: the same in every database, and sorts as time does."""

    impl = sa.String(20)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else utc(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


metadata = sa.MetaData()

_NAME = (
    sa.Column("name_kk", sa.Text, nullable=False),
    sa.Column("name_ru", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text, nullable=False),
)

institutions = sa.Table(
    "institutions",
    metadata,
    sa.Column("did", sa.Text, primary_key=True),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    sa.Column("letters", sa.Text, nullable=False, unique=True),
    sa.Column("organisation", sa.Text, nullable=False),
    *_NAME,
    sa.Column("bin", sa.Text, nullable=False, unique=True),
    sa.Column("country", sa.Text, nullable=False),
    sa.Column("city_kk", sa.Text, nullable=False),
    sa.Column("city_ru", sa.Text, nullable=False),
    sa.Column("city_en", sa.Text, nullable=False),
    sa.Column("test", sa.Boolean, nullable=False),
)
accreditations = sa.Table(
    "accreditations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("did", sa.ForeignKey("institutions.did"), nullable=False),
    sa.Column("kinds", sa.JSON, nullable=False),
    sa.Column("body_kk", sa.Text, nullable=False),
    sa.Column("body_ru", sa.Text, nullable=False),
    sa.Column("body_en", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_until", sa.Date),
)
issuer_keys = sa.Table(
    "issuer_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("did", sa.ForeignKey("institutions.did"), nullable=False),
    sa.Column("multibase", sa.Text, nullable=False, unique=True),
    sa.Column("purposes", sa.JSON, nullable=False),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("retired_at", Instant),
    sa.Column("compromised_from", Instant),
)
entries = sa.Table(
    "entries",
    metadata,
    sa.Column("code", sa.String(14), primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("issuer", sa.ForeignKey("institutions.did"), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("registered_at", Instant, nullable=False),
    sa.Column("parent", sa.Text, index=True),
)
entry_slots = sa.Table(
    "entry_slots",
    metadata,
    sa.Column("list_url", sa.Text, primary_key=True),
    sa.Column("slot", sa.Integer, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("code", sa.ForeignKey("entries.code"), nullable=False, index=True),
    sa.UniqueConstraint("code", "purpose"),
)
changes = sa.Table(
    "changes",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("code", sa.ForeignKey("entries.code"), nullable=False, index=True),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column("effective_on", sa.Date, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("successor", sa.Text),
    sa.UniqueConstraint("event", "code"),
)
status_lists = sa.Table(
    "status_lists",
    metadata,
    sa.Column("url", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("issuer", sa.ForeignKey("institutions.did"), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("signed_at", Instant, nullable=False),
    sa.Column("valid_until", Instant, nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
)


def append_only(table: sa.Table) -> None:
    """Lets SQLite refuse every UPDATE and DELETE of `table`."""
    for verb in ("UPDATE", "DELETE"):
        refuse(table, verb, "", f"{table.name} is append-only")


def refuse(table: sa.Table, verb: str, when: str, because: str) -> None:
    """Lets SQLite refuse `verb`, an UPDATE, UPDATE OF or DELETE, of rows of `table`."""
    name = f"{table.name}_no_{verb.lower().replace(', ', '_').replace(' ', '_')}"[:60]
    ddl: Any = sa.DDL(  # type: ignore[no-untyped-call]
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table.name} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{because}'); END"
    )
    sa.event.listen(table, "after_create", ddl.execute_if(dialect="sqlite"))


for _table in (entries, entry_slots, changes):
    append_only(_table)


class AlreadyPublished(Refused):
    """The same code or number with other bytes."""


@dataclass(frozen=True, slots=True)
class ListedSlot:
    """A slot of a list with the history of the document in it."""

    index: int
    history: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class PublishedList:
    """One version of a signed status list."""

    url: str
    version: int
    issuer: str
    purpose: str
    signed_at: datetime
    valid_until: datetime
    document: bytes


def writing(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction that means to write: SQLite takes its write lock at once, so a read in it is never stale."""
    return engine.execution_options(writes=True).begin()


@dataclass(frozen=True)
class RegistryStore:
    """Answers what `registry.client.Registry` asks, and takes what the issuer publishes."""

    engine: Engine

    # What is asked

    def institution(self, did: str) -> Institution | None:
        return self._institution(institutions.c.did == did)

    def institution_called(self, slug: str) -> Institution | None:
        """By its slug."""
        return self._institution(institutions.c.slug == slug)

    def institutions(self) -> Sequence[Institution]:
        """All, by slug."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(institutions).order_by(institutions.c.slug)).mappings().all()
            return [_read_institution(connection, row) for row in rows]

    def _institution(self, where: sa.ColumnElement[bool]) -> Institution | None:
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(institutions).where(where)).mappings().first()
            return None if row is None else _read_institution(connection, row)

    def entry(self, code: str) -> Entry | None:
        return self._entry(entries.c.code == code)

    def entry_numbered(self, number: str) -> Entry | None:
        return self._entry(entries.c.number == number)

    def _entry(self, where: sa.ColumnElement[bool]) -> Entry | None:
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(*_ENTRY).where(where)).mappings().first()
            return None if row is None else _read_entry(connection, row)

    def supplements(self, number: str) -> Sequence[Entry]:
        """The documents that supplement the one with `number`."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(*_ENTRY).where(entries.c.parent == number)).mappings().all()
            return [_read_entry(connection, row) for row in rows]

    def document(self, code: str) -> bytes | None:
        with self.engine.connect() as connection:
            return connection.execute(sa.select(entries.c.document).where(entries.c.code == code)).scalar()

    def history(self, code: str) -> Sequence[Change]:
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(changes).where(changes.c.code == code).order_by(changes.c.seq))
            return [_read_change(row) for row in rows.mappings()]

    def status_list(self, url: str) -> bytes | None:
        with self.engine.connect() as connection:
            return connection.execute(sa.select(status_lists.c.document).where(status_lists.c.url == url)).scalar()

    # What the issuer publishes

    def add_institution(self, institution: Institution) -> None:
        """A new issuer, with its accreditations and keys; once it is there, nothing is changed."""
        with writing(self.engine) as connection:
            if connection.execute(sa.select(institutions.c.did).where(institutions.c.slug == institution.slug)).first():
                return
            connection.execute(institutions.insert(), _institution_row(institution))
            for accreditation in institution.accreditations:
                connection.execute(accreditations.insert(), _accreditation_row(institution.did, accreditation))
            for key in institution.keys:
                connection.execute(issuer_keys.insert(), _key_row(institution.did, key))

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
                connection.execute(changes.insert(), {"event": event, "code": code, **_change_row(change)})

    def slots_of(self, url: str) -> Sequence[ListedSlot]:
        """The slots of a list whose documents have changed state at least once."""
        query = (
            sa.select(entry_slots.c.slot, changes)
            .join(changes, changes.c.code == entry_slots.c.code)
            .where(entry_slots.c.list_url == url)
            .order_by(changes.c.seq)
        )
        found: dict[int, list[Change]] = {}
        with self.engine.connect() as connection:
            for row in connection.execute(query).mappings():
                found.setdefault(row["slot"], []).append(_read_change(row))
        return [ListedSlot(index, tuple(history)) for index, history in found.items()]

    def list_version(self, url: str) -> int:
        """The version of the newest published list; 0 before the first."""
        with self.engine.connect() as connection:
            query = sa.select(status_lists.c.version).where(status_lists.c.url == url)
            return connection.execute(query).scalar() or 0

    def lists_until(self, instant: datetime) -> Sequence[tuple[str, str, str]]:
        """(url, issuer, purpose) of the lists that are good no longer than `instant`."""
        columns = (status_lists.c.url, status_lists.c.issuer, status_lists.c.purpose)
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(*columns).where(status_lists.c.valid_until <= instant))
            return [(row[0], row[1], row[2]) for row in rows]

    def took_effect(self, url: str, now: datetime) -> bool:
        """Has a change that was to take effect later done so since the list was signed?"""
        signed = self._signed_at(url)
        return any(signed < change.effective_at <= now for slot in self.slots_of(url) for change in slot.history)

    def _signed_at(self, url: str) -> datetime:
        with self.engine.connect() as connection:
            query = sa.select(status_lists.c.signed_at).where(status_lists.c.url == url)
            signed: datetime = connection.execute(query).scalar_one()
            return signed

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


_ENTRY = [column for column in entries.c if column.name != "document"]
_ENTRY_FIELDS = [column.name for column in _ENTRY]


def _text(row: sa.RowMapping, name: str) -> Text:
    return Text(row[f"{name}_kk"], row[f"{name}_ru"], row[f"{name}_en"])


def _columns(name: str, text: Text) -> dict[str, str]:
    return {f"{name}_{language}": words for language, words in text}


def _read_institution(connection: Connection, row: sa.RowMapping) -> Institution:
    of_it = sa.select(accreditations).where(accreditations.c.did == row["did"]).order_by(accreditations.c.id)
    its_keys = sa.select(issuer_keys).where(issuer_keys.c.did == row["did"]).order_by(issuer_keys.c.valid_from)
    return Institution(
        **{name: row[name] for name in ("slug", "did", "letters", "organisation", "bin", "country", "test")},
        name=_text(row, "name"),
        city=_text(row, "city"),
        accreditations=tuple(_read_accreditation(a) for a in connection.execute(of_it).mappings()),
        keys=tuple(_read_key(key) for key in connection.execute(its_keys).mappings()),
    )


def _institution_row(institution: Institution) -> dict[str, Any]:
    names = ("slug", "did", "letters", "organisation", "bin", "country", "test")
    plain = {name: getattr(institution, name) for name in names}
    return plain | _columns("name", institution.name) | _columns("city", institution.city)


def _read_accreditation(row: sa.RowMapping) -> Accreditation:
    return Accreditation(tuple(row["kinds"]), _text(row, "body"), row["number"], row["valid_from"], row["valid_until"])


def _accreditation_row(did: str, accreditation: Accreditation) -> dict[str, Any]:
    dates: dict[str, date | None] = {"valid_from": accreditation.valid_from, "valid_until": accreditation.valid_until}
    plain = {"did": did, "kinds": list(accreditation.kinds), "number": accreditation.number}
    return plain | dates | _columns("body", accreditation.body)


def _read_key(row: sa.RowMapping) -> IssuerKey:
    times = (row["valid_from"], row["retired_at"], row["compromised_from"])
    return IssuerKey(row["id"], row["multibase"], tuple(row["purposes"]), *times)


def _key_row(did: str, key: IssuerKey) -> dict[str, Any]:
    names = ("id", "multibase", "valid_from", "retired_at", "compromised_from")
    return {"did": did, "purposes": list(key.purposes)} | {name: getattr(key, name) for name in names}


def _read_entry(connection: Connection, row: sa.RowMapping) -> Entry:
    query = sa.select(entry_slots).where(entry_slots.c.code == row["code"]).order_by(entry_slots.c.purpose)
    slots = tuple(Slot(s["list_url"], s["slot"], s["purpose"]) for s in connection.execute(query).mappings())
    return Entry(**{name: row[name] for name in _ENTRY_FIELDS}, slots=slots)


def _is_published(connection: Connection, entry: Entry, data: bytes) -> bool:
    there = sa.select(entries.c.document).where(sa.or_(entries.c.code == entry.code, entries.c.number == entry.number))
    found = connection.execute(there).scalar()
    if found is not None and found != data:
        raise AlreadyPublished.saying("registry.already_published", number=entry.number)
    return found is not None


def _insert_entry(connection: Connection, entry: Entry, data: bytes) -> None:
    row = {name: getattr(entry, name) for name in _ENTRY_FIELDS}
    connection.execute(entries.insert(), row | {"document": data})
    for slot in entry.slots:
        row = {"list_url": slot.list_url, "slot": slot.index, "purpose": slot.purpose, "code": entry.code}
        connection.execute(entry_slots.insert(), row)


_CHANGE = ("act", "reason", "authority", "basis", "effective_on", "recorded_at", "successor")


def _read_change(row: sa.RowMapping) -> Change:
    return Change(**{name: row[name] for name in _CHANGE})


def _change_row(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in _CHANGE}
