"""The work on documents of strangers, in child processes that can be killed (docs/attacks.md A11, F23).

pyoxigraph holds Python's lock while it works, so nothing in the same process could stop it or answer meanwhile. A
child has a deadline on the clock, and limits of its own on memory and processor time; one that overruns or dies is
killed and replaced, and whoever asked is told that the document needs too much work. Children are few and so are
those who may wait for one; whoever comes on top is told to come back.

`python -m verifier.worker` is a child. It reads requests from standard input and answers on standard output, each a
length of four bytes and JSON; it ends when its input does. It inherits those two, no other file, and of the
environment nothing but where Python finds the code.
"""

import json
import math
import os
import resource
import subprocess
import sys
import threading
import time
import weakref
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

from keys.proof import Keyed
from keys.public import PublicKey
from schemas.canonical import Digested, Recorded
from schemas.contexts import VC_2
from schemas.errors import DataLoss, Malformed, Refused, Unavailable, Unsupported
from schemas.languages import Text
from schemas.reading import Json
from schemas.stated import Stated
from verifier.canonizer import Canonizer, InProcess

SECONDS = 2.0
"""On the clock, for one piece of work."""
SHARE = 2
"""As long as this many pieces of work may take, all of one request may: a presentation has many documents."""
START_SECONDS = 20.0
"""For a child to load its libraries, which is no fault of the document that waits."""
CHILDREN, WAITING = 2, 8
MEMORY = 512 * 1024 * 1024
"""Address space; the libraries take a fifth of it."""
MAX_MESSAGE = 16 * 1024 * 1024
"""The largest document read here is a status list of 6 MB."""
COMMAND = (sys.executable, "-P", "-m", "verifier.worker")

_REFUSALS: Mapping[str, type[Refused]] = {kind.__name__: kind for kind in (Malformed, DataLoss, Unsupported)}


class _Asking:
    """A `Canonizer` that asks somebody else."""

    def _ask(self, request: Mapping[str, Json]) -> dict[str, Any]:
        """The answer; raises `Refused` and `Unavailable`."""
        raise NotImplementedError

    def stated(self, document: Json) -> Stated:
        answer = self._ask({"do": "stated", "document": document})
        return Stated(Recorded(bytes.fromhex(answer["digest"])), Counter(answer["properties"]), answer["values"])

    def holds(
        self, document: Mapping[str, Json], keyed: Sequence[Keyed], canonical: Digested | None = None
    ) -> list[bool | Refused]:
        proofs = [[proof, key.multibase] for proof, key in keyed]
        digest = canonical and canonical.digest.hex()
        answer = self._ask({"do": "holds", "document": document, "keyed": proofs, "digest": digest})
        return [each if isinstance(each, bool) else _refused(each) for each in answer["holds"]]


