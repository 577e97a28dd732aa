"""What a process of the office does until it is killed: it finishes what the one before it has left, then issues and
ends documents, and says of each act that it is done only once the product has said so."""

import json
import os
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from issuer import cosign, outbox, signing, status
from issuer import issue as issuing
from issuer.cosign import Waiting
from issuer.ends.store import looking
from issuer.intents import Proposal
from issuer.issue import Issued
from registry.statuses import state_at
from schemas.errors import Refused
from tests.cosigning import person, rule
from tests.torture.points import Points, WitnessedKeys
from tests.world import (
    BEGINNING,
    CENTRE,
    EXTRACT,
    MICRO,
    SECOND,
    SUPPLEMENT,
    TRAINING,
    UNIVERSITY,
    Clock,
    World,
    institution_row,
)

COSIGNED = institution_row(
    "kau",
    "KAU",
    "050140000011",
    [MICRO],
    responsible_persons=[person("ulykbekova", "rector")],
    signature_rules=[rule(1, "rector")],
)
"""An institution whose documents its rector has to sign too."""
KINDS = (MICRO, MICRO, MICRO, CENTRE, EXTRACT, TRAINING)
OPEN = """SELECT count(*) FROM issuer_intents WHERE state = 'intended'
 AND code NOT IN (SELECT code FROM issuer_proofs)"""
ERRANDS = "SELECT count(*) FROM issuer_outbox WHERE delivered_at IS NULL"


@dataclass(frozen=True)
class Life:
    """One process: which home, the how-manieth, what chance is its own, and when it dies."""

    folder: Path
    number: int
    seed: int
    last: int | None = None
    around: str | None = None
    acts: tuple[str, ...] | None = None
    """What it does, if it lives so long; None: whatever chance wants, without end."""
    alone: bool = True

    def open(self, points: Points, journal: int) -> World:
        """The home as this process finds it; the clock goes on from process to process, so
        that lists are signed again on time too."""
        clock = Clock(BEGINNING + timedelta(minutes=25 * self.number))
        entered = self.folder / "institutions-are-entered"
        rows = () if entered.exists() else (UNIVERSITY, COSIGNED)
        world = World(self.folder, rows=rows, clock=clock, seed=self.seed)
        entered.touch()
        world.cases = self.seed % 1_000_003 * 1000
        world.office = replace(world.office, ring=WitnessedKeys(world.keys, points, journal))
        points.watch(world.home.engine)
        return world


