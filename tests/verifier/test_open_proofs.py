"""Policy `open`: documents with several proofs, in sets and chains, whose keys they are, and credentials of VC 1.1."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from keys.did import build_document
from keys.proof import MAX_PROOFS, add_proof
from keys.public import KeyName
from keys.signer import FileSigner
from schemas.contexts import DATA_INTEGRITY_2, VC_1, VC_2
from schemas.credential import written
from schemas.reading import Json
from tests.counting import Counting
from tests.school import DID, KEY, KEYS, Hosts, credential, method_of, options_of, signed
from tests.world import named_key
from verifier.canonizer import Canonizer, InProcess
from verifier.foreign import STRICT, Leniency, verify_foreign
from verifier.report import Report
from verifier.verify import NO_HOSTS

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MINISTRY = named_key("a ministry")
WARNING = Leniency(binding="warn")
FIRST = "urn:uuid:first"


def opened(
    document: Any,
    leniency: Leniency = STRICT,
    fetcher: Any = NO_HOSTS,
    canonizer: Canonizer | None = None,
    at: datetime | None = None,
) -> Report:
    return verify_foreign(written(document), NOW, fetcher, canonizer or InProcess(), leniency, at=at)


def outcome(report: Report, n: int) -> str:
    return next(check.outcome for check in report.checks if check.n == n)


def lines(report: Report) -> list[tuple[str, str]]:
    """Step 6: each outcome with its sentence."""
    return [(check.outcome, check.because.en) for check in report.checks if check.n == 6]


def two(**options: Json) -> dict[str, Any]:
    """The school's proof, and the ministry's with `options`."""
    return add_proof(signed(credential(), id=FIRST), options_of(MINISTRY, **options), MINISTRY)


SHAPES: dict[str, dict[str, Json]] = {
    "set": {},
    "chain": {"previousProof": FIRST},
    "chain by a list": {"previousProof": [FIRST]},
}
shapes = pytest.mark.parametrize("options", SHAPES.values(), ids=SHAPES)


@shapes
def test_every_proof_has_a_line_that_says_whose_it_is(options: dict[str, Json]) -> None:
    report = opened(two(**options))
    assert report.verdict == "valid"
    first, second = lines(report)
    assert (first[0], second[0]) == ("passed", "passed")
    assert (method_of(KEY)[:40] in first[1], method_of(MINISTRY)[:40] in second[1]) == (True, True)


@shapes
@pytest.mark.parametrize("bad", [0, 1])
def test_B4_a_good_proof_never_hides_a_bad_one(options: dict[str, Json], bad: int) -> None:
    document = two(**options)
    document["proof"][bad] |= {"created": "2025-01-01T00:00:00Z"}
    for proofs in (document["proof"], document["proof"][::-1]):
        report = opened(document | {"proof": proofs})
        assert report.verdict == "tampered"
        assert "failed" in [outcome for outcome, _ in lines(report)]
        assert report.document is None


def test_proofs_of_other_suites_stand_beside_each_other() -> None:
    document = signed(credential(), id=FIRST)
    kinds: tuple[tuple[str, KeyName], ...] = (("ecdsa-rdfc-2019", "P-384"), ("ecdsa-jcs-2019", "P-256"))
    for suite, kind in kinds:
        document = add_proof(document, options_of(KEYS[kind], cryptosuite=suite), KEYS[kind])
    assert opened(document).verdict == "valid"
    document["credentialSubject"]["level"] = "7"
    assert [outcome for outcome, _ in lines(opened(document))] == ["failed"] * 3


def test_a_chain_needs_what_it_follows() -> None:
    document = two(previousProof=FIRST)
    assert opened(document | {"proof": document["proof"][1:]}).verdict == "malformed"
    assert opened(document | {"proof": document["proof"][:1]}).verdict == "valid"


def test_a_proof_of_nobody_that_can_be_asked_leaves_it_open() -> None:
    document = two(verificationMethod="did:web:ministry.example#k")
    report = opened(document)
    assert (report.verdict, [outcome for outcome, _ in lines(report)]) == ("indeterminate", ["passed", "unknown"])
    web = Hosts({"https://ministry.example/.well-known/did.json": ministry_document()})
    assert opened(document, fetcher=web.fetcher("ministry.example")).verdict == "valid"
    assert opened(document, fetcher=Hosts({}).fetcher("ministry.example")).verdict == "indeterminate"


def test_D1_no_key_of_another_is_asked_for_before_the_issuers_own_signature_holds() -> None:
    hosts = Hosts({"https://ministry.example/.well-known/did.json": ministry_document()})
    document = two(verificationMethod="did:web:ministry.example#k")
    for changed in (
        document | {"name": "Another"},
        document | {"proof": [document["proof"][0] | {"created": "2025-01-01T00:00:00Z"}, document["proof"][1]]},
    ):
        report = opened(changed, fetcher=hosts.fetcher("ministry.example"))
        assert (report.verdict, [outcome for outcome, _ in lines(report)]) == ("tampered", ["failed", "unknown"])
    assert hosts.asked == []


def test_D1_nobody_is_asked_twice_for_one_document() -> None:
    document = two(verificationMethod="did:web:ministry.example#k")
    for _ in range(3):
        document = add_proof(document, options_of(MINISTRY, verificationMethod="did:web:ministry.example#k"), MINISTRY)
    for pages in ({"https://ministry.example/.well-known/did.json": ministry_document()}, {}):
        hosts = Hosts(pages)
        opened(document, fetcher=hosts.fetcher("ministry.example"))
        assert hosts.asked == ["https://ministry.example/.well-known/did.json"]


def ministry_document(**more: Json) -> dict[str, Json]:
    did = "did:web:ministry.example"
    document = build_document(did, [(f"{did}#k", MINISTRY.multibase)])
    return document | {"verificationMethod": [document["verificationMethod"][0] | more]}


BEFORE, SINCE, LATER = "2025-12-31T00:00:00Z", "2026-06-01T00:00:00Z", "2026-12-01T00:00:00Z"
"""Before the proofs say they were made; since then; and to come."""


@pytest.mark.parametrize(
    ("ends", "verdict", "fifth"),
    [
        ({"expires": BEFORE}, "tampered", "failed"),
        ({"revoked": BEFORE}, "tampered", "failed"),
        ({"expires": SINCE}, "indeterminate", "unknown"),
        ({"revoked": SINCE}, "tampered", "failed"),
        ({"expires": SINCE, "revoked": LATER}, "indeterminate", "unknown"),
        ({"expires": LATER, "revoked": SINCE}, "tampered", "failed"),
        ({"expires": LATER, "revoked": LATER}, "valid", "passed"),
    ],
    ids=str,
)
@pytest.mark.parametrize("at", [None, datetime(2026, 3, 1, tzinfo=UTC)], ids=["now", "then"])
def test_a_key_that_has_ended_is_not_believed_when_it_says_that_it_signed_before(
    ends: dict[str, Json], verdict: str, fifth: str, at: datetime | None
) -> None:
    """Whoever has the key writes the time; a question about an earlier day changes nothing of that."""
    document = two(verificationMethod="did:web:ministry.example#k")
    page = {"https://ministry.example/.well-known/did.json": ministry_document(**ends)}
    report = opened(document, fetcher=Hosts(page).fetcher("ministry.example"), at=at)
    assert (report.verdict, outcome(report, 5)) == (verdict, fifth)
    assert (report.document is None) == (verdict != "valid")


def test_B2_no_issuer_speaks_for_the_keys_of_another() -> None:
    """A school that lists the ministry's key in its own DID document, and has made that key itself."""
    school, forged = "did:web:school.example", named_key("no ministry")
    page = build_document(school, [(f"{school}#k", KEY.multibase), ("did:web:ministry.example#k", forged.multibase)])
    page["verificationMethod"][1]["controller"] = "did:web:ministry.example"
    document = signed(credential(issuer=school), verificationMethod=f"{school}#k")
    document = add_proof(document, options_of(forged, verificationMethod="did:web:ministry.example#k"), forged)
    pages: dict[str, Json | bytes] = {"https://school.example/.well-known/did.json": page}
    fetcher = Hosts(pages).fetcher("school.example", "ministry.example")
    assert opened(document, fetcher=fetcher).verdict == "indeterminate"
    pages["https://ministry.example/.well-known/did.json"] = ministry_document()
    fetcher = Hosts(pages).fetcher("school.example", "ministry.example")
    assert opened(document, fetcher=fetcher).verdict == "tampered"


