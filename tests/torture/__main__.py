"""python -m tests.torture [--sweep] [--kills N] [--seed S] [--cores C]

`make torture` kills processes that issue and end documents: at every point of one such process, then 10,000 times, or
N, at a point or a moment that chance has chosen. After each kill comes a restart, and then the judge. It stops at the
first finding, keeps the home, and says how to repeat it.
"""

import argparse
import json
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.torture.judge import STAGES
from tests.torture.run import Found, seeds, swept, tortured, warm

KILLS_OF_A_HOME = 100
SWEEP = 275
"""About as many points has a process that restarts, issues and ends."""
MEMORY = "/dev/shm"
"""Where the homes lie, if it is there: what a killed process has written stays in memory in any case, and no disk makes
it slow."""
TOLD_EVERY = 500
"""Kills between two lines, where nobody looks at the bar."""
_CONSOLE = Console(stderr=True, highlight=False, markup=False)


def main(arguments: list[str]) -> int:
    """0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__.splitlines()[0])
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    chosen = parser.parse_args(arguments)
    _CONSOLE.print(f"seed {chosen.seed}")
    warm()
    begun = time.monotonic()
    folder = tempfile.mkdtemp(prefix="tanu-torture-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None)
    with Rack(Path(folder), chosen.kills, chosen.seed, chosen.cores, chosen.sweep) as rack:
        for homes in rack.shares():
            rack.start(homes)
        finding = rack.watch()
    seconds = time.monotonic() - begun
    if finding:
        _CONSOLE.print(f"FOUND with seed {chosen.seed}: {finding}\nthe homes are kept in {rack.folder}")
        return 1
    print("\n".join(told(rack.figures, seconds)))
    return 0


def told(figures: Counter[str], seconds: float) -> Iterator[str]:
    """The figures in words; the homes in which something was lost, doubled or unrecorded would have stopped it."""
    yield f"kills                                   {figures['kills']}, {figures['kills'] / seconds:.1f} a second"
    yield f"restarts that came to an end            {figures['ready']}"
    for stage, words in zip(
        STAGES, ("recorded, no audit row", "audit row, not signed", "signed", "public"), strict=True
    ):
        yield f"{f'left by a kill: {words}':40}{figures[stage]}"
    yield f"documents finished by a restart         {figures['finished by a restart']}"
    yield f"acknowledged: documents, ends           {figures['documents']}, {figures['changed']}"
    yield f"signatures                              {figures['signatures']}"
    yield "lost, twice, unrecorded, left open      0, 0, 0, 0"


Job = tuple[int, int | None]
"""The seed of a home, and how many kills it sees; None: one at every point."""


@dataclass
class Rack:
    """The worker processes, one a core, and what they have reported."""

    folder: Path
    kills: int
    seed: int
    cores: int
    sweep: bool
    figures: Counter[str] = field(default_factory=Counter)
    workers: dict[int, int] = field(default_factory=dict)
    """Pipe → process."""

    def __enter__(self) -> "Rack":
        return self

    def __exit__(self, *_: object) -> None:
        for pid in self.workers.values():
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)

    def shares(self) -> list[list[Job]]:
        """For each core its homes."""
        homes = -(-self.kills // KILLS_OF_A_HOME)
        each = [min(KILLS_OF_A_HOME, self.kills - n * KILLS_OF_A_HOME) for n in range(homes)]
        every: list[Job] = [(self.seed, None)] if self.sweep else []
        every += zip(islice(seeds(self.seed), homes), each, strict=True)
        return [share for n in range(self.cores) if (share := every[n :: self.cores])]

    def start(self, homes: list[Job]) -> None:
        heard, said = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(heard)
            _work(self.folder, homes, said)
        os.close(said)
        self.workers[heard] = pid

    def watch(self) -> str | None:
        """Until all are done, or one has found something."""
        columns = (TextColumn("kills"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        done, told_at, rest = 0, 0, dict.fromkeys(self.workers, b"")
        with Progress(*columns, console=_CONSOLE, disable=not _CONSOLE.is_terminal, auto_refresh=False) as progress:
            total = self.kills + (SWEEP if self.sweep else 0)
            task = progress.add_task("", total=total)
            while self.workers:
                for pipe in select.select(list(self.workers), [], [])[0]:
                    piece = os.read(pipe, 65536)
                    if not piece:
                        os.waitpid(self.workers.pop(pipe), 0)
                    *lines, rest[pipe] = (rest[pipe] + piece).split(b"\n")
                    for line in lines:
                        said = json.loads(line)
                        if isinstance(said, str):
                            return said
                        done += said if isinstance(said, int) else 0
                        self.figures.update(said if isinstance(said, dict) else {})
                progress.update(task, completed=done, refresh=True)
                if not _CONSOLE.is_terminal and done - told_at >= TOLD_EVERY:
                    told_at = done
                    _CONSOLE.print(f"{done} of {total}, {_left(progress, done, total)} left")
        shutil.rmtree(self.folder)
        return None


def _left(progress: Progress, done: int, total: int) -> str:
    elapsed = progress.tasks[0].elapsed or 0
    return f"{elapsed / done * (total - done) / 60:.1f} min"


def _work(folder: Path, homes: list[Job], said: int) -> None:
    """A worker: it never comes back from here."""

    def say(what: object) -> None:
        os.write(said, json.dumps(what).encode() + b"\n")

    try:
        for seed, kills in homes:
            home = folder / f"home-{seed}"
            say(swept(home, seed, say) if kills is None else tortured(home, seed, kills, say))
            shutil.rmtree(home)
    except Found as found:
        say(f"{found} (home of seed {seed})")
    except BaseException as problem:  # noqa: BLE001 - the one who watches tells
        say(f"{type(problem).__name__}: {problem} (home of seed {seed})")
    finally:
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
