"""ecdsa-sd-2023 between Tanu and another library: each signs, derives and checks what the other made."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from keys.proof import check, proof_options
from keys.selective import deciding, derive, secure_selective
from schemas.contexts import VC_2
from schemas.credential import utc
from schemas.kinds.table import KINDS
from schemas.reading import Json
from tests.keys.selected import KEY, MATERIAL, SELECTED, SIGNER, counted
from tests.others import run
from tests.world_facts import drafted

Document = dict[str, Json]
CREATED = datetime(2026, 11, 21, 5, tzinfo=UTC)
OPTIONS = proof_options(f"did:key:{KEY.multibase}#{KEY.multibase}", CREATED, "ecdsa-sd-2023")
PAIR = {"key": MATERIAL["baseKeyPair"], "created": utc(CREATED)}
TERMS = {"label": "urn:label", "says": {"@id": "urn:says", "@container": "@language"}, "has": "urn:has"}
TWINS: Document = {
    "@context": [VC_2, TERMS],
    "type": ["VerifiableCredential"],
    "issuer": f"did:key:{KEY.multibase}",
    "name": {"@value": "سند", "@language": "ar-EG", "@direction": "rtl"},
    "credentialSubject": [
        {"label": 'C:\\temp "қ" 𐐷 \n', "says": {"kk": "иә", "ru": "да"}, "has": [{"label": "1"}, {"label": "1"}]},
        {"label": "2", "has": {"id": "urn:x", "has": [{"label": "3"}, {"has": {"label": "4"}}]}},
    ],
}
SUBJECT = "/credentialSubject"
MICRO, TWO = "MicroCredentialCertificate", "two subjects"
DOCUMENTS: dict[str, Document] = {name: drafted(name).value for name in KINDS} | {
    TWO: TWINS,
    "prc": SELECTED["prc"].document,
    "employ": SELECTED["employ"].document,
}
PROGRAMME, CARD = f"{SUBJECT}/programme", f"{SUBJECT}/permanentResidentCard"
CHOICES: dict[str, list[list[str]]] = {
    MICRO: [[f"{PROGRAMME}/title", f"{PROGRAMME}/ects"], [f"{PROGRAMME}/learningOutcomes/1"], []],
    TWO: [
        [f"{SUBJECT}/0/has/1", f"{SUBJECT}/1/has/has/1/has"],
        [f"{SUBJECT}/0/says/ru"],
        [f"{SUBJECT}/0/label", "/name"],
        [SUBJECT],
    ],
    "prc": [SELECTED["prc"].selective, [f"{CARD}/lprNumber", "/name"]],
    "employ": [SELECTED["employ"].selective, [f"{SUBJECT}/givenName", f"{SUBJECT}/familyName"]],
}
"""What a holder chooses; of the other kinds, the number and the subject's name."""


def asked(lines: Mapping[str, Mapping[str, Json]]) -> dict[str, dict[str, Any]]:
    """What the other library answers, by the lines' names."""
    text = "".join(json.dumps({"name": name, **line}) + "\n" for name, line in lines.items())
    answers = [json.loads(line) for line in run("selective.mjs", text).splitlines()]
    assert [answer["name"] for answer in answers] == list(lines)
    return {answer["name"]: answer for answer in answers}


def choices(name: str) -> Sequence[list[str]]:
    return CHOICES.get(name, [["/number", f"{SUBJECT}/familyName"]])


@pytest.fixture(scope="module")
def ours() -> dict[str, Document]:
    """Each document with a base proof of ours."""
    return {
        name: secure_selective(each, OPTIONS, SIGNER, deciding(each), counted()) for name, each in DOCUMENTS.items()
    }


@pytest.fixture(scope="module")
def theirs() -> dict[str, Document]:
    """Each document with a base proof of theirs."""
    lines = {name: {"document": each, "sign": PAIR, "pointers": deciding(each)} for name, each in DOCUMENTS.items()}
    answers = asked(lines)
    assert {name: answer["error"] for name, answer in answers.items() if "error" in answer} == {}
    return {name: answer["document"] for name, answer in answers.items()}


def derived_by_both(bases: dict[str, Document]) -> dict[str, tuple[Document, Document]]:
    """Each choice of a part, as we derive it and as they do."""
    wanted = {f"{name} {n}": (name, pointers) for name in bases for n, pointers in enumerate(choices(name))}
    lines = {line: {"document": bases[name], "pointers": pointers} for line, (name, pointers) in wanted.items()}
    answers = asked(lines)
    return {line: (derive(bases[of], chosen), answers[line]["document"]) for line, (of, chosen) in wanted.items()}


@pytest.mark.parametrize("signer", ["ours", "theirs"])
def test_whoever_signs_and_whoever_derives_the_part_holds_for_both(signer: str, request: pytest.FixtureRequest) -> None:
    parts = derived_by_both(request.getfixturevalue(signer))
    for ours, theirs in parts.values():
        assert unproven(ours) == unproven(theirs)
        assert check(ours, ours["proof"], KEY)
        assert check(theirs, theirs["proof"], KEY)
    answers = asked({f"{line} of {n}": {"document": pair[n]} for line, pair in parts.items() for n in (0, 1)})
    assert {line: answer["error"] for line, answer in answers.items() if not answer["verified"]} == {}


def unproven(document: Mapping[str, Json]) -> Document:
    return {name: member for name, member in document.items() if name != "proof"}


def test_a_changed_part_holds_for_nobody(ours: dict[str, Document]) -> None:
    part = derive(ours[MICRO], choices(MICRO)[0])
    subject = part["credentialSubject"]
    changed = {
        "more credits": {**part, "credentialSubject": {**subject, "programme": {**subject["programme"], "ects": "30"}}},
        "no status": {name: member for name, member in part.items() if name != "credentialStatus"},
        "another issuer": {**part, "issuer": {**part["issuer"], "name": "Another"}},
        "a grade": {
            **part,
            "credentialSubject": {**subject, "grade": {"letter": "A", "points": "4.00", "percent": 100}},
        },
        "another day": {**part, "proof": {**part["proof"], "created": "2027-01-01T00:00:00Z"}},
        "the base proof": ours[MICRO],
    }
    answers = asked({name: {"document": each} for name, each in changed.items()})
    assert [name for name, answer in answers.items() if answer["verified"]] == []
