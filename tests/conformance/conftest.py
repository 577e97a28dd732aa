"""The standard doors with keys made from names, a clock that stands still, and no network."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from keys.multibase import base64url_decode
from keys.public import KeyName
from keys.signer import FileSigner
from schemas.contexts import VC_1, VC_2
from schemas.reading import Json
from tanu import asgi
from tanu.conformance.instances import JOSE, ROWS, SELECTIVE, Instance, instances
from tanu.conformance.routes import router
from tests.world import Clock

PUBLIC_URL = "http://127.0.0.1:41000"
INSTANCES = tuple(row.name for row in ROWS)
WITH_A_PROOF = tuple(row.name for row in ROWS if row.suite != JOSE)


@dataclass
class Doors:
    """What a suite of the W3C sees, by the names of the instances."""

    client: TestClient
    instances: Mapping[str, Instance]
    clock: Clock

    def post(self, instance: str, door: str, body: Json) -> httpx.Response:
        answer: httpx.Response = self.client.post(f"/vc-api/{instance}/{door}", json=body)
        return answer

    def credential(self, instance: str, **more: Json) -> dict[str, Json]:
        """An unsecured credential of VC 2.0 of that instance."""
        return {
            "@context": [VC_2],
            "type": ["VerifiableCredential"],
            "issuer": self.instances[instance].did,
            "credentialSubject": {"id": "did:example:subject"},
        } | more

    def credential_1_1(self, instance: str, **more: Json) -> dict[str, Json]:
        """One of VC 1.1, as the Data Integrity suites post it."""
        first = {"@context": [VC_1], "id": "urn:uuid:86294362-4254-4f36-854f-3952fe42555d"}
        return self.credential(instance) | first | {"issuanceDate": "2020-03-16T22:37:26.544Z"} | more

    def issued(self, instance: str, credential: Json = None, **options: Json) -> Any:
        """The credential, secured."""
        asked = {"credential": credential or self.credential(instance), "options": options}
        answer = self.post(instance, "credentials/issue", asked)
        assert answer.status_code == 201, answer.json()["detail"]
        return answer.json()

    def shown(self, instance: str, credential: Json = None) -> Any:
        """The credential, secured, as its holder shows it: of a base proof, a part."""
        issued = self.issued(instance, credential)
        if self.instances[instance].row.suite != SELECTIVE:
            return issued
        body = {"verifiableCredential": issued, "options": {"selectivePointers": ["/credentialSubject"]}}
        answer = self.post(instance, "credentials/derive", body)
        assert answer.status_code == 201, answer.json()["detail"]
        return answer.json()["verifiableCredential"]

    def verify(self, instance: str, credential: Json) -> httpx.Response:
        return self.post(instance, "credentials/verify", {"verifiableCredential": credential, "options": {}})


def named_key(kind: KeyName) -> FileSigner:
    """The key of the doors of that type."""
    return FileSigner.from_seed(bytes(range(1, 33)), kind)


@pytest.fixture(scope="session")
def doors() -> Iterator[Doors]:
    made, clock = instances(PUBLIC_URL, named_key), Clock()
    app = asgi.application([router(made, clock, frozenset())], PUBLIC_URL)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Doors(client, made, clock)


each = pytest.mark.parametrize("instance", INSTANCES)
each_with_a_proof = pytest.mark.parametrize("instance", WITH_A_PROOF)


def content(issued: Any) -> Any:
    """The credential itself, out of its envelope where it is in one."""
    if issued["type"] != "EnvelopedVerifiableCredential":
        return issued
    return json.loads(base64url_decode(issued["id"].split(".")[1]))
