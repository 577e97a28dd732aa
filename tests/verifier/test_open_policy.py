"""Policy `open`: other people's credentials, in safe mode; no register confirms who issued them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from keys.did import build_document
from keys.proof import proof_options
from keys.selective import deciding, derive, secure_selective
from keys.signer import FileSigner
from registry.fetch import Fetcher
from schemas.contexts import VC_2
from schemas.credential import utc
from schemas.reading import Json
from schemas.statuslist import encode_bitstring, list_document
from tests.others import run
from tests.schemas.test_kinds import objects, reach
from tests.verifier.test_changed_documents import KEYWORDS
from tests.world import MICRO, World, loosely, named_key, value_of
from verifier.report import Report

KEY = named_key("a foreign school")
DID = f"did:key:{KEY.multibase}"
LISTS = "https://lists.example"
OWN: dict[str, Json] = {"course": "https://school.example/terms#course", "level": "https://school.example/terms#level"}


def credential(**more: Json) -> dict[str, Json]:
    """A foreign credential as its school wrote it."""
    return {
        "@context": [VC_2, OWN],
        "id": "urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5",
        "type": ["VerifiableCredential"],
        "issuer": {"id": DID, "name": "A foreign school"},
        "name": "Course certificate",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:learner", "course": "Algebra", "level": "6"},
    } | more


@pytest.fixture(scope="module")
def theirs() -> bytes:
    """The credential, signed by another library."""
    seed = KEY._secret().hex()
    return run("sign.mjs", json.dumps(credential()), "--seed", seed, "--created", "2026-01-01T00:00:00Z").encode()


@pytest.fixture
def opened(world: World) -> Callable[..., Report]:
    """Verifies under policy `open`."""

    def verify(document: bytes | Mapping[str, Json], fetcher: Fetcher | None = None) -> Report:
        return world.verify(document, policy="open", fetcher=fetcher or Fetcher())

    return verify


def signed(world: World, document: Mapping[str, Json], **options: Json) -> dict[str, Json]:
    """`document` under the school's own proof."""
    return world.signed_by(KEY, document, **options)


def outcomes(report: Report) -> dict[int, str]:
    """Step → outcome."""
    return {check.n: check.outcome for check in report.checks}


def test_a_credential_that_another_library_signed_is_valid(theirs: bytes, opened: Callable[..., Report]) -> None:
    report = opened(theirs)
    assert report.verdict == "valid"
    passed, other = "passed", "not_applicable"
    assert outcomes(report) == {
        1: passed,
        2: passed,
        3: other,
        4: passed,
        5: other,
        6: passed,
        7: passed,
        8: other,
        9: other,
    }
    assert "not confirmed" in report.checks[2].because.en
    assert report.document is not None
    assert not report.document.issuer.confirmed
    assert (report.document.issuer.id, report.document.issuer.name.en) == (DID, "A foreign school")


def test_A3_the_same_credential_is_no_document_of_ours(theirs: bytes, world: World) -> None:
    assert world.verify(theirs).verdict == "malformed"


def test_A1_an_unknown_member_at_any_level_is_a_change(theirs: bytes, opened: Callable[..., Report]) -> None:
    for place in objects(value_of(theirs)):
        changed = value_of(theirs)
        reach(changed, place)["degree"] = "PhD"
        assert opened(changed).verdict == "tampered", place


def test_B1_any_other_change_is_noticed(theirs: bytes, opened: Callable[..., Report]) -> None:
    for changed in (
        value_of(theirs) | {"name": "Another"},
        value_of(theirs) | {"validUntil": "2030-01-01T00:00:00Z"},
        value_of(theirs) | {"credentialSubject": {"id": "did:example:other", "course": "Algebra", "level": "6"}},
        value_of(theirs) | {"type": ["VerifiableCredential", "AchievementCredential"]},
        value_of(theirs) | {"proof": value_of(theirs)["proof"] | {"created": "2026-01-01T00:00:01Z"}},
        value_of(theirs) | {"proof": value_of(theirs)["proof"] | {"challenge": "x"}},
        value_of(theirs) | {"issuer": DID},
    ):
        report = opened(changed)
        assert report.verdict in ("tampered", "malformed")
        assert report.document is None


