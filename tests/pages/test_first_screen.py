"""The three-second screen (docs/design.md; docs/attacks.md E3, E4): every verdict in every language, on a
phone of 360×640, without JavaScript, with one request."""

import gzip
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from schemas.languages import LANGUAGES, Language, Text, say
from tests.pages import reports
from tests.pages.conftest import SHARED, Answers, Visit
from verifier.pages import LOOKS
from verifier.report import REVEALS, VERDICTS, Verdict

HARD_LIMIT = 50_000
GOAL = 14_000

each_verdict = pytest.mark.parametrize("verdict", VERDICTS)
each_language = pytest.mark.parametrize("language", LANGUAGES)

HOLDER = set(reports.texts([reports.facts().holder_text]))
PARTS_OF_NAME = {"Қожахметова", "Кожахметова", "Kozhakhmetova", "Ғалымжанқызы"}
TITLE = set(reports.texts([reports.facts().title]))
PRIVATE = {"Сертификаттау комиссиясы, ", "№ 14", "14 наурыз 1999", "14 March 1999"}


def seen(page: Page) -> str:
    """The text that stands whole in the first screen, as a reader sees it."""
    found: list[str] = page.evaluate(
        """() => {
          const out = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const range = document.createRange(); range.selectNodeContents(walker.currentNode);
            for (const box of range.getClientRects())
              if (box.bottom <= innerHeight && box.right <= innerWidth && box.left >= 0 && box.height) {
                out.push(walker.currentNode.data); break;
              }
          }
          return out;
        }"""
    )
    return re.sub(r"\s+", " ", " ".join(found))


def whole(page: Page) -> str:
    """All that is in the HTML, shown or not."""
    return re.sub(r"\s+", " ", page.content())


@each_language
@each_verdict
def test_the_first_screen_says_verdict_and_next_step(
    visit: Callable[..., Visit], site: str, verdict: Verdict, language: Language
) -> None:
    page = visit().go(f"{site}/c/{reports.code_of(verdict)}?lang={language}")
    first = seen(page)
    word = say(f"pages.verdict.{verdict}")[language]
    assert page.locator("h1").inner_text() == word
    assert page.locator("h1").count() == 1
    assert word in first
    assert say("pages.report.address", address=reports.PUBLIC_URL)[language] in first
    assert "2026" in first
    assert "15:40 (UTC+5)" in first
    if verdict == "replaced":
        assert say("pages.report.successor")[language] in first
    else:
        assert say(f"pages.next.{verdict}")[language] in first
    assert page.title().startswith(word)
    assert page.locator("html").get_attribute("lang") == language


@each_language
@each_verdict
def test_a_page_shows_exactly_what_its_verdict_reveals(
    visit: Callable[..., Visit], site: str, verdict: Verdict, language: Language
) -> None:
    page = visit().go(f"{site}/c/{reports.code_of(verdict)}?lang={language}")
    first, html, reveals = seen(page), whole(page), REVEALS[verdict]
    facts = reports.facts()
    named, titled = facts.holder(language), facts.title[language]
    kept_back: set[str] = {"A-", "3.67", "1999"}
    if reveals == "everything":
        assert {w for w in (named, titled, reports.NUMBER, reports.ISSUER.name[language]) if w not in first} == set()
        assert say("pages.report.transfer")[language] in html
        assert say("pages.report.can_do")[language] in html
    elif reveals == "title_and_number":
        assert {w for w in (titled, reports.NUMBER, reports.ISSUER.name[language]) if w not in first} == set()
        kept_back |= HOLDER | PARTS_OF_NAME | {say("pages.report.transfer")[language]}
    else:
        kept_back |= HOLDER | PARTS_OF_NAME | TITLE | {reports.NUMBER, reports.ISSUER.name[language]}
    assert {words for words in kept_back if words in html} == set()
    assert reports.NUMBER in page.title() or reveals not in ("everything", "title_and_number")
    assert (say("pages.test.band")[language] in first) == (reveals != "nothing")


@each_language
def test_an_issuer_that_nobody_knows_is_quoted_and_not_confirmed(
    visit: Callable[..., Visit], site: str, language: Language
) -> None:
    page = visit().go(f"{site}/c/{reports.code_of('unknown_issuer')}?lang={language}")
    first = seen(page)
    assert say("pages.quoted", words="Nazarbayev University")[language] in first
    assert say("pages.report.not_confirmed")[language] in first
    assert reports.CLAIMED.id in first
    assert "Nazarbayev" not in page.title()
    assert page.locator("h1").inner_text() == say("pages.verdict.unknown_issuer")[language]


@each_language
def test_a_genuine_code_on_another_paper_shows_whose_it_is(
    visit: Callable[..., Visit], site: str, language: Language
) -> None:
    page = visit().go(f"{site}/c/{reports.code_of('valid')}?lang={language}")
    first, facts = seen(page), reports.facts()
    for words in (facts.holder(language), facts.title[language], reports.ISSUER.name[language], reports.NUMBER):
        assert words in first
    assert say("pages.next.valid")[language] in first


@each_language
@each_verdict
def test_one_request_few_bytes_and_no_script(
    visit: Callable[..., Visit], site: str, verdict: Verdict, language: Language
) -> None:
    window = visit()
    page = window.go(f"{site}/c/{reports.code_of(verdict)}?lang={language}")
    window.settle()
    assert len(window.requests) == 1
    content = page.content().encode()
    assert len(content) <= HARD_LIMIT
    assert len(gzip.compress(content)) <= GOAL
    assert page.locator("script, link[rel=stylesheet], img, iframe").count() == 0
    assert window.noticed == []


