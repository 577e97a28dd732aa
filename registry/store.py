"""The registry in SQL. Rows are added, never changed or removed; the tables are in `registry.ledger`.

Keys of institutions and persons, and rules, are the exception in one way: an end (`retired_at`, `compromised_from`,
`valid_until`) is set once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry.entry import Entry
from registry.issuers import Accreditation, Institution, IssuerKey, ResponsiblePerson, SignatureRule
from registry.ledger import (
    accreditations,
    changes,
    entries,
    entry_slots,
    institutions,
    issuer_keys,
    responsible_persons,
    signature_rules,
    status_lists,
    withheld,
)
from registry.statuses import Change, State, state_at
from schemas.credential import Slot
from schemas.errors import Refused
from schemas.languages import KAZAKHSTAN, Text
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


def writing(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction that means to write: SQLite takes its write lock at once, so a read in it is never stale."""
    return engine.execution_options(writes=True).begin()


@dataclass(frozen=True)
class RegistryStore:
    """Answers what `registry.client.Registry` asks, and takes what the issuer publishes."""

    engine: Engine

    # What is asked

    def institution(self, did: str) -> Institution | None:
        return self._institution(_BY_DID, did)

    def institution_called(self, slug: str) -> Institution | None:
        """By its slug."""
        return self._institution(_BY_SLUG, slug)

    def institutions(self) -> Sequence[Institution]:
        """All, by slug."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(institutions).order_by(institutions.c.slug)).mappings().all()
            return [_read_institution(connection, row) for row in rows]

    def _institution(self, query: sa.Select[Any], name: str) -> Institution | None:
        with self.engine.connect() as connection:
            row = connection.execute(query, {"of": name}).mappings().first()
            return None if row is None else _read_institution(connection, row)

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

    def add_cosigners(self, did: str, people: Iterable[ResponsiblePerson], rules: Iterable[SignatureRule]) -> None:
        """Enters persons and rules of an institution; of those that are there, sets the ends that they have now."""
        with writing(self.engine) as connection:
            for person in people:
                _enter(connection, responsible_persons, _person_row(did, person), _PERSON_ENDS)
            for rule in rules:
                _enter(connection, signature_rules, _rule_row(did, rule), _RULE_ENDS)

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
_PERSON_ORDER = (responsible_persons.c.valid_from, responsible_persons.c.person, responsible_persons.c.role)

# What every verification asks, built once: that costs more than SQLite's answer. `of` is what is asked about.
_BY_DID, _BY_SLUG = (sa.select(institutions).where(c == sa.bindparam("of")) for c in institutions.c["did", "slug"])
_ACCREDITATIONS, _KEYS, _PERSONS, _RULES = (
    sa.select(table).where(table.c.did == sa.bindparam("of")).order_by(*order)
    for table, order in (
        (accreditations, [accreditations.c.id]),
        (issuer_keys, [issuer_keys.c.valid_from]),
        (responsible_persons, _PERSON_ORDER),
        (signature_rules, [signature_rules.c.id]),
    )
)
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


def _text(row: sa.RowMapping, name: str) -> Text:
    return Text(row[f"{name}_kk"], row[f"{name}_ru"], row[f"{name}_en"])


def _columns(name: str, text: Text) -> dict[str, str]:
    return {f"{name}_{language}": words for language, words in text}


def _read_institution(connection: Connection, row: sa.RowMapping) -> Institution:
    def its(query: sa.Select[Any]) -> sa.MappingResult:
        return connection.execute(query, {"of": row["did"]}).mappings()

    return Institution(
        **{name: row[name] for name in ("slug", "did", "letters", "organisation", "bin", "country", "test")},
        name=_text(row, "name"),
        city=_text(row, "city"),
        accreditations=tuple(_read_accreditation(a) for a in its(_ACCREDITATIONS)),
        keys=tuple(_read_key(key) for key in its(_KEYS)),
        persons=tuple(_read_person(p) for p in its(_PERSONS)),
        rules=tuple(_read_rule(rule) for rule in its(_RULES)),
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


_PERSON = ("person", "name", "role", "multibase", "valid_from", "retired_at", "compromised_from")
_PERSON_ENDS = ("retired_at", "compromised_from")
_RULE = ("kind", "programme", "needed", "form", "valid_from", "valid_until")
_RULE_ENDS = ("valid_until",)


def _enter(connection: Connection, table: sa.Table, row: dict[str, Any], ends: Sequence[str]) -> None:
    """A row that is there already is known by all but its ends; these are set where they are new."""
    of_it = connection.execute(sa.select(table).where(table.c.did == row["did"])).mappings()
    same = [name for name in row if name not in ends]
    there = next((each for each in of_it if all(each[name] == row[name] for name in same)), None)
    if there is None:
        connection.execute(table.insert(), row)
    elif new := {name: row[name] for name in ends if there[name] is None and row[name] is not None}:
        (key,) = table.primary_key
        connection.execute(sa.update(table).where(key == there[key.name]).values(**new))


def _read_person(row: sa.RowMapping) -> ResponsiblePerson:
    return ResponsiblePerson(**{name: row[name] for name in _PERSON}, position=_text(row, "position"))


def _person_row(did: str, person: ResponsiblePerson) -> dict[str, Any]:
    plain = {name: getattr(person, name) for name in _PERSON}
    return {"did": did} | plain | _columns("position", person.position)


def _read_rule(row: sa.RowMapping) -> SignatureRule:
    plain = {name: row[name] for name in _RULE}
    return SignatureRule(**plain, roles=tuple(row["roles"]), partners=tuple(row["partners"]))


def _rule_row(did: str, rule: SignatureRule) -> dict[str, Any]:
    seats = {"roles": list(rule.roles), "partners": list(rule.partners)}
    return {"did": did} | {name: getattr(rule, name) for name in _RULE} | seats


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
    row = {name: getattr(entry, name) for name in _ENTRY_FIELDS}
    connection.execute(entries.insert(), row | {"document": data})
    for slot in entry.slots:
        row = {"list_url": slot.list_url, "slot": slot.index, "purpose": slot.purpose, "code": entry.code}
        connection.execute(entry_slots.insert(), row)


_CHANGE = (
    *("act", "reason", "authority", "basis", "effective_on", "recorded_at", "successor"),
    *("decided_on", "from_beginning"),
)


def _read_change(row: sa.RowMapping) -> Change:
    return Change(**{name: row[name] for name in _CHANGE})


def _change_row(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in _CHANGE}