@pytest.mark.parametrize("iri", ["relative/2", "", "#x", "//h/x", "EvilDiploma"])
def test_A2_a_relative_address_is_malformed(iri: str, opened: Callable[..., Report]) -> None:
    for changed in (
        credential(id=iri),
        credential(type=["VerifiableCredential", iri]),
        credential(credentialSubject={"id": iri, "course": "x"}),
        credential(issuer=iri),
    ):
        assert opened(changed | {"proof": {}}).verdict == "malformed"


def test_A12_one_object_is_not_taken_apart_by_a_name_for_a_blank_node(
    world: World, opened: Callable[..., Report]
) -> None:
    """Both are the same statements."""
    knows: Json = {"knows": {"@id": "https://school.example/terms#knows", "@type": "@id"}}
    subject = credential()["credentialSubject"]
    document = signed(
        world,
        credential(credentialSubject=subject | {"knows": {"course": "Algebra", "level": "6"}})
        | {"@context": [VC_2, OWN, knows]},
    )
    assert opened(document).verdict == "valid"
    for name in ("id", "@id"):
        parts = [{name: "_:b0", "course": "Algebra"}, {name: "_:b0", "level": "6"}]
        assert opened(document | {"credentialSubject": subject | {"knows": parts}}).verdict == "malformed"


@pytest.mark.parametrize("keyword", ["@vocab", "@base", "@import", "@propagate"])
def test_A5_A6_a_context_that_opens_a_loophole_is_malformed(
    keyword: str, world: World, opened: Callable[..., Report]
) -> None:
    value: Json = {"@propagate": False}.get(keyword, "https://x.example/")
    for context in ({keyword: value}, {"x": {"@id": "urn:x", "@context": {keyword: value}}}, [{keyword: value}]):
        document = credential() | {"@context": [VC_2, OWN, context]}
        report = opened(document | {"proof": value_of(loosely(signed(world, credential())))["proof"]})
        assert report.verdict == "malformed"
        assert isinstance(context, list) or keyword in report.checks[1].because.en


def test_A5_a_protected_term_is_not_redefined(world: World, opened: Callable[..., Report]) -> None:
    for term in ("VerifiableCredential", "id", "type", "DataIntegrityProof"):
        document = credential() | {"@context": [VC_2, OWN, {term: "urn:x"}]}
        assert opened(document | {"proof": signed(world, credential())["proof"]}).verdict == "malformed"


@pytest.mark.parametrize(
    "change",
    [
        {"@context": VC_2},
        {"@context": [OWN, VC_2]},
        {"@context": []},
        {"@context": None},
        {"type": ["X"]},
        {"type": None},
        {"issuer": None},
        {"issuer": {}},
        {"issuer": {"id": 5}},
        {"issuer": ["did:example:1"]},
        {"credentialSubject": None},
        {"credentialSubject": "x"},
        {"credentialSubject": []},
        {"credentialSubject": {}},
    ],
    ids=str,
)
def test_what_is_no_credential_is_malformed(change: dict[str, Json], opened: Callable[..., Report]) -> None:
    assert opened(credential() | change).verdict == "malformed"


# What is signed and yet not seen, or seen and yet not signed

VC = "https://www.w3.org/2018/credentials#"
INSTANT = "http://www.w3.org/2001/XMLSchema#dateTime"
Change = Callable[[dict[str, Json]], dict[str, Json]]


def without(document: Mapping[str, Json], name: str) -> dict[str, Json]:
    return {member: value for member, value in document.items() if member != name}


