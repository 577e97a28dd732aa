"""Writes the demonstration's files from `tanu.demo.content`, the same bytes each time.

python -m tanu.demo.write_files
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from issuer.grids import Cell
from issuer.layouts import Sheet, model_of, sheet_of
from issuer.workbooks import workbook
from schemas.grades import letter_for
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES, Language
from tanu.demo.content import microcredentials as mc
from tanu.demo.content.people import Person, Spelled

HERE = Path(__file__).parent
Record = Mapping[str, Cell]
"""Technical heading → cell."""


def files() -> dict[str, bytes]:
    """Every file by its name."""
    return {"certification-list.xlsx": _book("MicroCredentialCertificate", "kk", _certification())}


def _book(kind: str, language: Language, records: Mapping[str, Sequence[Record]]) -> bytes:
    return workbook(dict(_tables(kind, language, records).values()))


def _tables(
    kind: str, language: Language, records: Mapping[str, Sequence[Record]]
) -> dict[str, tuple[str, list[list[Cell]]]]:
    """Sheet → its title and its rows, the headings in `language` first."""
    main = sheet_of(kind, model_of(KINDS[kind]))
    return {
        sheet.layout.sheet: (sheet.title[language], _rows(sheet, language, records[sheet.layout.sheet]))
        for sheet in main.walk()
        if sheet.layout.sheet in records
    }


def _rows(sheet: Sheet, language: Language, records: Sequence[Record]) -> list[list[Cell]]:
    used = {name for record in records for name in record}
    if unknown := used - {column.id for column in sheet.columns}:
        raise KeyError(f"{sheet.layout.sheet}: {sorted(unknown)}")
    columns = [column for column in sheet.columns if column.id in used]
    headings: list[Cell] = [column.heading[language] for column in columns]
    return [headings, *([record.get(column.id) for column in columns] for record in records)]


def _words(name: str, texts: Spelled) -> dict[str, Cell]:
    return {f"{name}.{language}": text for language, text in zip(LANGUAGES, texts, strict=True) if text}


def _holder(case: str, person: Person) -> dict[str, Cell]:
    given = {"iin": person.iin, "birth_date": person.birth_date}
    email = f"{case.lower()}@example.kz"
    return {
        "case": case,
        **{name: value for name, value in given.items() if value},
        "email": email,
        "first_language": person.first_language,
        **_words("family_name", person.family),
        **_words("given_name", person.given),
        **_words("patronymic_name", person.patronymic),
    }


def _grade(per_cent: int) -> dict[str, Cell]:
    row = letter_for(per_cent)
    return {"grade.letter": row.letter, "grade.points": float(row.points), "grade.percent": per_cent}


# ---------------------------------------------------------------- kind 1


def _certification() -> dict[str, list[Record]]:
    return {
        "certification": [_certificate(at, *learner) for at, learner in enumerate(mc.LEARNERS, start=1)],
        "programmes": [_programme(programme) for programme in mc.PROGRAMMES],
        "outcomes": [
            {"programme_code": p["code"], "outcome_group": group, **_words("outcome", texts)}
            for p in mc.PROGRAMMES
            for group, *texts in p["outcomes"]
        ],
        "functions": [
            {"programme_code": p["code"], "code": code, **_words("function", texts)}
            for p in mc.PROGRAMMES
            for code, *texts in p["functions"]
        ],
        "modules": [
            {"programme_code": p["code"], **_words("module_title", texts), "hours": hours, "ects": ects}
            for p in mc.PROGRAMMES
            for *texts, hours, ects in p["modules"]
        ],
    }


def _certificate(at: int, code: str, person: Person, per_cent: int) -> Record:
    minutes, decided, begun, ended, expert = mc.SESSIONS[code]
    return {
        **_holder(f"MC-2026-{at:03}", person),
        "programme_code": code,
        "studied_from": begun,
        "studied_until": ended,
        **_grade(per_cent),
        **_words("external_expert", mc.EXPERTS[expert]),
        **_words("minutes.commission", mc.COMMISSION),
        "minutes.minutes_number": f"№ {minutes}",
        "minutes.decided_on": decided,
    }


def _programme(p: Mapping[str, Cell | Spelled]) -> Record:
    texts = {
        "title": p["title"],
        "goals": p["goals"],
        "assessment_method": p["method"],
        "supervision": p["supervision"],
        "quality_assurance": mc.QUALITY,
        "standard.standard_title": mc.STANDARD,
        "recognisability": mc.RECOGNISED,
        "entry_requirements": p["entry"],
        "stackability": mc.STACKABLE,
    }
    plain = {
        "programme_code": p["code"],
        "ects": p["ects"],
        "hours": p["hours"],
        "eqf_level": p["eqf"],
        "nqf_level": p["nqf"],
        "field_of_study": p["field"],
        "participation": p["participation"],
        "language_of_study": p["languages"],
        "standard.approval_act": mc.APPROVAL,
    }
    return {k: v for k, v in plain.items() if not isinstance(v, tuple)} | {
        k: v for name, words in texts.items() if isinstance(words, tuple) for k, v in _words(name, words).items()
    }


def main() -> None:
    """Writes the files beside this script."""
    for name, data in files().items():
        (HERE / name).write_bytes(data)


if __name__ == "__main__":
    main()
