# ruff: noqa: E501 - one text in one language is one line, so that a change of wording is one line as well
"""Minutes of the specimen college's recognition commission: a Coursera certificate becomes credits (kind 3, chapter 2)."""

from datetime import date
from typing import Any

from tanu.demo.content.people import PEOPLE

PROGRAMME = ("06130100", ("Бағдарламалық қамтамасыз ету", "Программное обеспечение", "Software development"))
PERIOD = ("2026–2027 оқу жылының 2-семестрі", "2-й семестр 2026–2027 учебного года", "Second semester of 2026–2027")
COMMISSION = (
    "Формальды емес білім беруді оқыту нәтижелерін тану комиссиясы",
    "Комиссия по признанию результатов обучения неформального образования",
    "Commission for the recognition of non-formal learning results",
)
ORDER = ("14-Ө", date(2026, 8, 25))
MINUTES = ("3", date(2026, 11, 17))
PRESIDER, SECRETARY = "Хаттамабаев Өмірзақ Жанұлы", "Үзіндиева Маңдай Байқызы"
MEMBERS = (
    PRESIDER,
    "Дерекбай Әсем",
    "Қағазов Ілияс",
    "Мөрбай Гүлжан",
    "Санақбай Ұлбосын",
    "Тексербай Һамит",
    "Нұсқабай Ғазиза",
)
VOTES = (7, 6, 0, 1)
SCALE = ("Coursera, 0–100 %", "ШК-02", "2026.1")

PYTHON = ("Programming for Everybody (Getting Started with Python)", 24)
DATA = ("Python Data Structures", 24)
WEB = ("Using Python to Access Web Data", 20)

LEARNERS: tuple[dict[str, Any], ...] = (
    {
        "person": PEOPLE[42],
        "group": "2-курс, БҚ-24-1",
        "applied": date(2026, 11, 2),
        "certificate": ("SPECIMEN-7X2QKD", date(2026, 9, 30)),
        "courses": ((*PYTHON, "96"), (*DATA, "91"), (*WEB, "74")),
        "items": (
            (
                0,
                "БМ05.1",
                (
                    "Python тілінде бағдарламалау негіздері",
                    "Основы программирования на Python",
                    "Basics of programming in Python",
                ),
                1,
                24,
                "transferred",
                None,
            ),
            (1, "БМ05.2", ("Деректер құрылымдары", "Структуры данных", "Data structures"), 1, 24, "transferred", None),
            (
                2,
                "БМ07.1",
                ("Веб-бағдарламалау", "Веб-программирование", "Web programming"),
                None,
                None,
                "refused",
                (
                    "Курс силлабустың жартысынан азын қамтиды",
                    "Курс охватывает меньше половины силлабуса",
                    "The course covers less than half of the syllabus",
                ),
            ),
        ),
    },
    {
        "person": PEOPLE[43],
        "group": "2-курс, БҚ-24-2",
        "applied": date(2026, 11, 3),
        "certificate": ("SPECIMEN-4M9RTB", date(2026, 10, 11)),
        "courses": ((*PYTHON, "88"), (*DATA, "81")),
        "items": (
            (
                0,
                "БМ05.1",
                (
                    "Python тілінде бағдарламалау негіздері",
                    "Основы программирования на Python",
                    "Basics of programming in Python",
                ),
                1,
                24,
                "transferred",
                None,
            ),
            (
                1,
                "БМ05.2",
                ("Деректер құрылымдары", "Структуры данных", "Data structures"),
                "0,5",
                12,
                "partly",
                (
                    "Графтар мен ағаштар бөлімі қамтылмаған",
                    "Не охвачен раздел о графах и деревьях",
                    "The part on graphs and trees is not covered",
                ),
            ),
        ),
    },
)
"""Courses: title, hours, per cent. Items: course, code and title of the unit, credits, hours, decision, reason."""