@pytest.mark.parametrize("purpose", ["authentication", "invalidPurpose", None, ["assertionMethod"]])
def test_B3_each_proof_is_for_assertion(purpose: Json) -> None:
    document = two()
    document["proof"][1]["proofPurpose"] = purpose
    assert opened(document).verdict == "tampered"


def test_more_proofs_than_a_document_may_have_are_not_begun() -> None:
    document = signed(credential())
    proofs = [document["proof"] | {"created": f"2026-01-01T00:00:{n:02}Z"} for n in range(21)]
    assert opened(document | {"proof": proofs}).verdict == "malformed"


# ---------------------------------------------------------------- what proofs cost


def many(suite: str, key: FileSigner, contexts: int = 0, **options: Json) -> dict[str, Any]:
    """As many proofs as a document may have, by one key; and more contexts, which came after them."""
    document = credential(issuer=f"did:key:{key.multibase}")
    for _ in range(MAX_PROOFS):
        document = (
            add_proof(document, options_of(key, cryptosuite=suite), key)
            if "proof" in document
            else signed(document, key, cryptosuite=suite)
        )
    return document | {"@context": [*document["@context"], *[{"later": "urn:later"}] * contexts]}


@pytest.mark.parametrize(
    ("document", "forms"),
    [
        (many("ecdsa-rdfc-2019", KEYS["P-384"]), 2),
        (many("eddsa-rdfc-2022", KEY), 1),
        (many("eddsa-jcs-2022", KEY), 1),
        (many("eddsa-jcs-2022", KEY, contexts=1), 2),
    ],
    ids=["another hash", "the same hash", "no form at all", "the form under fewer contexts"],
)
def test_A11_all_proofs_are_one_piece_of_work_and_share_their_forms(
    document: dict[str, Any], forms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first form is that of the shape; those of the options are small and not counted."""
    counting = Counting(monkeypatch)
    assert opened(document, canonizer=counting).verdict == "valid"
    assert (counting.pieces, counting.forms) == (["stated", "holds"], forms)


# ---------------------------------------------------------------- whose key


def others() -> Iterator[tuple[str, dict[str, Any]]]:
    """Signed well, and by no key of the issuer."""
    yield "an address", signed(credential(issuer="https://vc.example/issuers/5678"))
    yield "another key", signed(credential(issuer=f"did:key:{MINISTRY.multibase}"))
    yield "a DID that cannot be asked", signed(credential(issuer="did:web:school.example"))


OTHERS = dict(others())


@pytest.mark.parametrize("document", OTHERS.values(), ids=OTHERS)
def test_B2_a_key_that_is_not_the_issuers_is_told_only_where_that_is_asked_for(document: dict[str, Any]) -> None:
    report = opened(document)
    assert report.verdict in ("tampered", "indeterminate")
    assert report.document is None
    told = opened(document, WARNING)
    assert told.verdict == "valid"
    assert next((check.outcome, check.because.en) for check in told.checks if check.n == 4) == (
        "not_applicable",
        "The key that signed does not belong to the issuer; this check only tells so.",
    )
    changed = copy.deepcopy(document)
    changed["credentialSubject"]["level"] = "7"
    assert opened(changed, WARNING).verdict == "tampered"


def test_B2_one_of_several_keys_has_to_be_the_issuers() -> None:
    assert opened(two() | {"issuer": {"id": f"did:key:{named_key('x').multibase}", "name": "x"}}).verdict == "tampered"
    document = add_proof(signed(credential(), MINISTRY, id=FIRST), options_of(KEY), KEY)
    assert opened(document).verdict == "valid"


def test_A6_a_catch_all_is_only_let_pass_where_that_is_asked_for() -> None:
    document = signed(credential(**{"@context": [VC_2, {"@vocab": "https://windsurf.example/selective#"}]}))
    assert opened(document).verdict == "malformed"
    assert opened(document, Leniency(catch_all=True)).verdict == "valid"
    for keyword in ("@base", "@import", "@propagate"):
        worse = signed(credential()) | {"@context": [VC_2, {keyword: "https://windsurf.example/"}]}
        assert opened(worse, Leniency(catch_all=True)).verdict == "malformed"


# ---------------------------------------------------------------- VC 1.1


def of_1_1(**more: Json) -> dict[str, Json]:
    return {
        "@context": [VC_1, DATA_INTEGRITY_2],
        "id": "urn:uuid:86294362-4254-4f36-854f-3952fe42555d",
        "type": ["VerifiableCredential"],
        "issuer": DID,
        "issuanceDate": "2020-03-16T22:37:26.544Z",
        "credentialSubject": {"id": "did:example:learner"},
    } | more


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, "valid"),
        ({"expirationDate": "2030-01-01T00:00:00Z"}, "valid"),
        ({"expirationDate": "2026-01-01T00:00:00Z"}, "expired"),
        ({"issuanceDate": "2027-01-01T00:00:00Z"}, "not_yet_valid"),
        ({"validUntil": "2026-01-01T00:00:00Z"}, "expired"),
        ({"expirationDate": "2030-01-01T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"}, "expired"),
        ({"expirationDate": "2019-01-01T00:00:00Z"}, "malformed"),
        ({"issuanceDate": "yesterday"}, "malformed"),
        ({"https://www.w3.org/2018/credentials#expirationDate": "2026-01-01T00:00:00Z"}, "malformed"),
    ],
)
def test_a_credential_of_1_1_begins_and_ends(more: dict[str, Json], verdict: str) -> None:
    assert opened(signed(of_1_1(**more))).verdict == verdict


def test_1_1_without_a_date_of_issue_is_none() -> None:
    document = signed(of_1_1())
    del document["issuanceDate"]
    assert opened(document).verdict == "malformed"
