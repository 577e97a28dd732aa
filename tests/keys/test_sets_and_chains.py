"""Several proofs of one document: beside each other, or each over those that it follows."""

import json
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from keys.proof import MAX_PROOFS, add_proof, check, proof_options, proofs_of, secure
from keys.signer import FileSigner
from schemas.contexts import VC_2
from schemas.errors import DataLoss, Malformed, Refused, Unsupported
from schemas.reading import Json

Document = dict[str, Json]
CREATED = datetime(2026, 11, 21, 5, tzinfo=UTC)
SIGNERS = {
    "eddsa-rdfc-2022": FileSigner.from_seed(b"\x01" * 32),
    "eddsa-jcs-2022": FileSigner.from_seed(b"\x02" * 32),
    "ecdsa-rdfc-2019": FileSigner.from_seed(b"\x03" * 48, "P-384"),
    "ecdsa-jcs-2019": FileSigner.from_seed(b"\x04" * 32, "P-256"),
}
EDDSA = SIGNERS["eddsa-rdfc-2022"]
KEYS = {signer.multibase: signer.public for signer in SIGNERS.values()}
UNSIGNED: Document = {
    "@context": [VC_2, "https://www.w3.org/ns/credentials/examples/v2"],
    "type": ["VerifiableCredential"],
    "issuer": "https://university.example",
    "credentialSubject": {"alumniOf": "Университет"},
}


def options(suite: str, n: int, **more: Json) -> Document:
    """The n-th proof, before its value."""
    multibase = SIGNERS[suite].multibase
    return proof_options(f"did:key:{multibase}#{multibase}", CREATED, suite) | {"id": f"urn:proof:{n}"} | more


def first(suite: str = "eddsa-rdfc-2022") -> Document:
    """A document with one proof."""
    return secure(UNSIGNED, None, options(suite, 1), SIGNERS[suite])


def added(document: Document, suite: str, n: int, **more: Json) -> Document:
    """A document with the n-th proof."""
    return add_proof(document, options(suite, n, **more), SIGNERS[suite])


def which_hold(document: Document) -> list[bool]:
    """Of each proof."""
    return [
        check(document, proof, KEYS[str(proof["verificationMethod"]).partition("#")[2]])
        for proof in proofs_of(document)
    ]


def chain(*suites: str) -> Document:
    """Each proof follows the one before it."""
    document = first(suites[0])
    for n, suite in enumerate(suites[1:], 2):
        document = added(document, suite, n, previousProof=f"urn:proof:{n - 1}")
    return document


def with_proofs(document: Document, *proofs: Json) -> Document:
    """A document with other proofs."""
    return document | {"proof": list(proofs)}


@pytest.mark.parametrize("suites", list(permutations(SIGNERS, 2)))
def test_a_proof_may_follow_one_of_another_suite(suites: tuple[str, str]) -> None:
    document = chain(*suites)
    assert which_hold(document) == [True, True]
    before, after = document["proof"]
    other = added(UNSIGNED | {"proof": first(suites[0])["proof"]}, suites[0], 9, nonce="x")["proof"][1]
    assert which_hold(with_proofs(document, {**other, "id": before["id"]}, after))[1] is False


def test_a_proof_may_follow_several() -> None:
    document = added(first(), "eddsa-jcs-2022", 2)
    document = added(document, "ecdsa-jcs-2019", 3, previousProof=["urn:proof:2", "urn:proof:1"])
    document = added(document, "ecdsa-rdfc-2019", 4, previousProof=["urn:proof:3", "urn:proof:1"])
    assert which_hold(document) == [True] * 4


def test_the_order_of_proofs_in_a_set_makes_no_difference() -> None:
    document = added(added(first(), "eddsa-jcs-2022", 2), "ecdsa-rdfc-2019", 3)
    for proofs in permutations(document["proof"]):
        assert which_hold(with_proofs(document, *proofs)) == [True] * 3


