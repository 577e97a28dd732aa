"""The issuer's own record in SQL, private: intents, numbers, slots, signed documents, changes, audit.

An intent holds the exact bytes to be signed and is committed before the key is used. The tables are in
`issuer.ledger`.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from issuer.intents import Decided, Errand, Intent, IntentState
from issuer.ledger import (
    audit,
    changes,
    counters,
    finals,
    intents,
    links,
    lists,
    outbox,
    persons,
    prints,
    proofs,
    signatories,
    slots,
)
from registry.ledger import writing
from registry.statuses import Change
from schemas.canonical import jcs
from schemas.credential import Slot, utc, written
from schemas.kinds.document import Signatory
from schemas.numbers import Number, new_code
from schemas.reading import Json
from schemas.statuslist import MIN_SLOTS

LinkPurpose = Literal["holder", "share"]
_FULL = 2
"""A list is closed when half its slots are taken, so that a random free slot is found at once."""


@dataclass(frozen=True)
class Writing:
    """One open write transaction: all of it becomes durable, or nothing."""

    connection: Connection
    new_list: int = MIN_SLOTS
    """The slots of a list that has to be opened."""
    promised: set[tuple[str, int]] = field(default_factory=set)
    """Slots given out in this transaction whose rows follow."""

    def next_number(self, institution: str, letters: str, kind: str, year: int) -> str:
        """The next registration number of an institution, kind and year."""
        key = {"institution": institution, "kind": kind, "year": year}
        where = [counters.c[name] == value for name, value in key.items()]
        last = self.connection.execute(sa.select(counters.c.last).where(*where).with_for_update()).scalar()
        if last is None:
            self.connection.execute(counters.insert(), {**key, "last": 1})
        else:
            self.connection.execute(sa.update(counters).where(*where).values(last=last + 1))
        return str(Number(letters, kind, year, (last or 0) + 1))

    def intent_of_case(self, institution: str, kind: str, case: str) -> Intent | None:
        """The intent, not void, of an office's case."""
        row = self.connection.execute(sa.select(intents).where(_of_case(institution, kind, case))).mappings().first()
        return None if row is None else _read_intent(row)

    def new_code(self, random: Callable[[int], int]) -> str:
        """A public code that no document has."""
        while True:
            code = new_code(random)
            if self.connection.execute(sa.select(intents.c.code).where(intents.c.code == code)).first() is None:
                return code

    def free_slot(self, institution: str, purpose: str, base_url: str, random: Callable[[int], int]) -> Slot:
        """A random free slot in the institution's open list for `purpose`; opens the next list when it is full."""
        url, size = self._open_list(institution, purpose, base_url)
        while True:
            index = random(size)
            taken = sa.select(slots.c.slot).where(slots.c.list_url == url, slots.c.slot == index)
            if (url, index) not in self.promised and self.connection.execute(taken).first() is None:
                self.promised.add((url, index))
                return Slot(url, index, purpose)

    def _open_list(self, institution: str, purpose: str, base_url: str) -> tuple[str, int]:
        same = (lists.c.institution == institution, lists.c.purpose == purpose)
        newest = sa.select(lists).where(*same).order_by(lists.c.ordinal.desc()).limit(1).with_for_update()
        row = self.connection.execute(newest).mappings().first()
        if row is not None and row["taken"] < row["slots"] // _FULL:
            self.connection.execute(sa.update(lists).where(lists.c.url == row["url"]).values(taken=row["taken"] + 1))
            return row["url"], row["slots"]
        ordinal = row["ordinal"] + 1 if row else 1
        url = f"{base_url}/status/{institution}-{purpose}-{ordinal}"
        values = {"url": url, "institution": institution, "purpose": purpose, "ordinal": ordinal, "taken": 1}
        self.connection.execute(lists.insert(), values | {"slots": self.new_list})
        return url, self.new_list

    def record_intent(self, intent: Intent, taken: Sequence[Slot], iin: str | None, email: str | None) -> None:
        """The bytes to be signed, their slots, and what is private about the holder."""
        row = {name: getattr(intent, name) for name in _INTENT} | {"file_case": intent.case}
        self.connection.execute(intents.insert(), row | {"options": dict(intent.options)})
        for slot in taken:
            values = {"list_url": slot.list_url, "slot": slot.index, "purpose": slot.purpose, "code": intent.code}
            self.connection.execute(slots.insert(), values)
        self.connection.execute(persons.insert(), {"code": intent.code, "iin": iin, "email": email})

    def is_open(self, code: str) -> bool:
        """Is the intent still to be signed?"""
        query = sa.select(intents.c.state).where(intents.c.code == code)
        return self.connection.execute(query).scalar() == "intended"

    def record_proof(self, code: str, proof: Mapping[str, Json], at: datetime) -> None:
        """A signature of a document that waits for more: the institution's, then those beside it, one by each key."""
        who = str(proof["verificationMethod"])
        row = {"code": code, "place": len(self.proofs(code)), "who": who, "proof": written(proof), "signed_at": at}
        self.connection.execute(proofs.insert(), row)

    def proofs(self, code: str) -> tuple[dict[str, Json], ...]:
        """The signatures that a waiting document has, in their order; none, where nobody has to sign beside."""
        query = sa.select(proofs.c.proof).where(proofs.c.code == code).order_by(proofs.c.place)
        return tuple(json.loads(proof) for proof in self.connection.execute(query).scalars())

    def record_final(self, code: str, document: bytes, at: datetime) -> None:
        """The signed document and, in the same transaction, the errand to publish it."""
        self.connection.execute(finals.insert(), {"code": code, "document": document, "signed_at": at})
        self.connection.execute(sa.update(intents).where(intents.c.code == code).values(state="final"))
        self.send("publish", code, at)

    def void(self, intent: Intent, at: datetime, reason: str, by: str) -> None:
        """Ends an intent that leads to no document; its number stays taken, with the reason and whose act it was."""
        ended = sa.update(intents).where(intents.c.code == intent.code).values(state="void", void_reason=reason)
        self.connection.execute(ended)
        self.audit(at, by, "void", intent.number, reason=reason)

    def record_change(self, decided: Decided) -> None:
        """A change of state and the errand to publish it."""
        values = {name: getattr(decided.change, name) for name in _CHANGE}
        private = {name: getattr(decided, name) for name in ("entered_by", "confirmed_by", "minutes")}
        row = {"event": decided.event, "code": decided.code, **values, **private}
        self.connection.execute(changes.insert(), row)
        self.send("change", f"{decided.event}:{decided.code}", decided.change.recorded_at)

    def send(self, errand: str, subject: str, at: datetime) -> None:
        """An errand to the registry, delivered once this transaction is durable (`issuer.outbox`)."""
        self.connection.execute(outbox.insert(), {"errand": errand, "subject": subject, "created_at": at})

    def audit(self, at: datetime, actor: str, act: str, subject: str, **detail: str) -> None:
        """A row of the audit chain: each row's hash covers the one before it."""
        newest = sa.select(audit.c.chain).order_by(audit.c.seq.desc()).limit(1)
        before = self.connection.execute(newest).scalar() or ""
        row = {"at": utc(at), "actor": actor, "act": act, "subject": subject, "detail": detail, "before": before}
        chain = hashlib.sha256(jcs(row)).hexdigest()
        values = {"actor": actor, "act": act, "subject": subject, "detail": json.dumps(detail, ensure_ascii=False)}
        self.connection.execute(audit.insert(), {"at": at, "chain": chain, **values})

    def is_audited(self, act: str, subject: str, **detail: str) -> bool:
        """Is there such a row of the audit, with at least these details?"""
        query = sa.select(audit.c.detail).where(audit.c.subject == subject, audit.c.act == act)
        return any(detail.items() <= json.loads(each).items() for each in self.connection.execute(query).scalars())

    def history(self, code: str) -> Sequence[Change]:
        """Every change recorded for a document, delivered or not."""
        return [decided.change for decided in self.decisions(code)]

    def newest_signature(self) -> datetime | None:
        """When a document was last signed, or the clock was last said to be right."""
        signed = sa.select(audit.c.at).where(audit.c.act.in_(("sign", "clock")))
        return self.connection.execute(signed.order_by(audit.c.seq.desc()).limit(1)).scalar()

    def decisions(self, code: str) -> Sequence[Decided]:
        """The same with the persons behind each."""
        rows = self.connection.execute(sa.select(changes).where(changes.c.code == code).order_by(changes.c.seq))
        return [read_decided(row) for row in rows.mappings()]

    def supplements_of(self, number: str, state: IntentState = "final") -> Sequence[Intent]:
        """The supplements of the document with `number`: signed, or still to be signed by all."""
        query = sa.select(intents).where(intents.c.parent == number, intents.c.state == state)
        return [_read_intent(row) for row in self.connection.execute(query).mappings()]

    def next_print(self, code: str, on: date, by: str) -> int:
        """Records a printing; 1 is the original, 2 and more are duplicates."""
        last = sa.select(sa.func.max(prints.c.number)).where(prints.c.code == code)
        number = (self.connection.execute(last).scalar() or 0) + 1
        self.connection.execute(prints.insert(), {"code": code, "number": number, "printed_on": on, "printed_by": by})
        return number

    def open_link(self, code: str, purpose: LinkPurpose, token_for: Callable[[int], str], at: datetime) -> str:
        """A new link; the older ones of its purpose end."""
        self.end_links(code, purpose, at)
        newest = sa.select(sa.func.max(links.c.generation)).where(links.c.code == code, links.c.purpose == purpose)
        generation = (self.connection.execute(newest).scalar() or 0) + 1
        token = token_for(generation)
        row = {
            "token_sha256": _sha256(token),
            "code": code,
            "purpose": purpose,
            "generation": generation,
            "created_at": at,
        }
        self.connection.execute(links.insert(), row)
        return token

    def end_links(self, code: str, purpose: LinkPurpose, at: datetime) -> int:
        """Ends every open link of a purpose; how many there were."""
        open_ones = (links.c.code == code, links.c.purpose == purpose, links.c.ended_at.is_(None))
        return self.connection.execute(sa.update(links).where(*open_ones).values(ended_at=at)).rowcount


