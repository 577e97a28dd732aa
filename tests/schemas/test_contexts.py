"""The contexts are files of the product, pinned; nothing is fetched, and nobody can slip in another."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas import contexts
from schemas.canonical import rdfc
from schemas.contexts import ChangedFile
from schemas.errors import Malformed
from schemas.kinds import table
from schemas.kinds.table import KINDS
from tests.world import World
from tests.world_facts import drafted

PUBLISHED = Path("schemas/published")
UNKNOWN = [
    "https://attacker.example/ctx",
    "http://www.w3.org/ns/credentials/v2",
    "https://www.w3.org/ns/credentials/v2/",
    "https://www.w3.org/ns/credentials/v2#",
    "https://www.w3.org/ns/credentials%2Fv2",
    "https://WWW.W3.ORG/ns/credentials/v2",
    "https://www.w3.org:443/ns/credentials/v2",
    "file:///etc/passwd",
    "data:application/ld+json,{}",
    "http://169.254.169.254/latest/meta-data",
    "ftp://a.example/x",
    "v2",
    "",
    "urn:x",
]


@pytest.mark.parametrize("url", UNKNOWN)
def test_A9_an_unknown_context_is_an_error_and_nothing_is_fetched(url: str, sockets: list[Any]) -> None:
    with pytest.raises(Malformed):
        contexts.load(url)
    micro = drafted("MicroCredentialCertificate").value
    for changed in (
        [url],
        [url, *micro["@context"]],
        [*micro["@context"], url],
        [*micro["@context"], {"x": {"@id": "urn:x", "@context": url}}],
    ):
        with pytest.raises(Malformed):
            rdfc(micro | {"@context": changed, "x": {"y": 1}})
    assert sockets == []


def test_A9_a_context_that_imports_another_is_an_error(sockets: list[Any]) -> None:
    micro = drafted("MicroCredentialCertificate").value
    for url in UNKNOWN[:4]:
        with pytest.raises(Malformed):
            rdfc(micro | {"@context": [*micro["@context"], {"@version": 1.1, "@import": url}]})
    assert sockets == []


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the published files, which the process then reads."""
    shutil.copytree(PUBLISHED, tmp_path / "published")
    contexts.bundled.cache_clear()
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)
    yield tmp_path / "published"
    contexts.bundled.cache_clear()


def flip(file: Path, place: int) -> None:
    """Changes one bit."""
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize("name", sorted(path.name for path in (PUBLISHED / "contexts").glob("*.json")))
def test_A10_one_changed_byte_in_a_context_stops_the_process(name: str, copied: Path) -> None:
    assert contexts.bundled()
    contexts.bundled.cache_clear()
    for place in (0, 30, -2):
        flip(copied / "contexts" / name, place)
        with pytest.raises(ChangedFile):
            contexts.load(contexts.VC_2)
        flip(copied / "contexts" / name, place)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("of", ["context", "schema"])
def test_A10_one_changed_byte_in_a_file_of_a_kind_stops_the_process(name: str, of: str, copied: Path) -> None:
    path = f"kinds/{name}-{KINDS[name].version}.{of}.json"
    assert table.published(path)
    flip(copied / path, 50)
    with pytest.raises(ChangedFile):
        table.published(path)


def test_every_context_of_every_kind_is_there() -> None:
    for kind in KINDS.values():
        for context in kind.context:
            assert contexts.inlined(context)


@pytest.mark.parametrize("name", ["credentials-v2.json", "index.json"])
def test_A10_no_service_starts_with_a_changed_context(name: str, tmp_path: Path, world: World) -> None:
    """The command itself, over a copy of the installation in which one bit of a file is another."""
    installed = tmp_path / "installed"
    installed.mkdir()
    for room in ("keys", "registry", "issuer", "verifier", "tanu"):
        (installed / room).symlink_to(Path(room).resolve())
    shutil.copytree("schemas", installed / "schemas")
    flip(installed / "schemas" / "published" / "contexts" / name, 40)
    begin = "import sys; from tanu.cli import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", begin, "serve", "--home", str(world.home.folder), "--parts", "registry,verifier"]
    environment = {**os.environ, "PYTHONPATH": str(installed), "TANU_LANG": "en"}
    served = subprocess.run(
        command, check=False, capture_output=True, env=environment, text=True, timeout=60, cwd=tmp_path
    )
    assert served.returncode == 65
    assert f"contexts/{name} has been changed" in served.stderr
    assert "Traceback" not in served.stderr
    assert "http://" not in served.stderr, "nothing is served"
