"""Other people's libraries, as filters: the scripts of `tests/node` (README.md there), offline."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.reading import Json

SCRIPTS = Path("tests/node")


def run(script: str, text: str, *arguments: str) -> str:
    """What `script` prints for `text` on its standard input."""
    node = Path(".venv/node-path").read_text().strip()
    command = [node, str(SCRIPTS / script), *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def ask(script: str, credentials: Mapping[str, Json], *arguments: str) -> dict[str, dict[str, Any]]:
    """The answers of `verify.mjs` or `verifier-core.mjs`, by the credentials' names."""
    lines = "".join(json.dumps({"name": name, "credential": each}) + "\n" for name, each in credentials.items())
    answers = [json.loads(line) for line in run(script, lines, *arguments).splitlines()]
    assert [answer["name"] for answer in answers] == list(credentials)
    return {answer["name"]: answer for answer in answers}


def option(name: str, content: Mapping[str, Json], folder: Path) -> tuple[str, str]:
    """An option of these scripts that holds JSON, by way of a file."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content))
    return f"--{name}", str(path)
