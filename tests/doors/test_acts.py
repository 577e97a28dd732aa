"""Whoever changes something leaves exactly one row in the audit; whoever is refused leaves none, and no door of
registry and verifier ever adds one. What the office does: `tests/issuer/test_audit.py`."""

import pytest

from issuer.holder import Links
from issuer.issue import Issued
from tests.audit import broken_links, rows
from tests.contract import DOORS, Contract
from tests.fuzz.names import Names, routes
from tests.world import EXTRACT, World


@pytest.fixture
def issued(world: World) -> Issued:
    """With a holder's link."""
    made = world.issue()
    Links(world.office).holder_url(made.code)
    return made


def path_of(world: World, issued: Issued) -> str:
    """Of the holder's page."""
    return Links(world.office).holder_url(issued.code).removeprefix(world.public_url)


def test_a_holder_shares_and_stops_sharing(contract: Contract, world: World, issued: Issued) -> None:
    client, path = contract.service.client, path_of(world, issued)
    with contract.one_audit_row("share_link"):
        assert client.post(f"{path}/share").status_code == 303
    with contract.one_audit_row("share_link_ended"):
        assert client.post(f"{path}/share/stop").status_code == 303
    with contract.nothing_happens():
        assert client.post(f"{path}/share/stop").status_code == 303
    rows = world.rows_of("SELECT actor, act FROM issuer_audit WHERE subject = :code ORDER BY seq", code=issued.code)
    assert rows[-2:] == [("holder", "share_link"), ("holder", "share_link_ended")]


def test_what_is_refused_changes_nothing(contract: Contract, world: World, issued: Issued) -> None:
    client, path = contract.service.client, path_of(world, issued)
    for address, headers in (
        (f"{path}/share", {"Sec-Fetch-Site": "cross-site"}),
        (f"{path}/share", {"Origin": "https://evil.example"}),
        ("/h/aaaaaaaaaaaaaaaaaaaaaaaaaa/share", {}),
        ("/h/'%20OR%201=1--/share", {}),
        (f"{path}/share/../stop", {}),
    ):
        with contract.nothing_happens():
            assert client.post(address, headers=headers).status_code in (403, 404, 405), address


def test_looking_changes_nothing(contract: Contract, world: World, issued: Issued) -> None:
    client, path = contract.service.client, path_of(world, issued)
    for address in (
        path,
        f"{path}/credential.json",
        f"/c/{issued.code}",
        "/",
        "/issuers",
        f"/api/entries/{issued.code}",
    ):
        with contract.nothing_happens():
            assert client.get(address).status_code == 200


def test_the_first_printing_is_recorded_once(contract: Contract, world: World, issued: Issued) -> None:
    client, path = contract.service.client, path_of(world, issued)
    with contract.one_audit_row("print"):
        first = client.get(f"{path}/certificate.pdf").content
    with contract.nothing_happens():
        assert client.get(f"{path}/certificate.pdf").content == first


PUBLIC = ("registry", "verifier", "tanu")
"""The rooms whose doors keep no audit: what they say, everybody may ask."""


def test_no_door_of_registry_and_verifier_adds_a_row(contract: Contract, world: World) -> None:
    """Each of the application's, opened by genuine names; what a program may send to those that take something."""
    names = Names.of(contract)
    app = contract.service.client.app
    room = {route.path: str(route.endpoint.__module__).partition(".")[0] for route in routes(app)}
    doors = [door for door in names.doors if room.get(door.path) in PUBLIC]
    assert {"/c/{code}", "/n/{number}", "/status/{name}", "/api/verify"} <= {door.path for door in doors}
    assert {"/h/{token}"} <= {path for path in room if room[path] not in PUBLIC}
    for door in doors:
        with contract.nothing_happens(but_challenges=door.path.startswith("/api/presentations")):
            names.opened(door)


@pytest.mark.parametrize("kind", ["MicroCredentialCertificate", EXTRACT])
def test_nor_does_a_document_that_is_checked_at_any_door(kind: str, contract: Contract, world: World) -> None:
    issued = world.issue(kind)
    before = rows(world)
    for name, door in DOORS.items():
        contract.ask(name, issued.document if door.takes == "document" else issued.code.encode())
    assert rows(world) == before
    assert broken_links(world) == []
