"""What Tanu signs holds for libraries that know nothing of it, and what was changed does not."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from keys.did import build_document
from schemas.credential import utc
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES
from schemas.reading import Json
from tanu.accrediting import MandateRow, add_mandates
from tests.others import ask, option
from tests.schemas.test_kinds import OPEN_BADGES, objects, reach
from tests.world import EXTRACT, MICRO, World, value_of

Documents = dict[str, dict[str, Json]]
BADGES = [name for name, kind in KINDS.items() if kind.badge]


def issued(w: World) -> Documents:
    """The specimen of every kind."""
    return {kind: value_of(w.issue(kind).document) for kind in KINDS}


def lists(w: World) -> dict[str, Json]:
    """Every status list that is published, by its address."""
    return {url: json.loads(document) for url, document in w.rows_of("SELECT url, document FROM status_lists")}


def verified(
    w: World, documents: Documents, folder: Path, known: dict[str, Json] | None = None
) -> dict[str, dict[str, Any]]:
    """What @digitalbazaar/vc says, status lists included; `known` are DID documents."""
    maps = (*option("status", lists(w), folder), *option("documents", known or {}, folder))
    return ask("verify.mjs", documents, *maps, "--now", utc(w.clock.now))


@pytest.fixture(scope="module")
def documents(world: World) -> Documents:
    return issued(world)


def test_every_kind_verifies_with_another_library(world: World, documents: Documents, tmp_path: Path) -> None:
    answers = verified(world, documents, tmp_path)
    assert [name for name, answer in answers.items() if not answer["verified"]] == [], answers


HARD = [  # quotes, backslashes, astral and odd characters
    "«Ә» \"ғ\" 'қ'",
    "back\\\\slash \\n \\u0041",
    "tab\tin it",
    "𐐷 😀 \U0010fffd",
    "a\u2028b\u0085c",
    "é ﬁ ½ Ⅷ",
    "<b>&amp;</b>",
    "~`^|{}",
    "٣ 五",
    "İı ß ς",
]


def test_texts_that_are_hard_to_write_hold_too(w: World, tmp_path: Path) -> None:
    documents = {
        f"{n}": value_of(w.issue(programme__goals=dict.fromkeys(LANGUAGES, text)).document)
        for n, text in enumerate(HARD)
    }
    assert [name for name, answer in verified(w, documents, tmp_path).items() if not answer["verified"]] == []


@pytest.mark.parametrize("ects", ["0.5", "1.5", "2.25", "10", "60"])
def test_numbers_of_open_badges_hold_too(ects: str, w: World, tmp_path: Path) -> None:
    hours = str(Decimal(ects) * 30).removesuffix(".0").removesuffix(".00")
    module = {"module_title": dict.fromkeys(LANGUAGES, "Module"), "hours": hours, "ects": ects}
    issued = w.issue(programme__ects=ects, programme__hours=hours, programme__modules=[module])
    document = value_of(issued.document)
    assert document["credentialSubject"]["achievement"]["creditsAvailable"] == float(ects)
    assert verified(w, {ects: document}, tmp_path)[ects]["verified"]


def test_what_is_issued_by_mandate_and_the_rights_themselves_verify_too(tmp_path: Path) -> None:
    w = World(tmp_path / "w")
    row = {"by": "kmu", "to": "kau", "number": "M-1", "kinds": [EXTRACT], "from": "2026-11-01"}
    add_mandates(w.office, (MandateRow.model_validate(row),))
    documents = {
        "lent": value_of(w.issue(EXTRACT, by="kau", on_behalf_of="kmu").document),
        **{f"right {n}": value_of(each.document) for n, each in enumerate(w.office.institution("kau").rights)},
    }
    assert "onBehalfOf" in documents["lent"]["issuer"]
    assert len(documents) == 4, "the mandate, the accreditation, and what lets its body give it"
    answers = verified(w, documents, tmp_path)
    assert [name for name, answer in answers.items() if not answer["verified"]] == [], answers


def test_every_kind_of_a_did_web_verifies_too(tmp_path: Path) -> None:
    web = World(tmp_path / "w", public_url="https://tanu.example")
    did = {web.university.did: build_document(web.university.did, [(k.id, k.multibase) for k in web.university.keys])}
    answers = verified(web, issued(web), tmp_path, did)
    assert [name for name, answer in answers.items() if not answer["verified"]] == [], answers


def test_badges_pass_the_library_behind_verifier_plus(world: World, documents: Documents, tmp_path: Path) -> None:
    """All its steps but one: its reader of JSON Schemas stops at draft 2019-09, ours are of 2020-12."""
    status = option("status", lists(world), tmp_path)
    badges = {name: documents[name] for name in BADGES}
    answers = ask("verifier-core.mjs", badges, *status, "--now", utc(world.clock.now))
    for answer in answers.values():
        assert answer["verified"] or answer["error"] == "schema: INVALID_SCHEMA - possibly not a valid url []"


@pytest.mark.parametrize("name", BADGES)
def test_badges_pass_the_schema_of_1edtech(name: str, documents: Documents) -> None:
    schema = json.loads(OPEN_BADGES.read_bytes())
    jsonschema_rs.Draft201909Validator(schema).validate(documents[name])


@pytest.mark.parametrize("name", KINDS)
def test_documents_pass_the_schema_that_they_name(name: str, world: World, documents: Documents) -> None:
    kind = KINDS[name]
    assert documents[name]["credentialSchema"]["id"] == f"{world.public_url}/schemas/{name}/{kind.version}.json"
    jsonschema_rs.Draft202012Validator(kind.published_schema, validate_formats=True).validate(documents[name])


def test_what_was_changed_holds_for_nobody(world: World, documents: Documents, tmp_path: Path) -> None:
    changed: Documents = {}
    for name, document in documents.items():
        for place in objects(document):
            copy = json.loads(json.dumps(document))
            node = reach(copy, place)
            text = next((member for member, value in node.items() if isinstance(value, str) and member != "type"), None)
            if text is not None and place[:1] != ("credentialStatus",):
                node[text] = f"{node[text]}x"
                changed[f"{name} {place} {text}"] = copy
            if place == ():
                changed[f"{name} and one member more"] = document | {"degree": "PhD"}
    answers = verified(world, changed, tmp_path)
    assert len(answers) > 100
    assert [name for name, answer in answers.items() if answer["verified"]] == []


@pytest.mark.parametrize("act", ["suspended", "revoked", "annulled"])
def test_whoever_reads_the_list_sees_the_end_of_a_document(act: str, w: World, tmp_path: Path) -> None:
    before, after = w.issue(EXTRACT), w.issue(EXTRACT)
    w.change(after, act)
    answers = verified(w, {"before": value_of(before.document), "after": value_of(after.document)}, tmp_path)
    assert answers["before"]["verified"]
    assert not answers["after"]["verified"]
    assert ("suspension" if act == "suspended" else "revocation") in answers["after"]["error"]


def test_of_a_badge_the_list_says_when_it_is_replaced(w: World, tmp_path: Path) -> None:
    old, new = w.issue_many(2, MICRO)
    w.replace(old, new)
    answers = verified(w, {"old": value_of(old.document), "new": value_of(new.document)}, tmp_path)
    assert (answers["old"]["verified"], answers["new"]["verified"]) == (False, True)
