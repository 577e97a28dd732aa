"""Homes whose processes are killed one after another: a warm process forks each of them, hears what it says, and kills
it at a point or at a moment that chance has chosen. The last one lives, and then the home is judged."""

import gc
import json
import os
import random
import select
import signal
import sqlite3
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.torture.acts import ACTS, Life, live
from tests.torture.judge import Told, findings, left

POINTS = 250
"""Points that a process may pass before it dies."""
MOMENT = 0.08
"""Seconds that it may live, where it is killed from outside: from its birth, or from the end of its restart."""
SILENCE = 60
"""Seconds after which it hangs."""
FROM_OUTSIDE, TWO_AT_ONCE = 0.4, 0.1
"""Shares of the kills."""


class Found(AssertionError):
    """What should not be."""


@dataclass
class Child:
    """A forked process, and what it has said so far."""

    pid: int
    heard: int
    """Its pipe."""
    moment: float | None
    """How long it may live; None: it kills itself."""
    begun: float
    said: bytes = b""
    from_ready: bool = False
    """Is that counted from the end of its restart?"""
    kill_at: float | None = None

    def __post_init__(self) -> None:
        if self.moment is not None and not self.from_ready:
            self.kill_at = self.begun + self.moment

    def listen(self) -> bool:
        """Reads on; False once it has ended. Kills it when its time has come."""
        now = time.monotonic()
        if self.kill_at is not None and now >= self.kill_at:
            os.kill(self.pid, signal.SIGKILL)
            self.kill_at = None
        if now - self.begun > SILENCE:
            os.kill(self.pid, signal.SIGKILL)
            raise Found(f"process {self.pid} hangs; it said {self.said[-500:]!r}")
        wait = SILENCE if self.kill_at is None else max(self.kill_at - now, 0)
        if not select.select([self.heard], [], [], wait)[0]:
            return True
        piece = os.read(self.heard, 65536)
        if self.moment is not None and self.from_ready and not self.said:
            self.kill_at = time.monotonic() + self.moment
        self.said += piece
        return bool(piece)

    def ended(self) -> bool:
        """Waits for its end; True when it was killed, False when it has come to its own end."""
        os.close(self.heard)
        _, status = os.waitpid(self.pid, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return True
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
            return False
        raise Found(f"a process failed: {self.words()[-1:]}")

    def words(self) -> list[list[str]]:
        """Its whole lines; one that the kill has cut is none."""
        return [json.loads(line) for line in self.said.split(b"\n")[:-1]]


@dataclass
class Home:
    """A home and its processes. `seed` decides everything but the moments at which the machine switches."""

    folder: Path
    seed: int
    told: Told = field(default_factory=Told)
    figures: Counter[str] = field(default_factory=Counter)
    lives: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.chance = random.Random(self.seed)
        self.journal = self.folder / "signatures"
        self.journal.touch()

    @property
    def database(self) -> Path:
        return self.folder / "home" / "tanu.db"

    def kill(self, most: int) -> int:
        """One process more, or two at once, killed; how many kills that were."""
        together = 2 if self.lives and most > 1 and self.chance.random() < TWO_AT_ONCE else 1
        return self.run([self._life(alone=together == 1) for _ in range(together)])

    def run(self, lives: Sequence[tuple[Life, float | None]]) -> int:
        """Processes that live at one time; how many were killed."""
        children = [self._born(life) for life in lives]
        for child in children:  # what both say stays in their pipes
            while child.listen():
                pass
        kills = sum([child.ended() for child in children])
        self._hear(children)
        if self.database.exists():
            with suppress(sqlite3.DatabaseError):  # the tables are not there yet
                self.figures.update(left(self.database))
        self.figures["kills"] += kills
        return kills

    def kill_at_every_point(self) -> Iterator[int]:
        """Process after process that restarts, issues and ends, each killed a point later than the one before it, until
        one is not killed any more."""
        self.run([(Life(self.folder, 0, self.seed, acts=("issue",)), None)])
        for point in count(1):
            life = Life(self.folder, self.lives, self.chance.randrange(2**40), point, acts=("issue", "end"))
            if not self.run([(life, None)]):
                return
            yield 1

    def _life(self, *, alone: bool) -> tuple[Life, float | None]:
        outside = self.chance.random() < FROM_OUTSIDE
        moment = self.chance.uniform(0, MOMENT) if outside else None
        last = None if outside else self.chance.randint(1, POINTS)
        return Life(self.folder, self.lives, self.chance.randrange(2**40), last, alone=alone), moment

    def _born(self, given: tuple[Life, float | None]) -> Child:
        life, moment = given
        self.lives += 1
        heard, told = os.pipe()
        begun = time.monotonic()
        pid = os.fork()
        if pid == 0:
            _be(life, told, self.journal)
        os.close(told)
        return Child(pid, heard, moment, begun, from_ready=life.seed % 4 > 0)

    def _hear(self, children: list[Child]) -> None:
        for child in children:
            for what, *words in child.words():
                self.told.hear(what, *words)
                self.figures[what] += 1
                if what == "ready":
                    self.figures["finished by a restart"] += int(words[0])

    def judge(self) -> None:
        """The last restart, and the judgement; raises `Found`."""
        if self.run([(Life(self.folder, self.lives, self.seed, acts=()), None)]):
            raise Found("the last process was killed by somebody else")
        self.told.signatures = self.journal.read_text().splitlines()
        if found := findings(self.database, self.told):
            raise Found("; ".join(found[:5]) + (f"; {len(found) - 5} more" if len(found) > 5 else ""))
        self.figures["signatures"] += len(self.told.signatures)
        self.figures["documents"] += len(self.told.issued)


def _be(life: Life, told: int, journal: Path) -> None:
    """The child: it never comes back from here."""
    status = 1
    try:
        live(life, told, os.open(journal, os.O_WRONLY | os.O_APPEND))
        status = 0
    except BaseException:  # noqa: BLE001 - said to the parent, which stops
        os.write(told, json.dumps(["failed", traceback.format_exc()]).encode() + b"\n")
    finally:
        os._exit(status)


def warm() -> None:
    """Does everything once, so that each forked process finds all libraries loaded and all caches full."""
    with (
        tempfile.TemporaryDirectory(prefix="tanu-warm-") as folder,
        Path(os.devnull).open("ab", buffering=0) as nowhere,
    ):
        live(Life(Path(folder), 0, 1, acts=(*ACTS, *ACTS)), nowhere.fileno(), nowhere.fileno())
    gc.collect()
    gc.freeze()


def tortured(folder: Path, seed: int, kills: int, heard: Callable[[int], None] = lambda _: None) -> Counter[str]:
    """A home with so many kills; its figures. Raises `Found`, and leaves the home where it is."""
    home = Home(folder, seed)
    while left_over := kills - home.figures["kills"]:
        heard(home.kill(left_over))
    home.judge()
    return home.figures


def swept(folder: Path, seed: int, heard: Callable[[int], None] = lambda _: None) -> Counter[str]:
    """A home whose processes are killed at every point of a restart, an issue and an end; as above."""
    home = Home(folder, seed)
    for kill in home.kill_at_every_point():
        heard(kill)
    home.judge()
    return home.figures


def seeds(seed: int) -> Iterator[int]:
    """The seeds of one home after another."""
    chance = random.Random(seed)
    while True:
        yield chance.randrange(2**32)