@dataclass(frozen=True)
class IssuerStore:
    """The private record."""

    engine: Engine
    new_list: int = MIN_SLOTS
    """The slots of the status lists that are opened from now on."""

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """A write transaction, durable when the block ends without an exception."""
        with writing(self.engine) as connection:
            yield Writing(connection, self.new_list)

    def set_signatories(self, institution: str, people: Sequence[Signatory]) -> None:
        """Who answers for an institution's documents, in order."""
        with writing(self.engine) as connection:
            connection.execute(sa.delete(signatories).where(signatories.c.institution == institution))
            for place, person in enumerate(people):
                row = {"institution": institution, "place": place, "person": person.model_dump(by_alias=True)}
                connection.execute(signatories.insert(), row)

    def signatories(self, institution: str) -> tuple[Signatory, ...]:
        """The responsible persons of an institution."""
        query = (
            sa.select(signatories.c.person)
            .where(signatories.c.institution == institution)
            .order_by(signatories.c.place)
        )
        with self.engine.connect() as connection:
            return tuple(Signatory.model_validate(person) for person in connection.execute(query).scalars())

    def intent_of_case(self, institution: str, kind: str, case: str) -> Intent | None:
        """The intent, not void, of an office's case."""
        return self._intent(_of_case(institution, kind, case))

    def intent_numbered(self, number: str) -> Intent | None:
        return self._intent(intents.c.number == number)

    def intent_coded(self, code: str) -> Intent | None:
        return self._intent(intents.c.code == code)

    def _intent(self, where: sa.ColumnElement[bool]) -> Intent | None:
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(intents).where(where)).mappings().first()
            return None if row is None else _read_intent(row)

    def unfinished(self) -> Sequence[Intent]:
        """Intents that were recorded but not signed: a crash lies between."""
        return self._intended(~_HAS_PROOFS)

    def waiting(self) -> Sequence[Intent]:
        """Intents that the institution has signed, and others have to sign too."""
        return self._intended(_HAS_PROOFS)

    def _intended(self, where: sa.ColumnElement[bool]) -> Sequence[Intent]:
        query = sa.select(intents).where(intents.c.state == "intended", where)
        with self.engine.connect() as connection:
            rows = connection.execute(query.order_by(intents.c.created_at, intents.c.number))
            return [_read_intent(row) for row in rows.mappings()]

    def proofs(self, code: str) -> tuple[dict[str, Json], ...]:
        """The signatures that a waiting document has."""
        with self.engine.connect() as connection:
            return Writing(connection).proofs(code)

    def newest_signature(self) -> datetime | None:
        """When a document was last signed, or the clock was last said to be right."""
        with self.engine.connect() as connection:
            return Writing(connection).newest_signature()

    def newest_intent(self, institution: str) -> datetime | None:
        """When an institution last recorded a document to be signed."""
        query = sa.select(sa.func.max(intents.c.created_at)).where(intents.c.institution == institution)
        with self.engine.connect() as connection:
            return connection.execute(query).scalar()

    def final(self, code: str) -> bytes | None:
        """The signed document."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(finals.c.document).where(finals.c.code == code)).scalar()

    def iin(self, code: str) -> str | None:
        """The holder's IIN, where the office gave it; it never leaves the private tables."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(persons.c.iin).where(persons.c.code == code)).scalar()

    def slots_of(self, code: str) -> tuple[Slot, ...]:
        """The document's places in status lists."""
        query = sa.select(slots).where(slots.c.code == code).order_by(slots.c.purpose)
        with self.engine.connect() as connection:
            return tuple(Slot(r["list_url"], r["slot"], r["purpose"]) for r in connection.execute(query).mappings())

    def history(self, code: str) -> Sequence[Change]:
        """Every change recorded for a document, delivered or not."""
        with self.engine.connect() as connection:
            return Writing(connection).history(code)

    def decided(self, event: str, code: str) -> Decided | None:
        """A recorded change with the persons behind it."""
        where = (changes.c.event == event, changes.c.code == code)
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(changes).where(*where)).mappings().first()
            return None if row is None else read_decided(row)

    def errands(self, limit: int = 100) -> Sequence[Errand]:
        """What waits to be delivered, oldest first."""
        waiting = sa.select(outbox).where(outbox.c.delivered_at.is_(None)).order_by(outbox.c.id).limit(limit)
        with self.engine.connect() as connection:
            return [Errand(row["id"], row["errand"], row["subject"]) for row in connection.execute(waiting).mappings()]

    def delivered(self, ids: Iterable[int], at: datetime) -> None:
        """Marks errands as done."""
        with writing(self.engine) as connection:
            connection.execute(sa.update(outbox).where(outbox.c.id.in_(list(ids))).values(delivered_at=at))

    def lists(self) -> Sequence[tuple[str, str, str]]:
        """(url, institution, purpose) of every list ever opened."""
        with self.engine.connect() as connection:
            return [
                (r.url, r.institution, r.purpose) for r in connection.execute(sa.select(lists).order_by(lists.c.url))
            ]

    def list_size(self, url: str) -> int:
        """How many slots a list has."""
        with self.engine.connect() as connection:
            size: int = connection.execute(sa.select(lists.c.slots).where(lists.c.url == url)).scalar_one()
            return size

    def last_print(self, code: str) -> tuple[int, date] | None:
        """The newest printing: its number and day."""
        query = sa.select(prints).where(prints.c.code == code).order_by(prints.c.number.desc()).limit(1)
        with self.engine.connect() as connection:
            row = connection.execute(query).mappings().first()
            return None if row is None else (row["number"], row["printed_on"])

    def open_link(self, code: str, purpose: LinkPurpose) -> int | None:
        """The generation of the link that is open for a document."""
        where = (links.c.code == code, links.c.purpose == purpose, links.c.ended_at.is_(None))
        with self.engine.connect() as connection:
            return connection.execute(sa.select(links.c.generation).where(*where)).scalar()

    def code_of_link(self, token: str, purpose: LinkPurpose) -> str | None:
        """The document that an open link leads to."""
        where = (links.c.token_sha256 == _sha256(token), links.c.purpose == purpose, links.c.ended_at.is_(None))
        with self.engine.connect() as connection:
            return connection.execute(sa.select(links.c.code).where(*where)).scalar()


_INTENT = (
    *("code", "number", "institution", "kind", "profile", "facts_digest", "document", "canonical_sha256"),
    *("operator", "created_at", "state", "parent"),
)
_HAS_PROOFS = sa.exists().where(proofs.c.code == intents.c.code)
_CHANGE = (
    *("act", "reason", "authority", "basis", "effective_on", "recorded_at", "successor"),
    *("decided_on", "from_beginning"),
)


def _of_case(institution: str, kind: str, case: str) -> sa.ColumnElement[bool]:
    same = (intents.c.institution == institution, intents.c.kind == kind, intents.c.file_case == case)
    return sa.and_(*same, intents.c.state != "void")


def _read_intent(row: sa.RowMapping) -> Intent:
    return Intent(**{name: row[name] for name in _INTENT}, case=row["file_case"], options=row["options"])


def read_decided(row: sa.RowMapping) -> Decided:
    """A row of `issuer.ledger.changes`."""
    change = Change(**{name: row[name] for name in _CHANGE})
    return Decided(row["event"], row["code"], change, row["entered_by"], row["confirmed_by"], row["minutes"])


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_event() -> str:
    """The name of a change, 128 random bits."""
    return secrets.token_hex(16)
