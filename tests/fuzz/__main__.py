"""python -m tests.fuzz [--inputs N] [--seed S] · python -m tests.fuzz --bytes [--seed S]

`make fuzz` hands in changed documents at the doors of the verifier, 100,000 unless N says otherwise, and a fifth as
many hostile names at all doors; `make fuzz-bytes` changes every byte of every original, once. Both stop at the first
finding, keep its input, and say how to repeat it.
"""

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.fuzz.names import Names
from tests.fuzz.run import ROUND, Bench, Found, Input, bench

WARM = 4 * ROUND
"""Inputs after which every library is loaded and every cache is full."""
GROWTH = 64
"""MB that memory may grow from then on: nothing grows with each input."""
TOLD_EVERY = 10_000
"""Inputs between two lines, where nobody looks at the bar."""
_CONSOLE = Console(stderr=True, highlight=False, markup=False)


def main(arguments: list[str]) -> int:
    """0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--bytes", action="store_true")
    chosen = parser.parse_args(arguments)
    _CONSOLE.print(f"seed {chosen.seed}")
    with tempfile.TemporaryDirectory(prefix="tanu-fuzz-") as folder, bench(Path(folder)) as made:
        try:
            made.start()
            grown = _all_bytes(made, chosen.seed) if chosen.bytes else _inputs(made, chosen.inputs, chosen.seed)
            named = 0 if chosen.bytes else _names(made, chosen.inputs // 5, chosen.seed)
        except Found as found:
            return _keep(found, chosen.seed)
        _CONSOLE.print(f"{made.done} inputs: {dict(sorted(made.verdicts.items()))}")
        _CONSOLE.print(f"{named} hostile names")
        _CONSOLE.print(f"memory grew by {grown:.0f} MB after the first {WARM}")
        return 0 if grown < GROWTH else 1


def _inputs(made: Bench, inputs: int, seed: int) -> float:
    warm = 0.0
    with _progress(inputs) as advance:
        for number in range(-(-inputs // ROUND)):
            made.round(seed + number, min(ROUND, inputs - number * ROUND))
            warm = warm or (memory() if made.done >= WARM else 0.0)
            advance(made.done)
    return memory() - warm if warm else 0.0


def _names(made: Bench, inputs: int, seed: int) -> int:
    """How many were handed in, at the doors of the first world."""
    names = Names.of(next(iter(made.contracts.values())))
    with _progress(inputs) as advance:
        for number in range(-(-inputs // ROUND)):
            names.round(seed + number, min(ROUND, inputs - number * ROUND))
            advance(names.done)
    return names.done


def _all_bytes(made: Bench, seed: int) -> float:
    """Every byte, one bit of it, chosen by the seed: all eight seeds together try every bit."""
    documents = [each for each in made.originals if each.data[:1] == b"{"]
    total, warm = sum(len(each.data) for each in documents), 0.0
    with _progress(total) as advance:
        for original in documents:
            for place in range(len(original.data)):
                made.hand_in(original, [("flip", place, seed + place)], 0, made.quick(original))
                warm = warm or (memory() if made.done >= WARM else 0.0)
                if place % 100 == 0:
                    advance(made.done)
    return memory() - warm


def memory() -> float:
    """MB that this process and the largest of its children hold: how many children there are has a bound of its own,
    and one that is started late, after another was killed, is no growth."""
    own = os.getpid()
    try:
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    except OSError:
        children = []
    return (_held(own) + max(map(_held, map(int, children)), default=0.0)) / 2**20


def _held(pid: int) -> float:
    """Bytes; none of a process that has ended since."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar with the time left; where nobody looks, a line now and then."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=_CONSOLE) as progress:
        task = progress.add_task("", total=total)

        told = 0

        def advance(done: int) -> None:
            nonlocal told
            progress.update(task, completed=done, description=f"{memory():.0f} MB")
            if not _CONSOLE.is_terminal and done - told >= TOLD_EVERY:
                told = done
                left = progress.tasks[task].time_remaining
                _CONSOLE.print(f"{done} of {total}, {memory():.0f} MB, {left or 0:.0f} s left")

        yield advance


def _keep(found: Found, seed: int) -> int:
    given: Input = found.given
    path = Path(f"fuzz-finding-{seed}.bin")
    path.write_bytes(given.data)
    _CONSOLE.print(f"FOUND after seed {seed}: {found}\n{given.original}, {list(given.steps)}, style {given.style}")
    _CONSOLE.print(f"the input is kept in {path}: hand it in at {given.door!r}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
