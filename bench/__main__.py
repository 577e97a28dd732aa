"""Every work once, side by side in one run: `make bench`. Writes `bench/results/latest.json`, prints the table.

Figures are of this machine at this moment: a busy machine gives other ones, so the load stands above the table.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from bench import brief, clique, hostile, issuing, lists, lookups, pages, paper, proofs
from bench.office import Workplace
from bench.table import Row, show, write
from schemas.credential import read_credential

WIDTH = 150
"""Of the table, where the output is no terminal."""
RESULTS = Path(__file__).parent / "results" / "latest.json"
CREDENTIALS, DRAWN = 100, 25


def works(place: Workplace) -> Iterator[Row]:
    """All rows, in the order of the table."""
    yield from issuing.rows(place)
    signed = proofs.issued(place, place.approvals("proofs", CREDENTIALS))
    yield from proofs.rows(proofs.issued(place, brief.approvals(place, CREDENTIALS)), signed)
    codes = [read_credential(document).code for document in signed.documents]
    yield from pages.rows(place, codes)
    yield from clique.rows(place, codes[:-1])
    yield from hostile.rows(place)
    yield from lists.rows(place.folder)
    yield from paper.rows(place, signed.documents[:DRAWN])
    yield from lookups.rows(place.folder)


def main() -> None:
    """Runs, prints each figure as it comes, then the table."""
    console = Console(highlight=False, markup=False)
    console.width = max(console.width, WIDTH)
    rows: list[Row] = []
    console.print(f"{os.cpu_count()} processors, load before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="tanu-bench-") as folder:
        try:
            for row in works(Workplace.opened(Path(folder))):
                console.print(f"· {row.work}: {row.value:.2f} {row.unit}", soft_wrap=True)
                rows.append(row)
        except lookups.NotEnoughRoom as because:
            console.print(f"· not measured: {because}", soft_wrap=True)
    write(rows, RESULTS)
    console.print(f"load after: {os.getloadavg()[0]:.1f}; written: {RESULTS.relative_to(Path.cwd())}\n")
    show(rows, console)


if __name__ == "__main__":
    main()
