"""The registry's HTTP doors fall silent, in twenty ways and over real sockets: the state is open, and nothing is green
(docs/attacks.md C1)."""

import datetime as dt
import io
import json
import socket
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi.testclient import TestClient

from issuer.issue import Issued
from registry.remote import RemoteRegistry
from tanu import asgi, cli
from tests.faults import FAULTS, Fault, closes, http, proxy, untrusted_tls
from tests.world import EXTRACT, MICRO, World
from verifier.report import Report

Answer = Callable[[str], bytes]


@pytest.fixture(autouse=True)
def no_sockets() -> None:
    """The guard of this folder is off: these tests speak over loopback."""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for a busy machine."""
    monkeypatch.setattr("registry.fetch.TIMEOUT_SECONDS", 1.0)
    monkeypatch.setattr("registry.fetch.DEADLINE_SECONDS", 1.5)


@pytest.fixture(scope="module")
def answer(world: World) -> Answer:
    """Path → what the world's registry answers."""
    routes = asgi.registry_routes(world.office.registry, world.public_url)
    client = TestClient(asgi.application([routes], world.public_url))
    return lambda path: http(200, client.get(path).content) if client.get(path).status_code == 200 else http(404)


@pytest.fixture(scope="module")
def issued(world: World) -> dict[str, Issued]:
    return {kind: world.issue(kind) for kind in (MICRO, EXTRACT)}


def checked(world: World, document: bytes, port: int, scheme: str = "http") -> Report:
    """By whoever asks the registry at that port."""
    return world.verify(document, RemoteRegistry.at(f"{scheme}://127.0.0.1:{port}", world.home.roots))


def is_open(report: Report) -> bool:
    """The state is unknown, nothing failed, and of the holder nothing is shown."""
    failed = [check for check in report.checks if check.outcome == "failed"]
    shown = report.document is None or (report.document.holder is None and report.document.lines == ())
    return report.verdict == "indeterminate" and not failed and shown


def test_without_a_fault_it_is_valid(world: World, answer: Answer, issued: dict[str, Issued]) -> None:
    with proxy(answer, closes, lambda _: False) as made:
        for document in issued.values():
            assert checked(world, document.document, made.port).verdict == "valid"
    assert any(path.startswith("/status/") for path in made.asked)


SLOW = ("says nothing", "drips its headers", "drips its body")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", FAULTS)
def test_C1_a_status_list_that_cannot_be_had(
    name: str, world: World, answer: Answer, issued: dict[str, Issued]
) -> None:
    """Everything else is answered as always."""
    for kind in (MICRO,) if name in SLOW else (MICRO, EXTRACT):
        with proxy(answer, FAULTS[name], lambda path: path.startswith("/status/")) as made:
            report = checked(world, issued[kind].document, made.port)
        assert is_open(report), report.as_json()
        step = next(check for check in report.checks if check.n == 8)
        assert step.outcome == "unknown"
        assert all("127.0.0.1" in words or "/status/" in words for _, words in step.because)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", ["closes", "says nothing", "drips its body", "500", "no HTTP"])
def test_C1_a_registry_of_which_nothing_can_be_had(
    name: str, world: World, answer: Answer, issued: dict[str, Issued]
) -> None:
    with proxy(answer, FAULTS[name]) as made:
        assert is_open(checked(world, issued[MICRO].document, made.port))


def test_C1_nobody_listens(world: World, issued: dict[str, Issued]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert is_open(checked(world, issued[MICRO].document, taken.getsockname()[1]))


def test_C1_the_name_cannot_be_found(world: World, issued: dict[str, Issued], monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    report = world.verify(issued[MICRO].document, RemoteRegistry.at("http://registry.example:8000"))
    assert is_open(report)
    assert "registry.example" in report.checks[2].because.kk


def certificate(folder: Path) -> str:
    """Of an authority of its own, for the right address; whoever trusts only what the machine trusts does not."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return str(file)


def test_C1_tls_that_nobody_trusts(world: World, answer: Answer, issued: dict[str, Issued], tmp_path: Path) -> None:
    with untrusted_tls(answer, certificate(tmp_path)) as port:
        assert is_open(checked(world, issued[MICRO].document, port, "https"))
    with proxy(answer, closes, lambda _: False) as made:
        assert is_open(checked(world, issued[MICRO].document, made.port, "https")), "plain HTTP where TLS was asked for"
    assert made.asked == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", ["drips its headers", "drips its body"])
def test_C1_a_source_that_drips_holds_nobody_up(
    name: str, world: World, answer: Answer, issued: dict[str, Issued]
) -> None:
    """It is given up while it has still most of its answer to say."""
    fault: Fault = FAULTS[name]
    with proxy(lambda path: answer(path) + b" " * 5000, fault, lambda path: path.startswith("/status/")) as made:
        assert is_open(checked(world, issued[MICRO].document, made.port))
        assert made.sent < 2500


def test_C1_the_command_says_that_it_could_not_check(
    world: World, answer: Answer, issued: dict[str, Issued], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tanu.telling.system_clock", world.clock)
    monkeypatch.setenv("TANU_TRUST_ROOTS", " ".join(world.home.roots))
    (tmp_path / "a.json").write_bytes(issued[MICRO].document)
    with proxy(answer, FAULTS["503"], lambda path: path.startswith("/status/")) as made:
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(io.StringIO()):
            code = cli.run(
                ["verify", str(tmp_path / "a.json"), "--json", "--registry", f"http://127.0.0.1:{made.port}"]
            )
    assert code == 2
    assert json.loads(said.getvalue())["verdict"] == "indeterminate"
