"""Who signed, with which key, when, and had they the right to? (steps 3–7)"""

from datetime import date
from pathlib import Path

import pytest

from schemas.credential import utc
from schemas.errors import Unavailable
from schemas.reading import Json
from tests.world import CENTRE, MICRO, Told, World, accredited, loosely, named_key, value_of
from verifier.report import Report


def failed(report: Report) -> list[int]:
    """The steps that failed."""
    return [check.n for check in report.checks if check.outcome == "failed"]


def test_what_the_office_would_never_sign_is_valid_when_it_did(w: World) -> None:
    """The forgeries of this file fail for what they change, not because they are forged."""
    assert w.verify(w.forged(w.issue())).verdict == "valid"


# 3: the issuer


def test_E4_an_unknown_issuer_is_told_by_its_key_and_its_name_is_a_claim(w: World) -> None:
    key = named_key("stranger")
    value = value_of(w.issue().document)
    value["issuer"]["id"] = f"did:key:{key.multibase}"
    value["issuer"]["name"] = "Nazarbayev University"
    report = w.verify(w.signed_by(key, value))
    assert report.verdict == "unknown_issuer"
    assert report.document is not None
    assert report.document.issuer.id == f"did:key:{key.multibase}"
    assert report.document.issuer.name.en == "Nazarbayev University"
    assert not report.document.issuer.confirmed
    shown = report.document.as_json()
    assert not any(shown[name] for name in shown if name != "issuer")


def test_E4_a_known_issuer_is_told_by_the_name_of_the_register(w: World) -> None:
    issuer = value_of(w.issue().document)["issuer"] | {"name": "Nazarbayev University", "id": w.university.did}
    issuer["legalName"] = dict.fromkeys(("kk", "ru", "en"), "Nazarbayev University")
    report = w.verify(w.forged(w.issue(), issuer=issuer))
    assert report.verdict == "valid"
    assert report.document is not None
    assert report.document.issuer.name.en == "Specimen KMU"
    assert report.document.issuer.confirmed
    assert "Nazarbayev" not in str(report.as_json())


def test_E4_one_known_issuer_does_not_sign_for_another(w: World) -> None:
    """The right name, the right DID, a key that the register knows: of somebody else."""
    value = value_of(w.issue().document)
    assert value["issuer"]["id"] == w.university.did
    report = w.verify(w.signed_again(value, by="kau"))
    assert report.verdict == "tampered"
    assert failed(report) == [4]
    assert report.document is None


def test_an_issuer_without_the_right_to_a_kind_is_not_accredited(w: World) -> None:
    value = value_of(w.issue(CENTRE).document)
    value["issuer"]["id"] = w.office.institution("kau").did
    value["id"] = value["id"][:-1] + ("0" if value["id"][-1] != "0" else "1")
    value["number"] = value["credentialSubject"]["licenseNumber"] = "KAU-PQ-2026-000001-26"
    value["credentialSubject"]["achievement"]["id"] = f"{value['id']}#achievement"
    value["credentialStatus"]["statusListIndex"] = "9"
    report = w.verify(w.signed_again(value, by="kau"))
    assert 3 in failed(report)
    assert next(check for check in report.checks if check.n == 3).verdict == "not_accredited"


def test_an_accreditation_that_ended_yesterday_ends_issuing_and_no_earlier_document(w: World) -> None:
    w.clock.move(hours=13, minutes=59, seconds=59)  # 23:59:59 in Kazakhstan
    last = w.issue()
    w.clock.move(seconds=1)
    first = w.issue()
    assert (w.verify(last.document).verdict, w.verify(first.document).verdict) == ("valid", "valid")
    w.accreditation(valid_until=date(2026, 11, 21))
    assert w.verify(last.document).verdict == "valid"
    report = w.verify(first.document)
    assert report.verdict == "not_accredited"
    assert failed(report) == [3]
    assert "22 November 2026" in next(check for check in report.checks if check.n == 3).because.en
    assert report.document is not None
    assert report.document.holder is None