def test_B4_a_bad_proof_beside_a_good_one_does_not_hold() -> None:
    document = added(first(), "eddsa-jcs-2022", 2)
    good, other = document["proof"]
    assert which_hold(with_proofs(document, good, other | {"created": "2026-11-21T05:00:01Z"})) == [True, False]
    assert which_hold(with_proofs(document, good | {"nonce": "x"}, other)) == [False, True]


def test_B5_of_a_chain_no_link_can_be_taken_away() -> None:
    document = chain("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019")
    one, two, three = document["proof"]
    assert which_hold(with_proofs(document, one, two)) == [True, True]  # the last is missed by whoever requires it
    for fewer in ([two, three], [one, three], [three], [two]):
        with pytest.raises(Malformed):
            proofs_of(with_proofs(document, *fewer))
        with pytest.raises(Malformed):
            check(with_proofs(document, *fewer), fewer[-1], KEYS[SIGNERS["ecdsa-rdfc-2019"].multibase])


def test_B5_a_link_that_no_longer_says_what_it_follows_does_not_hold() -> None:
    document = chain("eddsa-rdfc-2022", "ecdsa-jcs-2019")
    one, two = document["proof"]
    loose = {name: value for name, value in two.items() if name != "previousProof"}
    assert which_hold(with_proofs(document, one, loose)) == [True, False]
    assert which_hold(with_proofs(document, loose)) == [False]
    assert which_hold(with_proofs(document, one, two | {"previousProof": ["urn:proof:1"]})) == [True, False]


@pytest.mark.parametrize("place", [0, 1])
def test_what_stands_in_a_chain_is_signed_by_whoever_follows(place: int) -> None:
    document = chain("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-jcs-2019")
    proofs = [dict(proof) for proof in document["proof"]]
    proofs[place]["created"] = "2026-11-21T05:00:01Z"
    assert which_hold(with_proofs(document, *proofs))[place : place + 2] == [False, False]


ASTRAY: dict[str, list[Document]] = {
    "itself": [{"id": "urn:1", "previousProof": "urn:1"}],
    "each other": [{"id": "urn:1", "previousProof": "urn:2"}, {"id": "urn:2", "previousProof": "urn:1"}],
    "a circle of three": [{"id": f"urn:{n}", "previousProof": f"urn:{(n + 1) % 3}"} for n in range(3)],
    "nothing there": [{"id": "urn:1"}, {"previousProof": "urn:2"}],
    "one there, one not": [{"id": "urn:1"}, {"previousProof": ["urn:1", "urn:2"]}],
    "a proof without an id": [{"nonce": "1"}, {"previousProof": ""}],
    "two under one id": [{"id": "urn:1"}, {"id": "urn:1"}, {"previousProof": "urn:1"}],
    "no id": [{"id": "urn:1"}, {"previousProof": None}],
    "an empty list": [{"id": "urn:1"}, {"previousProof": []}],
    "a list in a list": [{"id": "urn:1"}, {"previousProof": [["urn:1"]]}],
    "a number": [{"id": 1}, {"previousProof": 1}],
    "a place": [{"id": "urn:1"}, {"previousProof": 0}],
    "an object": [{"id": "urn:1"}, {"previousProof": {"id": "urn:1"}}],
    "more than there may be": [{"id": f"urn:{n}"} for n in range(MAX_PROOFS + 1)],
}


@pytest.mark.parametrize("case", ASTRAY)
def test_a_proof_that_follows_what_is_not_there_or_itself_is_refused(case: str) -> None:
    full = [dict(first()["proof"]) for _ in ASTRAY[case]]
    for proof, change in zip(full, ASTRAY[case], strict=True):
        del proof["id"]
        proof |= change
    document = with_proofs(UNSIGNED, *full)
    with pytest.raises(Malformed):
        proofs_of(document)
    with pytest.raises(Malformed):
        check(document, full[0], KEYS[SIGNERS["eddsa-rdfc-2022"].multibase])


@pytest.mark.parametrize("named", ["urn:proof:7", ["urn:proof:1", "urn:proof:7"], "urn:proof:2", [], None, 1])
def test_nothing_is_signed_that_follows_what_is_not_there(named: Json) -> None:
    with pytest.raises(Malformed):
        added(first(), "eddsa-jcs-2022", 2, previousProof=named)
    with pytest.raises(Malformed):
        secure(UNSIGNED, None, options("eddsa-jcs-2022", 1, previousProof=named), SIGNERS["eddsa-jcs-2022"])


