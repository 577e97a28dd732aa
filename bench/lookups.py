"""Looking one document up among 10,000 and among 1,000,000: 200 requests a second, one core, whatever the answers take.

Both registers are served as `tanu serve` serves them, pinned to the same core, and asked by turns; the client asks from
another one. A request is sent when its time has come, and its time is counted from then on, so an answer that is late
makes the next ones late too. Every request comes from an address of its own, so the limits look at each and hold back
none.

    python -m bench.lookups [ENTRIES]

fills and measures by itself, with so many in the larger one.
"""

import asyncio
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bench import brief, proofs
from bench.filled import Filling, fill
from bench.office import Workplace
from bench.table import Goal, Row
from bench.timing import percentile, timed
from registry.figures import counted
from schemas.credential import stored_credential

SMALL, LARGE = 10_000, 1_000_000
RATE, SECONDS, ROUNDS = 200, 5, 3
"""Requests a second, for how long, and how often by turns."""
PAGES, PAGE_RATE = 60, 20
"""Issued documents whose pages are looked up too, with all nine steps, and how many of those a second."""
CONNECTIONS = 32
BYTES_EACH = 11_500
"""Of disk, for each entry with its indices."""


class NotEnoughRoom(RuntimeError):
    """The larger register does not fit on the disk: nothing of it is measured."""


@dataclass(frozen=True)
class Register:
    """A home with many entries, and what can be looked up in it."""

    place: Workplace
    codes: Sequence[str]
    issued: Sequence[str]

    @classmethod
    def filled(cls, folder: Path, count: int) -> Self:
        """So many entries; a few of them are issued documents."""
        if shutil.disk_usage(folder.parent).free < count * BYTES_EACH * 1.2:
            raise NotEnoughRoom(f"{count * BYTES_EACH * 1.2 / 1e9:.0f} GB of disk are needed for {count:,} entries")
        folder.mkdir()
        place = Workplace.opened(folder)
        documents = [stored_credential(each) for each in proofs.issued(place, brief.approvals(place, PAGES)).documents]
        entry = place.office.registry.entry(documents[0].code)
        if entry is None:
            raise LookupError(documents[0].code)
        engine = place.office.registry.engine
        codes = fill(engine, Filling(documents[0], entry), count - len(documents))
        return cls(place, codes, [document.code for document in documents])

    @contextmanager
    def served(self, port: int, core: int) -> Iterator[None]:
        """By the product's own command, on one core."""
        command = [str(Path(sys.executable).with_name("tanu")), "serve", "--home", str(self.place.home)]
        settings = {name: value for name, value in os.environ.items() if not name.startswith("TANU_")}
        server = subprocess.Popen(
            [*command, "--parts", "registry,verifier", "--port", str(port)],
            env=settings | {"TANU_TRUSTED_PROXIES": "127.0.0.1", "PYTHONPATH": str(Path.cwd())},
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),  # noqa: PLW1509 (no thread runs yet)
        )
        try:
            _wait_for(port)
            yield
        finally:
            server.terminate()
            server.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            asyncio.run(_asked(port, ["/healthz"], 10))
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the service does not answer")


def rows(folder: Path, large: int = LARGE) -> Iterator[Row]:
    """The look-up of one in the larger register beside that of one in the smaller."""
    small, many = Register.filled(folder / "few", SMALL), Register.filled(folder / "many", large)
    server, client = _cores()
    os.sched_setaffinity(0, {client})
    try:
        with small.served(PORTS[0], server), many.served(PORTS[1], server):
            among = _measured("/api/entries", [small.codes, many.codes], RATE, ROUNDS)
            pages = _measured("/c", [small.issued, many.issued], PAGE_RATE, ROUNDS - 1)
    finally:
        os.sched_setaffinity(0, {server, client})
    few, most = (percentile(times, 95) for times in among)
    work = f"/api/entries/{{code}}, {RATE} requests/s on one core, over HTTP, one in"
    yield Row(f"{work} {SMALL:,}: p95", few, "ms")
    yield Row(f"{work} {large:,}: p95", most, "ms", Goal(20))
    yield Row("the same: the larger by the smaller", most / few, "times", Goal(1.2))
    few, most = (percentile(times, 95) for times in pages)
    work = f"/c/{{code}} with all nine steps and the page, {PAGE_RATE} requests/s on one core, over HTTP, one in"
    yield Row(f"{work} {SMALL:,}: p95", few, "ms")
    yield Row(f"{work} {large:,}: p95", most, "ms")
    registry = many.place.office.registry
    taken, _ = timed(lambda: counted(registry.engine, many.place.office.now()))
    yield Row(f"the figures of {large:,} documents put together, at most once a minute", taken, "ms")


def _cores() -> tuple[int, int]:
    """One for the server, another for the client, if there is another."""
    cores = sorted(os.sched_getaffinity(0))
    return cores[0], cores[-1]


def _measured(door: str, registers: Sequence[Sequence[str]], rate: int, rounds: int) -> list[list[float]]:
    """Milliseconds of each register's answers; by turns, so that what else the machine does falls on both."""
    taken: list[list[float]] = [[] for _ in registers]
    for at in range(rounds):
        for times, codes, port in zip(taken, registers, PORTS, strict=True):
            chosen = random.Random(at).choices(codes, k=rate * (SECONDS + 1))
            found = asyncio.run(_asked(port, [f"{door}/{code}" for code in chosen], rate))
            times += found[rate:]  # the first second warms up
    return taken


PORTS = (8765, 8766)


async def _asked(port: int, paths: Sequence[str], rate: int) -> list[float]:
    """Asks at a constant rate; how many milliseconds from its time each answer took."""
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(min(CONNECTIONS, len(paths))):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    begun = time.perf_counter() + 0.05

    async def ask(at: int, path: str) -> float:
        due = begun + at / rate
        await asyncio.sleep(max(0, due - time.perf_counter()))
        reader, writer = await free.get()
        writer.write(_request(at, path))
        await _answer(reader, path)
        free.put_nowait((reader, writer))
        return (time.perf_counter() - due) * 1000

    try:
        return list(await asyncio.gather(*(ask(at, path) for at, path in enumerate(paths))))
    finally:
        while not free.empty():
            free.get_nowait()[1].close()


def _request(at: int, path: str) -> bytes:
    """From an address of its own, as a proxy would pass it on."""
    address = f"10.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}"
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {address}\r\n\r\n".encode()


async def _answer(reader: asyncio.StreamReader, path: str) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    status = head.split(" ", 2)[1]
    if status != "200":
        raise LookupError(f"{path}: {status}")
    length = next(line for line in head.split("\r\n") if line.lower().startswith("content-length:"))
    await reader.readexactly(int(length.partition(":")[2]))


def main(large: int = LARGE) -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory(prefix="tanu-lookups-") as folder:
        for row in rows(Path(folder), large):
            reached = {True: "reached", False: "NOT REACHED", None: ""}[row.reached]
            sys.stdout.write(f"{row.work}: {row.value:.2f} {row.unit} {row.goal or ''} {reached}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
