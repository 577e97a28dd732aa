"""What all doors together offer, and what they do not (docs/attacks.md D9, E6, E7)."""

import inspect

import pytest
from fastapi.testclient import TestClient

from schemas.reading import read_object
from tests.contract import DOORS, Contract
from tests.fuzz.names import routes
from tests.world import World

FETCHING = {"url", "uri", "href", "link", "src", "source", "address", "callback", "redirect", "next", "host"}
PERSONS = {"surname", "iin", "birth", "birth_date", "holder", "email", "q", "query", "search", "page", "limit"}


@pytest.fixture
def client(contract: Contract) -> TestClient:
    """The whole service in one process, without its delivery thread."""
    return contract.service.client


def test_D9_no_door_takes_an_address_to_fetch_nor_a_person_to_look_for(client: TestClient) -> None:
    assert len(routes(client.app)) > 10
    for route in routes(client.app):
        names = set(inspect.signature(route.endpoint).parameters) | set(route.param_convertors)
        assert not names & (FETCHING | PERSONS), route.path
    for parameter in FETCHING | PERSONS:
        for path in ("/", "/api/verify", "/api/entries", "/issuers"):
            answer = client.get(f"{path}?{parameter}=http://127.0.0.1:9/x")
            assert "127.0.0.1:9" not in answer.text or answer.status_code >= 400


TAKING: dict[str, str | None] = {
    "/verify": "page",
    "/api/verify": "api",
    "/api/presentations/verify": "presentation",
    "/api/presentations/challenge": None,
    "/vc-api/{instance}/credentials/verify": "standard door",
    "/vc-api/{instance}/presentations/verify": None,
    "/vc-api/{instance}/credentials/issue": None,
    "/vc-api/{instance}/credentials/derive": None,
    "/vc-api/{instance}/credentials/status": None,
}
"""Where strangers hand something in → the row of the contract that tries it; the others take a wish, and
`tests/conformance` tries them."""


def test_a_door_where_strangers_hand_something_in_is_a_row_of_the_contract(client: TestClient) -> None:
    posts = {route.path for route in routes(client.app) if "POST" in (route.methods or ())}
    assert {path for path in posts if not path.startswith("/h/")} == set(TAKING)
    assert {name for name in TAKING.values() if name} <= set(DOORS)


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


def test_other_sites_may_read_what_is_published_for_everybody_and_no_page(client: TestClient, world: World) -> None:
    issued = world.issue()
    slot = world.office.store.slots_of(issued.code)[0]
    schema = read_object(issued.document)["credentialSchema"]["id"]
    lists = [slot.list_url, f"{slot.list_url}.jwt", f"{slot.list_url}.cwt"]
    data = [f"/api/issuers/{world.university.did}", f"/api/entries/{issued.code}", "/i/kmu/did.json", "/api/figures"]
    for path in (*(url.removeprefix(world.public_url) for url in (*lists, schema)), *data):
        answer = client.get(path, headers={"Origin": "https://elsewhere.example"})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*"), path
        assert "access-control-allow-credentials" not in answer.headers
    for path in ("/", f"/c/{issued.code}", f"/api/c/{issued.code}", "/issuers", "/verify", "/h/x", "/s/x", "/healthz"):
        answer = client.get(path, headers={"Origin": "https://elsewhere.example"})
        assert not [name for name in answer.headers if name.startswith("access-control-")], path
