"""Presentations: the holder's proof, what was asked, and every credential inside; under both policies."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from keys import enveloped, jose
from keys.did import build_document
from keys.multibase import base64url_encode
from keys.payload import CREDENTIAL, PRESENTATION, Unsecured
from keys.proof import proof_options, secure
from keys.signer import FileSigner
from registry.fetch import Fetcher
from schemas.canonical import jcs
from schemas.contexts import VC_2
from schemas.credential import utc, written
from schemas.reading import Json
from tests import envelopes, school
from tests.counting import Counting
from tests.others import asked, run
from tests.world import BEGINNING, MICRO, World, named_key, value_of
from verifier.presentation import NAMES, PresentationReport, verify_presentation

HOLDER = named_key("a learner")
DID = f"did:key:{HOLDER.multibase}"
CHALLENGE, DOMAIN = "u7Q2x", "https://verify.example.kz"
METHOD = f"{DID}#{HOLDER.multibase}"


def presentation(*credentials: Json, **more: Json) -> dict[str, Json]:
    """A learner's, unsigned; a member that is `...` is left out."""
    plain: dict[str, Json] = {"@context": [VC_2], "type": ["VerifiablePresentation"], "holder": DID}
    if credentials:
        plain["verifiableCredential"] = list(credentials)
    return {name: member for name, member in (plain | more).items() if member is not ...}


def presented(
    *credentials: Json,
    key: FileSigner = HOLDER,
    suite: str = "eddsa-rdfc-2022",
    members: Mapping[str, Json] | None = None,
    **options: Json,
) -> dict[str, Json]:
    """Signed by the learner; `members` of the presentation and `options` of the proof are others', or left out."""
    plain = proof_options(f"did:key:{key.multibase}#{key.multibase}", BEGINNING, suite)
    plain |= {"proofPurpose": "authentication", "challenge": CHALLENGE, "domain": DOMAIN}
    chosen = {name: value for name, value in {**plain, **options}.items() if value is not ...}
    return secure(presentation(*credentials, **members or {}), None, chosen, key)


def token(*credentials: Json, key: FileSigner = HOLDER, head: Mapping[str, Json] | None = None, **claims: Json) -> str:
    """A `vp+jwt`."""
    payload = presentation(*credentials) | {"nonce": CHALLENGE, "aud": DOMAIN} | claims
    named = {"kid": f"did:key:{key.multibase}#{key.multibase}"} | dict(head or {})
    header = envelopes.header(key, "vp", **named)
    return envelopes.token(header, {name: value for name, value in payload.items() if value is not ...}, key)


def report(world: World, handed: bytes | str | Mapping[str, Json], **how: Any) -> PresentationReport:
    """Under policy `open`, unless it says otherwise."""
    data = handed.encode() if isinstance(handed, str) else handed if isinstance(handed, bytes) else written(handed)
    plain = {"challenge": CHALLENGE, "domain": DOMAIN, "policy": "open"}
    return verify_presentation(data, world.registry, world.clock.now, **plain | how)


def outcomes(found: PresentationReport) -> dict[int, str]:
    return {check.n: check.outcome for check in found.checks}


def refused(found: PresentationReport, step: int, verdict: str = "tampered") -> None:
    """It is, by that step; nothing is told of the credentials, and whatever is said is said in three languages."""
    assert (found.verdict, outcomes(found)[step]) == (verdict, "failed"), found.as_json()
    assert all(each.report.document is None for each in found.credentials)
    assert all(sentence for check in found.checks for _, sentence in check.because)


PASSED = dict.fromkeys(range(13, 18), "passed") | {18: "not_applicable"}


# ---------------------------------------------------------------- what holds


def test_a_presentation_with_credentials_of_others_is_valid(world: World) -> None:
    first, second = school.signed(school.credential()), school.signed(school.credential(id="urn:uuid:2"))
    found = report(world, presented(first, second))
    assert (found.verdict, found.holder, outcomes(found)) == ("valid", DID, PASSED)
    assert [each.report.verdict for each in found.credentials] == ["valid", "valid"]
    assert [check.name for check in found.checks] == list(NAMES.values())
    assert json.loads(json.dumps(found.as_json()))["credentials"][0]["about_holder"]["outcome"] == "failed"