@pytest.mark.parametrize(
    "change",
    [
        lambda d: without(d, "validUntil") | {VC + "validUntil": {"@type": INSTANT, "@value": d["validUntil"]}},
        lambda d: (
            without(d, "validUntil")
            | {"@context": [*d["@context"], {"until": {"@id": VC + "validUntil", "@type": INSTANT}}]}
            | {"until": d["validUntil"]}
        ),
        lambda d: (
            without(d, "validUntil")
            | {"@context": [*d["@context"], {"vc": VC}]}
            | {"vc:validUntil": {"@type": INSTANT, "@value": d["validUntil"]}}
        ),
        lambda d: without(d, "validUntil") | {"@nest": {"validUntil": d["validUntil"]}},
        lambda d: (
            without(d, "validUntil")
            | {"@context": [*d["@context"], {"more": "@nest"}]}
            | {"more": {"validUntil": d["validUntil"]}}
        ),
        lambda d: without(d, "validUntil") | {"name": d["name"], "@included": [{"id": d["id"]}]},
        lambda d: (
            without(d, "validUntil")
            | {"credentialSubject": d["credentialSubject"] | {"about": {"id": d["id"], "validUntil": d["validUntil"]}}}
        ),
    ],
)
def test_A5_an_end_in_another_spelling_is_still_an_end(
    change: Change, world: World, opened: Callable[..., Report]
) -> None:
    subject = credential()["credentialSubject"] | {"about": {"id": credential()["id"]}}
    own = [VC_2, OWN, {"about": {"@id": "https://school.example/terms#about", "@type": "@id"}}]
    ended = signed(world, credential(validUntil="2026-02-01T00:00:00Z", credentialSubject=subject) | {"@context": own})
    assert opened(ended).verdict == "expired"
    assert opened(change(ended)).verdict in ("malformed", "tampered")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: without(d, "credentialStatus") | {VC + "credentialStatus": d["credentialStatus"]},
        lambda d: without(d, "credentialStatus") | {"@nest": {"credentialStatus": d["credentialStatus"]}},
        lambda d: (
            without(d, "credentialStatus")
            | {"@context": [*d["@context"], {"state": {"@id": VC + "credentialStatus", "@type": "@id"}}]}
            | {"state": d["credentialStatus"]}
        ),
        lambda d: (
            without(d, "credentialStatus")
            | {"@context": [*d["@context"], {"stateOf": {"@reverse": VC + "credentialStatus"}}]}
            | {"credentialSubject": d["credentialSubject"] | {"stateOf": d["credentialStatus"]}}
        ),
    ],
)
def test_A5_a_status_in_another_spelling_is_not_overlooked(
    change: Change, world: World, opened: Callable[..., Report]
) -> None:
    revoked = Web(**{f"{LISTS}/1": listed(world, [7])}).fetcher("lists.example")
    document = signed(world, credential(credentialStatus=entry()))
    assert opened(document, revoked).verdict == "revoked"
    assert opened(change(document), revoked).verdict in ("malformed", "tampered")


@pytest.mark.parametrize(
    "change",
    [
        {"@index": "x"},
        {"@context": [VC_2, OWN, {"honours": "@index"}], "honours": "x"},
        {"@context": [VC_2, OWN, {"honours": {"@id": "@index"}}], "honours": "x"},
        {"@context": [VC_2, OWN, {"honours": "@graph"}], "honours": "x"},
        {"@context": [VC_2, OWN, {"kind": "@type"}], "kind": "urn:x"},
        {"@none": "x"},
        {"@set": "x"},
        {"@graph": ["x"]},
        {"@graph": [{"@id": "urn:x"}]},
        {"@included": [{"@id": "urn:x"}]},
        {"@reverse": {}},
        {"name": {"@value": "Course certificate", "@index": "x"}},
        {"credentialSubject": {"@context": {"honours": "@index"}, "honours": "x"}},
        {"credentialSubject": {"@context": {"@vocab": "https://school.example/terms#"}}},
    ],
    ids=str,
)
def test_A4_what_makes_no_statement_is_refused(
    change: dict[str, Json], theirs: bytes, opened: Callable[..., Report]
) -> None:
    document = value_of(theirs)
    if "credentialSubject" in change:
        change = {"credentialSubject": document["credentialSubject"] | change["credentialSubject"]}
    assert opened(document | change).verdict in ("malformed", "tampered")


