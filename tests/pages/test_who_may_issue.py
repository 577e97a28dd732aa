"""The page of who may issue: each institution with its rights and their days, and the bodies that gave them."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from fastapi import FastAPI

from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES, Language, say
from tanu.accrediting import MandateRow, add_mandates
from tanu.asgi import everything
from tests.pages.conftest import Visit, serving
from tests.pages.test_first_screen import seen
from tests.world import BODIES, CENTRE, MICRO, World, body_row, institution_row

BINS = ("990340000014", "050140000011", "880140000103")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A university with two accreditations, one of which has ended; a centre for two professions; and somebody whose
    accreditation leads nowhere."""
    right = {"body": "agency", "kinds": [MICRO], "from": "2024-01-01"}
    address = {"kk": "Абай даңғылы, 150", "ru": "пр. Абая, 150", "en": "150 Abay Avenue"}
    rows = (
        institution_row(
            "uni", "UNI", BINS[0], (), address=address, homepage="https://university.example",
            accreditations=[right | {"number": "A-1", "until": "2026-11-20"}, right | {"number": "A-2"}],
        ),
        institution_row(
            "centre", "CEN", BINS[1], (), organisation="recognition_centre",
            accreditations=[right | {"number": "A-3", "kinds": [CENTRE], "professions": ["7212-1-004", "5120-2-001"]}],
        ),
        institution_row("gone", "GON", BINS[2], (), accreditations=[right | {"number": "A-4", "body": "stray"}]),
    )  # fmt: skip
    stray = body_row("stray", "880140000074", KINDS, by="lost")
    worlds: list[World] = []

    def app(base: str) -> FastAPI:
        bodies = (*BODIES, body_row("lost", "880140000084", test=False), stray)
        worlds.append(World(tmp_path_factory.mktemp("town"), public_url=base, rows=rows, bodies=bodies))
        return everything(worlds[0].office)

    with serving(app):
        yield worlds[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_who_may_issue_what_until_when_and_by_whose_word(
    language: Language, visit: Callable[..., Visit], town: World
) -> None:
    page = visit(language=language).go(f"{town.public_url}/issuers")
    university, centre, gone = (
        page.locator("section", has=page.locator(f"#{slug}")).inner_text() for slug in ("uni", "centre", "gone")
    )
    for words in (say(f"pages.organisation.{name}")[language] for name in ("university", "recognition_centre")):
        assert words in university + centre
    assert "№ A-1" in university
    assert university.count(say("pages.issuer_list.not_in_force")[language]) == 1
    assert "150" in university
    assert "https://university.example" in university
    assert "7212-1-004, 5120-2-001" in centre
    assert KINDS[CENTRE].title[language] in centre
    assert say("pages.issuer_list.no_accreditation")[language] in gone
    told = say("pages.issuer_list.unproven", number="A-4", body=town.office.registry.bodies()[-1].name)
    assert told[language] in gone
    bodies = page.locator("section", has=page.locator("#body-root")).inner_text()
    assert say("pages.issuer_list.root")[language] in bodies
    agency = page.locator("section", has=page.locator("#body-agency")).inner_text()
    assert "R-agency" in agency
    assert KINDS[CENTRE].title[language] in agency
    stray = page.locator("section", has=page.locator("#body-stray")).inner_text()
    assert say("pages.issuer_list.no_authority")[language] in stray


def test_a_mandate_stands_with_who_has_it_and_on_the_page_of_what_was_issued_by_it(
    visit: Callable[..., Visit], town: World
) -> None:
    row = {"by": "uni", "to": "gone", "number": "M-1", "kinds": [MICRO], "from": "2026-11-01"}
    add_mandates(town.office, (MandateRow.model_validate(row),))
    page = visit(language="en").go(f"{town.public_url}/issuers")
    gone = page.locator("section", has=page.locator("#gone")).inner_text()
    assert "May issue on behalf of Specimen UNI" in gone
    assert "№ M-1" in gone
    assert "Has no right to issue documents now." not in gone
    issued = town.issue(by="gone", on_behalf_of="uni")
    for language, words in (("kk", "UNI үлгісі"), ("ru", "От имени: Образец UNI"), ("en", "On behalf of Specimen UNI")):
        page = visit(language=language).go(f"{town.public_url}/c/{issued.code}")
        assert words in seen(page), "both are on the first screen"
        assert "M-1" in page.content()


def test_it_fits_a_phone_and_needs_one_request(visit: Callable[..., Visit], town: World) -> None:
    window = visit(language="kk")
    page = window.go(f"{town.public_url}/issuers")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert len(window.requests) == 1


def test_an_end_is_seen_at_once(visit: Callable[..., Visit], town: World) -> None:
    town.accreditation("centre", valid_until=date(2026, 11, 20))
    page = visit(language="en").go(f"{town.public_url}/issuers")
    centre = page.locator("section", has=page.locator("#centre")).inner_text()
    assert "not in force now" in centre
    assert "Has no right to issue documents now." in centre
