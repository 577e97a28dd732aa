"""Writes the demonstration's files from `tanu.demo.content`, the same bytes each time.

python -m tanu.demo.write_files
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from issuer.grids import Cell
from issuer.layouts import Sheet, model_of, sheet_of
from issuer.workbooks import workbook
from schemas.grades import letter_for
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES, Language
from tanu.demo.content import decisions as lr
from tanu.demo.content import microcredentials as mc
from tanu.demo.content import professions as pq
from tanu.demo.content import supplements as cs
from tanu.demo.content import training as st
from tanu.demo.content.people import Person, Spelled

HERE = Path(__file__).parent
Record = Mapping[str, Cell]
"""Technical heading → cell."""
Fields = Mapping[str, Any]
"""A piece of content, as `tanu.demo.content` holds it."""


def files() -> dict[str, bytes]:
    """Every file by its name; a .csv has its part sheets beside it."""
    return {
        "certification-list.xlsx": _book("MicroCredentialCertificate", "kk", _certification()),
        **_csv("recognition-decisions", "ProfessionalQualificationRecognition", "ru", _decisions()),
        "commission-minutes.xlsx": _book("LearningRecognitionDecision", "ru", _minutes()),
        "final-attestation.xlsx": _book("ShortTermTrainingCertificate", "kk", _attestation()),
        **_csv("supplement-requests", "CertificateSupplement", "en", _requests()),
    }


def _book(kind: str, language: Language, records: Mapping[str, Sequence[Record]]) -> bytes:
    return workbook(dict(_tables(kind, language, records).values()))


def _csv(stem: str, kind: str, language: Language, records: Mapping[str, Sequence[Record]]) -> dict[str, bytes]:
    """As Excel in Kazakhstan saves it: UTF-8 with a mark, semicolons; the first table is the main one."""
    written = {}
    for at, (sheet, (_, rows)) in enumerate(_tables(kind, language, records).items()):
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=";").writerows([_typed(cell) for cell in row] for row in rows)
        written[f"{stem}.{sheet}.csv" if at else f"{stem}.csv"] = out.getvalue().encode("utf-8-sig")
    return written


def _typed(cell: Cell) -> str:
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    return "" if cell is None else str(cell)


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
    email = f"{case.lower()}@example.org"
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


def _programme(p: Fields) -> Record:
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
    return {
        "programme_code": p["code"],
        **{heading: text for name, spelled in texts.items() for heading, text in _words(name, spelled).items()},
        "ects": p["ects"],
        "hours": p["hours"],
        "eqf_level": p["eqf"],
        "nqf_level": p["nqf"],
        "field_of_study": p["field"],
        "participation": p["participation"],
        "language_of_study": p["languages"],
        "standard.approval_act": mc.APPROVAL,
    }


# ---------------------------------------------------------------- kind 2


def _decisions() -> dict[str, list[Record]]:
    return {
        "decisions": [_decision(at, *candidate) for at, candidate in enumerate(pq.CANDIDATES, start=1)],
        "professions": [_profession(profession) for profession in pq.PROFESSIONS],
        "functions": [
            {"profession.code": p["code"], "code": code, **_words("function", texts)}
            for p in pq.PROFESSIONS
            for code, *texts in p["functions"]
        ],
    }


def _decision(at: int, p: Fields, person: Person, correct: int, total: int, mode: str) -> Record:
    return {
        **_holder(f"PQ-2026-{at:03}", person),
        "profession.code": p["code"],
        "theory.correct": correct,
        "theory.total": total,
        "practice.technological_card": p["card"],
        "practice.passed": "сдан",
        "mode": mode,
        "decision.decided_on": pq.DECIDED,
        "decision.decision_number": f"{118 + at}-Р",
        "decision.decision_result": "пройдена",
    }


def _profession(p: Fields) -> Record:
    basis = ("standard", "standard_title") if "standard" in p else ("qualification_requirements", "requirements_title")
    code, version, title = p["programme"]
    return {
        "profession.code": p["code"],
        **_words("profession.title", p["title"]),
        **_words(".".join(basis), p.get("standard") or p["requirements"]),
        f"{basis[0]}.approval_act": p["act"],
        "nqf_level": p["nqf"],
        "qualification_programme.programme_code": code,
        "qualification_programme.programme_version": version,
        **_words("qualification_programme.title", title),
    }


# ---------------------------------------------------------------- kind 4


def _attestation() -> dict[str, list[Record]]:
    learners = [(group, *learner) for group in st.GROUPS for learner in group["learners"]]
    cases = [f"ST-2026-{at:03}" for at in range(1, len(learners) + 1)]
    return {
        "attestation": [_attested(case, *learner) for case, learner in zip(cases, learners, strict=True)],
        "annex": [
            {"case": case, **_words("module_title", texts), "hours": hours, "academic_credits": number, "grade": grade}
            for case, (group, _, grades, _) in zip(cases, learners, strict=True)
            for (*texts, hours, number), grade in zip(group["modules"], grades.split(), strict=True)
        ],
    }


def _attested(case: str, group: Fields, person: Person, grades: str, final: str) -> Record:
    referral = group["referral"]
    return {
        **_holder(case, person),
        "document_form": group["form"],
        "programme.programme_code": group["code"],
        **_words("programme.title", group["title"]),
        **_words("programme.qualification", group["qualification"]),
        "programme.agreed_with_atameken": group["agreed"],
        "form_of_training": group["forms"],
        "employer": group["employer"],
        "enrolment.order_number": group["order"][0],
        "enrolment.ordered_on": group["order"][1],
        "studied_from": group["dates"][0],
        "studied_until": group["dates"][1],
        "hours": sum(module[3] for module in group["modules"]),
        "academic_credits": sum(module[4] for module in group["modules"]),
        **_words("grading_scale", st.SCALE),
        "attestation.attested_on": group["attested"],
        "attestation.attestation_result": "тапсырды",
        "attestation.attestation_grade": final,
        **_words("place_of_issue", st.PLACE),
        "atameken_register": st.REGISTER,
        "route": group["route"],
        **({"referral_number": referral.format(int(case[-3:]))} if referral else {}),
    }


# ---------------------------------------------------------------- kind 3


def _minutes() -> dict[str, list[Record]]:
    learners = [(f"LR-2026-{at:03}", learner) for at, learner in enumerate(lr.LEARNERS, start=1)]
    return {
        "minutes": [_extract(case, learner) for case, learner in learners],
        "items": [_item(case, learner["courses"], item) for case, learner in learners for item in learner["items"]],
        "scales": [
            {"case": case, **dict(zip(("source_scale", "scale_id", "scale_version"), lr.SCALE, strict=True))}
            for case, _ in learners
        ],
        "evidence": [_evidence(case, *learner["certificate"]) for case, learner in learners],
        "evidence_annex": [
            {"case": case, "document_number": learner["certificate"][0], "unit_title": t, "hours": h, "grade": f"{p} %"}
            for case, learner in learners
            for t, h, p in learner["courses"]
        ],
    }


def _extract(case: str, learner: Fields) -> Record:
    code, title = lr.PROGRAMME
    votes = dict(zip(("participants", "votes_for", "votes_against", "votes_abstained"), lr.VOTES, strict=True))
    return {
        **_holder(case, learner["person"]),
        "chapter": "результаты обучения неформального образования (глава 2)",
        "study_programme.programme_code": code,
        **_words("study_programme.title", title),
        "study_programme.study_group": learner["group"],
        **_words("study_programme.academic_period", lr.PERIOD),
        "applied_on": learner["applied"],
        "sector": "tvet",
        "hours_per_credit": 24,
        "exemption.exempt_units": "; ".join(item[1] for item in learner["items"] if item[5] == "transferred"),
        **_words("exemption.exempt_from", lr.PERIOD),
        "minutes.minutes_number": lr.MINUTES[0],
        "minutes.decided_on": lr.MINUTES[1],
        "minutes.presider": lr.PRESIDER,
        "minutes.presided_as": "председатель Комиссии",
        "minutes.secretary": lr.SECRETARY,
        "minutes.members": "; ".join(lr.MEMBERS),
        **{f"minutes.votes.{name}": count for name, count in votes.items()},
        **_words("commission_order.commission", lr.COMMISSION),
        "commission_order.order.order_number": lr.ORDER[0],
        "commission_order.order.ordered_on": lr.ORDER[1],
        "commission_order.mandate": "chapter_2",
    }


def _item(case: str, courses: Sequence[tuple[str, int, str]], item: Sequence[Any]) -> Record:
    at, code, title, number, hours, decision, reason = item
    source, source_hours, per_cent = courses[at]
    return {
        "case": case,
        "source_unit": source,
        "source_hours": source_hours,
        "source_grade": f"{per_cent} %",
        "source_scale": lr.SCALE[0],
        "discipline_code": code,
        **_words("discipline_title", title),
        "discipline_credits": number,
        "discipline_hours": hours,
        **(_grade(int(per_cent)) if number else {}),
        "item_decision": {"transferred": "перезачтено", "partly": "перезачтено частично"}.get(decision, "отказано"),
        **(_words("reason", reason) if reason else {}),
    }


def _evidence(case: str, number: str, day: date) -> Record:
    return {
        "case": case,
        "evidence_issuer": "Coursera (образец)",
        "issuer_category": "mooc",
        "document_kind": "сертификат",
        "document_number": number,
        "document_date": day,
        "document_link": f"https://example.org/coursera/{number}",
    }


# ---------------------------------------------------------------- kind 5


def _requests() -> dict[str, list[Record]]:
    return {
        "requests": [_request(request) for request in cs.REQUESTS],
        "distribution": [
            {"case": request["case"], "letter": letter, "count": count}
            for request in cs.REQUESTS
            for letter, count in request["counts"]
        ],
    }


def _request(request: Fields) -> Record:
    return {
        "case": request["case"],
        "parent_certificate": request["parent"],
        "request_number": request["number"],
        "requested_on": request["requested"],
        "student_code": request["student"],
        **_words("institution_status", cs.STATUS),
        **_words("official_duration", request["duration"]),
        "unit_letters": request["letters"],
        **(_words("distribution_group", request["group"]) if request["group"] else {}),
    }


def main() -> None:
    """Writes the files beside this script."""
    for name, data in files().items():
        (HERE / name).write_bytes(data)


if __name__ == "__main__":
    main()