@pytest.mark.parametrize("keyword", sorted({*KEYWORDS} - {"@context"}))  # contexts are A5 and A6
def test_A4_a_keyword_anywhere_is_never_valid(keyword: str, theirs: bytes, opened: Callable[..., Report]) -> None:
    """Not even one that a credential may use: what it adds is unsigned."""
    values: list[Json] = ["x", [{"id": "urn:x"}], {"id": "urn:x"}, None, []]
    for place in objects(value_of(theirs)):
        for value in values:
            changed = value_of(theirs)
            reach(changed, place)[keyword] = value
            assert opened(changed).verdict in ("malformed", "tampered"), (place, value)


def test_A4_the_names_of_a_map_are_refused_where_they_would_stay_unsigned(
    world: World, opened: Callable[..., Report]
) -> None:
    document = signed(world, credential())
    by_year = {"@id": "https://school.example/terms#course", "@container": "@index"}
    subject = without(document["credentialSubject"], "course") | {"byYear": {"with honours": "Algebra"}}
    changed = document | {"@context": [VC_2, OWN, {"byYear": by_year}], "credentialSubject": subject}
    assert opened(changed).verdict == "tampered"


@pytest.mark.parametrize(
    ("options", "change"),
    [
        (
            {"expires": "2026-02-01T00:00:00Z"},
            lambda p: (
                without(p, "expires")
                | {"https://w3id.org/security#expiration": {"@type": INSTANT, "@value": p["expires"]}}
            ),
        ),
        ({"expires": "2026-02-01T00:00:00Z"}, lambda p: without(p, "expires") | {"@nest": {"expires": p["expires"]}}),
        (
            {"proofPurpose": "authentication"},
            lambda p: (
                p
                | {
                    "@context": [
                        VC_2,
                        {
                            "purpose": {"@id": "https://w3id.org/security#proofPurpose", "@type": "@id"},
                            "proofPurpose": "@index",
                        },
                    ],
                    "purpose": "https://w3id.org/security#authenticationMethod",
                    "proofPurpose": "assertionMethod",
                }
            ),
        ),
        ({}, lambda p: p | {"@context": [VC_2, OWN]}),
        ({}, lambda p: p | {"@index": "x"}),
    ],
)
def test_B3_B16_a_proof_has_no_other_spelling(
    options: dict[str, Json], change: Change, world: World, opened: Callable[..., Report]
) -> None:
    document = signed(world, credential(), **options)
    assert opened(document | {"proof": change(document["proof"])}).verdict in ("tampered", "malformed")


# Keys


def test_B2_the_key_must_be_the_issuers(world: World, opened: Callable[..., Report]) -> None:
    attacker = named_key("attacker")
    assert opened(world.signed_by(attacker, credential())).verdict == "tampered"
    assert (
        opened(world.signed_by(attacker, credential(), verificationMethod=f"{DID}#{KEY.multibase}")).verdict
        == "tampered"
    )
    own = credential(issuer=f"did:key:{attacker.multibase}")
    assert opened(world.signed_by(attacker, own)).verdict == "valid"


@pytest.mark.parametrize("purpose", ["authentication", "keyAgreement", "capabilityInvocation", None])
def test_B3_a_proof_for_another_purpose_does_not_count(
    purpose: Json, world: World, opened: Callable[..., Report]
) -> None:
    document = signed(world, credential())
    document["proof"]["proofPurpose"] = purpose
    assert opened(document).verdict == "tampered"
    if purpose is not None:
        assert opened(signed(world, credential(), proofPurpose=purpose)).verdict == "tampered"


