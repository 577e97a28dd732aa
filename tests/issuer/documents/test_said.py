"""Before a document is signed and before it is drawn: would the paper say what the document says, and nothing else?"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from issuer.batch import issue_checked
from issuer.documents.certificate import check_paper, render
from issuer.documents.layout import Page, Strip, paginate
from issuer.documents.said import OtherText
from issuer.holder import paper
from issuer.lint import linted_on_paper
from schemas.errors import Refused
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES
from tests.issuer.documents.papers import DUPLICATE, ORIGINAL, PAGE_URL, certificate, specimen, three
from tests.world import MICRO, World

Spoil = Callable[[list[Strip]], list[Strip]]


@pytest.mark.parametrize("kind", KINDS)
def test_E16_the_paper_of_each_kind_says_what_the_document_says(kind: str) -> None:
    check_paper(specimen(kind))


@pytest.mark.parametrize(
    "changes",
    [
        {"family_name": three("Ә" * 60, "Ж" * 60, "X" * 60)},
        {"family_name": three("<b>Қ</b> & «Қ»", "Ж-Ж", "O'Neil (née X)")},
        {"programme__goals": three("ұзақ" * 90, "длинное и " * 50 + ".", "long " * 90 + ".")},
        {"programme__goals": three("x", "x", "x")},
        {"programme__learning_outcomes__0__outcome": three("а" * 500, "б" * 500, "c" * 500)},
    ],
)
def test_E16_whatever_lines_and_pages_it_is_broken_into(changes: dict[str, Any]) -> None:
    check_paper(certificate(**changes))
    render(certificate(**changes), page_url=PAGE_URL, printed=DUPLICATE)


def set_by(monkeypatch: pytest.MonkeyPatch, spoil: Spoil) -> None:
    """From now on what is set is spoilt on its way to the pages."""

    def spoilt(strips: Any, *how: Any, **more: Any) -> list[Page]:
        return paginate(spoil(list(strips)), *how, **more)

    monkeypatch.setattr("issuer.documents.certificate.paginate", spoilt)


def without_the_last(strips: list[Strip]) -> list[Strip]:
    return strips[:-1]


def with_a_word_of_its_own(strips: list[Strip]) -> list[Strip]:
    """With honours, which nobody has said."""
    first, *others = strips
    column, *beside = first.columns
    changed = (*column, replace(column[0], lines=("cum laude",)))
    return [replace(first, columns=(changed, *beside)), *others]


def with_another_figure(strips: list[Strip]) -> list[Strip]:
    """Every 92 is a 97."""

    def other(strip: Strip) -> Strip:
        columns = tuple(
            tuple(replace(piece, lines=tuple(line.replace("92", "97") for line in piece.lines)) for piece in column)
            for column in strip.columns
        )
        return replace(strip, columns=columns)

    return [other(strip) for strip in strips]


SPOILT: tuple[tuple[Spoil, str], ...] = (
    (without_the_last, "would lack"),
    (with_a_word_of_its_own, "cum"),
    (with_another_figure, "9[27]"),
)


@pytest.mark.parametrize(("spoil", "named"), SPOILT)
def test_E16_a_paper_that_says_something_else_is_neither_drawn_nor_its_document_signed(
    spoil: Spoil, named: str, w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_by(monkeypatch, spoil)
    with pytest.raises(OtherText, match=named) as refusal:
        render(certificate(), page_url=PAGE_URL, printed=ORIGINAL)
    assert all(refusal.value.because[language] for language in LANGUAGES)
    w.office = replace(w.office, linter=linted_on_paper)
    with pytest.raises(Refused, match=named):
        w.issue(MICRO)
    assert w.rows_of("SELECT * FROM issuer_intents") == w.rows_of("SELECT * FROM issuer_counters") == []


def test_E16_a_document_that_was_issued_without_paper_is_looked_at_when_it_is_printed(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = w.issue()
    with monkeypatch.context() as patch:
        set_by(patch, without_the_last)
        with pytest.raises(OtherText):
            paper(w.office, issued.code)
    assert paper(w.office, issued.code).startswith(b"%PDF")


def test_a_character_without_a_glyph_is_refused_before_a_number_is_taken(w: World, tmp_path: Path) -> None:
    """With the case that it stands in; the rest of the group is not issued either."""
    w.office = replace(w.office, linter=linted_on_paper)
    approvals = [w.approve(), w.approve(programme__goals=three("漢", "漢", "漢"), case="No. 7"), w.approve()]
    with pytest.raises(Refused, match=r"No\. 7.*漢"):
        list(issue_checked(w.office, approvals, tmp_path, pdf=True, progress=lambda: None))
    assert w.rows_of("SELECT * FROM issuer_counters") == []
    assert list(tmp_path.iterdir()) == []
