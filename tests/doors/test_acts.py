"""Whoever changes something leaves exactly one row in the audit; whoever is refused leaves none."""

import pytest

from issuer.holder import Links
from issuer.issue import Issued
from tests.contract import Contract
from tests.world import World


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
