"""Public codes, registration numbers, IIN and BIN: how they are made and how a typing error is caught."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from schemas.errors import Malformed
from schemas.reading import shown

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 14
"""13 random characters (65 bits; docs/attacks.md E6 asks for 64) and the check character."""

_FORGIVEN = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def new_code(random: Callable[[int], int] = secrets.randbelow) -> str:
    """A public code: 14 characters, without hyphens."""
    body = "".join(CROCKFORD[random(32)] for _ in range(CODE_LENGTH - 1))
    return body + code_check(body)


def code_check(body: str) -> str:
    """The check character: makes the sum of α^i·c_i over GF(32) zero, the check character being i = 0.

    α generates the field, so one wrong character and one swap of different neighbours always change the sum.
    """
    total = 0
    for place, character in enumerate(reversed(body), start=1):
        total ^= _times_alpha(CROCKFORD.index(character), place)
    return CROCKFORD[total]


def _times_alpha(value: int, times: int) -> int:
    """value·α^times in GF(32) modulo x^5 + x^2 + 1."""
    for _ in range(times):
        value = (value << 1) ^ (0b100101 if value & 0b10000 else 0)
    return value


def read_code(typed: str) -> str:
    """What a person typed → the code; any case, hyphens and spaces, I and L read as 1, O as 0.

    Raises `Malformed` when it cannot be a code or its check character is wrong.
    """
    code = typed.strip().upper().translate(_FORGIVEN)
    if len(code) != CODE_LENGTH or set(code) - set(CROCKFORD):
        raise Malformed.saying("numbers.not_a_code", typed=_quoted(typed))
    if code_check(code[:-1]) != code[-1]:
        raise Malformed.saying("numbers.code_mistyped", typed=grouped(code))
    return code


def grouped(code: str) -> str:
    """As printed: XXXXX-XXXXX-XXXX."""
    return f"{code[:5]}-{code[5:10]}-{code[10:]}"


@dataclass(frozen=True, slots=True)
class Number:
    """A registration number: `<institution>-<kind>-<year>-<serial>-<check>`, such as KMU-MC-2026-000001-42."""

    institution: str
    kind: str
    year: int
    serial: int

    def __str__(self) -> str:
        body = f"{self.institution}-{self.kind}-{self.year}-{self.serial:06}"
        return f"{body}-{_mod_97_10(body):02}"


NUMBER_PATTERN = r"[A-Z]{2,10}-[A-Z]{2}-[0-9]{4}-[0-9]{6,12}-[0-9]{2}"
"""Each place takes letters or digits, never both: MOD 97-10 lets some mistakes of O for 0 pass."""


def read_number(typed: str) -> str:
    """What a person typed → the registration number; raises `Malformed` when its check digits are wrong."""
    number = typed.strip().upper().replace(" ", "")
    if not re.fullmatch(NUMBER_PATTERN, number):
        raise Malformed.saying("numbers.not_a_number", typed=_quoted(typed))
    body, check = number.rsplit("-", 1)
    if f"{_mod_97_10(body):02}" != check:
        raise Malformed.saying("numbers.number_mistyped", typed=_quoted(number))
    return number


def _quoted(typed: str) -> str:
    """What was typed, in a sentence; an IIN that somebody took for a number is not said again (docs/attacks.md E8)."""
    return re.sub("[0-9]{12,}", lambda found: "…" if _holds_iin(found[0]) else found[0], shown(typed))


def _holds_iin(digits: str) -> bool:
    return any(is_iin(digits[at : at + 12]) for at in range(len(digits) - 11))


def _mod_97_10(body: str) -> int:
    """ISO/IEC 7064 MOD 97-10, as in an IBAN: every single error and every swap of neighbours is caught."""
    digits = "".join(str(int(c, 36)) for c in body if c != "-")
    return 98 - int(digits + "00") % 97


def _twelve_digit_check(digits: str) -> int | None:
    """The check digit of an IIN or BIN for its first eleven digits; None where no number can exist."""
    for weights in ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        rest = sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
        if rest != 10:
            return rest
    return None


def _twelve_digits(number: str) -> bool:
    return bool(re.fullmatch("[0-9]{12}", number)) and _twelve_digit_check(number[:11]) == int(number[11])


def is_bin(number: str) -> bool:
    """A business identification number: the fifth digit 4–6, month and check digit hold."""
    return _twelve_digits(number) and number[4] in "456" and 1 <= int(number[2:4]) <= 12


def is_iin(number: str) -> bool:
    """An individual identification number: date of birth, century digit 1–6 and check digit hold."""
    return _twelve_digits(number) and iin_birth_date(number) is not None


def iin_birth_date(number: str) -> date | None:
    """The date of birth that an IIN states; None when there is no such day."""
    century = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}.get(number[6])
    if century is None:
        return None
    try:
        return date(century + int(number[:2]), int(number[2:4]), int(number[4:6]))
    except ValueError:
        return None