def test_B4_without_a_proof_nothing_is_valid(world: World, opened: Callable[..., Report]) -> None:
    proof = signed(world, credential())["proof"]
    assert opened(credential()).verdict == "tampered"
    wrong: list[Json] = [None, [], {}, "x", [None], [{}], {"type": "DataIntegrityProof"}, [[proof]]]
    for proofs in wrong:
        assert opened(credential() | {"proof": proofs}).verdict in ("tampered", "malformed", "unsupported"), proofs
    assert opened(credential() | {"proof": [proof]}).verdict == "valid"
    assert opened(credential() | {"proof": [proof, proof]}).verdict == "valid"  # as the W3C's suite sends it


@pytest.mark.parametrize(
    ("suite", "verdict"),
    [
        ("eddsa-jcs-2022", "tampered"),
        ("ecdsa-rdfc-2019", "tampered"),
        ("eddsa-2022", "unsupported"),
        ("x", "unsupported"),
        (None, "unsupported"),
    ],
)
def test_A23_another_cryptosuite_than_the_signed_one_does_not_count(
    suite: Json, verdict: str, world: World, opened: Callable[..., Report]
) -> None:
    document = signed(world, credential())
    document["proof"]["cryptosuite"] = suite
    assert opened(document).verdict == verdict


@pytest.mark.parametrize(
    "issuer",
    [
        "did:example:1",
        "https://school.example/issuers/1",
        "did:webvh:x:a.example",
        "urn:x:y",
        "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F",
        "did:key:zzz",
        "did:web:..",
        "did:web:a/b",
    ],
)
def test_an_issuer_whose_key_cannot_be_had_is_never_valid(
    issuer: str, world: World, opened: Callable[..., Report]
) -> None:
    document = world.signed_by(KEY, credential(issuer=issuer), verificationMethod=f"{issuer}#k")
    report = opened(document)
    assert report.verdict in ("indeterminate", "tampered")
    assert report.document is None


# Dates


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"validUntil": "2026-11-21T04:59:59Z"}, "expired"),
        ({"validUntil": "2026-11-21T05:00:00Z"}, "valid"),
        ({"validFrom": "2026-11-21T05:05:01Z"}, "not_yet_valid"),
        ({"validFrom": "2026-11-21T10:00:00+05:00"}, "valid"),
        ({"validFrom": "2026-11-22T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"}, "malformed"),
        ({"validFrom": "2026-01-01"}, "malformed"),
        ({"validUntil": "2030-01-01T00:00:00"}, "malformed"),
        ({"validUntil": "20300101T000000Z"}, "malformed"),
    ],
    ids=str,
)
def test_dates(change: dict[str, Json], verdict: str, world: World, opened: Callable[..., Report]) -> None:
    report = opened(signed(world, credential(**change)))
    assert report.verdict == verdict
    assert (report.document is None) == (verdict == "malformed")


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        ({"created": ...}, "valid"),
        ({"created": "2026-11-21T05:05:01Z"}, "not_yet_valid"),
        ({"created": "2026-11-21"}, "malformed"),
        ({"created": "yesterday"}, "malformed"),
        ({"expires": "2026-11-21T04:59:59Z"}, "expired"),
        ({"expires": "2026-11-21T05:00:00Z"}, "valid"),
        ({"expires": "soon"}, "malformed"),
    ],
    ids=str,
)
def test_B16_the_times_of_a_proof(
    options: dict[str, Json], verdict: str, world: World, opened: Callable[..., Report]
) -> None:
    assert opened(signed(world, credential(), **options)).verdict == verdict


# What is fetched


class Web:
    """Hosts as they answer, and what was asked of them."""

    def __init__(self, **pages: Json) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        url = f"https://{request.headers['host']}{request.url.path}"
        self.asked.append(url)
        if url not in self.pages:
            return httpx.Response(404)
        page = self.pages[url]
        return httpx.Response(200, content=page if isinstance(page, bytes) else loosely(page))

    def fetcher(self, *hosts: str) -> Fetcher:
        return Fetcher(
            hosts=frozenset(hosts), resolver=lambda _: ["93.184.216.34"], transport=httpx.MockTransport(self)
        )


