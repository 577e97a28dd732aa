"""Reports to show: one specimen document, and what each verdict reveals of it.

The lines are made from real facts by `schemas.display`, so labels and marks are the product's own.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from registry.statuses import Act, Change, Reason
from schemas import display
from schemas.credential import end_of
from schemas.kinds.facts import Mark
from schemas.kinds.microcredential import MicroCredential
from schemas.languages import Text, say
from schemas.numbers import Number, code_check
from verifier.checks import not_looked_at, said
from verifier.report import REVEALS, VERDICTS, Check, Person, Report, Shown, Signer, Verdict

NOW = datetime(2026, 11, 20, 10, 40, tzinfo=UTC)
PUBLIC_URL = "http://127.0.0.1:8000"
NUMBER = str(Number("KMU", "MC", 2026, 17))
SUCCESSOR = str(Number("KMU", "MC", 2026, 18))


def code_like(body: str) -> str:
    """A code of 13 given characters and its check character."""
    return body + code_check(body)


CODE = code_like("7HJ3KQ9ZP4M2X")
SUCCESSOR_CODE = code_like("8HJ3KQ9ZP4M2X")


def _three(kk: str, ru: str, en: str) -> dict[str, str]:
    return {"kk": kk, "ru": ru, "en": en}


FACTS: dict[str, Any] = {
    "family_name": _three("Қожахметова", "Кожахметова", "Kozhakhmetova"),
    "given_name": _three("Айгерім", "Айгерим", "Aigerim"),
    "patronymic_name": {"kk": "Ғалымжанқызы", "ru": "Галымжановна"},
    "birth_date": "1999-03-14",
    "programme": {
        "programme_code": "MC-EDU-014",
        "title": _three(
            "Математика мұғаліміне арналған цифрлық педагогика",
            "Цифровая педагогика для учителя математики",
            "Digital pedagogy for teachers of mathematics",
        ),
        "goals": _three(
            "Математика сабағын цифрлық құралдармен жоспарлау және өткізу.",
            "Планировать и вести уроки математики с цифровыми средствами.",
            "To plan and hold mathematics lessons with digital tools.",
        ),
        "learning_outcomes": [
            {
                "outcome_group": "knowledge",
                "outcome": _three(
                    "Цифрлық педагогиканың ұғымдары мен модельдерін түсіндіреді.",
                    "Объясняет понятия и модели цифровой педагогики.",
                    "Explains the concepts and models of digital pedagogy.",
                ),
            },
            {
                "outcome_group": "abilities",
                "outcome": _three(
                    "Оқу мақсатына сай цифрлық құралды таңдап, негіздейді.",
                    "Подбирает и обосновывает цифровое средство под цель урока.",
                    "Chooses a digital tool for the aim of a lesson and gives reasons.",
                ),
            },
            {
                "outcome_group": "skills",
                "outcome": _three(
                    "Қалыптастырушы бағалауды онлайн тапсырмалармен жүргізеді.",
                    "Проводит формирующее оценивание с онлайн-заданиями.",
                    "Carries out formative assessment with online tasks.",
                ),
            },
        ],
        "ects": "3",
        "hours": "90",
        "eqf_level": 6,
        "nqf_level": 6,
        "field_of_study": "0114",
        "assessment_method": _three(
            "Жоба және оны қорғау", "Проект и его защита", "A project and its defence before a panel"
        ),
        "supervision": _three(
            "Аудиторияда, жеке куәлікпен", "В аудитории, по удостоверению личности", "In person, identity card checked"
        ),
        "participation": "blended",
        "quality_assurance": _three(
            "Ішкі сапа жүйесі, ESG 1.3 және 1.9",
            "Внутренняя система качества, ESG 1.3 и 1.9",
            "Internal, ESG 1.3 and 1.9",
        ),
        "standard": {
            "standard_title": _three("Педагог", "Педагог", "Teacher"),
            "approval_act": "№ 500, 15.12.2022",
        },
        "labour_functions": [
            {
                "code": "1.2",
                "function": _three(
                    "Оқу процесін жобалау және жүзеге асыру",
                    "Проектирование и ведение образовательного процесса",
                    "Designing and carrying out the learning process",
                ),
            }
        ],
        "recognisability": _three(
            "Бакалавриаттың педагогикалық бағдарламаларында танылады",
            "Признаётся в педагогических программах бакалавриата",
            "Recognised in bachelor programmes of education",
        ),
        "language_of_study": ["kk", "ru"],
        "modules": [
            {
                "module_title": _three("Цифрлық сабақ дизайны", "Дизайн цифрового урока", "Designing a digital lesson"),
                "hours": "60",
                "ects": "2",
            },
            {
                "module_title": _three("Онлайн бағалау", "Оценивание онлайн", "Assessment online"),
                "hours": "30",
                "ects": "1",
            },
        ],
    },
    "studied_from": "2026-03-02",
    "studied_until": "2026-06-19",
    "grade": {"letter": "A-", "points": "3.67", "percent": 92},
    "minutes": {
        "commission": _three("Сертификаттау комиссиясы", "Комиссия по сертификации", "Certification commission"),
        "minutes_number": "14",
        "decided_on": "2026-06-25",
    },
}

ISSUER = Signer(
    "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
    Text(
        "Үлгі мемлекеттік университетінің Математика, физика және информатика факультеті",
        "Факультет математики, физики и информатики Образцового государственного университета",
        "Faculty of Mathematics, Physics and Informatics of the Specimen State University",
    ),
    confirmed=True,
    bin="991240000019",
    city=Text("Алматы", "Алматы", "Almaty"),
)
CLAIMED = Signer("did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH", Text.same("Nazarbayev University"), False)


def facts(**changed: Any) -> MicroCredential:
    """The specimen's facts, with some of them changed."""
    return MicroCredential.model_validate(FACTS | changed)