def test_a_presentation_of_nothing_proves_who_holds_the_key(world: World) -> None:
    assert report(world, presented()).verdict == "valid"
    unnamed = report(world, presented(members={"holder": ...}))
    assert (unnamed.verdict, unnamed.holder) == ("valid", DID)
    assert report(world, presented(members={"holder": {"id": DID}})).verdict == "valid"


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_a_document_of_ours_is_presented_under_policy_product(world: World, suite: str) -> None:
    found = report(world, presented(value_of(world.issue(MICRO).document), suite=suite), policy="product")
    assert (found.verdict, [each.report.policy for each in found.credentials]) == ("valid", ["product"])
    assert found.as_json()["test"] is True
    foreign = report(world, presented(school.signed(school.credential()), suite=suite), policy="product")
    assert foreign.verdict == "malformed"


def test_twenty_documents_of_ours_are_presented_with_a_suite_that_makes_no_graph_of_them(world: World) -> None:
    documents = [value_of(each.document) for each in world.issue_many(20)]
    for handed, count in ((presented(*documents, suite="eddsa-jcs-2022"), 20), (token(*documents[:8]), 8)):
        found = report(world, handed, policy="product")
        assert (found.verdict, len(found.credentials)) == ("valid", count)
    refused(
        report(world, presented(suite="eddsa-jcs-2022") | {"verifiableCredential": [*documents, {}]}), 13, "malformed"
    )


@pytest.mark.parametrize("name", ["Ed25519", "P-256", "P-384", "P-521"])
def test_a_token_is_a_presentation_too(world: World, name: Any) -> None:
    key = envelopes.key_of(name, "a learner")
    did = f"did:jwk:{base64url_encode(jcs(key.public.jwk))}"
    claims = {"holder": did, "iat": int(BEGINNING.timestamp())}
    for kid in (f"{did}#0", None):
        handed = token(school.signed(school.credential()), key=key, head={"kid": kid}, **claims)
        for shape in (handed, f" {handed}\n", enveloped.of_jose(handed, PRESENTATION)):
            found = report(world, shape)
            assert (found.verdict, found.holder, len(found.credentials)) == ("valid", did, 1)


def test_presentations_that_another_library_signs_are_valid(world: World) -> None:
    order = {"seed": HOLDER._secret().hex(), "challenge": CHALLENGE, "domain": DOMAIN, "created": utc(BEGINNING)}
    learners = school.credential(credentialSubject={"id": DID, "course": "Algebra"})
    del learners["issuer"]
    orders: list[dict[str, Json]] = [
        {"name": "nothing", **order, "presentation": presentation()},
        {"name": "no holder", **order, "presentation": presentation(holder=...)},
        {"name": "own credentials", **order, "presentation": presentation(), "credentials": [learners, learners]},
        {"name": "ours", **order, "presentation": presentation(value_of(world.issue(MICRO).document))},
    ]
    answers = asked(orders, lambda text: run("present.mjs", text))
    for name, answer in answers.items():
        policy = "product" if name == "ours" else "open"
        found = report(world, answer["presentation"], policy=policy)
        assert (found.verdict, found.holder) == ("valid", DID), (name, found.as_json())
        refused(report(world, answer["presentation"], policy=policy, challenge="another"), 16)
        changed = answer["presentation"] | {"id": "urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008"}
        refused(report(world, changed, policy=policy), 15)


def test_a_document_of_a_test_in_it_says_so_however_that_is_spelled(world: World) -> None:
    for more in ({"urn:tanu:v1:test": True}, {}):
        found = report(world, presented(school.signed(school.credential()), school.signed(school.credential() | more)))
        assert (found.verdict, found.as_json()["test"]) == ("valid", bool(more))