def listed(world: World, indices: list[int], **changes: Json) -> dict[str, Json]:
    """The school's status list, signed."""
    now = world.clock.now
    document = list_document(
        f"{LISTS}/1", DID, "revocation", encode_bitstring(indices), utc(now), utc(now.replace(day=28))
    )
    return signed(world, document | changes)


def entry(index: Json = "7", **more: Json) -> dict[str, Json]:
    """A credential's place in that list."""
    return {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": index,
        "statusListCredential": f"{LISTS}/1",
    } | more


def test_a_status_list_is_fetched_after_the_proof_and_from_a_listed_host(
    world: World, opened: Callable[..., Report]
) -> None:
    document = signed(world, credential(credentialStatus=entry()))
    web = Web(**{f"{LISTS}/1": listed(world, [8])})
    assert opened(document, web.fetcher("lists.example")).verdict == "valid"
    assert web.asked == [f"{LISTS}/1"]
    assert opened(document, web.fetcher("other.example")).verdict == "indeterminate"
    assert opened(document).verdict == "indeterminate"
    assert len(web.asked) == 1
    revoked = Web(**{f"{LISTS}/1": listed(world, [7])})
    assert opened(document, revoked.fetcher("lists.example")).verdict == "revoked"


def test_C1_a_list_that_does_not_hold_leaves_it_open(world: World, opened: Callable[..., Report]) -> None:
    document = signed(world, credential(credentialStatus=entry()))
    honest = listed(world, [])
    for page in (
        b"",
        b"<html>",
        {name: value for name, value in honest.items() if name != "proof"},
        honest | {"validUntil": "2027-01-01T00:00:00Z"},
        world.signed_by(named_key("attacker"), honest),
        signed(world, honest, proofPurpose="authentication"),
        listed(world, [], issuer=f"did:key:{named_key('attacker').multibase}"),
        listed(world, [], id=f"{LISTS}/2"),
        listed(world, [], validUntil=utc(world.clock.now.replace(year=2025)), validFrom="2025-01-01T00:00:00Z"),
        listed(world, [], credentialSubject=honest["credentialSubject"] | {"statusPurpose": "suspension"}),
        honest | {"proof": [honest["proof"], honest["proof"] | {"created": "2025-01-01T00:00:00Z"}]},
    ):
        report = opened(document, Web(**{f"{LISTS}/1": page}).fetcher("lists.example"))
        assert report.verdict == "indeterminate", page
    assert opened(document, Web().fetcher("lists.example")).verdict == "indeterminate"


@pytest.mark.parametrize("index", ["-1", "1e3", "0x10", " 5", "٥", "1_000", "", 5, 5.0, True])
def test_C4_a_wrong_index_is_malformed(index: Json, world: World, opened: Callable[..., Report]) -> None:
    document = signed(world, credential(credentialStatus=entry(index)))
    web = Web(**{f"{LISTS}/1": listed(world, [])})
    assert opened(document, web.fetcher("lists.example")).verdict == "malformed"


def test_C4_an_index_outside_the_list_leaves_it_open(world: World, opened: Callable[..., Report]) -> None:
    document = signed(world, credential(credentialStatus=entry(str(2**32))))
    report = opened(document, Web(**{f"{LISTS}/1": listed(world, [])}).fetcher("lists.example"))
    assert report.verdict == "indeterminate"
    assert "RANGE_ERROR" in str(report.as_json())


@pytest.mark.parametrize(
    "status", [5, "x", [None], {"type": "Other", "id": "urn:x"}, [entry(), {"type": "StatusList2021Entry"}]], ids=str
)
def test_a_status_of_another_kind_leaves_it_open(status: Json, world: World, opened: Callable[..., Report]) -> None:
    document = credential(credentialStatus=status)
    try:
        document = signed(world, document)
    except ValueError:
        document |= {"proof": signed(world, credential())["proof"]}
    web = Web(**{f"{LISTS}/1": listed(world, [])})
    assert opened(document, web.fetcher("lists.example")).verdict != "valid"


