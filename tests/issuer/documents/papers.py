"""Documents to print: a certificate as a university would fill it in, and the same with one thing changed."""

from dataclasses import replace
from datetime import date
from typing import Any

from issuer.documents.certificate import Print
from schemas.credential import Credential, Heading, draft, read_credential, written
from schemas.kinds.document import Issuer, Signatory
from schemas.kinds.table import KINDS
from schemas.numbers import Number, code_check
from tests.world_facts import ROWS, Row, changed, facts_of, heading

CODE = "7Q2M9XKD4TB8W" + code_check("7Q2M9XKD4TB8W")
PAGE_URL = f"https://tanu.example.kz/c/{CODE}"
ORIGINAL = Print(1, date(2026, 7, 1))
DUPLICATE = Print(2, date(2027, 3, 12))


def three(kk: str, ru: str, en: str) -> dict[str, str]:
    """A text in the three languages."""
    return {"kk": kk, "ru": ru, "en": en}


UNIVERSITY = Issuer.model_validate(
    {
        "id": "did:web:tanu.example.kz:i:kmu",
        "type": ["Profile"],
        "name": "Қостанай үлгі университеті",
        "legal_name": three(
            "Қостанай үлгі университеті, Математика, физика және информатика факультеті",
            "Костанайский университет-образец, факультет математики, физики и информатики",
            "Kostanay Specimen University, Faculty of Mathematics, Physics and Informatics",
        ),
        "bin": "990340000014",
        "country": "KZ",
        "city": three("Қостанай", "Костанай", "Kostanay"),
    }
)

SIGNATORIES = (
    ("Ғ. Ж. Ұлықбекова", three("Факультет деканы", "Декан факультета", "Dean of the Faculty")),
    (
        "Қ. Ө. Әшімханов",
        three(
            "Сертификаттау комиссиясының төрағасы",
            "Председатель сертификационной комиссии",
            "Chair of the certification commission",
        ),
    ),
)

OUTCOMES = (
    (
        "knowledge",
        "Жасанды интеллект құралдарының мүмкіндіктері мен шектеулерін, деректерді қорғау талаптарын түсіндіреді",
        "Объясняет возможности и ограничения инструментов искусственного интеллекта, требования к защите данных",
        "Explains what artificial intelligence tools can and cannot do, and the requirements of data protection",
    ),
    (
        "knowledge",
        "Математиканы оқытудың цифрлық әдістемелерін салыстырады",
        "Сравнивает цифровые методики обучения математике",
        "Compares digital approaches to the teaching of mathematics",
    ),
    (
        "abilities",
        "Оқу мақсаттарына сай цифрлық тапсырмалар топтамасын құрастырады және оны сынып деңгейіне бейімдейді",
        "Составляет набор цифровых заданий по целям обучения и приспосабливает его к уровню класса",
        "Designs a set of digital tasks that follows the goals of learning and adapts it to the level of a class",
    ),
    (
        "abilities",
        "Оқушылардың нәтижелерін статистикалық әдістермен талдайды",
        "Анализирует результаты учащихся статистическими методами",
        "Analyses pupils’ results with statistical methods",
    ),
    (
        "skills",
        "Динамикалық геометрия ортасында сабақ өткізеді, оқушылардың зерттеу жұмысын ұйымдастырады",
        "Проводит урок в среде динамической геометрии, организует исследовательскую работу учащихся",
        "Teaches a lesson in a dynamic geometry environment and organises pupils’ research work",
    ),
    (
        "skills",
        "Сабақ жазбасы бойынша өз тәжірибесін бағалап, жақсарту жоспарын жасайды",
        "Оценивает собственную практику по записи урока и составляет план улучшения",
        "Reviews own practice from a recorded lesson and draws up a plan of improvement",
    ),
)

MODULES = (
    ("Цифрлық дидактика негіздері", "Основы цифровой дидактики", "Foundations of digital didactics", "60", "2"),
    (
        "Динамикалық геометрия және компьютерлік алгебра",
        "Динамическая геометрия и компьютерная алгебра",
        "Dynamic geometry and computer algebra",
        "60",
        "2",
    ),
    (
        "Оқыту нәтижелерін деректер арқылы бағалау",
        "Оценивание результатов обучения на основе данных",
        "Assessment of learning with data",
        "30",
        "1",
    ),
)