def test_A11_all_proofs_of_a_presentation_are_one_piece_of_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more tells of what stands around the credentials."""
    several = presented() | {"proof": [presented()["proof"]] * 3}
    counting = Counting(monkeypatch)
    assert report(world, several, canonizer=counting).verdict == "valid"
    assert (counting.pieces, counting.forms) == (["stated", "holds"], 2)


# ---------------------------------------------------------------- who holds it


def test_the_key_of_somebody_else_proves_nothing(world: World) -> None:
    other = named_key("another")
    refused(report(world, presented(key=other)), 14)
    refused(report(world, presented(verificationMethod=f"did:key:{other.multibase}#{other.multibase}")), 14)
    refused(report(world, presented(verificationMethod=f"{DID}#other")), 14)
    refused(report(world, token(key=other)), 14)
    refused(report(world, token(key=other, head={"kid": METHOD})), 15)
    refused(report(world, presented(key=other, verificationMethod=METHOD)), 15)


def test_a_holder_who_was_expected_is_compared(world: World) -> None:
    assert report(world, presented(), holder=DID).verdict == "valid"
    refused(report(world, presented(), holder="did:web:somebody.else"), 14)
    refused(report(world, presented(members={"holder": ...}), holder="did:key:z6Mk"), 14)


@pytest.mark.parametrize("did", ["did:example:learner", "https://learner.example/", "did:web:unlisted.example"])
def test_a_holder_whose_keys_cannot_be_had_is_not_known(world: World, did: str) -> None:
    found = report(world, presented(members={"holder": did}, verificationMethod=f"{did}#1"))
    assert (found.verdict, found.holder, outcomes(found)[14]) == ("indeterminate", None, "unknown")


PURPOSES = ["assertionMethod", "authentication", "keyAgreement", "capabilityInvocation", "capabilityDelegation"]


WEB = "did:web:learner.example"


def web_document(**more: Json) -> dict[str, Any]:
    """The DID document of a learner with a host of her own."""
    document = build_document(WEB, [(f"{WEB}#1", HOLDER.multibase)])
    del document["assertionMethod"]
    return document | more


def by_web(document: Json, **options: Json) -> tuple[dict[str, Json], Fetcher]:
    """A presentation by her key, and what may fetch her document."""
    hosts = school.Hosts({"https://learner.example/.well-known/did.json": document})
    handed = presented(members={"holder": WEB}, verificationMethod=f"{WEB}#1", **options)
    return handed, hosts.fetcher("learner.example")


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("listed", PURPOSES)
def test_B3_only_a_key_for_authentication_answers_and_only_as_that(world: World, purpose: str, listed: str) -> None:
    handed, fetcher = by_web(web_document(**{listed: [f"{WEB}#1"]}), proofPurpose=purpose)
    found = report(world, handed, fetcher=fetcher)
    if (purpose, listed) == ("authentication", "authentication"):
        assert found.verdict == "valid"
        unasked = report(world, handed, fetcher=fetcher, policy="product")
        assert unasked.verdict == "indeterminate"  # under policy product nobody's DID document is fetched
    else:
        refused(found, 14 if purpose == "authentication" else 13)


@pytest.mark.parametrize("end", ["expires", "revoked"])
def test_a_key_that_has_ended_answers_no_more(world: World, end: str) -> None:
    for ends, verdict in ((timedelta(days=1), "valid"), (timedelta(0), "tampered")):
        document = web_document(authentication=[f"{WEB}#1"])
        document["verificationMethod"][0][end] = utc(BEGINNING + ends)
        handed, fetcher = by_web(document)
        assert report(world, handed, fetcher=fetcher).verdict == verdict


# ---------------------------------------------------------------- what was asked


@pytest.mark.parametrize("challenge", [..., "", "u7q2x", "u7Q2x "])
def test_B20_another_challenge_or_none_is_no_answer(world: World, challenge: Any) -> None:
    for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022"):
        refused(report(world, presented(suite=suite, challenge=challenge)), 16)
    refused(report(world, token(nonce=challenge)), 16)


@pytest.mark.parametrize("domain", [..., "", "https://evil.example", f"{DOMAIN}/", [DOMAIN, "https://evil.example"]])
def test_B20_for_another_domain_or_for_more_than_one_is_no_answer(world: World, domain: Any) -> None:
    refused(report(world, presented(suite="eddsa-jcs-2022", domain=domain)), 16)
    refused(report(world, token(aud=domain)), 16)
    assert report(world, presented(suite="eddsa-jcs-2022", domain=[DOMAIN])).verdict == "valid"


@pytest.mark.parametrize("odd", [7, None, [], [None], {}, ["u7Q2x", 7]], ids=str)
def test_B20_a_challenge_or_a_domain_that_is_no_text_is_no_answer(world: World, odd: Json) -> None:
    whole = presented()
    for name, claim in (("challenge", "nonce"), ("domain", "aud")):
        assert report(world, whole | {"proof": whole["proof"] | {name: odd}}).verdict in ("tampered", "malformed")
        claims: dict[str, Any] = {claim: odd}
        assert report(world, token(**claims)).verdict in ("tampered", "malformed")


def test_a_domain_that_nobody_asked_for_is_not_compared(world: World) -> None:
    """As at the standard doors, where a request may name none."""
    assert report(world, presented(), domain=None).verdict == "valid"
    assert report(world, presented(domain=...), domain=None).verdict == "valid"


def test_the_time_of_a_presentation_is_compared(world: World) -> None:
    later, before = BEGINNING + timedelta(minutes=6), BEGINNING - timedelta(seconds=1)
    refused(report(world, presented(created=utc(later))), 17, "not_yet_valid")
    refused(report(world, presented(expires=utc(before))), 17, "expired")
    assert report(world, presented(created=..., expires=utc(later))).verdict == "valid"
    refused(report(world, presented(created="yesterday")), 13, "malformed")
    for claim, verdict in (("nbf", "not_yet_valid"), ("iat", "not_yet_valid"), ("exp", "expired")):
        late = later if claim != "exp" else before
        timed: dict[str, Any] = {claim: int(late.timestamp())}
        refused(report(world, token(**timed)), 17, verdict)


# ---------------------------------------------------------------- its proof


def test_B4_a_presentation_without_a_proof_is_none(world: World) -> None:
    unsigned = presentation(school.signed(school.credential()))
    lifted = unsigned["verifiableCredential"][0]["proof"]
    proofs: list[Json] = [None, [], {}, "", lifted, [lifted]]
    for handed in (unsigned, *(unsigned | {"proof": proof} for proof in proofs)):
        assert report(world, handed).verdict in ("tampered", "malformed")
    for other in ({"type": ["NonconformingDocument"]}, {}, {"proof": lifted}, school.signed(school.credential())):
        refused(report(world, other), 13, "malformed")


def test_every_proof_of_a_presentation_counts(world: World) -> None:
    whole = presented(school.signed(school.credential()))
    good = whole["proof"]
    other = presented(members={"holder": ...}, key=named_key("another"))["proof"]
    for second in (good | {"challenge": "x"}, good | {"proofValue": other["proofValue"]}, other):
        for proofs in ([good, second], [second, good]):
            assert report(world, whole | {"proof": proofs}).verdict == "tampered"
    assert report(world, whole | {"proof": [good]}).verdict == "valid"


def test_a_changed_presentation_is_noticed_at_every_member(world: World) -> None:
    credential = school.signed(school.credential())
    whole = presented(credential, members={"id": "urn:uuid:1"})
    changes: list[dict[str, Json]] = [
        {"id": "urn:uuid:2"},
        {"verifiableCredential": [school.signed(school.credential(name="Another"))]},
        {"verifiableCredential": [credential, school.signed(school.credential(name="Another"))]},
        {"type": ["VerifiablePresentation", "https://school.example/terms#Kind"]},
        {"termsOfUse": {"type": "https://school.example/terms#Kind"}},
    ]
    for change in changes:
        refused(report(world, whole | change), 15)
    for name, value in (("challenge", "x"), ("domain", "https://evil.example"), ("created", "2026-01-01T00:00:00Z")):
        assert report(world, whole | {"proof": whole["proof"] | {name: value}}).verdict == "tampered"


@pytest.mark.parametrize(
    "members",
    [
        {"claim": "unsigned"},
        {"@context": [VC_2, {"@vocab": "https://evil.example/"}], "claim": "signed as something"},
        {"@context": [VC_2, {"owner": "https://www.w3.org/2018/credentials#holder"}], "owner": "did:example:other"},
        {"@context": [VC_2, {"vc": "https://www.w3.org/2018/credentials#verifiableCredential"}], "vc": {"id": "urn:x"}},
        {"@graph": [{"id": "urn:x"}]},
        {"id": "_:b0"},
        {"holder": {"id": DID, "@reverse": {}}},
        {"@context": [VC_2, "https://evil.example/context"]},
    ],
    ids=str,
)
def test_A1_A4_A5_A6_A12_nothing_unsigned_or_under_another_name_stands_in_it(
    world: World, members: dict[str, Json]
) -> None:
    """However it is signed: in JCS and in an envelope every byte is, and it still says nothing that two may read
    differently."""
    unsigned = presented() | members
    signed = presented(suite="eddsa-jcs-2022", members=members)
    for handed in (unsigned, signed, token(**members)):
        assert report(world, handed).verdict in ("tampered", "malformed"), handed


def test_B6_what_stands_beside_an_envelope_is_not_read(world: World) -> None:
    outer = enveloped.of_jose(token(), PRESENTATION)
    assert report(world, outer).verdict == "valid"
    for more in ({"holder": "did:example:other"}, {"verifiableCredential": [school.signed(school.credential())]}):
        refused(report(world, outer | more), 13)


# ---------------------------------------------------------------- what is inside


def test_one_bad_credential_among_three_is_told_and_the_presentation_is_not_valid(world: World) -> None:
    good = school.signed(school.credential())
    bad = school.signed(school.credential()) | {"name": "Changed"}
    for place in range(3):
        inside = [good, good, good]
        inside[place] = bad
        found = report(world, presented(*inside))
        assert outcomes(found) == PASSED
        assert [each.report.verdict for each in found.credentials].index("tampered") == place
        assert found.verdict == "tampered"


def test_the_verdict_is_the_worst_word_of_all(world: World) -> None:
    good, late = school.signed(school.credential()), school.signed(school.credential(validUntil="2026-02-01T00:00:00Z"))
    revoked = world.issue(MICRO)
    world.revoke(revoked)
    assert report(world, presented(good, late)).verdict == "expired"
    assert report(world, presented(late, good)).verdict == "expired"
    assert report(world, presented(value_of(revoked.document)), policy="product").verdict == "revoked"
    unsigned = school.credential()
    assert report(world, presented(good, unsigned)).verdict == "tampered"


@pytest.mark.parametrize("count", [21, 40])
def test_more_than_twenty_credentials_are_refused_before_any_is_looked_at(world: World, count: int) -> None:
    inside = [school.credential()] * count
    found = report(world, presented(*inside, suite="eddsa-jcs-2022"))
    refused(found, 13, "malformed")
    assert found.credentials == ()
    assert report(world, token(*inside)).verdict in ("malformed", "tampered")


def test_credentials_of_a_presentation_that_is_no_answer_are_not_judged(world: World) -> None:
    found = report(world, presented(school.signed(school.credential()), challenge="x"))
    refused(found, 16)
    assert [each.report.verdict for each in found.credentials] == ["indeterminate"]
    assert {check.outcome for each in found.credentials for check in each.report.checks} == {"unknown"}


def about(subject: Json) -> dict[str, Json]:
    return school.signed(school.credential(credentialSubject=subject))


@pytest.mark.parametrize(
    ("subject", "outcome"),
    [
        ({"id": DID, "course": "Algebra"}, "passed"),
        ([{"id": "did:example:other", "course": "Algebra"}, {"id": DID, "course": "Algebra"}], "passed"),
        ({"course": "Algebra"}, "unknown"),
        ([{"id": "did:example:other", "course": "Algebra"}, {"course": "Algebra"}], "unknown"),
        ({"id": "did:example:other", "course": "Algebra"}, "failed"),
    ],
    ids=str,
)
def test_whether_a_credential_is_about_the_holder_is_told_and_counts_where_it_is_asked_for(
    world: World, subject: Json, outcome: str
) -> None:
    handed = presented(about({"id": DID, "course": "Algebra"}), about(subject))
    told, required = report(world, handed), report(world, handed, binding="required")
    assert [each.about_holder for each in told.credentials] == ["passed", outcome]
    assert (told.verdict, outcomes(told)[18]) == ("valid", "not_applicable")
    assert outcomes(required)[18] == outcome
    assert required.verdict == {"passed": "valid", "unknown": "indeterminate", "failed": "tampered"}[outcome]


def test_whom_an_unproven_credential_is_about_is_not_known(world: World) -> None:
    changed = about({"id": DID, "course": "Algebra"}) | {"name": "Changed"}
    found = report(world, presented(changed), binding="required")
    assert ([each.about_holder for each in found.credentials], found.verdict) == (["unknown"], "tampered")
    unasked = about({"id": DID, "course": "Algebra"}) | {"issuer": "did:web:nowhere.example"}
    found = report(world, presented(unasked), binding="required")
    assert ([each.about_holder for each in found.credentials], found.verdict) == (["unknown"], "indeterminate")
    assert outcomes(found)[18] == "unknown"


def test_without_a_credential_nothing_is_about_the_holder(world: World) -> None:
    nothing, unproven = presented(), presented(challenge="another")
    assert report(world, nothing).verdict == "valid"
    unproven["proof"] |= {"challenge": CHALLENGE}
    for handed, verdict in ((nothing, "indeterminate"), (unproven, "tampered")):
        found = report(world, handed, binding="required")
        assert (outcomes(found)[18], found.verdict) == ("unknown", verdict)
    assert "no credential" in report(world, nothing, binding="required").checks[-1].because.en
    assert outcomes(report(world, unproven))[18] == "not_applicable"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b"{",
        b"\xff",
        b"eyJ",
        b"eyJ.a.b",
        b"eyJ\xff",
        b"eyJhbGciOiJub25lIn0.e30.",
        b"%PDF-1.7",
    ],
)
def test_what_is_no_presentation_gets_a_report_too(world: World, data: bytes) -> None:
    found = report(world, data)
    assert found.verdict in ("malformed", "tampered", "unsupported")
    assert list(outcomes(found)) == list(NAMES)


def test_what_no_signature_has_vouched_for_is_about_nobody(world: World) -> None:
    of_learner = school.credential(issuer="did:web:unasked.example", credentialSubject={"id": DID, "course": "x"})
    found = report(world, presented(school.signed(of_learner)), binding="required")
    assert (found.verdict, [each.about_holder for each in found.credentials]) == ("indeterminate", ["unknown"])
    assert outcomes(found)[18] == "unknown"


def test_an_enveloped_credential_is_opened_judged_and_told_apart(world: World) -> None:
    """In a presentation with a proof inside, and in one that is an envelope itself."""
    of_learner = school.credential(credentialSubject={"id": DID, "course": "Algebra"})
    sealed = jose.seal(Unsecured(CREDENTIAL, written(of_learner)), school.KEY, school.method_of(school.KEY))
    good = enveloped.of_jose(sealed, CREDENTIAL)
    changed = good | {"id": good["id"][:-8] + "AAAAAAAA"}
    for wrapped in (presented, token):
        found = report(world, wrapped(good, school.signed(of_learner)), binding="required")
        assert (found.verdict, outcomes(found)[18]) == ("valid", "passed"), found.as_json()
        bad = report(world, wrapped(good, changed))
        assert [each.report.verdict for each in bad.credentials] == ["valid", "tampered"]
        assert [each.about_holder for each in bad.credentials] == ["passed", "unknown"]
        assert bad.verdict == "tampered"
        unasked = report(world, wrapped(good), policy="product")
        assert unasked.verdict not in ("valid", "indeterminate")


@pytest.mark.parametrize("kid", [METHOD, f"#{HOLDER.multibase}", HOLDER.public.thumbprint, None])
def test_a_token_names_the_holders_key_in_each_way_that_there_is(world: World, kid: Json) -> None:
    assert report(world, token(head={"kid": kid})).verdict == "valid"
    for wrong in ("#other", "other", f"did:example:other#{HOLDER.multibase}", ""):
        refused(report(world, token(head={"kid": wrong})), 14)
