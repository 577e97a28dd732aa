"""Rows B4 and B5 of docs/attacks.md at every door: proofs that are missing, doubled, lifted or taken away."""

from collections.abc import Mapping

import httpx
import pytest

from keys.did import method_id
from keys.proof import proof_options, secure
from schemas.contexts import VC_2
from schemas.credential import written
from schemas.languages import LANGUAGES
from schemas.reading import Json
from tests import school
from tests.contract import HOLDER, NEVER_VALID, REFUSAL_BYTES, STILL_SIGNED, Contract
from tests.cosigning import CHAIR, DEAN, RECTOR, rows, rule
from tests.world import EXTRACT, World, value_of

Document = dict[str, Json]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Micro-credentials need all three persons, extracts two of them in a chain."""
    return World(tmp_path_factory.mktemp("world"), rows=rows(rule(3), rule(kind=EXTRACT, form="chain")))


@pytest.fixture(scope="module")
def signed(world: World) -> Document:
    """By the institution and by three persons."""
    return finished(world)


@pytest.fixture(scope="module")
def chained(world: World) -> Document:
    """By the institution and, after it, by two."""
    return finished(world, EXTRACT, RECTOR, CHAIR)


def finished(world: World, kind: str = "MicroCredentialCertificate", *names: str) -> Document:
    waits = world.begin(kind)
    world.cosign(waits, *(names or (RECTOR, CHAIR, DEAN)))
    return value_of(world.finished(waits))


def under(document: Mapping[str, Json], proof: Json) -> bytes:
    """The document under another proof or other proofs."""
    return written({**document, "proof": proof})


def spoilt(proof: Mapping[str, Json]) -> Document:
    """With another signature."""
    return {**proof, "proofValue": f"{str(proof['proofValue'])[:-1]}2"}


def test_what_nobody_has_changed_is_valid_at_every_door(
    contract: Contract, signed: Document, chained: Document
) -> None:
    for document in (signed, chained):
        contract.refuses(written(document), product="valid", open=STILL_SIGNED)


def test_B4_no_proof_or_none_that_is_one(contract: Contract, signed: Document) -> None:
    """Of ours, and of a stranger's, which has one."""
    theirs = school.signed(school.credential())
    for document, product in ((signed, NEVER_VALID), (theirs, {"malformed"})):
        first = document["proof"][0] if isinstance(document["proof"], list) else document["proof"]
        nothing: list[Json] = [[], None, {}, "", 0, True, [[first]], first["proofValue"], {"proof": first}]
        nothing += [{name: value for name, value in first.items() if name != "proofValue"}, spoilt(first)]
        unsigned = {name: value for name, value in document.items() if name != "proof"}
        inside = {**unsigned, "credentialSubject": {**unsigned["credentialSubject"], "proof": first}}
        found = [*(under(document, proof) for proof in nothing), written(unsigned), written(inside)]
        contract.refuses_each(found, product=product, open=NEVER_VALID)


def test_B4_one_that_does_not_hold_beside_others(contract: Contract, world: World, signed: Document) -> None:
    """In any place; a good one that is about another document; and a good one twice, which under `open` is no harm."""
    proofs, other = signed["proof"], finished(world)["proof"]
    found = [[*proofs[:at], spoilt(proofs[at]), *proofs[at + 1 :]] for at in range(len(proofs))]
    found += [[*proofs[:at], other[at], *proofs[at + 1 :]] for at in range(len(proofs))]
    found += [[*proofs, spoilt(proofs[1])], [spoilt(proofs[0]), *proofs]]
    refused = [under(signed, each) for each in found]
    contract.refuses_each(refused, product=("tampered", "malformed"), open=("tampered", "malformed"))
    contract.refuses(under(signed, [*proofs, proofs[0]]), product="tampered", open=STILL_SIGNED)


@pytest.mark.parametrize("missing", [(1,), (3,), (1, 2), (1, 2, 3), (0,), (0, 1, 2)], ids=str)
def test_B5_a_signature_that_was_taken_away(missing: tuple[int, ...], contract: Contract, signed: Document) -> None:
    """The others still hold, and policy `open` does not ask the register how many there have to be."""
    kept: list[Json] = [proof for place, proof in enumerate(signed["proof"]) if place not in missing]
    loose = (*STILL_SIGNED, *NEVER_VALID)
    contract.refuses(under(signed, kept), product=("tampered", "malformed"), open=loose)
    if len(kept) == 1:
        contract.refuses(under(signed, kept[0]), product=("tampered", "malformed"), open=loose)


def test_B5_a_link_that_was_taken_out_of_a_chain(contract: Contract, chained: Document) -> None:
    first, *others = chained["proof"]
    loose: list[Json] = [{name: value for name, value in each.items() if name != "previousProof"} for each in others]
    for proofs in (
        [first, others[0]],
        [first],
        others,
        [first, *loose],
        [first, {**others[0], "previousProof": "urn:x"}],
    ):
        allowed = (*STILL_SIGNED, *NEVER_VALID) if proofs[1:] in ([others[0]], []) else NEVER_VALID
        contract.refuses(under(chained, list(proofs)), product=("tampered", "malformed"), open=allowed)


def test_the_answer_to_twenty_bad_proofs_is_short_at_every_door(contract: Contract, signed: Document) -> None:
    """In names of the longest words that are told: of a document of ours, and of a stranger's; and on each page."""
    theirs = school.signed(school.credential())
    for document, first in ((signed, signed["proof"][0]), (theirs, theirs["proof"])):
        names = [f"did:key:{'😀' * 150}#{place}" for place in range(19)]
        many = under(document, [first, *({**first, "verificationMethod": name} for name in names)])
        contract.refuses(many, product=NEVER_VALID, open="tampered")
        for language in LANGUAGES:
            page = contract.service.client.post(f"/verify?lang={language}", files={"file": ("a.json", many)})
            assert len(page.content) <= REFUSAL_BYTES


@pytest.mark.parametrize("count", [1, 19])
def test_the_answer_to_twenty_bad_credentials_is_short_and_keeps_each_verdict(contract: Contract, count: int) -> None:
    good = school.signed(school.credential())
    bad = {**good, "proof": [spoilt(good["proof"])] * count}
    answer = presented_to(contract, [good, *[bad] * 19])
    assert len(answer.content) <= REFUSAL_BYTES
    told = answer.json()
    assert [each["verdict"] for each in told["credentials"]] == ["valid", *["tampered"] * 19]
    for each in told["credentials"][1:]:
        assert "failed" in [check["outcome"] for check in each["checks"]]
        assert len(each["checks"]) + each["left_out"]["checks"] == 8 + count
    assert told["verdict"] == "tampered"


def presented_to(contract: Contract, credentials: list[Document]) -> httpx.Response:
    """The answer of the door for presentations, by a holder who was asked for one."""
    client = contract.service.client
    made, holder = client.post("/api/presentations/challenge").json(), f"did:key:{HOLDER.multibase}"
    options = proof_options(method_id(holder, HOLDER.multibase), contract.world.clock.now, "eddsa-jcs-2022")
    options |= {"proofPurpose": "authentication", "challenge": made["challenge"], "domain": made["domain"]}
    plain = {"@context": [VC_2], "type": ["VerifiablePresentation"], "holder": holder}
    signed = secure(plain | {"verifiableCredential": credentials}, None, options, HOLDER)
    asked = {"verifiablePresentation": signed, "challenge": made["challenge"], "session": made["session"]}
    answer: httpx.Response = client.post("/api/presentations/verify?policy=open", content=written(asked))
    return answer
