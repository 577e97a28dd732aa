"""Two recorded requests for a supplement to certificates of the certification list (kind 5)."""

from datetime import date
from typing import Any

STATUS = (
    "Үлгі мәртебесіндегі мемлекеттік емес жоғары оқу орны",
    "Негосударственная организация высшего образования (образец)",
    "Private higher education institution (specimen)",
)

REQUESTS: tuple[dict[str, Any], ...] = (
    {
        "case": "MC-S-2026-001",
        "parent": "MC-2026-001",
        "number": "Қ-2026/31",
        "requested": date(2026, 11, 20),
        "student": "DAM-26-0011",
        "letters": "A; A; A-",
        "duration": ("7 апта", "7 недель", "7 weeks"),
        "group": (
            "Факультеттің «Цифрлық бағалау» бағдарламасы, 2025–2026, n = 64",
            "Программа факультета «Цифровое оценивание», 2025–2026, n = 64",
            "The faculty’s programme “Digital assessment”, 2025–2026, n = 64",
        ),
        "counts": (("A", 14), ("A-", 17), ("B+", 15), ("B", 10), ("C+", 8)),
    },
    {
        "case": "MC-S-2026-002",
        "parent": "MC-2026-002",
        "number": "Қ-2026/32",
        "requested": date(2026, 11, 20),
        "student": "STEM-26-0024",
        "letters": "B+; A-; B+",
        "duration": ("9 апта", "9 недель", "9 weeks"),
        "group": None,
        "counts": (),
    },
)