def test_an_accreditation_begins_on_its_first_day(tmp_path: Path) -> None:
    w = World(tmp_path, rows=(accredited({"from": "2026-11-01"}, {"kinds": [MICRO], "from": "2026-11-22"}),))
    w.clock.move(days=1)
    issued = w.issue()
    w.accreditation(valid_until=date(2026, 11, 20))
    assert w.verify(issued.document).verdict == "valid"
    assert w.verify(w.forged(issued, proof__created="2026-11-21T19:00:00Z")).verdict == "valid"
    assert w.verify(w.forged(issued, proof__created="2026-11-21T18:59:59Z")).verdict == "not_accredited"


# 4: the key


def test_B2_an_attacker_who_signs_in_the_name_of_a_university_is_found_out(w: World) -> None:
    key = named_key("attacker")
    value = value_of(w.issue().document)
    own = f"did:key:{key.multibase}#{key.multibase}"
    theirs = w.university.keys[0].id
    for method in (own, theirs, w.university.did, f"{w.university.did}#{key.multibase}", "urn:x"):
        report = w.verify(w.signed_by(key, value, verificationMethod=method))
        assert report.verdict == "tampered", method
        assert report.document is None


@pytest.fixture
def web(tmp_path: Path) -> World:
    """A world of did:web institutions, which have a key for documents and one for lists."""
    return World(tmp_path, public_url="https://tanu.example")


def test_B3_the_key_for_lists_does_not_sign_documents(web: World) -> None:
    documents, lists = web.university.keys
    assert (documents.purposes, lists.purposes) == (("documents",), ("lists",))
    issued = web.issue()
    assert web.verify(issued.document).verdict == "valid"
    signer = web.keys.signers[lists.multibase]
    report = web.verify(web.signed_by(signer, value_of(issued.document), verificationMethod=lists.id))
    assert report.verdict == "tampered"
    assert failed(report) == [4]


def test_B3_the_key_for_documents_does_not_sign_lists(web: World) -> None:
    issued = web.issue()
    url = value_of(issued.document)["credentialStatus"]["statusListCredential"]
    documents = web.university.keys[0]
    signed = web.signed_by(
        web.keys.signers[documents.multibase],
        value_of(web.registry.status_list(url) or b""),
        verificationMethod=documents.id,
    )
    report = web.verify(issued.document, Told.by(web.registry, status_list=lambda _: loosely(signed)))
    assert report.verdict == "indeterminate"


PURPOSES = ["authentication", "keyAgreement", "capabilityInvocation", "capabilityDelegation", "assertion", "", None, 5]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_B3_a_proof_for_another_purpose_does_not_count(purpose: Json, w: World) -> None:
    value = value_of(w.issue().document)
    value["proof"]["proofPurpose"] = purpose
    assert w.verify(value).verdict == "tampered"
    if isinstance(purpose, str) and purpose not in ("assertion", ""):
        assert w.verify(w.signed_again(value, proofPurpose=purpose)).verdict == "tampered"


def test_B4_a_document_without_its_one_proof_is_never_valid(w: World) -> None:
    one, two = (value_of(issued.document) for issued in w.issue_many(2))
    proof, other = one.pop("proof"), two["proof"]
    spoilt = proof | {"proofValue": proof["proofValue"][:-1] + "2"}
    unsigned = {name: value for name, value in proof.items() if name != "proofValue"}
    assert w.verify(one | {"proof": proof}).verdict == "valid"
    assert w.verify(one).verdict == "tampered"
    for proofs in (
        *([], None, {}, "", proof["proofValue"], [[proof]], [proof], [proof, other], [spoilt, proof], [proof, spoilt]),
        *([proof, proof], other, spoilt, unsigned, {"type": "DataIntegrityProof"}, {"proof": proof}, True, 0),
    ):
        assert w.verify(one | {"proof": proofs}).verdict in ("tampered", "malformed"), proofs
    inside = one | {"credentialSubject": one["credentialSubject"] | {"proof": proof}}
    assert w.verify(inside).verdict in ("tampered", "malformed")
    embedded = one | {"evidence": [one | {"proof": proof}], "proof": proof}
    assert w.verify(embedded).verdict in ("tampered", "malformed")


