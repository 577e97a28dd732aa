"""The point-rating letter system of Kazakhstan (Joint Order cl. 8; the table as universities publish it), and
hours ↔ credits (cl. 7)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Sector = Literal["tvet", "higher"]
HOURS_PER_CREDIT: dict[Sector, int] = {"tvet": 24, "higher": 30}
"""Clause 7: one academic credit is 24 academic hours in TVET and post-secondary, 30 in higher and postgraduate."""


@dataclass(frozen=True, slots=True)
class LetterGrade:
    """One row of the letter table; `lowest` and `highest` are whole per cents."""

    letter: str
    points: str
    lowest: int
    highest: int


LETTER_TABLE = (
    LetterGrade("A", "4.0", 95, 100),
    LetterGrade("A-", "3.67", 90, 94),
    LetterGrade("B+", "3.33", 85, 89),
    LetterGrade("B", "3.0", 80, 84),
    LetterGrade("B-", "2.67", 75, 79),
    LetterGrade("C+", "2.33", 70, 74),
    LetterGrade("C", "2.0", 65, 69),
    LetterGrade("C-", "1.67", 60, 64),
    LetterGrade("D+", "1.33", 55, 59),
    LetterGrade("D", "1.0", 50, 54),
    LetterGrade("FX", "0.5", 25, 49),
    LetterGrade("F", "0", 0, 24),
)
PASSING = tuple(row.letter for row in LETTER_TABLE if row.lowest >= 50)
"""50 % and more."""


def letter_for(percent: int) -> LetterGrade:
    """The row for whole per cents, 0–100."""
    return next(row for row in LETTER_TABLE if row.lowest <= percent <= row.highest)


def grade(letter: str) -> LetterGrade | None:
    """The row of a letter, None for a letter that the table lacks."""
    return next((row for row in LETTER_TABLE if row.letter == letter), None)


def credits_for(hours: Decimal, sector: Sector) -> Fraction:
    """Academic credits for academic hours, exact (NF-18)."""
    return Fraction(hours) / HOURS_PER_CREDIT[sector]


def two_decimals(value: Fraction) -> str:
    """For show only; never rounded up (NF-18)."""
    whole, rest = divmod(value.numerator * 100 // value.denominator, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") if rest else str(whole)
