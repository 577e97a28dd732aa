"""The final attestation of the specimen training centre: two groups of short-term vocational training (kind 4)."""

from datetime import date
from typing import Any

from tanu.demo.content.people import PEOPLE

SCALE = (
    "Балдық-рейтингтік әріптік жүйе: A (95–100 %) – F (0–24 %)",
    "Балльно-рейтинговая буквенная система: A (95–100 %) – F (0–24 %)",
    "Point-rating letter system: A (95–100 %) to F (0–24 %)",
)
PLACE = ("Шымкент қаласы", "город Шымкент", "Shymkent")
REGISTER = "Реестр НПП «Атамекен», запись-образец AT-SP-2025-0311"

GROUPS: tuple[dict[str, Any], ...] = (
    {
        "form": "куәлік",
        "code": "ҚМ-240-01",
        "title": (
            "Күн электр станциясын орнату және оған қызмет көрсету",
            "Монтаж и обслуживание солнечной электростанции",
            "Installing and maintaining a solar power plant",
        ),
        "qualification": (
            "Күн панельдерін құрастырушы: құрастыру, қосу, ақауды анықтау",
            "Монтажник солнечных панелей: сборка, подключение, поиск неисправностей",
            "Solar panel installer: assembling, connecting, finding faults",
        ),
        "agreed": "Палата предпринимателей города Шымкента, согласование-образец № 114 от 20.08.2026",
        "forms": "күндізгі",
        "employer": "ЖШС «Үлгі Энерго» (ТОО-образец)",
        "order": ("52-Б", date(2026, 9, 1)),
        "dates": (date(2026, 9, 7), date(2026, 11, 6)),
        "attested": date(2026, 11, 13),
        "route": "сұранысқа ие біліктіліктер мен дағдылар бойынша",
        "referral": "ЖД-2026-{:04}",
        "modules": (
            (
                "Электр қауіпсіздігі және еңбекті қорғау",
                "Электробезопасность и охрана труда",
                "Electrical safety and occupational safety",
                48,
                2,
            ),
            (
                "Күн панельдері мен инверторлардың құрылымы",
                "Устройство солнечных панелей и инверторов",
                "Design of solar panels and inverters",
                72,
                3,
            ),
            ("Жүйені құрастыру және қосу", "Сборка и подключение системы", "Assembling and connecting a system", 72, 3),
            (
                "Өндірістік практика: қызмет көрсету және ақауды жою",
                "Производственная практика: обслуживание и устранение неисправностей",
                "Work practice: maintenance and repair",
                48,
                2,
            ),
        ),
        "learners": tuple(
            zip(
                PEOPLE[34:39],
                ("A A- A B+", "B+ B A- B", "A A A A", "C+ B- B C+", "A- B+ B+ A-"),
                ("A", "B+", "A", "B-", "A-"),
                strict=True,
            )
        ),
    },
    {
        "form": "сертификат",
        "code": "ДС-072-02",
        "title": (
            "Жұмыс орнындағы цифрлық сауаттылық",
            "Цифровая грамотность на рабочем месте",
            "Digital literacy at the workplace",
        ),
        "qualification": (
            "Кестелермен және деректермен жұмыс, ақпараттық қауіпсіздік дағдылары",
            "Навыки работы с таблицами и данными, информационная безопасность",
            "Skills of work with spreadsheets and data, information security",
        ),
        "agreed": "Палата предпринимателей города Шымкента, согласование-образец № 131 от 15.09.2026",
        "forms": "онлайн; жұмыстан тыс уақытта",
        "employer": "АҚ «Мысал Логистика» (АО-образец)",
        "order": ("61-Б", date(2026, 9, 28)),
        "dates": (date(2026, 10, 5), date(2026, 11, 13)),
        "attested": date(2026, 11, 16),
        "route": "жұмыс істейтін адамдарды оқыту",
        "referral": None,
        "modules": (
            ("Кестелермен жұмыс", "Работа с таблицами", "Work with spreadsheets", 24, 1),
            (
                "Деректерді көрсету және есеп беру",
                "Визуализация данных и отчётность",
                "Showing data and reporting",
                24,
                1,
            ),
            ("Ақпараттық қауіпсіздік", "Информационная безопасность", "Information security", 24, 1),
        ),
        "learners": tuple(zip(PEOPLE[39:42], ("A A- B+", "B B+ A", "A- A- A"), ("A-", "B+", "A"), strict=True)),
    },
)
"""Each learner: person, the modules' grades in order, the grade of the attestation."""