@pytest.mark.parametrize("value", ["", "z", "z" + "1" * 88, "u" + "A" * 86, None, [], 0, "z" + "2" * 200])
def test_B12_what_is_no_signature_is_a_change(value: Json, w: World) -> None:
    document = value_of(w.issue().document)
    document["proof"]["proofValue"] = value
    assert w.verify(document).verdict == "tampered"


@pytest.mark.parametrize(
    ("token", "verdicts"),
    [
        ("eyJhbGciOiJub25lIn0.e30.", ["unsupported", "tampered"]),
        ("eyJhbGciOiJOb25lIn0.e30.AA", ["unsupported", "tampered"]),
        ("e30.e30.e30", ["malformed", "malformed"]),
        ('"eyJhbGciOiJub25lIn0.e30."', ["malformed", "malformed"]),
    ],
)
def test_B7_a_token_is_no_document(token: str, verdicts: list[str], w: World) -> None:
    assert [w.verify(token.encode(), policy=policy).verdict for policy in ("product", "open")] == verdicts


# 5: the time of the key


def test_a_key_that_was_retired_keeps_what_it_signed_before(w: World) -> None:
    before = w.issue()
    w.clock.move(hours=1)
    after = w.issue()
    w.rewrite("UPDATE issuer_keys SET retired_at = :at", at=utc(w.clock.now))
    assert w.verify(before.document).verdict == "valid"
    report = w.verify(after.document)
    assert report.verdict == "tampered"
    assert failed(report) == [5]


def test_a_key_that_was_stolen_keeps_what_it_signed_before_the_theft(w: World) -> None:
    before = w.issue()
    w.clock.move(days=1)
    after = w.issue()
    w.rewrite("UPDATE issuer_keys SET compromised_from = :at", at=utc(w.clock.now))
    assert failed(w.verify(after.document)) == [5]
    assert w.verify(before.document).verdict == "indeterminate", "its status list is signed by the stolen key too"


def test_a_proof_older_than_its_key_does_not_count(w: World) -> None:
    report = w.verify(w.forged(w.issue(), proof__created="2026-11-20T18:59:59Z"))
    assert failed(report) == [5]
    assert w.verify(w.forged(w.issue(), proof__created="2026-11-20T19:00:00Z")).verdict == "valid"


# 7: dates


