"""A second core for large batches: half of each group's canonical forms are computed in a worker process."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from issuer.lint import Digest, Parallel, one_by_one, understood
from schemas.errors import Refused

WORTH_IT = 200
"""Documents from which starting a process pays."""

Worker = subprocess.Popen[bytes]


@contextmanager
def second_core(documents: int) -> Iterator[Parallel]:
    """The `Parallel` for a batch: with one worker where there is a core for it and enough to do."""
    if documents < WORTH_IT or len(os.sched_getaffinity(0)) < 2:
        yield one_by_one
        return
    command = [sys.executable, "-m", "issuer.lint"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:  # noqa: S603
        yield lambda digest, drafts: _halves(worker, digest, drafts)
        if worker.stdin:
            worker.stdin.close()


def _halves(worker: Worker, digest: Digest, drafts: Sequence[bytes]) -> list[str]:
    """The worker's half first; it is sent by a thread, since a pipe holds less than a group."""
    middle = len(drafts) // 2
    sending = threading.Thread(target=_send, args=(worker, digest, drafts[:middle]), daemon=True)
    sending.start()
    ours = one_by_one(digest, drafts[middle:])
    theirs = [_receive(worker) for _ in range(middle)]
    sending.join()
    return theirs + ours


def _send(worker: Worker, digest: Digest, drafts: Sequence[bytes]) -> None:
    if worker.stdin is None:
        return
    with suppress(BrokenPipeError):  # a worker that has ended is told by `_receive`
        for data in drafts:
            worker.stdin.write(digest.__name__.encode() + b" " + data + b"\n")
        worker.stdin.flush()


def _receive(worker: Worker) -> str:
    line = worker.stdout.readline() if worker.stdout else b""
    if not line:
        raise Refused.saying("issue.worker_ended")
    return understood(line)