def test_a_second_proof_under_the_same_id_or_beyond_the_limit_is_not_made() -> None:
    document = first()
    with pytest.raises(Malformed):
        added(document, "eddsa-jcs-2022", 1)
    for n in range(2, MAX_PROOFS + 1):
        document = added(document, "eddsa-jcs-2022", n)
    assert which_hold(document) == [True] * MAX_PROOFS
    with pytest.raises(Malformed):
        added(document, "eddsa-jcs-2022", MAX_PROOFS + 1)


def test_a_proof_is_added_to_a_signed_document_only() -> None:
    with pytest.raises(DataLoss):
        added(UNSIGNED, "eddsa-jcs-2022", 2)


NONE: list[Json] = [None, [], {}, False, 0, ""]
SHAPELESS: list[Json] = ["x", 1, True, [None], [[]], [{}], ["x"], [{"type": "DataIntegrityProof"}, None], [[{}]]]


@pytest.mark.parametrize("proof", NONE, ids=json.dumps)
def test_B4_no_proof_is_none(proof: Json) -> None:
    for document in (UNSIGNED, UNSIGNED | {"proof": proof}):
        with pytest.raises(DataLoss):
            proofs_of(document)


@pytest.mark.parametrize("proof", SHAPELESS, ids=json.dumps)
def test_B4_what_is_no_proof_is_refused(proof: Json) -> None:
    with pytest.raises(Malformed):
        proofs_of(UNSIGNED | {"proof": proof})


def test_B4_a_proof_inside_the_subject_is_none() -> None:
    document = first()
    inside = UNSIGNED | {"credentialSubject": UNSIGNED["credentialSubject"] | {"proof": document["proof"]}}
    with pytest.raises(DataLoss):
        proofs_of(inside)


OPTIONS = ["id", "created", "expires", "domain", "challenge", "nonce", "verificationMethod", "proofPurpose"]


@pytest.mark.parametrize("suite", SIGNERS)
@pytest.mark.parametrize("value", [None, [], {}, 1, False, [[]], [None], {"@value": "x"}, {"@id": "urn:x"}], ids=str)
def test_A1_an_option_that_would_stay_unsigned_is_refused(suite: str, value: Json) -> None:
    """A null or an empty list makes no statement, so that an RDFC suite would not sign it."""
    document = first(suite)
    for name in OPTIONS:
        proof = document["proof"] | {name: value}
        with pytest.raises(Malformed):
            check(document | {"proof": proof}, proof, SIGNERS[suite].public)
        with pytest.raises(Malformed):
            secure(UNSIGNED, None, options(suite, 1, **{name: value}), SIGNERS[suite])


def test_a_proof_may_be_for_several_domains() -> None:
    document = secure(UNSIGNED, None, options("eddsa-rdfc-2022", 1, domain=["a.example", "b.example"]), EDDSA)
    assert which_hold(document) == [True]
    fewer = document["proof"] | {"domain": ["a.example"]}
    assert which_hold(document | {"proof": fewer}) == [False]


# The contexts of a JCS proof


JCS = ["eddsa-jcs-2022", "ecdsa-jcs-2019"]
jcs = pytest.mark.parametrize("suite", JCS)


@jcs
def test_a_jcs_proof_keeps_a_copy_of_the_contexts(suite: str) -> None:
    document = first(suite)
    assert document["proof"]["@context"] == UNSIGNED["@context"]
    assert which_hold(document) == [True]


@jcs
def test_contexts_that_came_later_stand_behind_the_signed_ones(suite: str) -> None:
    """VC DI EdDSA 1.0, section 3.3.2, step 4: a later proof may need one."""
    document = first(suite)
    assert which_hold(document | {"@context": [*UNSIGNED["@context"], {"x": "urn:x"}]}) == [True]


