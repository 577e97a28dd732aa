"""A served installation: the demo's server answers while the office works beside it, whole or in parts."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tanu.demonstration import SHIPPED

pytestmark = pytest.mark.xdist_group("serving")

TANU = Path(sys.executable).parent / "tanu"


@dataclass(frozen=True)
class Installation:
    home: Path
    port: int

    @property
    def settings(self) -> dict[str, str]:
        address = f"http://127.0.0.1:{self.port}"
        own = {"TANU_LANG": "en", "TANU_HOME": str(self.home), "TANU_PASSPHRASE": "a b c", "TANU_PUBLIC_URL": address}
        return {**os.environ, **own}

    def tanu(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        settings = self.settings | environment
        return subprocess.run(
            [TANU, *arguments], check=False, capture_output=True, env=settings, text=True, timeout=300
        )

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[httpx.Client]:
        command: list[str | Path] = [TANU, "serve", "--port", str(self.port), *arguments]
        with subprocess.Popen(command, env=self.settings, stderr=subprocess.DEVNULL) as process:
            try:
                with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as client:
                    _wait_for(client)
                    yield client
            finally:
                process.terminate()
                process.wait(timeout=30)


def _wait_for(client: httpx.Client) -> None:
    for _ in range(300):
        try:
            client.get("/")
            return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    made = Installation(tmp_path_factory.mktemp("serving") / "home", _free_port())
    assert made.tanu("init", "--institutions", str(SHIPPED / "issuers.json")).returncode == 0
    return made


@pytest.fixture(scope="module")
def issued(installation: Installation) -> list[dict[str, Any]]:
    file = str(SHIPPED / "final-attestation.xlsx")
    of = ("--kind", "ShortTermTrainingCertificate", "--institution", "specimen-training")
    answer = installation.tanu("issue", file, *of, "--no-pdf", "--json")
    assert answer.returncode == 0, answer.stderr
    rows: list[dict[str, Any]] = json.loads(answer.stdout)["issued"]
    return rows


def test_another_host_verifies_over_http_and_sees_an_end_at_once(
    installation: Installation, issued: list[dict[str, Any]], tmp_path: Path
) -> None:
    row = issued[0]
    with installation.serving() as client:
        asked = (
            "verify",
            row["json"],
            "--registry",
            str(client.base_url),
            "--home",
            str(tmp_path / "elsewhere"),
            "--json",
        )
        roots = {"TANU_TRUST_ROOTS": (installation.home / "trust-roots").read_text()}
        answer = installation.tanu(*asked)
        assert (answer.returncode, json.loads(answer.stdout)["verdict"]) == (2, "indeterminate"), "no root was named"
        answer = installation.tanu(*asked, **roots)
        assert (answer.returncode, json.loads(answer.stdout)["verdict"]) == (0, "valid"), answer.stderr
        words = ("--reason", "error", "--authority", "Head", "--basis", "Order", "--minutes", "1", "--by", "Ә. Маман")
        together = (*words, "--confirmed-by", "Б. Екінші")
        assert installation.tanu("status", "revoke", row["number"], *together).returncode == 0
        assert client.get(f"/api/c/{row['code']}").json()["verdict"] == "revoked"
        answer = installation.tanu(*asked, **roots)
        assert (answer.returncode, json.loads(answer.stdout)["verdict"]) == (1, "revoked")


def test_each_part_serves_alone(installation: Installation, issued: list[dict[str, Any]]) -> None:
    row = issued[1]
    holder = "/h/" + row["holder_page"].rsplit("/", 1)[-1]
    doors = {"verifier": f"/c/{row['code']}", "registry": f"/api/entries/{row['code']}", "issuer": holder}
    for part in doors:
        with installation.serving("--parts", part) as client:
            answers = {name: client.get(path).status_code for name, path in doors.items()}
        assert answers == {name: 200 if name == part else 404 for name in doors}


def test_an_unknown_part_is_refused(installation: Installation) -> None:
    answer = installation.tanu("serve", "--parts", "notary")
    assert answer.returncode == 64
    assert "issuer, registry, verifier" in answer.stderr
