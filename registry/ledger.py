"""The tables of the register; `registry.store` and `registry.institutions` are what reads and writes them.

Database triggers hold on SQLite that rows of `entries`, `entry_slots`, `changes`, `rights` and `withheld` are neither
changed nor removed, that no change follows the end of a document, and that of keys, persons and rules nothing but an
end is set.
That a document ends once is a unique index too, which PostgreSQL has as well (docs/attacks.md C12).
"""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry.statuses import TERMINAL
from schemas.credential import utc
from schemas.languages import LANGUAGES


class Instant(sa.types.TypeDecorator[datetime]):
    """An instant as UTC text with `Z`, whole seconds: the same in every database, and sorts as time does."""

    impl = sa.String(20)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else utc(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def writing(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction that means to write: SQLite takes its write lock at once, so a read in it is never stale."""
    return engine.execution_options(writes=True).begin()


metadata = sa.MetaData()


def _in_three(name: str, *, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(f"{name}_{language}", sa.Text, nullable=nullable) for language in LANGUAGES]


institutions = sa.Table(
    "institutions",
    metadata,
    sa.Column("did", sa.Text, primary_key=True),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    sa.Column("letters", sa.Text, nullable=False, unique=True),
    sa.Column("organisation", sa.Text, nullable=False),
    *_in_three("name"),
    sa.Column("bin", sa.Text, nullable=False, unique=True),
    sa.Column("country", sa.Text, nullable=False),
    *_in_three("city"),
    *_in_three("address", nullable=True),
    sa.Column("homepage", sa.Text),
    sa.Column("test", sa.Boolean, nullable=False),
)
revisions = sa.Table("roll_revisions", metadata, sa.Column("revision", sa.Integer, primary_key=True))
"""A row for each time that anything of an institution was entered, so that what was read stays good until the next."""
accreditation_bodies = sa.Table(
    "accreditation_bodies",
    metadata,
    sa.Column("did", sa.Text, primary_key=True),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    *_in_three("name"),
    sa.Column("bin", sa.Text, nullable=False),
    sa.Column("test", sa.Boolean, nullable=False),
)
rights = sa.Table(
    "rights",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("giver", sa.Text, nullable=False),
    sa.Column("holder", sa.Text, nullable=False, index=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("entered_at", Instant, nullable=False),
    sa.UniqueConstraint("kind", "giver", "number", "version"),
)
"""Accreditations and mandates; `holder` is the DID under which the register enters the institution or body."""
federation = sa.Table(
    "federation",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("signer", sa.Text, nullable=False),
    sa.Column("valid_until", Instant, nullable=False),
)
"""What the register says of its issuers today to verifiers elsewhere; of the past it says nothing."""
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
responsible_persons = sa.Table(
    "responsible_persons",
    metadata,
    sa.Column("multibase", sa.Text, primary_key=True),
    sa.Column("did", sa.ForeignKey("institutions.did"), nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    *_in_three("position"),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("retired_at", Instant),
    sa.Column("compromised_from", Instant),
    sa.UniqueConstraint("did", "person", "role", "valid_from"),
)
signature_rules = sa.Table(
    "signature_rules",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("did", sa.ForeignKey("institutions.did"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("programme", sa.Text),
    sa.Column("needed", sa.Integer, nullable=False),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("partners", sa.JSON, nullable=False),
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_until", sa.Date),
)
entries = sa.Table(
    "entries",
    metadata,
    sa.Column("code", sa.String(14), primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("issuer", sa.ForeignKey("institutions.did"), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("registered_at", Instant, nullable=False),
    sa.Column("parent", sa.Text, index=True),
    sa.Column("document", sa.LargeBinary, nullable=False),  # last: what stands before it is read without it
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
    sa.Column("decided_on", sa.Date),
    sa.Column("from_beginning", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("event", "code"),
)
withheld = sa.Table(
    "withheld",
    metadata,
    sa.Column("code", sa.ForeignKey("entries.code"), primary_key=True),
    sa.Column("recorded_at", Instant, nullable=False),
)
"""Documents of which the public is shown state, number and issuer alone."""
tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("issuer", sa.ForeignKey("institutions.did"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("level", sa.Integer, primary_key=True),
    sa.Column("documents", sa.Integer, nullable=False),
)
"""How many documents were published, in Kazakhstan's months; counted from `entries`, and no part of the register
(`registry.figures`)."""
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
    sa.Column("jwt", sa.LargeBinary),
    sa.Column("cwt", sa.LargeBinary),
)
challenges = sa.Table(
    "challenges",
    metadata,
    sa.Column("challenge", sa.String(64), primary_key=True),
    sa.Column("session", sa.String(64), nullable=False),
    sa.Column("ends_at", Instant, nullable=False, index=True),
    sa.Column("used_at", Instant),
)
"""Of holders' presentations, by SHA-256; no part of the register (`registry.challenges`)."""


def append_only(table: sa.Table) -> None:
    """Lets SQLite refuse every UPDATE and DELETE of `table`."""
    for verb in ("UPDATE", "DELETE"):
        refuse(table, verb, "", f"{table.name} is append-only")


def refuse(table: sa.Table, verb: str, when: str, because: str) -> None:
    """Lets SQLite refuse `verb`, an INSERT, UPDATE, UPDATE OF or DELETE, of rows of `table`."""
    name = f"{table.name}_no_{verb.lower().replace(', ', '_').replace(' ', '_')}"[:60]
    ddl: Any = sa.DDL(  # type: ignore[no-untyped-call]
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table.name} {when} BEGIN SELECT RAISE(ABORT, '{because}'); END"
    )
    table.info.setdefault(REFUSALS, {})[name] = ddl
    sa.event.listen(table, "after_create", ddl.execute_if(dialect="sqlite"))


def ends_once(table: sa.Table) -> None:
    """A table of changes of state: none follows the end of a document, and there is one end."""
    ended = f"act IN ({', '.join(repr(state) for state in sorted(TERMINAL))})"
    name, where = f"{table.name}_one_end", sa.text(ended)
    sa.Index(name, table.c.code, unique=True, sqlite_where=where, postgresql_where=where)
    earlier = f"WHEN EXISTS (SELECT 1 FROM {table.name} WHERE code = NEW.code AND {ended})"  # noqa: S608 (our words)
    refuse(table, "INSERT", earlier, "nothing follows the end of a document")


REFUSALS = "refusals"
"""Of `table.info`: the names of its triggers, and how each is made."""


for _table in (entries, entry_slots, changes, withheld, rights, accreditation_bodies, revisions):
    append_only(_table)
ends_once(changes)

refuse(status_lists, "UPDATE", "WHEN NEW.version != OLD.version + 1", "a list goes on to its next version")
refuse(status_lists, "DELETE", "", "a list is not removed")

_KEY = "id, did, multibase, purposes, valid_from"
refuse(issuer_keys, f"UPDATE OF {_KEY}", "", "a key is not changed")
refuse(issuer_keys, "DELETE", "", "a key is not removed")
for _end in ("retired_at", "compromised_from"):
    _later = f"WHEN OLD.{_end} IS NOT NULL AND (NEW.{_end} IS NULL OR NEW.{_end} > OLD.{_end})"
    refuse(issuer_keys, f"UPDATE OF {_end}", _later, "an end of a key is not taken back")

_SIGNER = "multibase, did, person, name, position_kk, position_ru, position_en, role, valid_from"
_RULE = "id, did, kind, programme, needed, roles, partners, form, valid_from"
for _table, _said, _ends in (
    (responsible_persons, _SIGNER, ("retired_at", "compromised_from")),
    (signature_rules, _RULE, ("valid_until",)),
):
    refuse(_table, f"UPDATE OF {_said}", "", "who signs beside an institution is not changed")
    refuse(_table, "DELETE", "", "who signs beside an institution is not removed")
    for _end in _ends:
        refuse(_table, f"UPDATE OF {_end}", f"WHEN OLD.{_end} IS NOT NULL", "an end is set once")