CERTIFICATE: Row = {
    "family_name": three("Әбдіғаппарұлы-Өтегенова", "Абдигаппарулы-Утегенова", "Abdigapparuly-Utegenova"),
    "given_name": three("Қымбат-Інжу", "Кымбат-Инжу", "Kymbat-Inzhu"),
    "patronymic_name": three("Шыңғысханқызы", "Шынгысханкызы", "Shynggyskhankyzy"),
    "birth_date": "1994-03-22",
    "programme": {
        "programme_code": "MC-MAT-014",
        "title": three(
            "Математика сабағындағы цифрлық құралдар",
            "Цифровые инструменты на уроке математики",
            "Digital tools in the mathematics classroom",
        ),
        "goals": three(
            "Педагогтердің математиканы цифрлық ортада оқыту, оқушылардың нәтижелерін деректер арқылы бағалау "
            "құзыреттерін дамыту",
            "Развить компетенции педагогов в обучении математике в цифровой среде и в оценивании результатов "
            "учащихся на основе данных",
            "To develop teachers’ competence in teaching mathematics in a digital environment and in assessing "
            "pupils’ results with data",
        ),
        "learning_outcomes": [{"outcome_group": group, "outcome": three(kk, ru, en)} for group, kk, ru, en in OUTCOMES],
        "ects": "5",
        "hours": "150",
        "eqf_level": 6,
        "nqf_level": 6,
        "field_of_study": "0114",
        "assessment_method": three(
            "Портфолио және өткізілген сабақты комиссия алдында қорғау",
            "Портфолио и защита проведённого урока перед комиссией",
            "Portfolio, and defence of a taught lesson before the commission",
        ),
        "supervision": three(
            "Күндізгі, жеке басын куәландыратын құжат бойынша",
            "Очно, по документу, удостоверяющему личность",
            "On site, by identity document",
        ),
        "participation": "blended",
        "quality_assurance": three(
            "Университеттің ішкі сапа жүйесі, ESG 1.2, 1.3, 1.9",
            "Внутренняя система качества университета, ESG 1.2, 1.3, 1.9",
            "Internal quality system of the University, ESG 1.2, 1.3, 1.9",
        ),
        "standard": {
            "standard_title": three("Педагог", "Педагог", "Pedagogue"),
            "approval_act": "ҚР Оқу-ағарту министрінің 2022 ж. 15 желтоқсандағы № 500 бұйрығы",
        },
        "labour_functions": [
            {
                "code": "ЕФ 1",
                "function": three(
                    "Оқыту: оқу процесін жоспарлау және іске асыру",
                    "Обучение: планирование и реализация учебного процесса",
                    "Teaching: planning and carrying out the learning process",
                ),
            },
            {
                "code": "ЕФ 3",
                "function": three(
                    "Әдістемелік: оқыту әдістерін жетілдіру",
                    "Методическая: совершенствование методов обучения",
                    "Methodology: improving methods of teaching",
                ),
            },
        ],
        "recognisability": three(
            "Білім беру бағдарламаларында және біліктілікті арттыруда есепке алынады",
            "Засчитывается в образовательных программах и при повышении квалификации",
            "Counts towards study programmes and professional development",
        ),
        "entry_requirements": three("Педагогикалық білім", "Педагогическое образование", "A teaching qualification"),
        "language_of_study": ["kk", "ru"],
        "modules": [
            {"module_title": three(kk, ru, en), "hours": hours, "ects": ects} for kk, ru, en, hours, ects in MODULES
        ],
    },
    "studied_from": "2026-02-02",
    "studied_until": "2026-06-19",
    "grade": {"letter": "A-", "points": "3.67", "percent": 92},
    "external_expert": three(
        "С. Ы. Ңұрпейісов, «Дарын» мектеп-лицейі",
        "С. Ы. Нурпеисов, школа-лицей «Дарын»",
        "S. Nurpeisov, “Daryn” school-lyceum",
    ),
    "minutes": {
        "commission": three(
            "Микробіліктіліктерді сертификаттау комиссиясы",
            "Комиссия по сертификации микроквалификаций",
            "Commission for the certification of micro-credentials",
        ),
        "minutes_number": "№ 7",
        "decided_on": "2026-06-27",
    },
}

PROOF = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2026-06-30T05:00:00Z",
    "verificationMethod": "did:web:tanu.example.kz:i:kmu#key-1",
    "proofPurpose": "assertionMethod",
    "proofValue": "z" + "3" * 87,
}
"""Of the right shape; nobody has signed anything."""


def certificate(*, test: bool = False, signatories: int = 2, **changes: Any) -> Credential:
    """The university's certificate, with `changes` as `tests.world_facts.changed` takes them."""
    return signed("MicroCredentialCertificate", changed(CERTIFICATE, **changes), test=test, signatories=signatories)


def specimen(name: str) -> Credential:
    """The specimen of the kind called `name`."""
    return signed(name, ROWS[name](), test=True)


def signed(name: str, row: Row, *, test: bool, signatories: int = 2) -> Credential:
    """A document with a proof that nobody checks here."""
    kind = KINDS[name]
    head: Heading = replace(
        heading(kind),
        address=f"https://tanu.example.kz/c/{CODE}",
        number=str(Number("KMU", kind.letters, 2026, 128)),
        issuer=UNIVERSITY if kind.badge else UNIVERSITY.model_copy(update={"type": None}),
        issued_on=date(2026, 6, 30),
        signatories=tuple(
            Signatory.model_validate({"signatory_name": name + " " * (n > 1) + "I" * (n // 2), "position": position})
            for n, (name, position) in enumerate((SIGNATORIES * 5)[:signatories])
        ),
        test=test,
    )
    return read_credential(written(draft(kind, facts_of(kind, row), head).value | {"proof": PROOF}))
