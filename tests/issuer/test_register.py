"""The register of an institution and a year (Regulation 5.5): its lines, its book, its workbook, and handing over."""

import io
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
import sqlalchemy as sa

from issuer.cosign import withdraw
from issuer.documents.book import render
from issuer.holder import paper, print_again
from issuer.issue import Issued, prepare
from issuer.register.book import Book, Chapter, Line, opened
from issuer.register.handing import hand_over
from issuer.register.sheets import workbook
from issuer.register.store import HandOver
from issuer.signing import sign
from schemas.errors import Refused
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES, say
from tanu import cli
from tanu.asgi import everything
from tests import cosigning
from tests.docs.parts import every_route
from tests.world import EXTRACT, MICRO, SUPPLEMENT, World

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A year of the university: in force, printed twice, handed over, ended, never used, waiting."""
    w = World(tmp_path_factory.mktemp("year"), rows=cosigning.rows(cosigning.rule(1, "rector", programme="MC-099")))
    for _ in range(4):
        w.issue()
    w.issue(EXTRACT)
    w.issue(MICRO, by="kau")
    return w


def lines(w: World, slug: str = "kmu", of: int = 2026) -> dict[str, Line]:
    """Every line by its number."""
    with opened(w.office, slug, of) as book:
        return {line.number: line for chapter in book.chapters for line in chapter.lines()}


# ---------------------------------------------------------------- the lines


def test_MC_15_every_number_of_the_year_has_a_line_and_no_other(year: World) -> None:
    numbers = [row[0] for row in year.rows_of("SELECT number FROM issuer_intents WHERE institution = 'kmu'")]
    assert sorted(lines(year)) == sorted(numbers)
    assert [number[:6] for number in lines(year, "kau")] == ["KAU-MC"]


def test_a_line_says_what_whose_and_on_which_ground(w: World) -> None:
    issued = w.issue()
    line, facts = lines(w)[issued.number], w.facts()
    assert (line.holder, line.title) == (facts.holder("kk"), facts.title.kk)
    assert (line.decision_number, line.decided_on) == (facts.decision_number, facts.decided_on)
    assert (line.issued_on, line.state, line.end, line.prints, line.handed_over) == (TODAY, "valid", None, 0, ())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_chapter_in_the_order_of_the_table(kind: str, w: World) -> None:
    issued = w.issue(kind)
    with opened(w.office, "kmu", 2026) as book:
        kinds = [chapter.kind.name for chapter in book.chapters]
        assert kinds == [name for name in KINDS if name in kinds]
        chapter = next(chapter for chapter in book.chapters if chapter.kind.name == kind)
        assert [line.number for line in chapter.lines()] == [issued.number]
        assert chapter.count == 1


def test_prints_and_ends_are_told(w: World) -> None:
    first, second, third, fourth = w.issue_many(4)
    paper(w.office, first.code)
    print_again(w.office, first.number)
    w.annul(second)
    w.replace(third, fourth)
    w.suspend(fourth)
    w.reinstate(fourth)
    found = lines(w)
    assert [found[each.number].prints for each in (first, second)] == [2, 0]
    assert [found[each.number].state for each in (first, second, third, fourth)] == [
        *("valid", "annulled", "replaced", "valid"),
    ]
    annulled, replaced = found[second.number].end, found[third.number].end
    assert annulled is not None
    assert replaced is not None
    assert (annulled.change.act, replaced.change.successor) == ("annulled", fourth.number)


def test_what_takes_effect_later_is_no_end_yet(w: World) -> None:
    issued = w.issue()
    w.revoke(issued, effective_on=date(2026, 12, 1))
    assert lines(w)[issued.number].state == "valid"
    w.clock.move(days=30)
    assert lines(w)[issued.number].state == "revoked"


def test_a_number_that_was_never_used_stays_with_its_reason(tmp_path: Path) -> None:
    w = World(tmp_path, rows=cosigning.rows(cosigning.rule(1, "rector")))
    withdrawn, waiting = w.begin().intent.number, w.begin().intent.number
    withdraw(w.office, withdrawn, "Атауы қате")
    found = lines(w)
    assert (found[withdrawn].state, found[withdrawn].unused) == (None, "Атауы қате")
    assert (found[waiting].state, found[waiting].unused, found[waiting].holder) == (None, "", "")


def test_another_year_is_another_book(w: World) -> None:
    old = w.issue()
    w.clock.move(days=60)
    new = w.issue()
    assert (list(lines(w)), list(lines(w, of=2027))) == ([old.number], [new.number])
    with pytest.raises(Refused, match="2031"):
        lines(w, of=2031)
    with pytest.raises(Refused, match="kmu"):
        lines(w, "nobody")


def test_who_prints_it_stands_in_the_audit(w: World) -> None:
    w.issue()
    lines(w)
    query = "SELECT actor, subject, detail FROM issuer_audit WHERE act = 'register'"
    assert w.rows_of(query) == [("tester", "kmu", '{"year": "2026"}')]


def test_it_is_served_at_no_address(world: World) -> None:
    assert not [route.path for route in every_route(everything(world.office)) if "register" in route.path]


# ---------------------------------------------------------------- handing over


def test_MC_14_handing_over_is_recorded_with_day_receiver_and_form(w: World) -> None:
    issued = w.issue()
    hand_over(w.office, f" {issued.number.lower()}", "  Өтеғалиева  Әлия ", TODAY, "paper", "Ә. Маман")
    w.clock.move(days=1)
    hand_over(w.office, issued.number, "Өзі", date(2026, 11, 22), "electronic", "Ә. Маман")
    assert lines(w)[issued.number].handed_over == (
        HandOver(TODAY, "Өтеғалиева Әлия", "paper", "Ә. Маман"),
        HandOver(date(2026, 11, 22), "Өзі", "electronic", "Ә. Маман"),
    )
    audited = w.rows_of("SELECT subject FROM issuer_audit WHERE act = 'hand_over'")
    assert audited == [(issued.number,)] * 2


def test_the_same_again_is_one_line_and_what_is_written_stays(w: World) -> None:
    issued = w.issue()
    for by in ("Ә. Маман", "Б. Екінші"):
        hand_over(w.office, issued.number, "Өзі", TODAY, "paper", by)
    assert len(lines(w)[issued.number].handed_over) == 1
    assert w.rows_of("SELECT count(*) FROM issuer_audit WHERE act = 'hand_over'") == [(1,)]
    for change in ("UPDATE issuer_handovers SET received_by = 'x'", "DELETE FROM issuer_handovers"):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), w.home.engine.begin() as connection:
            connection.exec_driver_sql(change)


@pytest.mark.parametrize("on", [date(2026, 11, 20), date(2026, 11, 22)])
def test_no_document_is_handed_over_before_its_day_or_on_a_day_to_come(on: date, w: World) -> None:
    issued = w.issue()
    with pytest.raises(Refused) as refused:
        hand_over(w.office, issued.number, "Өзі", on, "paper", "Ә. Маман")
    assert "21" in refused.value.because.en


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x00b", "a\u202eb"])
def test_a_name_that_is_none_is_refused(name: str, w: World) -> None:
    issued = w.issue()
    for to, by in ((name, "Ә. Маман"), ("Өзі", name)):
        with pytest.raises(Refused, match=r"--(to|by)"):
            hand_over(w.office, issued.number, to, TODAY, "paper", by)


def test_MC_15_what_is_not_in_the_register_is_not_handed_over(w: World) -> None:
    (prepared,) = prepare(w.office, [w.approve()])
    with pytest.raises(Refused, match="no document"):
        hand_over(w.office, prepared.intent.number, "Өзі", TODAY, "paper", "Ә. Маман")
    sign(w.office, [prepared])
    with pytest.raises(Refused, match="not in the register yet"):
        hand_over(w.office, prepared.intent.number, "Өзі", TODAY, "paper", "Ә. Маман")
    w.deliver()
    hand_over(w.office, prepared.intent.number, "Өзі", TODAY, "paper", "Ә. Маман")


# ---------------------------------------------------------------- on paper


def text_of(pdf: bytes) -> list[str]:
    """The words of each page."""
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range() for page in document]


def book_of(w: World, kind: str, *lines: Line) -> Book:
    """A book with one chapter of these lines."""
    chapter = Chapter(KINDS[kind], len(lines), lambda: iter(lines))
    return Book(w.university, 2026, TODAY, "Ә. Маман", (chapter,), lambda: iter(()))


def test_each_page_has_the_institution_the_kind_the_columns_and_its_number(world: World) -> None:
    listed = [
        Line(f"KMU-MC-2026-{n:06}-00", "Қ. Әбдірахманова", "Ғылым", issued_on=TODAY, state="valid") for n in range(90)
    ]
    pages = text_of(render(book_of(world, MICRO, *listed), "kk"))
    assert len(pages) > 2
    for at, page in enumerate(pages, start=1):
        for text in (world.university.name, say("register.title"), KINDS[MICRO].title, say("register.column.holder")):
            assert all(words in page for _, words in text)
        assert f"{at} / {len(pages)}" in " ".join(page.split())
        assert say("paper.test").kk in page
    assert [sum(f"KMU-MC-2026-{n:06}-00" in page for page in pages) for n in range(90)] == [1] * 90
    assert all(words in pages[-1] for _, words in say("register.total", count=90))
    assert "Қ. Әбдірахманова" in pages[0]
    assert "05.11" not in pages[0]
    assert "21.11.2026" in pages[0]


def test_a_line_of_the_longest_texts_stays_whole_and_nothing_stops_the_book(world: World) -> None:
    given = tuple(HandOver(TODAY, f"Алушы {n} 名前", "paper", "x") for n in range(30))
    line = Line("KMU-MC-2026-000001-00", "Ү" * 360, "Қ" * 600, "№ 7", TODAY, TODAY, given, 12, "valid")
    (page,) = text_of(render(book_of(world, MICRO, line), "ru"))
    assert page.count("Ү") == 360
    assert page.count("Алушы") == 6
    assert "名" not in page


def test_the_same_book_has_the_same_bytes(year: World) -> None:
    with opened(year.office, "kmu", 2026) as book:
        assert render(book, "kk") == render(book, "kk")
        assert workbook(book, "kk") == workbook(book, "kk")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_told_in_words_is_in_the_language_that_is_asked_for(language: Any, w: World) -> None:
    issued = w.issue()
    hand_over(w.office, issued.number, "Өзі", TODAY, "electronic", "Ә. Маман")
    w.annul(issued)
    with opened(w.office, "kmu", 2026) as book:
        (page,) = text_of(render(book, language))
    for words in (say("status.state.annulled"), say("register.form.electronic")):
        assert words[language] in " ".join(page.split())


# ---------------------------------------------------------------- as a workbook


def sheets_of(data: bytes) -> list[Any]:
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets


def test_dates_are_dates_and_figures_are_figures(w: World) -> None:
    issued = w.issue()
    paper(w.office, issued.code)
    hand_over(w.office, issued.number, "Өзі", TODAY, "paper", "Ә. Маман")
    hand_over(w.office, issued.number, "Анасы", TODAY, "electronic", "Ә. Маман")
    with opened(w.office, "kmu", 2026) as book:
        first, second = sheets_of(workbook(book, "en"))
    row = dict(zip((cell.value for cell in first[1]), first[2], strict=True))
    midnight = datetime.combine(TODAY, time())
    assert (row["Registration number"].value, row["Holder"].value) == (issued.number, w.facts().holder("kk"))
    assert (row["Issued on"].value, row["Handed over on"].value) == (midnight, midnight)
    assert (row["Issued on"].number_format, row["Prints"].value) == ("dd.mm.yyyy", 1)
    assert (row["Handed over to"].value, row["Form"].value) == ("Анасы", "electronic")
    assert [[cell.value for cell in r] for r in islice(second.iter_rows(min_row=2), 2)] == [
        [issued.number, midnight, "Өзі", "paper", "Ә. Маман"],
        [issued.number, midnight, "Анасы", "electronic", "Ә. Маман"],
    ]
    assert first.freeze_panes == "A2"


@pytest.mark.parametrize(
    "name", ["=1+1", '=HYPERLINK("http://evil.example";"x")', "+1", "-1", "@SUM(A1)", "\t=1", "a\x0bb"]
)
def test_a_text_is_a_text_whatever_it_begins_with(name: str, world: World) -> None:
    line = Line(
        "KMU-MC-2026-000001-00", name, "Ғ", "=7", TODAY, TODAY, (HandOver(TODAY, name, "paper", name),), 1, "valid"
    )
    first, _ = sheets_of(workbook(book_of(world, MICRO, line), "ru"))
    cells = {cell.value: cell for cell in first[2] if cell.value is not None}
    assert {cell.data_type for cell in cells.values()} == {"s", "d", "n"}
    found = cells[name.replace("\x0b", "\ufffd")]
    assert found.data_type == "s"
    assert found.quotePrefix == (name[0] in "=+-@\t")


# ---------------------------------------------------------------- the commands


@pytest.fixture
def desk(w: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """The command line works in this world, at its time, in an empty folder."""
    monkeypatch.setattr("tanu.home.Home.office", lambda *_: w.office)
    monkeypatch.setenv("TANU_HOME", str(w.home.folder))
    monkeypatch.setenv("TANU_LANG", "en")
    monkeypatch.chdir(tmp_path)
    return w


def test_the_office_hands_over_and_prints(desk: World, capsys: pytest.CaptureFixture[str]) -> None:
    issued = desk.issue()
    given = ["hand-over", issued.number, "--to", "Өзі", "--form", "paper", "--by", "Ә. Маман"]
    assert cli.run(given) == 0
    assert "handed over on 21 November 2026 to Өзі (paper)" in capsys.readouterr().out
    assert cli.run(["register", "print", "--institution", "kmu", "--year", "2026"]) == 0
    assert "Lines: 1" in capsys.readouterr().out
    assert Path("register-kmu-2026.pdf").read_bytes()[:5] == b"%PDF-"
    assert sheets_of(Path("register-kmu-2026.xlsx").read_bytes())[0]["H2"].value.date() == TODAY


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["register", "print", "--institution", "kmu", "--year", "2031"], "gave no number in 2031"),
        (["register", "print", "--institution", "x", "--year", "2026"], "kmu"),
        (["register", "print", "--institution", "kmu", "--year", "2026", "--output", "a.doc"], ".pdf or .xlsx"),
        (["hand-over", "KMU-MC-2026-000009-29", "--to", "x", "--form", "paper", "--by", "y"], "no document"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    arguments: list[str], sentence: str, desk: World, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.issue()
    assert cli.run(arguments) == cli.REFUSED
    said = capsys.readouterr()
    assert sentence in said.err
    assert "Traceback" not in said.err
    assert not list(Path().iterdir())


def test_a_supplement_stands_beside_its_certificate(w: World) -> None:
    parent: Issued = w.issue()
    supplement = w.issue(SUPPLEMENT, parent=parent)
    assert lines(w)[supplement.number].title == lines(w)[parent.number].title
