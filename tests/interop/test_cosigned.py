"""Co-signed documents in other people's libraries: where each proof holds, and what is said of them as a whole."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from issuer.cosign import accept, request
from keys.multibase import multibase_encode
from schemas.credential import utc, written
from schemas.reading import Json
from tests.cosigning import CHAIR, RECTOR, THREE, person, rows, rule
from tests.interop.test_other_libraries import lists
from tests.others import ask, option, run
from tests.verifier.test_cosignatures import broken
from tests.world import EXTRACT, MICRO, TRAINING, World, named_key, value_of

Document = dict[str, Json]
OWN = "a key that its owner keeps"
FORMS = ("set", "chain")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two persons sign micro-credentials in a set, training in a chain; one who keeps the key signs extracts."""
    owner = person("serik", "vice_rector", publicKeyMultibase=named_key(OWN).multibase)
    asked = (rule(), rule(kind=TRAINING, form="chain"), rule(1, "vice_rector", kind=EXTRACT))
    return World(tmp_path_factory.mktemp("town"), rows=rows(*asked, persons=(*THREE, owner)))


@pytest.fixture(scope="module")
def documents(town: World) -> dict[str, Document]:
    """A set and a chain, whole; and each with one bad proof."""
    found: dict[str, Document] = {}
    for form, kind in zip(FORMS, (MICRO, TRAINING), strict=True):
        waits = town.begin(kind)
        town.cosign(waits, RECTOR, CHAIR)
        document = value_of(town.finished(waits))
        found[form] = document
        for place, proof in enumerate(document["proof"]):
            proofs = [*document["proof"][:place], broken(proof), *document["proof"][place + 1 :]]
            found[f"{form}, {place} broken"] = document | {"proof": proofs}
    return found


def held(answer: dict[str, Any]) -> list[bool]:
    return [proof["verified"] for proof in answer["proofs"]]


def test_every_proof_of_a_set_and_of_a_chain_holds_in_another_library(
    town: World, documents: dict[str, Document]
) -> None:
    lines = [json.dumps({"name": name, "document": each, "chain": True}) for name, each in documents.items()]
    answers = {answer["name"]: answer for answer in map(json.loads, run("proofs.mjs", "\n".join(lines)).splitlines())}
    for form in FORMS:
        assert held(answers[form]) == [True, True, True], answers[form]
        assert held(answers[f"{form}, 1 broken"]) == [True, False, True]
        assert held(answers[f"{form}, 2 broken"]) == [True, True, False]
    assert held(answers["set, 0 broken"]) == [False, True, True]
    assert held(answers["chain, 0 broken"]) == [False, False, False], "what follows a proof covers it"
    for name, document in documents.items():
        assert town.verify(document).verdict == ("valid" if name in FORMS else "tampered")


def test_what_others_say_of_a_co_signed_document(town: World, documents: dict[str, Document], tmp_path: Path) -> None:
    """docs/formats.md, "Co-signatures": they are content with the institution's proof and pass over the others."""
    lines = [json.dumps({"name": name, "credential": each}) for name, each in documents.items()]
    told = map(json.loads, run("cosigned.mjs", "\n".join(lines), "--now", utc(town.clock.now)).splitlines())
    of_vc = {answer["name"]: answer for answer in told}
    status = option("status", lists(town), tmp_path)
    of_dcc = ask("verifier-core.mjs", documents, *status, "--now", utc(town.clock.now))
    for name in documents:
        holds = "0 broken" not in name
        assert of_vc[name]["verified"] is holds
        assert held(of_vc[name]) == [holds, False, False]
        schema_alone = of_dcc[name]["error"] == "schema: INVALID_SCHEMA - possibly not a valid url []"
        assert (of_dcc[name]["verified"] or schema_alone) is holds, of_dcc[name]
    because = {proof["error"] for proof in of_vc["set"]["proofs"][1:]}
    assert because == {"Credential issuer must match the verification method controller."}


def test_a_person_signs_with_another_library(town: World) -> None:
    waits = town.begin(EXTRACT)
    asked = request(town.office, waits.intent.number, "serik")
    seed = hashlib.sha256(f"tests: {OWN}".encode()).digest()
    pair = {
        "publicKeyMultibase": named_key(OWN).multibase,
        "secretKeyMultibase": multibase_encode(b"\x80\x26" + seed),
    }
    how = {"suite": asked["proof"]["cryptosuite"], "key": pair, "created": asked["proof"]["created"]}
    line = json.dumps({"name": "serik", "document": asked["document"], "sign": how})
    theirs = json.loads(run("proofs.mjs", line))["document"]
    assert {name: theirs["proof"][name] for name in asked["proof"]} == asked["proof"]
    assert accept(town.office, waits.intent.number, written(theirs["proof"])).lacking == ()
    town.deliver()
    assert town.verify(town.finished(waits)).verdict == "valid"