@pytest.mark.parametrize("more", [{"name": "urn:x"}, {"alumniOf": "urn:x"}, {"alumniOf": None}, {"@vocab": "urn:x:"}])
@jcs
def test_A6_contexts_that_came_later_do_not_change_what_is_said(suite: str, more: Json) -> None:
    """The texts are signed, but not what an attacker lets them mean."""
    with pytest.raises((DataLoss, Malformed)):
        which_hold(first(suite) | {"@context": [*UNSIGNED["@context"], more]})


@jcs
@pytest.mark.parametrize("case", ["turned", "shorter", "another first", "none", "one", "an object"])
def test_contexts_that_do_not_begin_with_the_signed_ones_are_refused(suite: str, case: str) -> None:
    document, (v2, examples) = first(suite), UNSIGNED["@context"]
    contexts: dict[str, Any] = {
        "turned": [examples, v2],
        "shorter": [v2],
        "another first": [{"x": "urn:x"}, v2, examples],
        "none": [],
        "one": v2,
        "an object": {"0": v2, "1": examples},
    }
    with pytest.raises(Malformed):
        which_hold(document | {"@context": contexts[case]})
    with pytest.raises(Malformed):
        which_hold({name: member for name, member in document.items() if name != "@context"})


@jcs
def test_the_contexts_of_a_jcs_proof_are_signed(suite: str) -> None:
    document = first(suite)
    proof = document["proof"]
    fewer = {name: value for name, value in proof.items() if name != "@context"}
    assert which_hold(document | {"proof": fewer}) == [False]
    shorter: tuple[Json, ...] = (proof["@context"][:1], [])
    for contexts in shorter:
        with pytest.raises(DataLoss):
            which_hold(document | {"proof": proof | {"@context": contexts}})


@jcs
@pytest.mark.parametrize(("signed", "other"), [(1, True), (True, 1), (0, False), (1, "1"), (None, False), ([], {})])
def test_a_context_is_the_same_only_if_it_is_the_same_json(suite: str, signed: Json, other: Json) -> None:
    """Python holds 1 and True for equal."""
    unsigned = UNSIGNED | {"@context": [VC_2, {"x": signed}]}
    document = secure(unsigned, None, options(suite, 1), SIGNERS[suite])
    assert which_hold(document) == [True]
    with pytest.raises(Malformed):
        which_hold(document | {"@context": [VC_2, {"x": other}]})


def test_an_rdfc_proof_with_contexts_of_its_own_is_refused() -> None:
    document = first()
    with pytest.raises(DataLoss):
        which_hold(document | {"proof": document["proof"] | {"@context": document["@context"]}})


# The suite of 2020


OF_2020: Document = {
    "type": "Ed25519Signature2020",
    "verificationMethod": "did:example:1#k",
    "proofPurpose": "assertionMethod",
    "proofValue": "z" + "2" * 88,
}
WITH_CONTEXT = UNSIGNED | {"@context": [VC_2, "https://w3id.org/security/suites/ed25519-2020/v1"]}


@pytest.mark.parametrize("created", [None, 1, ["2023-02-24T23:36:38Z"]])
def test_B16_a_proof_of_2020_says_when_it_was_made(created: Json) -> None:
    for proof in (OF_2020, OF_2020 | {"created": created}):
        with pytest.raises(Malformed):
            check(WITH_CONTEXT | {"proof": proof}, proof, EDDSA.public)


def test_a_proof_of_2020_is_read_and_not_made() -> None:
    proof = {name: value for name, value in OF_2020.items() if name != "proofValue"} | {
        "created": "2023-02-24T23:36:38Z"
    }
    with pytest.raises(Unsupported):
        secure(WITH_CONTEXT, None, proof, EDDSA)


def test_a_proof_of_2020_under_contexts_that_do_not_know_it_is_refused() -> None:
    proof = OF_2020 | {"created": "2023-02-24T23:36:38Z"}
    document = UNSIGNED | {"@context": [VC_2], "credentialSubject": {"id": "did:example:2"}, "proof": proof}
    with pytest.raises(Refused):
        check(document, proof, EDDSA.public)
