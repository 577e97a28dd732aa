"""A micro-credential with no more in it than has to be: as small as one of ours gets."""

from collections.abc import Sequence

from bench.office import KIND, UNIVERSITY, Workplace
from issuer.issue import Approval, approve
from schemas.kinds.facts import Facts
from schemas.reading import Json


def approvals(place: Workplace, count: int) -> Sequence[Approval]:
    """So many, approved."""
    university = place.office.institution(UNIVERSITY)
    return [approve(place.office, KIND, university, f"brief-{at}", facts(at)) for at in range(count)]


def facts(number: int) -> Facts:
    """Of the holder with that number."""
    return KIND.facts.model_validate(
        {
            "familyName": {"kk": f"Үлгібаева-{number}", "ru": f"Улгибаева-{number}", "en": f"Ulgibayeva-{number}"},
            "givenName": {"kk": "Әлия", "ru": "Алия", "en": "Aliya"},
            "programme": _PROGRAMME,
            "minutes": {
                "commission": {"kk": "Комиссия", "ru": "Комиссия", "en": "Commission"},
                "minutesNumber": "7",
                "decidedOn": "2026-10-28",
            },
        }
    )


def _same(words: str) -> Json:
    return {"kk": words, "ru": words, "en": words}


_PROGRAMME: Json = {
    "programmeCode": "MC-014",
    "title": {"kk": "Цифрлық педагогика", "ru": "Цифровая педагогика", "en": "Digital pedagogy"},
    "goals": _same("Lessons with digital means"),
    "learningOutcomes": [
        {"outcomeGroup": "knowledge", "outcome": _same("Kinds of assessment")},
        {"outcomeGroup": "abilities", "outcome": _same("Composing tasks")},
        {"outcomeGroup": "skills", "outcome": _same("Adjusting lessons")},
    ],
    "ects": "3",
    "hours": "90",
    "eqfLevel": 6,
    "nqfLevel": 6,
    "fieldOfStudy": "0114",
    "assessmentMethod": _same("Portfolio"),
    "supervision": _same("On site"),
    "participation": "blended",
    "qualityAssurance": _same("ESG 1.2"),
    "noStandardReason": _same("New field"),
    "recognisability": _same("For credit"),
    "entryRequirements": _same("Secondary school"),
    "languageOfStudy": ["kk"],
    "modules": [{"moduleTitle": _same("Design"), "hours": "90", "ects": "3"}],
}
