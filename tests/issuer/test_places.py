"""A rule that a row breaks is named at the cell to mend, with its clause: in the row itself, in the list below it that
belongs to the row, or at the cell that joins the two."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from issuer.sheets import Problem, read
from schemas.kinds.table import kind_named

DEMO = Path("tanu/demo")
MC = ("MicroCredentialCertificate", "certification-list.xlsx")
LR = ("LearningRecognitionDecision", "commission-minutes.xlsx")
ST = ("ShortTermTrainingCertificate", "final-attestation.xlsx")
PROGRAMMES, MINUTES, ITEMS, ATTESTATION = "Бағдарламалар", "Протокол комиссии", "Перезачёт", "Қорытынды аттестаттау"
ANNEX, PARTICIPANTS = "Приложения к документам", "Протокол комиссии: Голосование: Участвовало членов"
FOR, AGAINST = "Протокол комиссии: Голосование: За", "Протокол комиссии: Голосование: Против"

Edit = Callable[[Any], None]


def put(sheet: str, row: int, **cells: object) -> Edit:
    """Writes into the cells under these headings."""

    def edit(book: Any) -> None:
        headings = [cell.value for cell in book[sheet][1]]
        for heading, value in cells.items():
            book[sheet].cell(row, headings.index(heading) + 1).value = value

    return edit


def drop(sheet: str, key: str) -> Edit:
    """Deletes the rows of a list that belong to `key`."""

    def edit(book: Any) -> None:
        for row in range(book[sheet].max_row, 1, -1):
            if book[sheet].cell(row, 1).value == key:
                book[sheet].delete_rows(row)

    return edit


def first_problem(kind: str, file: str, edit: Edit) -> Problem:
    book = openpyxl.load_workbook(DEMO / file)
    edit(book)
    changed = io.BytesIO()
    book.save(changed)
    return read(file, changed.getvalue(), kind_named(kind)).problems[0]


CASES = {
    "MC-04 functions": (MC, drop("Еңбек функциялары", "MC-DAM-2026"), (PROGRAMMES, 2, "Бағдарлама коды")),
    "MC-04 level": (MC, put(PROGRAMMES, 2, **{"EQF деңгейі": 9}), (PROGRAMMES, 2, "EQF деңгейі")),
    "NF-05 annex": (ST, drop("Қосымша", "ST-2026-001"), (ATTESTATION, 2, "Істің нөмірі")),
    "NF-05 volume": (ST, put("Қосымша", 3, Көлемі=0), ("Қосымша", 3, "Көлемі")),
    "NF-05 evidence": (LR, drop(ANNEX, "LR-2026-001"), (MINUTES, 2, "Номер дела")),
    "NF-05 source": (LR, put(ITEMS, 3, **{"Его объём, часы": 0}), (ITEMS, 3, "Его объём, часы")),
    "NF-18 rate": (
        LR,
        put(MINUTES, 2, **{"Часов в одном академическом кредите": 30}),
        (MINUTES, 2, "Часов в одном академическом кредите"),
    ),
    "NF-18 hours": (LR, put(ITEMS, 3, **{"Академические часы": 30}), (ITEMS, 3, "Академические часы")),
    "NF-20": (LR, put(ITEMS, 3, **{"Исходная шкала": "баллы"}), (ITEMS, 3, "Исходная шкала")),
    "NF-22": (LR, put(MINUTES, 2, **{PARTICIPANTS: 6, FOR: 3, AGAINST: 2}), (MINUTES, 2, FOR)),
}
"""Clause → the file, what is made wrong in it, and where that is named."""


@pytest.mark.parametrize("clause", CASES)
def test_a_broken_rule_is_named_at_the_cell_to_mend(clause: str) -> None:
    file, edit, place = CASES[clause]
    problem = first_problem(*file, edit)
    assert (problem.place.sheet, problem.place.row, problem.place.column) == place
    assert all(clause.split(maxsplit=1)[0] in text for text in problem.because.as_json().values())


def test_an_empty_group_of_outcomes_is_named_at_its_programme() -> None:
    def edit(book: Any) -> None:
        for row in range(2, book["Оқыту нәтижелері"].max_row + 1):
            book["Оқыту нәтижелері"].cell(row, 2).value = "skills"

    problem = first_problem(*MC, edit)
    assert (problem.place.sheet, problem.place.row, problem.place.column) == (PROGRAMMES, 2, "Бағдарлама коды")
    assert "MC-02" in problem.because["en"]


PROFESSIONS = "recognition-decisions.professions.csv"


def problems_of_decisions(change: Callable[[str, str], str]) -> tuple[Problem, ...]:
    """What is wrong in the decisions of the recognition centre, after `change` of (file name, text)."""
    main, *parts = sorted(DEMO.glob("recognition-decisions*.csv"), key=lambda path: len(path.name))
    beside = {path.name: change(path.name, path.read_text("utf-8-sig")).encode() for path in parts}
    data = change(main.name, main.read_text("utf-8-sig")).encode()
    return read(main.name, data, kind_named("ProfessionalQualificationRecognition"), beside).problems


def test_a_profession_without_a_basis_is_named_at_the_cell_that_names_it() -> None:
    def without_standard(name: str, text: str) -> str:
        lines = text.splitlines()
        if name == PROFESSIONS:
            cells = lines[1].split(";")
            lines[1] = ";".join([*cells[:4], "", "", "", "", *cells[8:]])
        return "\n".join(lines)

    problem = problems_of_decisions(without_standard)[0]
    assert (problem.place.row, problem.place.column) == (2, "Профессия: Код")
    assert problem.because["en"].startswith("PQ-02")


def test_a_decision_without_a_profession_says_which_rule_asks_for_it() -> None:
    def without_profession(name: str, text: str) -> str:
        return text.replace(";7412-1-012;Макетов;", ";;Макетов;", 1)

    problem = problems_of_decisions(without_profession)[0]
    assert (problem.place.row, problem.place.column) == (2, "Профессия: Код")
    assert "PQ-02" in problem.because["ru"]


def test_half_a_name_in_a_language_is_refused() -> None:
    problem = first_problem(*MC, put("Сертификаттау тізімі", 3, **{"Тегі (қаз.)": None}))
    assert (problem.place.row, problem.place.column) == (3, "Тегі (қаз.)")
    assert "identity document" in problem.because["en"]
    assert first_problem(*MC, put("Сертификаттау тізімі", 3, **{"Аты (ағыл.)": None})).place.column == "Аты (ағыл.)"
