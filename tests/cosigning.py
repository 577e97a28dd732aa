"""Specimen persons who sign beside an institution, and rules that ask for them."""

from typing import Any

from schemas.kinds.table import KINDS
from schemas.reading import Json
from tanu.institutions import InstitutionRow
from tests.world import MICRO, OTHER, institution_row
from tests.world_facts import three

RECTOR, CHAIR, DEAN = "ulykbekova", "tokenov", "ashimova"
"""Their short names."""


def person(name: str, role: str, **more: Json) -> dict[str, Any]:
    """A row of the file of institutions: somebody in office since 2026."""
    spelled = {RECTOR: "Ғ. Ұлықбекова", CHAIR: "Т. Төкенов", DEAN: "Қ. Әшімова"}.get(name, name)
    row = {"person": name, "name": spelled, "position": three(f"{role} of it"), "role": role, "from": "2026-01-01"}
    return row | more


THREE = (person(RECTOR, "rector"), person(CHAIR, "commission_chair"), person(DEAN, "dean"))


def rule(needed: int = 2, *roles: str, since: str = "2026-01-01", **more: Json) -> dict[str, Any]:
    """A rule for micro-credentials, in force since 2026: two of the three."""
    seats = list(roles) if roles or "partners" in more else ["rector", "commission_chair", "dean"]
    return {"kind": MICRO, "needed": needed, "roles": seats, "from": since} | more


def university(*rules: dict[str, Any], persons: tuple[dict[str, Any], ...] = THREE) -> InstitutionRow:
    """The specimen university with those persons and rules."""
    more = {"responsible_persons": list(persons), "signature_rules": list(rules)}
    return institution_row("kmu", "KMU", "990340000014", KINDS, **more)


def rows(*rules: dict[str, Any], persons: tuple[dict[str, Any], ...] = THREE) -> tuple[InstitutionRow, ...]:
    """Of a world: that university, and another institution."""
    return university(*rules, persons=persons), OTHER