@dataclass(eq=False)
class Workers(_Asking):
    """A `Canonizer` whose work is done by children: started when first needed, and kept warm."""

    children: int = CHILDREN
    waiting: int = WAITING
    seconds: float = SECONDS
    command: Sequence[str] = COMMAND
    _turn: threading.Condition = field(default_factory=threading.Condition, repr=False)
    _idle: "deque[_Child]" = field(default_factory=deque, repr=False)
    _in_line: int = 0

    def __post_init__(self) -> None:
        self._idle.extend(_Child(self.command) for _ in range(self.children))
        self._end = weakref.finalize(self, _end_all, tuple(self._idle))

    def shared(self) -> Canonizer:
        """For one request, which gets `SHARE` times as long as one piece of work."""
        return _Shared(self, _Allowance(SHARE * self.seconds))

    def close(self) -> None:
        """Ends all children, and whatever they are at."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, request: Mapping[str, Json]) -> dict[str, Any]:
        return self.ask(request, _Allowance(self.seconds))

    def ask(self, request: Mapping[str, Json], allowance: "_Allowance") -> dict[str, Any]:
        """The answer to one piece of work, which costs the allowance what it takes."""
        if allowance.left <= 0:
            raise Malformed.saying("canonical.too_much_work")
        with self._child() as child, allowance.spent_by(child):
            answer = child.ask(request, min(self.seconds, allowance.left))
        if answer is None:
            raise Malformed.saying("canonical.too_much_work")
        if "refused" in answer:
            raise _refused(answer)
        return answer

    @contextmanager
    def _child(self) -> "Iterator[_Child]":
        """An idle child, a warm one first; raises `Unavailable` when too many wait or none becomes idle in time."""
        with self._turn:
            if not self._idle and self._in_line >= self.waiting:
                raise Unavailable.saying("verify.overloaded")
            self._in_line += 1
            free = self._turn.wait_for(lambda: self._idle, self.seconds)
            self._in_line -= 1
            if not free:
                raise Unavailable.saying("verify.overloaded")
            child = self._idle.pop()
        try:
            yield child
        finally:
            with self._turn:
                (self._idle.append if child.is_warm else self._idle.appendleft)(child)
                self._turn.notify()


@dataclass(eq=False)
class _Allowance:
    """The seconds of work that a request has left."""

    left: float

    @contextmanager
    def spent_by(self, child: "_Child") -> Iterator[None]:
        """Counts what a child takes, once it has loaded what it needs; waiting for a turn costs nothing."""
        child.warm()
        begun = time.monotonic()
        try:
            yield
        finally:
            self.left -= time.monotonic() - begun


@dataclass(eq=False)
class _Shared(_Asking):
    """What one request asks of the workers."""

    workers: Workers
    allowance: _Allowance

    def shared(self) -> Canonizer:
        return self

    def _ask(self, request: Mapping[str, Json]) -> dict[str, Any]:
        return self.workers.ask(request, self.allowance)


def _refused(told: Mapping[str, Any]) -> Refused:
    return _REFUSALS[told["refused"]](Text(**told["because"]))


def _end_all(children: "Iterable[_Child]") -> None:
    for child in children:
        child.end()


@dataclass(eq=False)
class _Child:
    """One process after the other in the same place; the first is started by the first question."""

    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    is_warm: bool = False
    is_ended: bool = False

    def ask(self, request: Mapping[str, Json], seconds: float) -> dict[str, Any] | None:
        """The answer; None from one that had to be killed, or that died, and has been replaced."""
        process = self.warm()
        answer = None
        with _killed_after(seconds, process) as killed, suppress(OSError, ValueError):
            _send(process.stdin, request)
            answer = _receive(process.stdout)
        if answer is None or killed.is_set():
            self._start()  # at once, so that the next piece of work need not wait for it
        return answer

    def warm(self) -> "subprocess.Popen[bytes]":
        """The process once it has loaded what it needs; raises `Unavailable` when it cannot."""
        process = self.process
        if process is None or process.poll() is not None:
            process = self._start()
        if process is not None and not self.is_warm:
            with _killed_after(START_SECONDS, process):
                self.is_warm = _receive(process.stdout) is not None
        if process is None or not self.is_warm:
            raise Unavailable.saying("verify.overloaded")
        return process

    def _start(self) -> "subprocess.Popen[bytes] | None":
        """Another process instead of the one that there was; none after the end."""
        _kill(self.process)
        self.is_warm, self.process = False, None if self.is_ended else _started(self.command)
        return self.process

    def end(self) -> None:
        """For good."""
        self.is_ended = True
        _kill(self.process)


def _kill(process: "subprocess.Popen[bytes] | None") -> None:
    """Ends a process and everything that waits for it."""
    if process is not None:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()


def _started(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """A child with two pipes, in a session of its own: what interrupts its parent ends it by way of its input."""
    paths = {"PYTHONPATH": os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path)}
    libraries = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - the command is ours
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=paths | libraries,
        start_new_session=True,
    )


@contextmanager
def _killed_after(seconds: float, process: "subprocess.Popen[bytes]") -> Iterator[threading.Event]:
    """Kills the process when the block takes longer, which ends whatever waits for it; the event tells of it."""
    killed = threading.Event()

    def kill() -> None:
        killed.set()
        process.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield killed
    finally:
        timer.cancel()
        timer.join()


def _send(pipe: IO[bytes] | None, message: Mapping[str, Json]) -> None:
    data = json.dumps(message).encode()
    if pipe is not None:
        pipe.write(len(data).to_bytes(4) + data)
        pipe.flush()


def _receive(pipe: IO[bytes] | None) -> dict[str, Any] | None:
    """The next message; None when there will be none."""
    size = int.from_bytes(pipe.read(4)) if pipe is not None else 0
    data = pipe.read(size) if pipe is not None and 0 < size <= MAX_MESSAGE else b""
    return dict(json.loads(data)) if data and len(data) == size else None


# The child's side


def answered(request: Mapping[str, Any], here: Canonizer) -> dict[str, Json]:
    """The answer to a request: what was asked for, or the refusal in three languages."""
    try:
        return _WORK[request["do"]](request, here)
    except Refused as refused:
        return _told(refused)


def _told(refused: Refused) -> dict[str, Json]:
    kind = next(name for name, kind in _REFUSALS.items() if isinstance(refused, kind))
    return {"refused": kind, "because": refused.because.as_json()}


def _stated(request: Mapping[str, Any], here: Canonizer) -> dict[str, Json]:
    found = here.stated(request["document"])
    return {"digest": found.canonical.digest.hex(), "properties": found.properties, "values": dict(found.values)}


def _holds(request: Mapping[str, Any], here: Canonizer) -> dict[str, Json]:
    known = Recorded(bytes.fromhex(request["digest"])) if request["digest"] else None
    keyed = [(proof, PublicKey.from_multibase(key)) for proof, key in request["keyed"]]
    outcomes = here.holds(request["document"], keyed, known)
    return {"holds": [each if isinstance(each, bool) else _told(each) for each in outcomes]}


_WORK: Mapping[str, Callable[[Mapping[str, Any], Canonizer], dict[str, Json]]] = {"stated": _stated, "holds": _holds}


def main() -> None:
    """Answers until standard input ends; what a document does to this process ends it too."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    here = InProcess()
    here.stated({"@context": [VC_2], "type": ["VerifiableCredential"]})  # reads the bundled contexts
    _limit()
    _send(answers, {"ready": True})
    while (request := _receive(sys.stdin.buffer)) is not None:
        _limit_seconds()
        _send(answers, answered(request, here))


def _limit() -> None:
    """No more memory than this, no file to write, no core to dump: a core would hold the document."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_seconds() -> None:
    """Of processor time from now on: ends a child whose parent is no longer there to end it."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(spent.ru_utime + spent.ru_stime + SECONDS) + 1, -1))


if __name__ == "__main__":
    main()