SPELLINGS: list[Json] = [
    *(
        "2026-11-21",
        "2026-11-21T05:00:00",
        "2026-W47-6",
        "20261121T050000Z",
        "2026-11-21 05:00:00Z",
        "0001-01-01T00:00:00Z",
    ),
    *(
        "2026-11-21T05:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-20T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
    ),
    *(
        "2026-11-21t05:00:00z",
        "2026-11-21T10:00:00+05:00",
        "2026-11-21T05:00:00.5Z",
        "2026-11-21T05:00:00Z\n",
        "",
        "now",
    ),
    *("٢٠٢٦-11-21T05:00:00Z", "2026-11-21T05:00:00+00:00", "-2026-11-21T05:00:00Z", "12026-11-21T05:00:00Z", None, 0),
    *(
        ["2026-11-21T05:00:00Z"],
        {"@value": "2026-11-21T05:00:00Z"},
        True,
        "2026-11-21T25:00:00Z",
        "2026-00-01T00:00:00Z",
    ),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_B16_another_spelling_of_an_instant_is_malformed(spelling: Json, world: World) -> None:
    value = value_of(world.issue().document)
    assert world.verify(value | {"proof": value["proof"] | {"created": spelling}}).verdict == "malformed"
    assert world.verify(value | {"validFrom": spelling}).verdict == "malformed"
    assert world.verify(value | {"validUntil": spelling}).verdict == "malformed"


def test_B16_a_proof_without_its_time_is_malformed(w: World) -> None:
    value = value_of(w.issue().document)
    assert w.verify(w.signed_again(value, created=...)).verdict == "malformed"


def test_B16_a_proof_from_the_future_is_not_yet_valid(w: World) -> None:
    soon = w.forged(w.issue(), proof__created="2026-11-21T05:05:00Z")
    later = w.forged(w.issue(), proof__created="2026-11-21T05:05:01Z")
    assert w.verify(soon).verdict == "valid", "clocks differ by some minutes"
    assert w.verify(later).verdict == "not_yet_valid"


def test_a_document_is_valid_from_its_first_second_to_its_last(w: World) -> None:
    until = w.forged(w.issue(), validUntil="2026-11-21T06:00:00Z")
    w.clock.move(hours=1)
    assert w.verify(until).verdict == "valid"
    w.clock.move(seconds=1)
    report = w.verify(until)
    assert report.verdict == "expired"
    assert report.document is not None
    assert report.document.holder is not None
    begins = w.forged(w.issue(), validFrom="2026-11-22T06:00:00Z")
    assert w.verify(begins).verdict == "not_yet_valid"
    of_tomorrow = w.forged(w.issue(), issuedOn="2026-11-22")
    assert w.verify(of_tomorrow).verdict == "not_yet_valid", "nor is one whose day of issue has not come"
    w.clock.move(days=1)
    w.deliver()
    assert w.verify(begins).verdict == "valid"


def test_B16_a_document_that_ends_before_it_begins_is_malformed(w: World) -> None:
    assert w.verify(w.forged(w.issue(), validUntil="2020-01-01T00:00:00Z")).verdict == "malformed"


# When the register does not answer


def silent(*_: object) -> None:
    raise Unavailable.saying("registry.no_answer", host="registry.example", problem="ConnectError")


@pytest.mark.parametrize("question", ["institution", "entry", "history", "status_list"])
def test_C1_a_register_that_does_not_answer_leaves_it_open(question: str, world: World) -> None:
    report = world.verify(world.issue().document, Told.by(world.registry, **{question: silent}))
    assert report.verdict == "indeterminate"
    assert failed(report) == []
    unknown = [check for check in report.checks if check.outcome == "unknown"]
    assert "registry.example" in unknown[0].because.kk
    if report.document is not None:
        assert report.document.holder is None


def test_a_change_is_seen_even_when_the_register_does_not_answer(world: World) -> None:
    value = value_of(world.issue().document)
    value["credentialSubject"]["degree"] = "PhD"
    everything = dict.fromkeys(("institution", "entry", "history", "status_list"), silent)
    assert world.verify(value, Told.by(world.registry, **everything)).verdict == "tampered"


def test_a_register_that_has_no_such_document_makes_it_tampered(world: World) -> None:
    report = world.verify(world.issue().document, Told.by(world.registry, entry=lambda _: None))
    assert failed(report) == [9]
    assert report.verdict == "tampered"


def test_nothing_of_a_document_is_asked_before_its_signature_holds(world: World) -> None:
    """docs/attacks.md D1: only who its issuer is."""
    value = value_of(world.issue().document)
    value["issuedOn"] = "2026-11-20"
    told = Told(world.registry)
    assert world.verify(value, told).verdict == "tampered"
    assert told.asked == ["institution"]


def test_a_code_of_the_register_leads_to_its_own_document_only(w: World) -> None:
    """Somebody with the database's password has put another person's document under a code."""
    mine, theirs = w.issue_many(2)
    assert w.look_up(mine.code).verdict == "valid"
    w.rewrite("UPDATE entries SET document = :document WHERE code = :code", document=theirs.document, code=mine.code)
    report = w.look_up(mine.code)
    assert report.verdict == "tampered"
    assert report.document is None


def test_C16_a_spoilt_row_of_the_register_is_never_valid(w: World) -> None:
    issued = w.issue()
    spoilt = bytearray(issued.document)
    spoilt[len(spoilt) // 2] ^= 1
    w.rewrite("UPDATE entries SET document = :document", document=bytes(spoilt))
    assert w.look_up(issued.code).verdict != "valid"
    w.rewrite("UPDATE entries SET document = :document, digest = 'ab'", document=issued.document)
    assert w.look_up(issued.code).verdict == "tampered"


def test_a_code_that_was_never_issued_is_not_found(world: World) -> None:
    report = world.look_up("00000000000000")
    assert report.verdict == "not_found"
    assert report.checks == ()
    assert world.issue(MICRO).code != "00000000000000"
