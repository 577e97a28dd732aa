"""Thousands of changed documents at the doors of the verifier, each judged: the contract holds, and none is valid.

Hypothesis chooses an original, steps and a door, and makes a finding as small as it can. It works in rounds, so that
what it remembers does not grow with all of them.
"""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.contract import DOORS, Answer, Contract, Service
from tests.fuzz.changes import ON_BYTES, ON_VALUES, changed
from tests.fuzz.judge import says_the_same, signed_in, words_of
from tests.originals import Original, hosts, originals, paper_of
from tests.sockets import no_sockets
from verifier.report import Policy

Step = tuple[str, int, int]
_NUMBERS = st.integers(0, 2**16 - 1)
_NAMES = (*ON_VALUES, *ON_VALUES, *ON_VALUES, *ON_BYTES)
_STEPS = st.lists(st.tuples(st.sampled_from(_NAMES), _NUMBERS, _NUMBERS), min_size=1, max_size=3)
_QUICK: dict[Policy, str] = {"product": "api", "open": "api, open"}
ROUND = 500


@dataclass(frozen=True)
class Input:
    """What is handed in, and where."""

    original: str
    steps: Sequence[Step]
    style: int
    door: str
    data: bytes


class Found(AssertionError):
    """An input that breaks the contract, or is valid although it says something else."""

    def __init__(self, given: Input, problem: BaseException) -> None:
        super().__init__(f"{given.original} at {given.door}: {type(problem).__name__}: {problem}")
        self.given = given


@dataclass
class Bench:
    """The originals, and the service over each of their worlds."""

    originals: Sequence[Original]
    contracts: dict[int, Contract]
    """By the identity of the world."""
    told: dict[str, frozenset[str]] = field(default_factory=dict)
    """By the name of an original."""
    done: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)

    def start(self) -> None:
        """Each original once as it is: all are valid, and every child that does work for the service runs."""
        for original in self.originals:
            self.hand_in(original, (), 0, self.quick(original))

    def hand_in(self, original: Original, steps: Sequence[Step], style: int, door: str) -> None:
        """One input; raises `Found`."""
        put = Input(original.name, steps, style, door, changed(original.data, steps, style))
        try:
            answer = self._contract(original).ask(door, put.data)
            self._judge(original, put, answer)
        except Exception as problem:
            raise Found(put, problem) from problem
        self.done += 1
        verdict = answer.verdict or f"HTTP {answer.status}"
        self.verdicts[verdict] = self.verdicts.get(verdict, 0) + 1

    def _contract(self, original: Original) -> Contract:
        return self.contracts[id(original.world)]

    def _judge(self, original: Original, put: Input, answer: Answer) -> None:
        if answer.verdict not in ("valid", "expired", "not_yet_valid"):
            return
        policy = DOORS[put.door].policy
        signed = signed_in(put.data)
        alike = [each for each in self.originals if each.world is original.world]
        same = [each for each in alike if says_the_same(signed, signed_in(each.data), strictly=policy == "product")]
        assert same, f"{answer.verdict}, although it says something else"
        if put.door in _QUICK.values():
            told = set(words_of(json.loads(answer.body)["document"]))
            assert any(told <= self._told(each) for each in same), "shows something else"

    def _told(self, original: Original) -> frozenset[str]:
        """Each text that the report on an original reveals, and that the original says: a list of names has no order
        that is signed, so a report may show another of them."""
        if original.name not in self.told:
            answer = self._contract(original).ask(self.quick(original), original.data)
            said = words_of(json.loads(signed_in(original.data)))
            self.told[original.name] = frozenset({*words_of(json.loads(answer.body)["document"]), *said})
        return self.told[original.name]

    def quick(self, original: Original) -> str:
        """The quickest door of the policy of an original."""
        return _QUICK[original.policy]

    def round(self, number: int, inputs: int) -> None:
        """So many inputs, chosen by the seed `number`."""
        doors = [name for name, door in DOORS.items() if door.takes == "document"]

        @seed(number)
        @chosen(inputs)
        @given(st.integers(0, len(self.originals) - 1), _STEPS, st.integers(0, 3), st.integers(0, 60))
        def one(which: int, steps: Sequence[Step], style: int, other: int) -> None:
            """Now and then another door than the quickest."""
            original = self.originals[which]
            self.hand_in(original, steps, style, doors[other] if other < len(doors) else self.quick(original))

        one()


def chosen(inputs: int) -> settings:
    """So many inputs, by the seed alone, however long they take."""
    made = settings(max_examples=inputs, database=None, deadline=None, phases=(Phase.generate, Phase.shrink))
    return settings(made, derandomize=False, report_multiple_bugs=False, suppress_health_check=list(HealthCheck))


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """Everything set up; sockets and logs are watched as in a test."""
    with ExitStack() as stack:
        sockets = no_sockets(stack.enter_context(pytest.MonkeyPatch.context()))
        records = stack.enter_context(watched())
        found = originals(folder)
        found += [paper_of(each) for each in found if each.policy == "product"][:2]
        contracts: dict[int, Contract] = {}
        for number, world in enumerate({id(each.world): each.world for each in found}.values()):
            place = folder / f"handed-in-{number}"
            place.mkdir()
            service = stack.enter_context(Service.over(world, place, hosts()).standing_still())
            stack.callback(service.workers.close)
            contracts[id(world)] = Contract(service, sockets, records)
        yield Bench(found, contracts)


@contextmanager
def watched() -> Iterator[Callable[[], list[logging.LogRecord]]]:
    """The lines of all logs since the last time that somebody asked."""
    handler = _Kept()
    logging.getLogger().addHandler(handler)
    yield handler.taken
    logging.getLogger().removeHandler(handler)


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def taken(self) -> list[logging.LogRecord]:
        taken, self.records = self.records, []
        return taken
