"""`credentials/verify`: what the W3C's suites want refused and accepted, sentence by sentence."""

import base64
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from keys.multibase import multibase_decode
from keys.proof import add_proof, proof_options, secure
from keys.signer import FileSigner
from schemas.canonical import rdfc
from schemas.contexts import VC_2
from schemas.reading import Json
from tests.conformance.conftest import Doors, each, each_with_a_proof, named_key
from tests.world import named_key as key_named

Change = Callable[[dict[str, Any]], object]
OTHERS = key_named("a second signer")


NO_PROOFS: tuple[Json, ...] = (None, [], {}, "z58", 4, [None], [{}])


def having(name: str, value: Json) -> Change:
    return lambda credential: credential.__setitem__(name, value)


def of_the_proof(name: str, value: Json) -> Change:
    return lambda credential: credential["proof"].__setitem__(name, value)


def without(name: str) -> Change:
    return lambda credential: credential["proof"].pop(name)


def another_base(credential: dict[str, Any]) -> None:
    """The same signature in base64, which the suites that sign documents as a whole do not use."""
    value = credential["proof"]["proofValue"]
    data = multibase_decode(value) if value.startswith("z") else value.encode()
    credential["proof"]["proofValue"] = "m" + base64.b64encode(data).decode()


CHANGED: dict[str, Change] = {
    "no proof": lambda credential: credential.pop("proof"),
    **{f"the proof is {value}": having("proof", value) for value in NO_PROOFS},
    **{f"no proof.{name}": without(name) for name in ("type", "verificationMethod", "proofPurpose", "proofValue")},
    "no cryptosuite": without("cryptosuite"),
    "an unknown type": of_the_proof("type", "UnknownProof"),
    "an unknown suite": of_the_proof("cryptosuite", "invalid-cryptosuite"),
    "a suite that is no text": of_the_proof("cryptosuite", None),
    "an unknown purpose": of_the_proof("proofPurpose", "invalidPurpose"),
    "another purpose": of_the_proof("proofPurpose", "authentication"),
    "another method": of_the_proof("verificationMethod", f"did:key:{OTHERS.multibase}#{OTHERS.multibase}"),
    "a method that is nobody's": of_the_proof("verificationMethod", "did:example:nobody#key"),
    "a value of null": of_the_proof("proofValue", None),
    "an empty value": of_the_proof("proofValue", ""),
    "a value without its prefix": lambda c: c["proof"].__setitem__("proofValue", c["proof"]["proofValue"][1:]),
    "a value in another base": another_base,
    "a value cut short": lambda c: c["proof"].__setitem__("proofValue", c["proof"]["proofValue"][:-4]),
    "a signing time that is none": of_the_proof("created", "yesterday"),
    "an end that is none": of_the_proof("expires", "tomorrow"),
    "another signing time": of_the_proof("created", "2020-01-01T00:00:00Z"),
    "an unknown member of the proof": of_the_proof("capability", "urn:example:all"),
    "an undefined term": having("undefinedTerm", "x"),
    "an undefined claim": lambda c: c["credentialSubject"].__setitem__("undefinedTerm", "x"),
    "an undefined type": lambda c: c["type"].append("UndefinedType"),
    "a relative id": having("id", "/credentials/1"),
    "a relative subject": lambda c: c["credentialSubject"].__setitem__("id", "subjects/1"),
    "another subject": lambda c: c["credentialSubject"].__setitem__("id", "did:example:another"),
    "no contexts": lambda c: c.pop("@context"),
    "no type": lambda c: c.pop("type"),
    "no issuer": lambda c: c.pop("issuer"),
    "no subject": lambda c: c.pop("credentialSubject"),
    "a previous proof that is not there": of_the_proof("previousProof", "urn:uuid:missing"),
    "previous proofs that are not there": of_the_proof("previousProof", ["urn:uuid:missing"]),
    "a previous proof that is no name": of_the_proof("previousProof", [4]),
}


