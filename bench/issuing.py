"""`tanu issue` as an office runs it: a process of its own, from the file on the disk to the report on the disk."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.office import KIND, UNIVERSITY, Workplace
from bench.table import Goal, Row

ROWS, ROWS_WITH_PAPER = 1_000, 400
TANU = Path(sys.executable).with_name("tanu")


class NotIssued(RuntimeError):
    """The command failed, or issued other than the whole file."""


@dataclass(frozen=True, slots=True)
class Run:
    """How one run of the command went."""

    rows: int
    seconds: float
    peak_bytes: int

    @property
    def per_second(self) -> float:
        return self.rows / self.seconds


def rows(place: Workplace) -> Iterator[Row]:
    """With the paper on one core, then without it on two."""
    with_paper = run(place, "with-paper", ROWS_WITH_PAPER, cores=1, paper=True)
    work = f"tanu issue, {ROWS_WITH_PAPER} rows of an .xlsx, with PDF, durable, on one core"
    yield Row(work, with_paper.per_second, "documents/s", Goal(20, at_least=True))
    plain = run(place, "plain", ROWS, cores=2, paper=False)
    work = f"tanu issue, {ROWS:,} rows of an .xlsx, without PDF, durable, on at most two cores"
    yield Row(work, plain.per_second, "documents/s", Goal(60, at_least=True))
    yield Row("the same: peak memory", plain.peak_bytes / 1e6, "MB", Goal(300))


def run(place: Workplace, name: str, count: int, *, cores: int, paper: bool) -> Run:
    """Issues a new certification list of `count` rows; raises `NotIssued`."""
    file, out = place.certification_list(name, count), place.folder / name
    command = [str(TANU), "issue", str(file), "--kind", KIND.name, "--institution", UNIVERSITY]
    command += ["--home", str(place.home), "--out", str(out), "--pdf" if paper else "--no-pdf"]
    output = place.folder / f"{name}.txt"
    watched = [sys.executable, "-m", "bench.watched", str(cores), str(output), *command]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TANU_")}
    told = json.loads(subprocess.run(watched, capture_output=True, check=True, text=True, env=environment).stdout)
    issued = json.loads((out / "report.json").read_bytes()) if told["code"] == 0 else []
    if len(issued) != count:
        raise NotIssued(output.read_text()[-2000:])
    return Run(count, told["seconds"], told["peak"])
