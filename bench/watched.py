"""Runs a command on some cores and prints, as JSON, its wall-clock time and its peak memory.

    python -m bench.watched CORES SCRATCH COMMAND…

A program of its own, and a small one: the peak that the kernel keeps of a child begins with its parent's.
Memory is the sum over the command and all its descendants, looked at many times a second, and never below what
the kernel noted as the peak of the largest of them. The command's output goes to SCRATCH.
"""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

LOOK_EVERY = 0.02
PAGE = os.sysconf("SC_PAGE_SIZE")
_SESSION, _RSS = 3, 21
"""Fields of /proc/PID/stat, counted behind the name (proc(5): 6 and 24)."""


def main(arguments: list[str]) -> None:
    """Runs the command; fails as it fails."""
    cores, scratch, *command = arguments
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: int(cores)]))
    with Path(scratch).open("wb") as output:
        begun, peak = time.monotonic(), 0
        child = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        while child.poll() is None:
            peak = max(peak, _resident(child.pid))
            time.sleep(LOOK_EVERY)
    seconds = time.monotonic() - begun
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak": max(peak, largest), "code": child.returncode}) + "\n")


def _resident(session: int) -> int:
    """Bytes in memory of every process of a session."""
    return sum(_of(path, session) for path in Path("/proc").glob("[0-9]*/stat"))


def _of(path: Path, session: int) -> int:
    try:
        fields = path.read_text().rpartition(")")[2].split()
    except OSError:
        return 0  # it has ended since
    return int(fields[_RSS]) * PAGE if int(fields[_SESSION]) == session else 0


if __name__ == "__main__":
    main(sys.argv[1:])
