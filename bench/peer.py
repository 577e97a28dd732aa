"""Runs `peer.mjs` or `lists.mjs`, where Node.js and the packages of `tests/node` are there (`tests/setup/node.sh`)."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any

ROOT = Path(__file__).parent.parent
PACKAGES = ROOT / "tests" / "node"
NODE_PATH = ROOT / ".venv" / "node-path"
LIBRARY = "@digitalbazaar/vc"


@dataclass(frozen=True)
class Peer:
    """One warm process, asked again and again."""

    process: "subprocess.Popen[str]"
    library: str

    def ask(self, **request: Any) -> dict[str, Any]:
        """What it did, and how many milliseconds each piece took; raises `OSError` when it failed."""
        if self.process.stdin is None or self.process.stdout is None:
            raise OSError("the peer has no pipes")
        self.process.stdin.write(json.dumps(request, ensure_ascii=False) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise OSError("the peer has ended")
        return dict(json.loads(line))

    @property
    def name(self) -> str:
        return f"{self.library} {json.loads(_manifest(self.library).read_bytes())['version']}"


def _manifest(library: str) -> Path:
    return PACKAGES / "node_modules" / library / "package.json"


@contextmanager
def peer(script_name: str = "peer.mjs", library: str = LIBRARY) -> Iterator[Peer | None]:
    """The peer, ended behind the block; None where it is not installed."""
    if not (NODE_PATH.exists() and _manifest(library).exists()):
        yield None
        return
    script = Path(__file__).with_name(script_name).read_text(encoding="utf-8")
    command = [NODE_PATH.read_text().strip(), "--input-type=module", "--eval", script]
    # Bare names in a script of --eval are looked up from the working directory.
    with subprocess.Popen(command, cwd=PACKAGES, text=True, stdin=PIPE, stdout=PIPE) as process:
        yield Peer(process, library)
        if process.stdin:
            process.stdin.close()