@each_language
def test_the_largest_pages_stay_small(visit: Callable[..., Visit], site: str, language: Language) -> None:
    for path in (f"/s/{SHARED}", "/"):
        window = visit()
        page = window.go(f"{site}{path}?lang={language}")
        assert len(window.requests) == 1
        assert len(page.content().encode()) <= HARD_LIMIT


@each_language
@each_verdict
def test_nothing_sticks_out_at_320_pixels(
    visit: Callable[..., Visit], site: str, verdict: Verdict, language: Language
) -> None:
    page = visit(width=320).go(f"{site}/c/{reports.code_of(verdict)}?lang={language}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_share_link_shows_the_grade_and_its_scale(visit: Callable[..., Visit], site: str) -> None:
    page = visit().go(f"{site}/s/{SHARED}?lang=en")
    transfer = page.locator("section", has=page.locator("#transfer")).inner_text()
    for words in ("ECTS credits", "90 hours", "EQF level", "Designing a digital lesson", "A-", "3.67", "Grade scale"):
        assert words in transfer
    assert "14 March 1999" in page.content()


def test_for_credit_transfer_everything_but_grades_stands_by_the_code_alone(
    visit: Callable[..., Visit], site: str
) -> None:
    page = visit().go(f"{site}/c/{reports.code_of('valid')}?lang=en")
    transfer = page.locator("section", has=page.locator("#transfer")).inner_text()
    for label in ("ECTS credits", "Notional workload", "Modules", "Learning outcomes", "Assessment method"):
        assert label in transfer
    for label in ("Quality assurance", "EQF level", "NQF level", "Form of participation", "Language of study"):
        assert label in transfer
    assert "Grades and date of birth are shown only if the holder wishes" in transfer
    assert "Letter" not in transfer


def test_the_history_tells_every_change_with_reason_authority_ground_and_date(
    visit: Callable[..., Visit], site: str
) -> None:
    page = visit().go(f"{site}/c/{reports.code_of('replaced')}?lang=en")
    told = page.locator("section", has=page.locator("#history")).inner_text()
    for words in ("Replaced", "Suspended", "correction", "another reason", "5 October 2026", "2 November 2026"):
        assert words in told
    assert told.count("Сертификаттау комиссиясы") == 2
    assert told.index("Replaced") < told.index("Suspended")
    successor = f"/c/{reports.SUCCESSOR_CODE}?lang=en"
    assert page.get_by_role("link", name=reports.SUCCESSOR).get_attribute("href") == successor
    assert page.get_by_role("link", name="Open the new document").get_attribute("href") == successor


def test_how_we_checked_names_every_step_with_its_outcome(visit: Callable[..., Visit], site: str) -> None:
    page = visit().go(f"{site}/c/{reports.code_of('tampered')}?lang=en")
    page.locator("summary", has_text="How we checked").click()
    steps = page.locator("ol.plain > li.check")
    assert steps.count() == 9
    assert "6. The signature holds, nothing was changed: failed" in steps.nth(5).inner_text()
    assert "passed" in steps.nth(0).inner_text()


@each_language
def test_a_test_document_carries_the_band_beside_its_verdict(
    visit: Callable[..., Visit], site: str, answers: Answers, language: Language
) -> None:
    code = reports.code_like("TESTTESTTEST0")
    for test in (True, False):
        answers.to_code[code] = reports.report("valid", test=test)
        page = visit().go(f"{site}/c/{code}?lang={language}")
        assert (say("pages.test.because")[language] in seen(page)) == test
        assert page.locator(".test").count() == int(test)


def test_a_name_in_other_letters_keeps_its_language(visit: Callable[..., Visit], site: str, answers: Answers) -> None:
    code = reports.code_like("NAMENAMENAME0")
    only_kazakh = Text.same("Әлжанова Ұлпан")
    answers.to_code[code] = reports.report("valid", holder=only_kazakh)
    page = visit().go(f"{site}/c/{code}?lang=en")
    assert page.locator("dd.name bdi").get_attribute("lang") == "kk"


def test_each_verdict_has_its_own_word_shape_and_colour() -> None:
    for language in LANGUAGES:
        heard = {say(f"pages.verdict.{verdict}")[language] for verdict in VERDICTS}
        assert len(heard) == len(VERDICTS) - 1, "only unsupported and malformed read the same"
    green = [verdict for verdict, (tone, shape) in LOOKS.items() if "valid" in tone or shape == "tick"]
    assert green == ["valid"], "nothing but valid is green or ticked"
    assert set(LOOKS) == set(VERDICTS)


@each_language
def test_the_first_page_is_done_with_the_keyboard_alone(
    visit: Callable[..., Visit], site: str, language: Language
) -> None:
    page = visit(language=language).go(f"{site}/")
    page.locator("#code").focus()
    page.keyboard.type(reports.code_of("valid").lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/c/{reports.code_of('valid')}")
    assert page.locator("h1").inner_text() == say("pages.verdict.valid")[language]


def test_a_file_is_checked_from_the_first_page(visit: Callable[..., Visit], site: str) -> None:
    page = visit().go(f"{site}/?lang=ru")
    page.locator("#file").set_input_files({"name": "a.json", "mimeType": "application/json", "buffer": b"{}"})
    page.get_by_role("button", name="Проверить файл").click()
    assert page.locator("h1").inner_text() == "Действителен"


def test_what_is_touched_is_large_enough(visit: Callable[..., Visit], site: str) -> None:
    for path in ("/?lang=ru", f"/c/{reports.code_of('replaced')}?lang=kk"):
        page = visit().go(f"{site}{path}")
        for target in page.locator("header a, footer a, button, .button, input, summary").all():
            box = target.bounding_box()
            assert box is None or box["height"] >= 44
