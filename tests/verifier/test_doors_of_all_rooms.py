"""What all doors together offer, and what they do not (docs/attacks.md D9, E6, E7)."""

import inspect
import random

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from schemas.credential import written
from schemas.reading import MAX_BYTES, Json
from tanu import asgi
from tests.world import World, value_of

FETCHING = {"url", "uri", "href", "link", "src", "source", "address", "callback", "redirect", "next", "host"}
PERSONS = {"surname", "iin", "birth", "birth_date", "holder", "email", "q", "query", "search", "page", "limit"}


@pytest.fixture(scope="module")
def client(world: World) -> TestClient:
    """The whole service in one process, without its delivery thread."""
    return TestClient(asgi.everything(world.office), raise_server_exceptions=False)


def routes(client: TestClient) -> list[APIRoute]:
    """Every door, those of included routers too."""
    found, waiting = [], list(client.app.routes)  # type: ignore[attr-defined]
    while waiting:
        route = waiting.pop()
        waiting += list(getattr(getattr(route, "original_router", None), "routes", []))
        if isinstance(route, APIRoute):
            found.append(route)
    return found


def test_D9_no_door_takes_an_address_to_fetch_nor_a_person_to_look_for(client: TestClient) -> None:
    assert len(routes(client)) > 10
    for route in routes(client):
        names = set(inspect.signature(route.endpoint).parameters) | set(route.param_convertors)
        assert not names & (FETCHING | PERSONS), route.path
    for parameter in FETCHING | PERSONS:
        for path in ("/", "/api/verify", "/api/entries", "/issuers"):
            answer = client.get(f"{path}?{parameter}=http://127.0.0.1:9/x")
            assert "127.0.0.1:9" not in answer.text or answer.status_code >= 400


HOSTILE = [
    *(b"{}", b"[]", b"null", b"{", b"\xff\xfe", b"\x00" * 100, b"[" * 100_000, b'{"a":' * 5000, b"9" * 5000),
    *(
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":1e999}',
        rb'{"a":"\ud800"}',
        b"%PDF-1.7",
        b"%PDF-1.7\n%%EOF",
        b"PK\x03\x04",
    ),
    *(
        b"\x89PNG\r\n\x1a\n",
        b"eyJhbGciOiJub25lIn0.e30.",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    ),
    *(
        b'{"type":[[]]}',
        b'{"type":{"a":1},"@context":5}',
        b'{"@context":"file:///etc/passwd","type":["VerifiableCredential"]}',
    ),
    *(
        b'{"type":["VerifiableCredential"],"@context":["https://www.w3.org/ns/credentials/v2"]}',
        b'"' + b"\\u0000" * 1000 + b'"',
    ),
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("policy", ["product", "open"])
def test_hostile_bodies_get_a_small_answer_and_the_service_stays_up(
    body: bytes, policy: str, client: TestClient
) -> None:
    answer = client.post(f"/api/verify?policy={policy}", content=body)
    assert answer.status_code < 500
    assert len(answer.content) <= 64 * 1024
    for inside in ("Traceback", "/work/", "site-packages", "pyld", "sqlalchemy", "Exception"):
        assert inside not in answer.text
    if answer.status_code == 200:
        assert answer.json()["verdict"] not in ("valid", "indeterminate")
        assert answer.json()["document"] is None
    assert client.get("/healthz").status_code == 200


def test_A18_a_body_over_the_cap_is_413_and_an_empty_one_400(client: TestClient) -> None:
    assert client.post("/api/verify", content=b" " * (MAX_BYTES + 1)).status_code == 413
    assert client.post("/api/verify", content=b"").status_code == 400


def test_any_wreck_of_a_document_gets_a_report(client: TestClient, world: World) -> None:
    """Cut, doubled, shuffled, with its members' types changed: never an error of the server, never valid."""
    document, chance = world.issue().document, random.Random(4)
    value = value_of(document)
    wrecks: list[bytes] = []
    for _ in range(60):
        one, two = sorted(chance.sample(range(len(document)), 2))
        wrecks += [document[:one] + document[two:], document[:two] + document[one:], document[one:two]]
    others: list[Json] = [None, 0, False, "", [], {}, [[]], [{}], "x", {"id": []}, {"type": {}}]
    wrecks += [written(value | {name: other}) for name in value for other in others]
    for wreck in wrecks:
        for policy in ("product", "open"):
            answer = client.post(f"/api/verify?policy={policy}", content=wreck)
            assert answer.status_code in (200, 400), wreck[:200]
            if answer.status_code == 200:
                assert answer.json()["verdict"] != "valid", wreck[:200]


def test_E6_what_was_never_issued_looks_like_what_is_not_public(client: TestClient, world: World) -> None:
    world.issue()
    for path in (
        "/c/00000000000000",
        "/c/0000000000000Z",
        "/api/entries/00000000000000",
        "/h/x",
        "/s/x",
        "/status/x",
        "/i/x/did.json",
    ):
        assert client.get(path).status_code == 404, path
