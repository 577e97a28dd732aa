"""A document on paper says what was signed, carries it, leads to its page, and holds nothing that runs."""

import io
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from issuer.documents import typefaces
from issuer.documents.certificate import Print, render
from schemas.credential import Credential
from schemas.display import PAPER, Line, Table, lines
from schemas.errors import Refused
from schemas.kinds.microcredential import OUTCOME_GROUPS
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES, Text, say
from schemas.numbers import grouped
from tests.issuer.documents.papers import DUPLICATE, ORIGINAL, PAGE_URL, certificate, specimen, three

KAZAKH = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"


def printed(credential: Credential, page_url: str = PAGE_URL, number: Print = ORIGINAL) -> bytes:
    return render(credential, page_url=page_url, printed=number)


@cache
def plain() -> bytes:
    """The certificate as it is."""
    return printed(certificate())


@cache
def pages(pdf: bytes) -> list[str]:
    """The text of each page, as a reader selects it."""
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


def closed_up(text: str) -> str:
    """Text without what line breaks add: PDFium reports a hyphen at the end of a line as U+FFFE."""
    return re.sub(r"\s+", "", text.replace("\ufffe", "-"))


def text(pdf: bytes) -> str:
    return closed_up("".join(pages(pdf)))


def scanned(pdf: bytes) -> list[str]:
    """What a phone reads from page 1 at 150 dpi."""
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil()
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def objects(pdf: bytes) -> list[str]:
    """Each object of the file as PDF writes it, streams without their data."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        written = [found.stream_dict if isinstance(found, pikepdf.Stream) else found for found in file.objects]
        return [found.unparse().decode("latin-1") for found in written]


# What it carries


@pytest.mark.parametrize("address", [PAGE_URL, "http://127.0.0.1:8000/c/7Q2M9XKD4TB8WN", PAGE_URL + "?" + "x" * 200])
def test_the_qr_code_leads_to_the_page_of_the_document(address: str) -> None:
    assert scanned(printed(certificate(), address)) == [address]


def test_the_qr_code_is_no_bitmap() -> None:
    assert not any("/Subtype /Image" in found for found in objects(plain()))


def test_the_signed_document_is_inside_byte_for_byte_and_alone() -> None:
    credential = certificate()
    with pikepdf.open(io.BytesIO(printed(credential))) as file:
        assert list(file.attachments) == ["credential.json"]
        spec = file.attachments["credential.json"]
        assert spec.get_file().read_bytes() == credential.data
        assert spec.get_file().mime_type == "application/vc"
        assert spec.obj.AFRelationship == pikepdf.Name.Data
        assert [found.objgen for found in file.Root.AF] == [spec.obj.objgen]
    assert sum("/Type /EmbeddedFile " in found for found in objects(plain())) == 1


@pytest.mark.parametrize("name", ["JS", "JavaScript", "Launch", "OpenAction", "AA", "URI", "AcroForm", "RichMedia"])
def test_nothing_in_the_file_runs_or_opens(name: str) -> None:
    """docs/attacks.md E13."""
    nasty = certificate(family_name=three("/JS (x) >>", "/Launch", "/OpenAction"))
    assert not any(re.search(rf"/{name}\b", found) for found in objects(printed(nasty)))


def test_title_and_language_say_which_document_it_is_but_not_whose() -> None:
    with pikepdf.open(io.BytesIO(plain())) as file:
        assert str(file.docinfo.Title) == f"Микробіліктілік сертификаты {certificate().number}"
        assert str(file.Root.Lang) == "kk"
        assert "Қымбат" not in repr(file.docinfo)
        assert not file.check_pdf_syntax()


def test_equal_input_gives_equal_bytes() -> None:
    assert printed(certificate()) == plain()


# What it says


@pytest.mark.parametrize("name", KINDS)
def test_the_paper_of_each_kind_says_all_that_was_signed(name: str) -> None:
    credential = specimen(name)
    paper = text(printed(credential))
    for words in said(lines(credential.facts, PAPER)):
        assert closed_up(words) in paper, words
    for person in credential.signatories:
        assert all(closed_up(words) in paper for _, words in (*person.position.text, ("", person.signatory_name)))
    for trio in (credential.kind.title, credential.issuer.legal_name.text, credential.facts.holder_text):
        assert all(closed_up(words) in paper for _, words in trio)


def said(shown: tuple[Line, ...]) -> list[str]:
    """Each value in each language; a measure without its unit, which may stand in the head of a table."""
    found = []
    for line in shown:
        if isinstance(line.value, Text):
            found += spoken(line.value)
        elif isinstance(line.value, Table):
            found += [words for row in line.value.rows for cell in row for words in spoken(cell)]
        else:
            found += said(line.value)
    return found


def spoken(value: Text) -> list[str]:
    measure = re.fullmatch(r"(\d+(?:\.\d+)?) \D+", value.en)
    return [measure[1]] if measure else [words for _, words in value]


def test_all_kazakh_letters_can_be_selected_from_every_face() -> None:
    words = f"{KAZAKH} {KAZAKH.lower()}"
    paper = printed(certificate(family_name=three(KAZAKH, KAZAKH, KAZAKH), programme__goals=three(words, words, words)))
    assert text(paper).count(KAZAKH) >= 6
    assert words in "".join(pages(paper))


def test_number_code_and_address_stand_on_each_page() -> None:
    credential = certificate()
    assert len(pages(plain())) > 1
    for n, page in enumerate(pages(plain()), start=1):
        assert credential.number in page
        assert grouped(credential.code) in page
        assert "Check the address: tanu.example.kz" in page
        assert f"{n} / {len(pages(plain()))}" in page


def test_the_name_is_the_largest_line() -> None:
    words = pypdfium2.PdfDocument(plain())[0].get_textpage()
    sizes = [pypdfium2.raw.FPDFText_GetFontSize(words, n) for n in range(words.count_chars())]
    largest = "".join(words.get_text_range(n, 1) for n, size in enumerate(sizes) if size == max(sizes))
    assert closed_up(largest) == closed_up(certificate().facts.holder_text.kk)


def test_a_duplicate_says_so_and_an_original_does_not() -> None:
    paper = pages(printed(certificate(), number=DUPLICATE))[0]
    for words in ("Телнұсқа № 2 · 2027 ж. 12 наурыз", "Дубликат № 2 · 12 марта 2027", "Duplicate № 2 · 12 March 2027"):
        assert closed_up(words) in closed_up(paper)
    assert not any(word in text(plain()) for word in ("Телнұсқа", "Дубликат", "Duplicate"))


def test_a_test_document_carries_its_band_on_each_page() -> None:
    assert all(all(words in page for _, words in say("paper.test")) for page in pages(printed(certificate(test=True))))
    assert not any("no legal effect" in page for page in pages(plain()))


def test_the_band_hides_no_text() -> None:
    with_band, without = (pages(printed(certificate(test=test))) for test in (True, False))
    for band, page in zip(with_band, without, strict=True):
        assert set(page.split()) <= set(band.split())


@pytest.mark.parametrize(
    "name",
    ["<b>Ә</b> & Co", "&lt;i&gt;", "a) Tj ET (b\\) \\\\", "/JS /Launch <<", "<img src=file:///etc/passwd>"],
)
def test_markup_in_a_name_stays_text(name: str) -> None:
    """docs/attacks.md E13."""
    paper = printed(certificate(family_name=three(name, name, name)))
    assert text(paper).count(closed_up(name)) >= 3


# What it takes


@cache
def crowded() -> Credential:
    """A certificate that fills every list and every text to its limit."""
    long = "Математика сабағындағы цифрлық құралдар, " * 14
    title = three(long[:600].strip(), long[:599].strip(), long[:598].strip())

    def numbered(n: object, most: int) -> dict[str, str]:
        return three(*(f"{n}: {lang} {long}"[:most].strip() for lang in LANGUAGES))

    outcomes = [
        {"outcome_group": group, "outcome": numbered(n, 600 - n * 20)} for group in OUTCOME_GROUPS for n in range(20)
    ]
    modules = [{"module_title": numbered(f"module {n}", 90), "hours": "30", "ects": "1"} for n in range(80)]
    name = three(("Әбдіғаппарұлы " * 9)[:120].strip(), "Ш" * 120, "w" * 120)
    return certificate(
        test=True,
        signatories=10,
        family_name=name,
        given_name=name,
        patronymic_name=name,
        minutes__commission=title,
        programme__title=title,
        programme__goals=title,
        programme__learning_outcomes=outcomes,
        programme__modules=modules,
        programme__ects="80",
        programme__hours="2400",
    )


@cache
def crowded_paper() -> bytes:
    return printed(crowded(), number=DUPLICATE)


def test_the_fullest_document_is_printed_whole() -> None:
    paper = text(crowded_paper())
    for words in said(lines(crowded().facts, PAPER)):
        assert closed_up(words) in paper, words
    assert all(closed_up(person.signatory_name) in paper for person in crowded().signatories)
    assert scanned(crowded_paper()) == [PAGE_URL]


@pytest.mark.parametrize("paper", [crowded_paper, plain], ids=["crowded", "plain"])
def test_no_text_leaves_the_margins_or_runs_into_the_footer(paper: Any) -> None:
    for page in pypdfium2.PdfDocument(paper()):
        words = page.get_textpage()
        for n in range(words.count_rects()):
            left, bottom, right, top = words.get_rect(n)
            assert left > 56
            assert right < 540
            assert bottom > 57 or top < 57, words.get_text_bounded(left, bottom, right, top)


def test_the_clear_field_of_the_qr_code_is_clear() -> None:
    picture = pypdfium2.PdfDocument(plain())[0].render(scale=300 / 72).to_pil().convert("L")
    place = zxingcpp.read_barcodes(picture)[0].position
    side = place.top_right.x - place.top_left.x
    assert side / 300 * 25.4 >= 25
    module = side / 29
    field = (place.top_left.x - 3.9 * module, place.top_left.y - 3.9 * module)
    end = (place.bottom_right.x + 3.9 * module, place.bottom_right.y + 3.9 * module)
    for box in (
        (*field, end[0], place.top_left.y - module / 4),
        (field[0], place.bottom_left.y + module / 4, *end),
        (*field, place.top_left.x - module / 4, end[1]),
        (place.top_right.x + module / 4, field[1], *end),
    ):
        assert picture.crop(tuple(map(round, box))).getextrema()[0] > 250


def test_the_head_of_a_table_stands_on_each_page_that_it_reaches() -> None:
    with_modules = [page for page in pages(crowded_paper()) if re.search(r"^module \d+: kk", page, re.MULTILINE)]
    assert len(with_modules) > 2
    assert all("Notional" in page for page in with_modules)


def test_no_heading_stands_alone_at_the_foot_of_a_page() -> None:
    for page in pages(crowded_paper()):
        body = page.split(certificate().number)[0].split()
        assert body[-1] not in {"Skills", "Knowledge", "Abilities", "Modules", "outcomes", "functions"}


@pytest.mark.parametrize(("character", "code"), [("李", "U+674E"), ("→", "U+2192"), ("\t", "U+0009")])
def test_a_character_that_the_fonts_lack_is_refused_by_name(character: str, code: str) -> None:
    with pytest.raises(Refused, match=re.escape(code)) as caught:
        printed(certificate(programme__goals=three(f"a{character}b", "б", "c")))
    assert all(code in words for _, words in caught.value.because)


@pytest.fixture
def own_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A copy of the fonts to break; read afresh before and after."""
    fonts = tmp_path / "fonts"
    shutil.copytree(typefaces.FOLDER, fonts)
    monkeypatch.setattr(typefaces, "FOLDER", fonts)
    typefaces.forget()
    yield fonts
    monkeypatch.undo()
    typefaces.forget()


def test_a_font_that_has_changed_is_refused(own_fonts: Path) -> None:
    font = own_fonts / "NotoSerif-Regular.ttf"
    font.write_bytes(font.read_bytes()[:-1] + b"x")
    with pytest.raises(Refused, match=r"NotoSerif-Regular\.ttf"):
        printed(certificate())


@pytest.mark.parametrize("name", ["NotoSans-Bold.ttf", "index.json"])
def test_a_missing_font_is_refused(own_fonts: Path, name: str) -> None:
    (own_fonts / name).unlink()
    with pytest.raises(Refused, match=re.escape(name)):
        printed(certificate())
