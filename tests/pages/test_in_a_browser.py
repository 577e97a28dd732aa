"""Real documents in a real browser: the employer, the holder, the credit-transfer office, the forger."""

import json
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from issuer.holder import Links
from schemas.languages import LANGUAGES
from tanu.asgi import everything
from tests.pages.conftest import Visit, serving
from tests.pages.test_first_screen import HARD_LIMIT, seen
from tests.world import World, value_of


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that is served at its own address."""
    worlds: list[World] = []

    def app(base: str) -> FastAPI:
        worlds.append(World(tmp_path_factory.mktemp("town"), public_url=base))
        return everything(worlds[0].office)

    with serving(app):
        yield worlds[0]


def test_an_employer_sees_a_genuine_document(visit: Callable[..., Visit], town: World) -> None:
    issued, facts = town.issue(), town.facts()
    window = visit(language="kk")
    page = window.go(f"{town.public_url}/c/{issued.code}")
    first = seen(page)
    for words in ("Жарамды", "ТЕСТ", facts.holder("kk"), facts.title.kk, town.university.name.kk, issued.number):
        assert words in first
    assert len(window.requests) == 1
    assert len(page.content().encode()) <= HARD_LIMIT


def test_a_forger_changes_the_file_and_nothing_of_it_is_shown(visit: Callable[..., Visit], town: World) -> None:
    forged = value_of(town.issue().document)
    forged["credentialSubject"]["familyName"] = {"en": "Mouse"}
    page = visit().go(f"{town.public_url}/?lang=en")
    data = json.dumps(forged).encode()
    page.locator("#file").set_input_files({"name": "a.json", "mimeType": "application/json", "buffer": data})
    page.get_by_role("button", name="Check the file").click()
    assert page.locator("h1").inner_text() == "Not genuine or changed"
    assert "Mouse" not in page.content()


def test_a_holder_shows_the_grades_and_stops_showing_them(visit: Callable[..., Visit], town: World) -> None:
    issued = town.issue()
    page = visit().go(Links(town.office).holder_url(issued.code) + "?lang=en")
    page.get_by_role("button", name="Make a share link").click()
    address = page.locator("a.long").get_attribute("href")
    assert address
    holders_page = page.url
    office = visit().go(f"{address}?lang=en")
    assert "Grade scale" in office.content()
    page.goto(holders_page)
    page.get_by_role("button", name="Stop sharing").click()
    assert visit().go(f"{address}?lang=en").locator("h1").inner_text() == "This link has ended"


def test_what_the_holder_downloads_is_valid(visit: Callable[..., Visit], town: World) -> None:
    issued = town.issue()
    page = visit().go(Links(town.office).holder_url(issued.code) + "?lang=en")
    with page.expect_download() as download:
        page.get_by_role("link", name="Document file (.json)").click()
    assert download.value.path().read_bytes() == issued.document
    page.goto(f"{town.public_url}/?lang=en")
    page.locator("#file").set_input_files(download.value.path())
    page.get_by_role("button", name="Check the file").click()
    assert page.locator("h1").inner_text() == "Valid"


def test_an_annulled_document_tells_who_annulled_it_and_why(visit: Callable[..., Visit], town: World) -> None:
    issued = town.issue()
    town.annul(issued)
    page = visit().go(f"{town.public_url}/c/{issued.code}?lang=ru")
    first = seen(page)
    assert "Аннулирован" in first
    assert town.facts().holder("ru") not in page.content()
    told = page.locator("section", has=page.locator("#history")).inner_text()
    for words in ("выявлено нарушение", "Ректор", "Бұйрық № 12"):
        assert words in told


def test_a_replaced_document_leads_to_its_successor(visit: Callable[..., Visit], town: World) -> None:
    old, new = town.issue(), town.issue()
    town.replace(old, new)
    page = visit().go(f"{town.public_url}/c/{old.code}?lang=en")
    assert page.locator("h1").inner_text() == "Replaced"
    page.get_by_role("link", name="Open the new document").click()
    assert page.locator("h1").inner_text() == "Valid"
    assert new.number in seen(page)


def test_D10_own_origin_only(visit: Callable[..., Visit], town: World) -> None:
    """Pages of documents, holders and states, and a file full of addresses: the browser asks nobody else."""
    issued, ended, old, new = town.issue_many(4)
    town.annul(ended)
    town.replace(old, new)
    links = Links(town.office)
    tracking = value_of(issued.document) | {
        "image": "https://tracker.example/x.png",
        "name": "<img src='https://tracker.example/x.png'>",
        "credentialStatus": {"id": "https://tracker.example/1", "type": "x"},
    }
    window = visit(javascript=True)
    pages = [f"/c/{each.code}" for each in (issued, ended, old, new)] + [
        "/",
        "/issuers",
        "/nowhere",
        "/c/0",
        "/c?code=x",
    ]
    asked: list[str] = []
    for address in (*(town.public_url + page for page in pages), links.holder_url(issued.code)):
        window.go(address)
        window.settle()
        asked += window.requests
    page = window.go(f"{town.public_url}/?lang=en")
    data = json.dumps(tracking).encode()
    page.locator("#file").set_input_files({"name": "a.json", "mimeType": "application/json", "buffer": data})
    page.get_by_role("button", name="Check the file").click()
    window.settle()
    asked += window.requests
    assert len(asked) > len(pages)
    assert [url for url in asked if not url.startswith(f"{town.public_url}/")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_register_in_figures_is_read_on_a_phone(language: str, visit: Callable[..., Visit], town: World) -> None:
    for width in (360, 320):
        window = visit(width=width)
        page = window.go(f"{town.public_url}/figures?lang={language}")
        assert len(window.requests) == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert window.noticed == []
    for target in page.locator("header a, footer a, summary").all():
        box = target.bounding_box()
        assert box is None or box["height"] >= 44


def test_a_typed_number_opens_initials_on_a_phone(visit: Callable[..., Visit], town: World) -> None:
    issued, facts = town.issue(), town.facts()
    page = visit(language="kk").go(f"{town.public_url}/?lang=kk")
    page.locator("#code").fill(issued.number)
    page.get_by_role("button", name="Тексеру", exact=True).click()
    page.wait_for_url(f"**/n/{issued.number}*")
    first = seen(page)
    for words in ("Жарамды", "ТЕСТ", facts.initials.kk, facts.title.kk, town.university.name.kk, issued.number):
        assert words in first
    assert facts.holder("kk") not in page.content()
    assert issued.code not in page.content()
