"""What stands behind the ends of documents, in SQL, private. The tables are in `issuer.ends.ledger`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from issuer.ends.cases import Case, CaseState, Taken
from issuer.ends.ledger import annulment_steps, annulments, citations, flags, notices, officers, proposals
from issuer.ends.officers import Officer
from issuer.intents import Decided, Order, Proposal
from issuer.ledger import intents, persons
from issuer.mail import Letter, Way
from issuer.store import IssuerStore, Writing
from registry.statuses import Act

Closed = Literal["confirmed", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What a holder is told, and how far it has come."""

    id: int
    number: str
    about: str
    letter: Letter
    created_at: datetime
    tries: int
    next_try_at: datetime | None
    way: Way | None
    done_at: datetime | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A recognition commission's decision that rests on a document which has ended (QR-15)."""

    code: str
    number: str
    institution: str
    event: str
    cited: str
    act: Act
    flagged_at: datetime
    reviewed_at: datetime | None
    reviewed_by: str | None
    minutes: str | None
    conclusion: str | None


@dataclass(frozen=True)
class Ends:
    """Over one connection: that of a write transaction, or of a look."""

    connection: Connection

    # Officers

    def set_officers(self, institution: str, people: Sequence[Officer]) -> None:
        """Who may enter and confirm for an institution, from now on."""
        self.connection.execute(sa.delete(officers).where(officers.c.institution == institution))
        for officer in people:
            row = {name: getattr(officer, name) for name in ("person", "name", "valid_from", "valid_until")}
            self.connection.execute(officers.insert(), row | {"institution": institution, "may": list(officer.may)})

    def officers(self, institution: str) -> Sequence[Officer]:
        """Everybody who ever was entered and not taken out, by name."""
        query = sa.select(officers).where(officers.c.institution == institution).order_by(officers.c.name)
        rows = self.connection.execute(query).mappings()
        return [Officer(r["name"], tuple(r["may"]), r["valid_from"], r["valid_until"]) for r in rows]

    # Proposals

    def propose(self, proposal: Proposal) -> None:
        """A document has one open proposal at most: the index says so."""
        order = {name: getattr(proposal.order, name) for name in _ORDER}
        row = {"event": proposal.event, "code": proposal.code, "case_name": proposal.case, "state": "proposed"}
        self.connection.execute(proposals.insert(), {**order, **row, "proposed_at": proposal.proposed_at})

    def close(self, event: str, as_: Closed, by: str, at: datetime, because: str | None = None) -> bool:
        """Ends a proposal; False when it was closed before."""
        is_open = (proposals.c.event == event, proposals.c.state == "proposed")
        closed = {"state": as_, "closed_by": by, "closed_at": at, "because": because}
        return self.connection.execute(sa.update(proposals).where(*is_open).values(**closed)).rowcount == 1

    def open_proposal(self, event: str) -> Proposal | None:
        """The proposal of that event, if it waits."""
        return next(iter(self._proposals(proposals.c.event == event)), None)

    def open_proposal_of(self, code: str) -> Proposal | None:
        """What is proposed for a document."""
        return next(iter(self._proposals(proposals.c.code == code)), None)

    def open_proposals(self) -> Sequence[Proposal]:
        """All that wait, oldest first."""
        return self._proposals(sa.true())

    def _proposals(self, where: sa.ColumnElement[bool]) -> Sequence[Proposal]:
        joined = sa.select(proposals, intents.c.number, intents.c.institution).join(
            intents, intents.c.code == proposals.c.code
        )
        query = joined.where(where, proposals.c.state == "proposed").order_by(proposals.c.proposed_at, intents.c.number)
        return [_read_proposal(row) for row in self.connection.execute(query).mappings()]

    def decisions(self, code: str) -> Sequence[Decided]:
        """Every change recorded for a document, with the minutes and the persons behind it."""
        return Writing(self.connection).decisions(code)

    # Notices

    def add_notice(self, letter: Letter, code: str, about: str, at: datetime) -> None:
        """A notice that waits to be sent, from now on."""
        row = {"name": letter.name, "address": letter.address, "message": letter.message, "code": code, "about": about}
        self.connection.execute(notices.insert(), {**row, "created_at": at, "tries": 0, "next_try_at": at})

    def due_notices(self, now: datetime, limit: int) -> Sequence[Notice]:
        """What is to be tried now, oldest first."""
        due = _noticing.where(notices.c.next_try_at <= now).order_by(notices.c.id).limit(limit)
        return [_read_notice(row) for row in self.connection.execute(due).mappings()]

    def claim(self, notice: Notice, until: datetime) -> bool:
        """Takes a try for this process; False where another one has it."""
        as_seen = (notices.c.id == notice.id, notices.c.tries == notice.tries, notices.c.way.is_(None))
        taken = {"tries": notice.tries + 1, "next_try_at": until}
        return self.connection.execute(sa.update(notices).where(*as_seen).values(**taken)).rowcount == 1

    def settle(self, notice: Notice, way: Way | None, at: datetime, problem: str, next_try_at: datetime | None) -> None:
        """How a try went."""
        done = {"way": way, "done_at": at if way else None, "problem": problem or None, "next_try_at": next_try_at}
        self.connection.execute(sa.update(notices).where(notices.c.id == notice.id).values(**done))

    def notices(self, waiting: bool) -> Sequence[Notice]:
        """Every notice, newest first; or those that have not gone yet."""
        where = notices.c.way.is_(None) if waiting else sa.true()
        query = _noticing.where(where).order_by(notices.c.id.desc())
        return [_read_notice(row) for row in self.connection.execute(query).mappings()]

    # Cases of annulment

    def open_case(self, code: str, number: str, at: datetime) -> str:
        """A new case of a document; its name."""
        last = sa.select(sa.func.max(annulments.c.place)).where(annulments.c.code == code)
        place = (self.connection.execute(last).scalar() or 0) + 1
        row = {"case_name": f"{number}-A{place}", "code": code, "place": place, "opened_at": at, "state": "recorded"}
        self.connection.execute(annulments.insert(), row)
        return str(row["case_name"])

    def step(self, case: str, state: CaseState, taken: Taken) -> None:
        """A step of a case, and the state that it leads to."""
        steps = sa.select(sa.func.count()).where(annulment_steps.c.case_name == case)
        row = {"case_name": case, "place": self.connection.execute(steps).scalar(), "step": taken.step}
        said = {"at": taken.at, "by": taken.by, "said": dict(taken.said)}
        self.connection.execute(annulment_steps.insert(), {**row, **said})
        self.connection.execute(sa.update(annulments).where(annulments.c.case_name == case).values(state=state))

    def case(self, name: str) -> Case | None:
        """The case of that name."""
        return next(iter(self._cases(annulments.c.case_name == name)), None)

    def case_of(self, code: str) -> Case | None:
        """The newest case of a document."""
        return next(iter(self._cases(annulments.c.code == code)), None)

    def cases(self) -> Sequence[Case]:
        """Every case, newest first."""
        return self._cases(sa.true())

    def _cases(self, where: sa.ColumnElement[bool]) -> Sequence[Case]:
        joined = sa.select(annulments, intents.c.number, intents.c.institution).join(
            intents, intents.c.code == annulments.c.code
        )
        query = joined.where(where).order_by(annulments.c.opened_at.desc(), annulments.c.place.desc())
        return [self._read_case(row) for row in self.connection.execute(query).mappings().all()]

    def _read_case(self, row: sa.RowMapping) -> Case:
        query = sa.select(annulment_steps).where(annulment_steps.c.case_name == row["case_name"])
        rows = self.connection.execute(query.order_by(annulment_steps.c.place)).mappings()
        steps = tuple(Taken(each["step"], each["at"], each["by"], each["said"]) for each in rows)
        named = {name: row[name] for name in ("code", "number", "institution", "place", "state")}
        return Case(name=row["case_name"], steps=steps, **named)

    # Flags

    def cite(self, code: str, cited: Iterable[str]) -> None:
        """What a decision rests on; again changes nothing."""
        known = sa.select(citations.c.cited).where(citations.c.code == code)
        for name in sorted(set(cited) - set(self.connection.execute(known).scalars())):
            self.connection.execute(citations.insert(), {"cited": name, "code": code})

    def citing(self, names: Iterable[str]) -> Sequence[str]:
        """The decisions that rest on a document which is known by these names."""
        query = sa.select(citations.c.code).where(citations.c.cited.in_(list(names))).distinct()
        return list(self.connection.execute(query.order_by(citations.c.code)).scalars())

    def flag(self, code: str, event: str, cited: str, act: Act, at: datetime) -> bool:
        """Flags a decision; False where it is flagged for that event already."""
        known = sa.select(flags.c.code).where(flags.c.code == code, flags.c.event == event)
        if self.connection.execute(known).first():
            return False
        row = {"code": code, "event": event, "cited": cited, "act": act, "flagged_at": at}
        self.connection.execute(flags.insert(), row)
        return True

    def flags(self, *, waiting: bool) -> Sequence[Flag]:
        """Flagged decisions, oldest first; those that no commission has looked at yet, or all."""
        joined = sa.select(flags, intents.c.number, intents.c.institution).join(intents, intents.c.code == flags.c.code)
        where = flags.c.reviewed_at.is_(None) if waiting else sa.true()
        query = joined.where(where).order_by(flags.c.flagged_at, intents.c.number)
        return [Flag(**{name: row[name] for name in _FLAG}) for row in self.connection.execute(query).mappings()]

    def review(self, flag: Flag, by: str, minutes: str, conclusion: str, at: datetime) -> bool:
        """What the commission has found; False where that is recorded already."""
        same = (flags.c.code == flag.code, flags.c.event == flag.event, flags.c.reviewed_at.is_(None))
        found = {"reviewed_at": at, "reviewed_by": by, "minutes": minutes, "conclusion": conclusion}
        return self.connection.execute(sa.update(flags).where(*same).values(**found)).rowcount == 1

    # Holders

    def address(self, code: str) -> str | None:
        """The holder's e-mail, where the office gave one."""
        return self.connection.execute(sa.select(persons.c.email).where(persons.c.code == code)).scalar()


@contextmanager
def looking(store: IssuerStore) -> Iterator[Ends]:
    """For a look, without a write transaction."""
    with store.engine.connect() as connection:
        yield Ends(connection)


_ORDER = (
    *("act", "reason", "authority", "basis", "minutes", "entered_by"),
    *("decided_on", "effective_on", "from_beginning", "successor"),
)


_noticing = sa.select(notices, intents.c.number).join(intents, intents.c.code == notices.c.code)
_NOTICE = ("id", "number", "about", "created_at", "tries", "next_try_at", "way", "done_at", "problem")


_FLAG = (
    *("code", "number", "institution", "event", "cited", "act", "flagged_at"),
    *("reviewed_at", "reviewed_by", "minutes", "conclusion"),
)


def _read_notice(row: sa.RowMapping) -> Notice:
    letter = Letter(row["name"], row["address"], row["message"])
    return Notice(**{name: row[name] for name in _NOTICE}, letter=letter)


def _read_proposal(row: sa.RowMapping) -> Proposal:
    order: dict[str, Any] = {name: row[name] for name in _ORDER}
    named = {name: row[name] for name in ("event", "code", "number", "institution", "proposed_at")}
    return Proposal(**named, order=Order(**order), case=row["case_name"])
