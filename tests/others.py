"""Other people's libraries, as filters: the scripts of `tests/node` (README.md there) and `tests/cwt`, offline."""

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
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


def run_cwt(text: str) -> str:
    """What `tests/cwt/sign1.py` prints, in its own environment."""
    command = [".venv-cose/bin/python", "tests/cwt/sign1.py"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def asked(orders: Sequence[Mapping[str, Json]], program: Callable[[str], str]) -> dict[str, dict[str, Any]]:
    """The answers of a program that takes an order a line, by the orders' names."""
    printed = program("".join(json.dumps(order) + "\n" for order in orders))
    answers = [json.loads(line) for line in printed.splitlines()]
    assert [answer["name"] for answer in answers] == [order["name"] for order in orders]
    return {answer["name"]: answer for answer in answers}


def ask(script: str, credentials: Mapping[str, Json], *arguments: str) -> dict[str, dict[str, Any]]:
    """The answers of `verify.mjs` or `verifier-core.mjs`, by the credentials' names."""
    orders = [{"name": name, "credential": each} for name, each in credentials.items()]
    return asked(orders, lambda text: run(script, text, *arguments))


def option(name: str, content: Mapping[str, Json], folder: Path) -> tuple[str, str]:
    """An option of these scripts that holds JSON, by way of a file."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content))
    return f"--{name}", str(path)
