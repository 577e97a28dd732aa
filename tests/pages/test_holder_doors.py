"""The holder's page behind its secret link: download, show with grades, stop showing; a dead link opens nothing."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

import issuer.routes
import verifier.routes
from issuer.holder import Links
from issuer.issue import Issued
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES, say, words
from tests.pages.conftest import application
from tests.world import World

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def links(world: World) -> Links:
    return Links(world.office)


@pytest.fixture(scope="module")
def client(world: World, links: Links) -> Iterator[TestClient]:
    app = application()
    app.include_router(issuer.routes.router(links, world.public_url))
    app.include_router(verifier.routes.router(world.registry, world.clock, world.public_url, links.shared))
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as made:
        yield made


@pytest.fixture
def issued(world: World) -> Issued:
    return world.issue()


@pytest.fixture
def here(world: World, links: Links, issued: Issued) -> str:
    """The path of the holder's page."""
    return links.holder_url(issued.code).removeprefix(world.public_url)


def test_the_page_tells_state_use_and_address_in_three_languages(
    client: TestClient, world: World, issued: Issued, here: str
) -> None:
    for language in LANGUAGES:
        answer = client.get(f"{here}?lang={language}")
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.text
        for expected in (
            say("pages.verdict.valid")[language],
            say("pages.use.MicroCredentialCertificate")[language],
            world.facts().holder(language),
            world.facts().title[language],
            f"{world.public_url}/c/{issued.code}",
        ):
            assert expected.replace('"', "&#34;") in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert len(answer.content) <= 50_000


def test_every_kind_says_what_it_is_for() -> None:
    for kind in KINDS:
        assert f"pages.use.{kind}" in words()


def test_the_credential_is_handed_over_byte_for_byte(client: TestClient, issued: Issued, here: str) -> None:
    """And never shown in place (docs/attacks.md E15)."""
    answer = client.get(f"{here}/credential.json")
    assert answer.content == issued.document
    assert answer.headers["content-type"] == "application/vc"
    assert answer.headers["content-disposition"] == f'attachment; filename="{issued.number}.json"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_the_paper_is_handed_over_as_a_file(client: TestClient, issued: Issued, here: str) -> None:
    """docs/attacks.md E15."""
    answer = client.get(f"{here}/certificate.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="{issued.number}.pdf"'


def test_a_share_link_shows_grades_until_it_is_stopped(client: TestClient, world: World, here: str) -> None:
    made = client.post(f"{here}/share?lang=en", headers=OURS)
    assert (made.status_code, made.headers["location"]) == (303, f"{here}?lang=en")
    page = client.get(f"{here}?lang=en").text
    address = re.findall(rf'href="{world.public_url}(/s/[a-z0-9]+)"', page)[0]
    letter = world.facts().grade.letter  # type: ignore[attr-defined]
    shown = client.get(f"{address}?lang=en")
    assert shown.status_code == 200
    assert f">{letter}<" in shown.text
    assert client.post(f"{here}/share/stop", headers=OURS).status_code == 303
    assert client.get(f"{address}?lang=en").status_code == 404
    assert "Make a share link" in client.get(f"{here}?lang=en").text


def test_a_dead_and_an_unknown_link_open_nothing_and_look_alike(
    client: TestClient, world: World, links: Links, issued: Issued, here: str
) -> None:
    links.renew(issued.code)
    dead, unknown = client.get(here), client.get("/h/neverwas")
    assert dead.status_code == unknown.status_code == 404
    assert dead.content == unknown.content
    assert issued.number not in dead.text
    for tail in ("/credential.json", "/certificate.pdf"):
        assert client.get(here + tail).status_code == 404
    for tail in ("/share", "/share/stop"):
        assert client.post(here + tail, headers=OURS).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8000"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:8001"},
        {"Origin": "http://127.0.0.1:8000.evil.example"},
    ],
    ids=str,
)
def test_a_form_of_another_site_does_nothing(client: TestClient, here: str, headers: dict[str, str]) -> None:
    """docs/attacks.md F5."""
    answer = client.post(f"{here}/share", headers=headers)
    assert answer.status_code == 403
    assert "/s/" not in client.get(here).text


@pytest.mark.parametrize("headers", [OURS, {"Origin": "http://127.0.0.1:8000"}, {"Origin": "null"}, {}], ids=str)
def test_a_form_of_our_own_page_works(client: TestClient, here: str, headers: dict[str, str]) -> None:
    assert client.post(f"{here}/share", headers=headers).status_code == 303


def test_looking_changes_nothing(client: TestClient, here: str) -> None:
    for tail in ("/share", "/share/stop"):
        assert client.get(here + tail).status_code == 405
    assert "/s/" not in client.get(here).text


def test_the_end_of_a_document_is_told_with_reason_and_what_can_be_done(
    client: TestClient, world: World, issued: Issued, here: str
) -> None:
    world.annul(issued)
    page = client.get(f"{here}?lang=en").text
    for told in ("Annulled", "a violation was found", "Ректор", "file a complaint or appeal"):
        assert told in page