@pytest.mark.parametrize(
    "url",
    [
        "https://[",
        "https://lists.example:99999/1",
        "https://lists.example\\@x/1",
        "//x",
        "",
        "urn:x",
        "https://user@lists.example/1",
        "http://lists.example/1",
        "https://lists.example:8443/1",
    ],
)
def test_D2_a_list_at_a_strange_address_leaves_it_open(url: str, world: World, opened: Callable[..., Report]) -> None:
    document = credential(credentialStatus=entry(statusListCredential=url))
    try:
        document = signed(world, document)
    except ValueError:
        document |= {"proof": signed(world, credential())["proof"]}
    web = Web()
    assert opened(document, web.fetcher("lists.example")).verdict != "valid"
    assert web.asked == []


WITH_ADDRESSES: dict[str, Json] = {
    "credentialStatus": entry(),
    "credentialSchema": {"id": f"{LISTS}/schema", "type": "JsonSchema"},
    "termsOfUse": {"id": f"{LISTS}/terms", "type": "IssuerPolicy"},
    "evidence": {"id": f"{LISTS}/evidence", "type": "Evidence"},
    "renderMethod": {"id": f"{LISTS}/render", "type": "Template"},
    "refreshService": {"id": f"{LISTS}/refresh", "type": "Refresh"},
    "relatedResource": {"id": f"{LISTS}/resource"},
}


def test_D1_nothing_is_fetched_for_a_document_whose_proof_does_not_hold(
    world: World, opened: Callable[..., Report], sockets: list[Any]
) -> None:
    everything = Web()
    for name, value in WITH_ADDRESSES.items():
        for document in (
            credential(**{name: value}),
            credential(**{name: value}) | {"proof": signed(world, credential())["proof"]},
            value_of(world.issue().document) | {name: value},
        ):
            assert opened(document, everything.fetcher("lists.example")).verdict != "valid"
            assert world.verify(document, fetcher=everything.fetcher("lists.example")).verdict != "valid"
    assert everything.asked == []
    assert sockets == []


def test_D1_nothing_but_the_status_list_is_ever_fetched(world: World, opened: Callable[..., Report]) -> None:
    more: dict[str, Json] = {"credentialSchema": WITH_ADDRESSES["credentialSchema"], "credentialStatus": entry()}
    web = Web(**{f"{LISTS}/1": listed(world, [])})
    assert opened(signed(world, credential(**more)), web.fetcher("lists.example")).verdict == "valid"
    assert web.asked == [f"{LISTS}/1"]


SCHOOL = "did:web:school.example:i:algebra"
SCHOOL_DOCUMENT = build_document(SCHOOL, [(f"{SCHOOL}#k", KEY.multibase)])
ADDRESS = "https://school.example/i/algebra/did.json"


def test_a_did_web_is_fetched_only_from_a_listed_host(world: World, opened: Callable[..., Report]) -> None:
    document = signed(world, credential(issuer=SCHOOL), verificationMethod=f"{SCHOOL}#k")
    web = Web(**{ADDRESS: SCHOOL_DOCUMENT})
    assert opened(document, web.fetcher("school.example")).verdict == "valid"
    assert web.asked == [ADDRESS]
    report = opened(document, web.fetcher("lists.example"))
    assert report.verdict == "indeterminate"
    assert report.document is None
    assert len(web.asked) == 1