def change(act: Act, on: date = date(2026, 11, 2), **more: Any) -> Change:
    """A change of state."""
    reasons: dict[Act, Reason] = {"suspended": "other", "replaced": "correction", "annulled": "violation"}
    recorded = datetime(on.year, on.month, on.day, 6, 15, tzinfo=UTC)
    plain = Change(act, reasons.get(act, "error"), "Сертификаттау комиссиясы", "№ 31 хаттама, 01.11.2026", on, recorded)
    return replace(plain, **more)


def history(verdict: Verdict) -> tuple[Change, ...]:
    """The changes that lead to a verdict."""
    if verdict == "replaced":
        return (change("suspended", date(2026, 10, 5)), change("replaced", successor=SUCCESSOR))
    if verdict in ("suspended", "revoked", "annulled"):
        return (change(verdict),)
    return ()


def checks(verdict: Verdict) -> tuple[Check, ...]:
    """Checks that make the verdict."""
    if verdict == "not_found":
        return ()
    if verdict in ("malformed", "unsupported"):
        return (
            said(1, "failed", say("reading.not_json", line=1, column=1), verdict),
            *not_looked_at(2, 3, 4, 5, 6, 7, 8, 9),
        )
    good = [said(n, "passed", say("verify.readable.passed")) for n in range(1, 10)]
    failing = {"unknown_issuer": 3, "not_accredited": 3, "tampered": 6, "expired": 7, "not_yet_valid": 7}
    if verdict == "indeterminate":
        good[7] = said(8, "unknown", say("verify.status.missing"))
    elif verdict != "valid":
        n = failing.get(verdict, 8)
        good[n - 1] = said(n, "failed", say("verify.proof.failed"), verdict)
    return tuple(good)


def shown(
    verdict: Verdict, show: frozenset[Mark] = display.CODE, stated: MicroCredential | None = None
) -> Shown | None:
    """What a verdict reveals of the specimen."""
    stated = stated or facts()
    reveals = REVEALS[verdict]
    if reveals == "nothing":
        return None
    if reveals == "claimed_name":
        return Shown(None, None, None, None, None, None, CLAIMED, None, None, (), (), None, ())
    everything = reveals == "everything"
    return Shown(
        kind=say("kind.MicroCredentialCertificate.title"),
        kind_name="MicroCredentialCertificate",
        title=stated.title,
        holder=stated.holder_text if everything else None,
        number=NUMBER,
        code=CODE,
        issuer=ISSUER,
        issued_on=date(2026, 12, 1) if verdict == "not_yet_valid" else date(2026, 6, 27),
        valid_until=end_of(date(2026, 10, 31)) if verdict == "expired" else None,
        lines=display.lines(stated, show) if everything else (),
        signatories=(Person("Б. Әбдіқадыр", Text("Декан", "Декан", "Dean")),) if everything else (),
        legal_basis=say("kind.MicroCredentialCertificate.legal_basis") if everything else None,
        history=history(verdict),
        successor_code=SUCCESSOR_CODE if verdict == "replaced" else None,
    )


def report(verdict: Verdict, *, show: frozenset[Mark] = display.CODE, test: bool = True, **changed: Any) -> Report:
    """A report with that verdict; `changed` replaces fields of what it shows."""
    document = shown(verdict, show)
    if document and changed:
        document = replace(document, **changed)
    made = Report(checks(verdict), NOW, "product", test and document is not None, document)
    assert made.verdict == verdict
    return made


def code_of(verdict: Verdict) -> str:
    """The code under which the small site of the tests shows that verdict."""
    return code_like(f"000000000000{VERDICTS.index(verdict):X}")


def verdicts_by_code() -> dict[str, Verdict]:
    """The other way round."""
    return {code_of(verdict): verdict for verdict in VERDICTS}


def texts(values: Sequence[Text]) -> list[str]:
    """All spellings of some texts."""
    return [spelling for text in values for _, spelling in text]
