"""One row per figure: what was done, how it went, against whom, and whether the goal is reached."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound that a figure is to keep; `at_least` for what should be large, else it should be small."""

    bound: float
    at_least: bool = False
    of: Literal["value", "ratio"] = "value"

    def reached(self, figure: float) -> bool:
        return figure >= self.bound if self.at_least else figure <= self.bound

    def __str__(self) -> str:
        return f"{'ratio ' if self.of == 'ratio' else ''}{'≥' if self.at_least else '≤'} {self.bound:g}"


AS_FAST = Goal(1, at_least=True, of="ratio")
"""No slower than the peer."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another program that did the same in the same run, in the same unit; `does` says what its work covers."""

    name: str
    value: float
    does: str


@dataclass(frozen=True, slots=True)
class Row:
    """A figure."""

    work: str
    value: float
    unit: str
    goal: Goal | None = None
    peer: Peer | None = None

    @property
    def ratio(self) -> float | None:
        """How many times as fast as the peer this is: its time by ours."""
        return self.peer.value / self.value if self.peer else None

    @property
    def reached(self) -> bool | None:
        figure = self.ratio if self.goal and self.goal.of == "ratio" else self.value
        return None if self.goal is None or figure is None else self.goal.reached(figure)

    def as_json(self) -> dict[str, Any]:
        peer = self.peer and {"name": self.peer.name, "value": round(self.peer.value, 3), "does": self.peer.does}
        return {
            "work": self.work,
            "value": round(self.value, 3),
            "unit": self.unit,
            "peer": peer,
            "ratio": self.ratio and round(self.ratio, 3),
            "goal": self.goal and str(self.goal),
            "reached": self.reached,
        }


def write(rows: Iterable[Row], path: Path) -> None:
    """The rows as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"rows": [row.as_json() for row in rows]}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def show(rows: Iterable[Row], console: Console) -> None:
    """The rows as a table for people."""
    table = Table(box=None, pad_edge=False)
    table.add_column("work", overflow="fold", ratio=3)
    for heading in ("value", "unit", "peer", "ratio", "goal", "reached"):
        table.add_column(heading, justify="right" if heading in ("value", "ratio") else "left", overflow="fold")
    for row in rows:
        peer = f"{row.peer.value:.2f} ({row.peer.name}: {row.peer.does})" if row.peer else ""
        ratio = f"{row.ratio:.2f}" if row.ratio else ""
        goal = str(row.goal) if row.goal else ""
        reached = {True: "yes", False: "NO", None: ""}[row.reached]
        table.add_row(row.work, f"{row.value:.2f}", row.unit, peer, ratio, goal, reached)
    console.print(table)