def test_B3_the_did_document_says_what_a_key_is_for(world: World, opened: Callable[..., Report]) -> None:
    document = signed(world, credential(issuer=SCHOOL), verificationMethod=f"{SCHOOL}#k")
    (method,) = SCHOOL_DOCUMENT["verificationMethod"]
    for page, verdict in (
        ({"assertionMethod": [], "authentication": [f"{SCHOOL}#k"]}, "tampered"),
        ({"assertionMethod": [f"{SCHOOL}#other"]}, "tampered"),
        ({"assertionMethod": None}, "tampered"),
        ({"verificationMethod": []}, "tampered"),
        ({"verificationMethod": [method | {"controller": "did:web:other.example"}]}, "tampered"),
        ({"verificationMethod": [method | {"publicKeyMultibase": named_key("x").multibase}]}, "tampered"),
        ({"verificationMethod": [method | {"publicKeyMultibase": "zzz"}]}, "tampered"),
        ({"verificationMethod": [method | {"type": "JsonWebKey"}]}, "tampered"),
        ({"id": "did:web:other.example"}, "indeterminate"),
    ):
        web = Web(**{ADDRESS: SCHOOL_DOCUMENT | page})
        assert opened(document, web.fetcher("school.example")).verdict == verdict, page


def test_C1_a_did_document_that_cannot_be_had_leaves_it_open(world: World, opened: Callable[..., Report]) -> None:
    document = signed(world, credential(issuer=SCHOOL), verificationMethod=f"{SCHOOL}#k")
    for page in (b"", b"<html>", b"[]", b"\xff"):
        assert opened(document, Web(**{ADDRESS: page}).fetcher("school.example")).verdict == "indeterminate"
    assert opened(document, Web().fetcher("school.example")).verdict == "indeterminate"


def test_a_document_of_ours_holds_under_the_open_policy_too(world: World, opened: Callable[..., Report]) -> None:
    report = opened(world.issue(MICRO).document)
    assert report.verdict == "indeterminate", "its status list is not fetched from an address that is not listed"
    assert {n: outcome for n, outcome in outcomes(report).items() if n in (1, 2, 4, 6, 7)} == dict.fromkeys(
        (1, 2, 4, 6, 7), "passed"
    )
    assert report.test


SELECTIVE = FileSigner.from_seed(b"\x11" * 32, "P-256")
SELECTIVE_DID = f"did:key:{SELECTIVE.multibase}"


@pytest.fixture
def selective(world: World) -> dict[str, Json]:
    """The credential with a base proof, for its holder."""
    document = credential(issuer=SELECTIVE_DID)
    options = proof_options(f"{SELECTIVE_DID}#{SELECTIVE.multibase}", world.clock.now, "ecdsa-sd-2023")
    return secure_selective(document, options, SELECTIVE, deciding(document), lambda count: b"\x07" * count)


def test_a_part_that_a_holder_shows_is_valid(selective: dict[str, Json], opened: Callable[..., Report]) -> None:
    part = derive(selective, ["/credentialSubject/course"])
    assert part["credentialSubject"] == {"id": "did:example:learner", "course": "Algebra"}
    assert opened(part).verdict == "valid"
    assert opened({**part, "credentialSubject": {**part["credentialSubject"], "level": "7"}}).verdict == "tampered"
    assert opened({name: member for name, member in part.items() if name != "validFrom"}).verdict == "tampered"


def test_a_base_proof_is_not_for_verifiers(selective: dict[str, Json], opened: Callable[..., Report]) -> None:
    report = opened(selective)
    assert report.verdict == "unsupported"
    assert outcomes(report)[6] == "failed"


def test_A3_a_part_is_no_document_of_ours(selective: dict[str, Json], world: World) -> None:
    assert world.verify(json.dumps(derive(selective, [""])).encode()).verdict == "malformed"


@pytest.mark.parametrize("spelled", [True, [True], {"@value": True}], ids=str)
def test_a_document_of_a_test_says_so_however_it_is_spelled(
    spelled: Json, world: World, opened: Callable[..., Report]
) -> None:
    """An array of one and a value object sign the same."""
    contexts = [*credential()["@context"], {"test": "urn:example:test"}]
    document = signed(world, credential(**{"@context": contexts, "test": True}))
    report = opened(document | {"test": spelled})
    assert (report.verdict, report.test) == ("valid", True)
