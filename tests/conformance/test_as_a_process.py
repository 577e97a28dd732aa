"""`tanu conformance` as a tester starts it: a process on a port, plain and over TLS, that ends when it is told to."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from schemas.contexts import VC_2
from tanu.conformance.instances import SELECTIVE

pytestmark = pytest.mark.xdist_group("serving")

TANU = (sys.executable, "-c", "from tanu.cli import main; main()")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*options: str) -> Iterator[str]:
    """The address of a server that runs meanwhile; then it is interrupted, and ends."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TANU_")}
    command = [*TANU, "conformance", "--port", str(port), *options]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"{'https' if options else 'http'}://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            ended = process.wait(timeout=30)
    assert ended == 0


def listed(client: httpx.Client) -> dict[str, Any]:
    """The instances by their names, once the server answers."""
    for _ in range(300):
        try:
            return {row["instance"]: row for row in client.get("/vc-api").json()}
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def credential(issuer: str) -> dict[str, Any]:
    subject = {"id": "did:example:subject"}
    return {"@context": [VC_2], "type": ["VerifiableCredential"], "issuer": issuer, "credentialSubject": subject}


def test_a_tester_issues_derives_verifies_and_revokes_over_http() -> None:
    with running() as address, httpx.Client(base_url=address, trust_env=False) as client:
        rows = listed(client)
        for row in rows.values():
            issued = client.post(row["issue"], json={"credential": credential(row["id"])})
            assert issued.status_code == 201, row["instance"]
            shown = issued.json()
            if row["suite"] == SELECTIVE:
                part = {"verifiableCredential": shown, "options": {"selectivePointers": ["/credentialSubject"]}}
                shown = client.post(row["derive"], json=part).json()["verifiableCredential"]
            verified = client.post(row["verify"], json={"verifiableCredential": shown})
            assert (verified.status_code, verified.json()["verified"]) == (200, True), row["instance"]
            changed = shown | {"validUntil": "2020-01-01T00:00:00Z"}
            assert client.post(row["verify"], json={"verifiableCredential": changed}).status_code == 400
        row = rows["status"]
        entry = client.post(row["issue"], json={"credential": credential(row["id"])}).json()["credentialStatus"]
        assert client.post(row["status"], json={"credentialStatus": entry}).status_code == 200


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A file with a certificate for 127.0.0.1 and its key; and who trusts it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(Encoding.PEM)
    (folder / "tls.pem").write_bytes(pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "tls.pem", ssl.create_default_context(cadata=pem.decode())


def test_with_a_certificate_every_address_is_https(tmp_path: Path) -> None:
    file, trusting = certificate(tmp_path)
    with (
        running("--certificate", str(file)) as address,
        httpx.Client(base_url=address, trust_env=False, verify=trusting) as client,
    ):
        row = listed(client)["status"]
        issued = client.post(row["issue"], json={"credential": credential(row["id"])}).json()
        url = issued["credentialStatus"]["statusListCredential"]
        assert url.startswith(f"{address}/vc-api/status/")
        assert client.get(url).json()["id"] == url
        assert client.post(row["verify"], json={"verifiableCredential": issued}).status_code == 200