@each_with_a_proof
@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_a_changed_credential_is_400(doors: Doors, instance: str, change: Change) -> None:
    changed = copy.deepcopy(doors.shown(instance))
    change(changed)
    answer = doors.verify(instance, changed)
    assert answer.status_code == 400
    assert answer.json()["verified"] is False


@each
def test_a_credential_as_a_text_is_400(doors: Doors, instance: str) -> None:
    issued = doors.shown(instance)
    assert doors.verify(instance, json.dumps(issued)).status_code == 400
    assert doors.verify(instance, [issued]).status_code == 400


@each
@pytest.mark.parametrize("options", [None, {}, {"checks": ["proof"]}, {"checks": ["proof", "credentialStatus"]}])
def test_options_change_nothing(doors: Doors, instance: str, options: Json) -> None:
    body = {"verifiableCredential": doors.shown(instance)} | ({} if options is None else {"options": options})
    assert doors.post(instance, "credentials/verify", body).status_code == 200


# ---------------------------------------------------------------- sets and chains


def school(**more: Json) -> dict[str, Json]:
    """A credential of nobody's instance, not yet signed."""
    mine = named_key("Ed25519")
    return {
        "@context": [VC_2],
        "type": ["VerifiableCredential"],
        "issuer": f"did:key:{mine.multibase}",
        "credentialSubject": {"id": "did:example:subject"},
    } | more


def options(signer: FileSigner, doors: Doors, **more: Json) -> dict[str, Json]:
    return proof_options(f"did:key:{signer.multibase}#{signer.multibase}", doors.clock()) | more


def two_proofs(doors: Doors, **more: Json) -> dict[str, Any]:
    """Of the issuer, under an id; of somebody else, with `more` in it."""
    mine, document = named_key("Ed25519"), school()
    first = secure(document, rdfc(document), options(mine, doors, id="urn:uuid:first"), mine)
    return add_proof(first, options(OTHERS, doors, **more), OTHERS)


CHAINS: dict[str, dict[str, Json]] = {
    "a set": {},
    "a chain": {"previousProof": "urn:uuid:first"},
    "a chain by a list": {"previousProof": ["urn:uuid:first"]},
}


@pytest.mark.parametrize("more", CHAINS.values(), ids=CHAINS)
def test_proofs_by_several_keys_are_accepted_and_every_one_counts(doors: Doors, more: dict[str, Json]) -> None:
    signed = two_proofs(doors, **more)
    assert doors.verify("eddsa-rdfc-2022", signed).status_code == 200
    assert doors.verify("eddsa-rdfc-2022", signed | {"proof": signed["proof"][::-1]}).status_code == 200
    for bad in (0, 1):
        changed = copy.deepcopy(signed)
        changed["proof"][bad]["created"] = "2020-01-01T00:00:00Z"
        assert doors.verify("eddsa-rdfc-2022", changed).status_code == 400


def test_a_chain_without_its_beginning_is_400(doors: Doors) -> None:
    signed = two_proofs(doors, previousProof="urn:uuid:first")
    assert doors.verify("eddsa-rdfc-2022", signed | {"proof": signed["proof"][1:]}).status_code == 400


@pytest.mark.parametrize("created", ["2020-11-13T18:19:39Z", "2023-02-24T23:36:38Z"])
def test_an_old_proof_is_accepted(doors: Doors, created: str) -> None:
    mine, document = named_key("Ed25519"), school()
    signed = secure(document, rdfc(document), options(mine, doors, created=created), mine)
    assert doors.verify("eddsa-rdfc-2022", signed).status_code == 200


# ---------------------------------------------------------------- whose key


def test_an_issuer_that_is_not_the_keys_is_a_warning_here(doors: Doors) -> None:
    mine, document = named_key("Ed25519"), school(issuer="https://vc.example/issuers/5678")
    signed = secure(document, rdfc(document), options(mine, doors), mine)
    answer = doors.verify("eddsa-rdfc-2022", signed)
    assert answer.status_code == 200
    assert len(answer.json()["warnings"]) == 1