@dataclass
class Worker:
    """The office of one process, and whom it tells."""

    w: World
    chance: random.Random
    points: Points
    told: int
    """A pipe: what is written there stays when the process is killed."""

    def tell(self, what: str, *words: object) -> None:
        """An answer to whoever asked for the act."""
        self.points.reach("answer")
        os.write(self.told, json.dumps([what, *words]).encode() + b"\n")
        self.points.reach("answer")

    # Issuing

    def issue(self) -> None:
        self._answer(self.w.approve(self.chance.choice(KINDS)) for _ in range(1))

    def issue_many(self) -> None:
        issuing.GROUP = self.chance.choice((1, 2, 3, 100))
        self._answer(self.w.approve(self.chance.choice(KINDS)) for _ in range(self.chance.randint(2, 6)))

    def issue_again(self) -> None:
        """A case that is there already, finished or not: the clerk has not seen an answer, and asks once more."""
        known = self.w.rows_of(
            "SELECT file_case, kind FROM issuer_intents WHERE institution = 'kmu' AND parent IS NULL"
        )
        cases = self.chance.sample(known, min(len(known), 2))
        self._answer(self.w.approve(kind, case=case) for case, kind in cases)

    def issue_supplement(self) -> None:
        if parent := self._one_of(MICRO, ("valid",)):
            self._answer([self.w.approve(SUPPLEMENT, parent=parent)])

    def issue_cosigned(self) -> None:
        self._answer([self.w.approve(MICRO, by="kau")])

    def _answer(self, approvals: Iterable[issuing.Approval]) -> None:
        for each in issuing.issue(self.w.office, list(approvals), outbox.deliver):
            if isinstance(each, Waiting):
                self.tell("waiting", each.intent.code, each.intent.number)
            else:
                self.tell("issued", each.code, each.number)

    def cosign(self) -> None:
        """The rector signs one that waits, or somebody withdraws it."""
        found = cosign.waiting(self.w.office)
        if not found:
            return
        number = self.chance.choice(found).intent.number
        if self.chance.random() < 0.2:
            cosign.withdraw(self.w.office, number, "the rector does not want to sign it")
            self.tell("withdrawn", number)
        else:
            signed = cosign.cosign(self.w.office, number, "rector")
            outbox.deliver(self.w.office)
            (code,) = self.w.rows_of("SELECT code FROM issuer_intents WHERE number = :n", n=signed.number)[0]
            self.tell("issued", code, signed.number)

    # Ending

    def end(self) -> None:
        """One person proposes, another confirms; what a killed process has left proposed is confirmed or withdrawn."""
        if issued := self._one_of(None, ("valid", "suspended")):
            with looking(self.w.office.store) as ends:
                left = ends.open_proposal_of(issued.code)
            if left is None:
                self._end(issued)
            else:
                self._end_as_proposed(left)

    def _end_as_proposed(self, left: Proposal) -> None:
        try:
            status.confirm(self.w.office, left.event, SECOND)
        except Refused:  # its successor has ended since, or this document
            status.withdraw(self.w.office, left.event, SECOND, "it cannot be any more")
        else:
            outbox.deliver(self.w.office)
            self.tell("changed", left.code, left.order.act)

    def _end(self, issued: Issued) -> None:
        act = self.chance.choice(("revoked", "annulled", "replaced", "suspended", "suspended"))
        if act == "replaced":
            (successor,) = self.w.issue_many(1, self._kind(issued))
            self.tell("issued", successor.code, successor.number)
            self.w.replace(issued, successor)
        elif act == "suspended" and self._state(issued.code) == "suspended":
            act = "reinstated"
            self.w.reinstate(issued)
        else:
            {"revoked": self.w.revoke, "annulled": self.w.annul, "suspended": self.w.suspend}[act](issued)
        self.tell("changed", issued.code, act)

    def _one_of(self, kind: str | None, states: Iterable[str]) -> Issued | None:
        """A document in one of these states."""
        final = "SELECT code, number, file_case FROM issuer_intents WHERE state = 'final' AND institution = 'kmu'"
        rows = self.w.rows_of(f"{final} AND kind = '{kind}'" if kind else final)
        for _ in range(5 if rows else 0):
            code, number, case = self.chance.choice(rows)
            if self._state(code) in states:
                return Issued(code, number, b"", case)
        return None

    def _state(self, code: str) -> str:
        return state_at(self.w.office.store.history(code), self.w.clock.now)

    def _kind(self, issued: Issued) -> str:
        return str(self.w.rows_of("SELECT kind FROM issuer_intents WHERE code = :code", code=issued.code)[0][0])


ACTS = {
    "issue": 30,
    "issue_many": 14,
    "issue_again": 10,
    "issue_supplement": 6,
    "issue_cosigned": 8,
    "cosign": 8,
    "end": 22,
}
"""What a worker does, and how often."""


def live(life: Life, told: int, journal: int) -> None:
    """One process, from its start to its end; it may not come so far."""
    points = Points(life.last, life.around)
    w = life.open(points, journal)
    worker = Worker(w, random.Random(life.seed), points, told)
    finished = signing.resume(w.office)
    outbox.deliver(w.office)
    (open_intents,), (errands,) = w.rows_of(OPEN)[0], w.rows_of(ERRANDS)[0]
    if life.alone and (open_intents or errands):
        raise AssertionError(f"after a restart {open_intents} intents and {errands} errands are open")
    worker.tell("ready", finished)
    for act in _chosen(worker.chance) if life.acts is None else life.acts:
        try:
            getattr(worker, act)()
        except Refused:
            if life.alone:
                raise
            worker.tell("refused")  # the other process was first: it has ended or signed the same document
    worker.tell("ended")


def _chosen(chance: random.Random) -> Iterator[str]:
    while True:
        yield chance.choices(tuple(ACTS), tuple(ACTS.values()))[0]
