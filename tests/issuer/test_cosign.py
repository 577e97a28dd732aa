"""Responsible persons sign too: a document waits until as many have signed as the register asks for."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from issuer.cosign import accept, cosign, note_lapsed, request, waiting, waiting_numbered, withdraw
from issuer.issue import prepare
from issuer.signing import resume, sign
from keys.proof import add_proof, check, proofs_of
from keys.public import PublicKey
from keys.ring import KeyRing
from keys.signer import FileSigner
from schemas.canonical import jcs_digest
from schemas.credential import written
from schemas.errors import Refused
from schemas.kinds.table import KINDS
from schemas.reading import Json
from tanu.cosigning import sign_all
from tanu.institutions import add_institutions
from tests.audit import unaccounted
from tests.cosigning import CHAIR, DEAN, RECTOR, THREE, person, rows, rule, university
from tests.issuer.test_issue import watch
from tests.world import EXTRACT, World, named_key, value_of

OWN = named_key("a key that its owner keeps")
HOLDER = person("serik", "vice_rector", publicKeyMultibase=OWN.multibase)


@pytest.fixture
def ruled(tmp_path: Path) -> World:
    """Two of three sign micro-credentials."""
    return World(tmp_path, rows=rows(rule()))


@pytest.fixture
def owned(tmp_path: Path) -> World:
    """The vice-rector signs, with a key that is not in the home."""
    return World(tmp_path, rows=rows(rule(1, "vice_rector"), persons=(*THREE, HOLDER)))


def acts(w: World) -> list[tuple[str, dict[str, str]]]:
    """The audit, without what does not concern signing."""
    found = w.rows_of("SELECT act, detail FROM issuer_audit ORDER BY seq")
    return [(act, json.loads(detail)) for act, detail in found if act != "sign_list"]


# The way of one document


def test_two_of_three_sign_and_then_it_is_published(ruled: World) -> None:
    waits = ruled.begin()
    code, number = waits.intent.code, waits.intent.number
    assert ruled.look_up(code).verdict == "not_found"
    assert "2 of 3" in waits.lacking[0].en
    assert "0 there" in waits.lacking[0].en
    first = ruled.cosign(waits, RECTOR)
    assert first.who.en == "Ғ. Ұлықбекова, rector of it"
    assert "1 there" in first.lacking[0].en
    assert ruled.look_up(code).verdict == "not_found"
    last = ruled.cosign(waits, "commission_chair")  # by the role
    assert last.lacking == ()
    report = ruled.look_up(code)
    assert report.verdict == "valid"
    assert [s.role for s in report.signatures] == ["institution", "rector", "commission_chair"]
    assert waiting(ruled.office) == []
    assert number == report.document.number if report.document else False


def test_what_is_published_is_what_was_recorded_with_all_proofs(ruled: World) -> None:
    waits = ruled.begin()
    ruled.cosign(waits, RECTOR, DEAN)
    document = value_of(ruled.finished(waits))
    proofs = document.pop("proof")
    assert written(document) == waits.intent.document
    assert len(proofs) == 3
    assert proofs[0]["verificationMethod"] == ruled.university.keys[0].id
    entry = ruled.registry.entry(waits.intent.code)
    assert entry is not None
    assert entry.digest == jcs_digest(document)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["set", "chain"])
def test_every_kind_can_be_signed_in_a_set_and_in_a_chain(kind: str, form: str, tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule(kind=kind, form=form)))
    waits = w.begin(kind)
    w.cosign(waits, CHAIR, DEAN)
    document = value_of(w.finished(waits))
    first, *others = document["proof"]
    if form == "chain":
        assert first["id"].startswith("urn:uuid:")
        assert waits.intent.options["id"] == first["id"]
        assert [other["previousProof"] for other in others] == [first["id"]] * 2
    else:
        assert "id" not in first
        assert not any("previousProof" in other for other in others)
    KINDS[kind].check_schema(document)
    assert w.verify(document).verdict == "valid"


def test_a_document_without_a_rule_goes_its_way_as_ever(tmp_path: Path) -> None:
    """Byte for byte: with rules for another kind, and in a world without any."""
    one = World(tmp_path / "one", rows=rows(rule(kind=EXTRACT)))
    two = World(tmp_path / "two", rows=rows(persons=()))
    before, after = (w.issue().document for w in (two, one))
    assert before == after
    assert isinstance(value_of(after)["proof"], dict)
    assert one.rows_of("SELECT count(*) FROM issuer_proofs") == [(0,)]


def test_a_rule_for_one_programme_is_for_that_programme(tmp_path: Path) -> None:
    code = World(tmp_path / "a").facts().programme.programme_code  # type: ignore[attr-defined]
    w = World(tmp_path / "b", rows=rows(rule(programme=code)))
    w.begin()
    assert w.verify(w.issue(programme__programme_code="ANOTHER-1").document).verdict == "valid"


def test_the_office_is_told_what_waits_and_the_same_row_again_changes_nothing(ruled: World) -> None:
    assert ruled.begin(case="case-7") == ruled.begin(case="case-7")
    assert [found.intent.case for found in waiting(ruled.office)] == ["case-7"]


def test_a_partner_university_signs_with_its_own_key_for_documents(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule(2, "rector", partners=["kau"])))
    waits = w.begin()
    w.cosign(waits, "kau", RECTOR)
    partner = w.office.institution("kau")
    report = w.verify(w.finished(waits))
    assert report.verdict == "valid"
    assert [(s.role, s.name) for s in report.signatures[:2]] == [
        ("institution", w.university.name),
        ("partner", partner.name),
    ]
    assert report.signatures[1].method == partner.keys[0].id


def test_of_several_rules_each_is_met(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule(1, "rector"), rule(1, "commission_chair", "dean")))
    waits = w.begin()
    assert len(waits.lacking) == 2
    assert len(w.cosign(waits, DEAN).lacking) == 1
    assert w.cosign(waits, RECTOR).lacking == ()


def test_a_role_has_as_many_seats_as_a_rule_gives_it(tmp_path: Path) -> None:
    members = tuple(person(name, "commission_member") for name in ("first", "second", "third"))
    w = World(tmp_path, rows=rows(rule(3, "rector", *["commission_member"] * 2), persons=(*THREE, *members)))
    waits = w.begin()
    w.cosign(waits, "first", "second")
    with pytest.raises(Refused, match="waits for no signature of third"):
        w.cosign(waits, "third")
    assert w.cosign(waits, RECTOR).lacking == ()


# What is refused


def test_only_those_sign_whom_the_register_names_and_a_rule_awaits(tmp_path: Path) -> None:
    more = (person("second", "dean"), person("serik", "vice_rector"), person("asel", "rector", until="2026-10-31"))
    w = World(tmp_path, rows=rows(rule(), persons=(*THREE, *more)))
    waits = w.begin()
    for name, because in {
        "king": "Nobody called “king” signs here",
        "vice_rector": "waits for no signature of serik",
        "serik": "waits for no signature of serik",
        "asel": "has no key that is good on",
        "dean": "“dean” is more than one: ashimova, second",
    }.items():
        with pytest.raises(Refused, match=because):
            w.cosign(waits, name)
    assert waiting_numbered(w.office, waits.intent.number) == waits
    w.cosign(waits, "second", RECTOR)


def test_one_person_signs_once_in_whatever_capacity(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule(), persons=(*THREE, person(RECTOR, "dean"))))
    waits = w.begin()
    w.cosign(waits, "rector")
    for name in (RECTOR, "rector"):
        with pytest.raises(Refused, match="has signed already"):
            w.cosign(waits, name)
    w.cosign(waits, DEAN)


def test_nobody_signs_what_is_published_unknown_or_withdrawn(ruled: World) -> None:
    waits = ruled.begin()
    ruled.cosign(waits, RECTOR, CHAIR)
    with pytest.raises(Refused, match="is published: nobody signs it any more"):
        ruled.cosign(waits, DEAN)
    with pytest.raises(Refused, match="There is no document"):
        cosign(ruled.office, "KMU-MC-2026-000009-29", DEAN)
    other = ruled.begin()
    withdraw(ruled.office, other.intent.number, "The rector does not sign")
    with pytest.raises(Refused, match="There is no document"):
        ruled.cosign(other, DEAN)


def test_what_is_withdrawn_keeps_its_number_and_the_case_is_issued_anew(ruled: World) -> None:
    waits = ruled.begin(case="case-7")
    ruled.cosign(waits, RECTOR)
    withdraw(ruled.office, waits.intent.number, "A wrong grade")
    assert acts(ruled)[-1] == ("void", {"reason": "A wrong grade"})
    again = ruled.begin(case="case-7")
    assert again.intent.number != waits.intent.number
    assert waiting(ruled.office) == [again]
    assert resume(ruled.office) == 0
    with pytest.raises(Refused, match="must not be empty"):
        withdraw(ruled.office, again.intent.number, " ")


# Written down before what


def test_the_audit_is_durable_before_a_persons_key_is_used(ruled: World) -> None:
    waits, seen = ruled.begin(), list[tuple[str, dict[str, str]]]()
    watch(ruled, lambda _: seen.append(acts(ruled)[-1]))
    ruled.cosign(waits, RECTOR)
    (rector,) = (p for p in ruled.university.persons if p.person == RECTOR)
    (row,) = [detail for act, detail in seen if act == "cosign"]
    assert row == {
        "who": RECTOR,
        "role": "rector",
        "method": rector.method,
        "created": "2026-11-21T05:00:00Z",
        "bytes": waits.intent.canonical_sha256,
    }


@pytest.mark.parametrize("statement", ["INSERT ON issuer_proofs", "INSERT ON issuer_finals", "INSERT ON issuer_outbox"])
def test_a_crash_leaves_a_document_that_waits(statement: str, ruled: World) -> None:
    waits = ruled.begin()
    ruled.cosign(waits, RECTOR)
    with ruled.fault(statement), pytest.raises(Exception, match="no space left"):
        ruled.cosign(waits, CHAIR)
    assert [who.who for who in waiting_numbered(ruled.office, waits.intent.number).signers] == [RECTOR]
    assert ruled.cosign(waits, CHAIR).lacking == ()
    assert ruled.verify(ruled.finished(waits)).verdict == "valid"


def test_a_crash_before_the_institutions_own_proof_is_kept_is_resumed(ruled: World) -> None:
    (prepared,) = prepare(ruled.office, [ruled.approve()])
    with ruled.fault("INSERT ON issuer_proofs"), pytest.raises(Exception, match="no space left"):
        sign(ruled.office, [prepared])
    with pytest.raises(Refused, match="There is no document"):
        waiting_numbered(ruled.office, prepared.intent.number)
    assert resume(ruled.office) == 1
    assert resume(ruled.office) == 0
    sign(ruled.office, [prepared])  # as another process would that was slower
    (waits,) = waiting(ruled.office)
    ruled.cosign(waits, RECTOR, DEAN)
    assert ruled.verify(ruled.finished(waits)).verdict == "valid"


def test_two_who_sign_at_once_are_both_kept_or_one_is_told(ruled: World) -> None:
    waits = ruled.begin()
    number = waits.intent.number
    others = iter([DEAN, CHAIR])

    def meanwhile(_: object) -> None:
        if name := next(others, None):
            cosign(ruled.office, number, name)

    watch(ruled, meanwhile)
    with pytest.raises(Refused, match="is published"):
        cosign(ruled.office, number, RECTOR)
    ruled.deliver()
    assert [s.role for s in ruled.verify(ruled.finished(waits)).signatures] == [
        "institution",
        "commission_chair",
        "dean",
    ]


# A person who keeps the key


def answer(w: World, number: str, key: FileSigner = OWN, **changes: Json) -> dict[str, Json]:
    """What the person's own tool makes of the request: the document with one proof more."""
    asked = request(w.office, number, "serik")
    options = {name: value for name, value in (asked["proof"] | changes).items() if value is not None}
    (institution,) = waiting_numbered(w.office, number).proofs
    return add_proof({**asked["document"], "proof": institution}, options, key)


@pytest.mark.parametrize("form", ["set", "chain"])
@pytest.mark.parametrize("whole", [True, False])
def test_whoever_keeps_the_key_is_given_what_to_sign_and_hands_back_a_proof(
    form: str, whole: bool, tmp_path: Path
) -> None:
    w = World(tmp_path, rows=rows(rule(1, "vice_rector", form=form), persons=(*THREE, HOLDER)))
    waits = w.begin()
    signed = answer(w, waits.intent.number)
    done = accept(w.office, waits.intent.number, written(signed if whole else signed["proof"][-1]))
    assert done.lacking == ()
    w.deliver()
    assert value_of(w.finished(waits)) == signed
    assert w.verify(w.finished(waits)).verdict == "valid"
    assert acts(w)[-1][0] == "cosign_received"


def test_a_finished_proof_is_checked_in_full(owned: World) -> None:
    waits, other = owned.begin(), owned.begin()
    number = waits.intent.number
    good = answer(owned, number)
    lifted = answer(owned, other.intent.number)
    proof = good["proof"][-1]
    stranger = named_key("stranger")
    rector = next(p for p in owned.university.persons if p.person == RECTOR)
    bad: dict[str, tuple[Json, str]] = {
        "another document": (lifted, "This is not"),
        "lifted from another document": (lifted["proof"][-1], "does not fit what was recorded"),
        "a changed document": (good | {"name": "x"}, "This is not"),
        "a changed signature": (proof | {"proofValue": lifted["proof"][-1]["proofValue"]}, "does not fit"),
        "a changed time": (proof | {"created": "2026-11-21T05:00:01Z"}, "does not fit"),
        "two new ones": (good | {"proof": [*good["proof"], *lifted["proof"][1:]]}, "exactly one new"),
        "none": (good | {"proof": good["proof"][0]}, "exactly one new"),
        "the institution's": (good["proof"][0], "does not name the owner of this key"),
        "a stranger's": (answer(owned, number, stranger)["proof"][-1], "does not fit"),
        "a stranger's in his own name": (
            answer(owned, number, stranger, verificationMethod=f"did:key:{stranger.multibase}#{stranger.multibase}"),
            "does not name the owner of this key",
        ),
        "in another's name": (answer(owned, number, verificationMethod=rector.method), "does not fit"),
        "with an id": (answer(owned, number, id=f"urn:uuid:{'0' * 8}-0000-0000-0000-{'0' * 12}"), "of another form"),
        "in advance": (answer(owned, number, created="2026-11-21T05:06:00Z"), "signed in the future"),
        "before the institution": (answer(owned, number, created="2026-11-21T04:54:00Z"), "before the institution"),
        "in a year before his own": (answer(owned, number, created="2025-11-21T05:00:00Z"), "was not good on"),
        "for another purpose": (answer(owned, number, proofPurpose="authentication"), "proofPurpose"),
        "of another suite": (answer(owned, number, cryptosuite="eddsa-jcs-2022"), "cryptosuite"),
        "with a term more": (proof | {"domain": "x"}, "domain"),
        "no object": ([proof], "object"),
    }
    for name, (handed_in, because) in bad.items():
        with pytest.raises(Refused, match=because):
            accept(owned.office, number, written(handed_in))
        assert waiting_numbered(owned.office, number) == waits, name
    for nonsense in (b"", b"{", b"null", b"\xff"):
        with pytest.raises(Refused):
            accept(owned.office, number, nonsense)
    assert accept(owned.office, number, written(proof)).lacking == ()
    with pytest.raises(Refused, match="is published"):
        accept(owned.office, number, written(proof))


def test_whoever_has_found_a_key_cannot_date_a_signature_back(owned: World) -> None:
    """From the day on which it is no longer in its owner's hands alone, the office takes nothing more by it."""
    waits = owned.begin()
    proof = answer(owned, waits.intent.number)["proof"][-1]
    owned.clock.move(days=10)
    found = HOLDER | {"compromised": "2026-11-25"}
    add_institutions(owned.office, (university(rule(1, "vice_rector"), persons=(*THREE, found)),))
    with pytest.raises(Refused, match="no key that is good"):
        accept(owned.office, waits.intent.number, written(proof))


def test_a_proof_of_the_other_form_is_refused(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule(1, "vice_rector", form="chain"), persons=(*THREE, HOLDER)))
    waits = w.begin()
    with pytest.raises(Refused, match="that follows the institution's"):
        accept(w.office, waits.intent.number, written(answer(w, waits.intent.number, previousProof=None)["proof"][-1]))


def test_a_home_without_the_key_says_what_to_do_instead(owned: World, tmp_path: Path) -> None:
    waits = owned.begin()
    (tmp_path / "keys").mkdir()
    office = replace(owned.office, ring=KeyRing(tmp_path / "keys", ""))
    with pytest.raises(Refused, match="--as serik --bytes"):
        cosign(office, waits.intent.number, "vice_rector")
    assert acts(owned)[-1][0] == "sign"


# A key that is lost, or ends, while the document waits


def ends(w: World, name: str, *rules: dict[str, Any], more: tuple[dict[str, Any], ...] = (), **end: Json) -> None:
    """The register learns of an end of that person's key; `more` are new rows."""
    people = tuple(p | end if p["person"] == name else p for p in THREE)
    add_institutions(w.office, (university(*(rules or (rule(),)), persons=(*people, *more)),))


@pytest.mark.parametrize("form", ["set", "chain"])
def test_a_signature_by_a_key_that_was_lost_before_it_goes_into_no_document(form: str, tmp_path: Path) -> None:
    asked = rule(form=form)
    w = World(tmp_path, rows=rows(asked))
    waits = w.begin()
    w.cosign(waits, RECTOR)
    ends(w, RECTOR, asked, compromised="2026-11-20")
    w.clock.move(days=1)
    done = w.cosign(waits, CHAIR)
    assert "1 there" in done.lacking[0].en
    (told,) = done.lapsed
    assert all(language in told.en for language in ("Ғ. Ұлықбекова", "counts no more", "A new one is needed"))
    assert w.look_up(waits.intent.code).verdict == "not_found"
    assert w.cosign(waits, DEAN).lapsed == ()
    report = w.verify(w.finished(waits))
    assert report.verdict == "valid"
    assert [s.role for s in report.signatures] == ["institution", "commission_chair", "dean"]
    assert w.rows_of("SELECT count(*) FROM issuer_proofs") == [(4,)]
    assert not unaccounted(w)


def test_whoever_has_lost_a_key_signs_again_by_another(ruled: World) -> None:
    waits = ruled.begin()
    ruled.cosign(waits, RECTOR)
    ends(ruled, RECTOR, compromised="2026-11-20", more=(person(RECTOR, "rector", **{"from": "2026-11-22"}),))
    ruled.clock.move(days=1)
    ruled.cosign(waits, RECTOR)
    assert ruled.cosign(waits, CHAIR).lacking == ()
    report = ruled.verify(ruled.finished(waits))
    assert report.verdict == "valid"
    assert [s.role for s in report.signatures] == ["institution", "rector", "commission_chair"]


def test_the_audit_says_once_why_a_signature_counts_no_more(ruled: World) -> None:
    waits = ruled.begin()
    ruled.cosign(waits, RECTOR)
    ends(ruled, RECTOR, compromised="2026-11-20")
    for _ in range(2):
        note_lapsed(ruled.office)
    ruled.cosign(waits, CHAIR)
    (row,) = [detail for act, detail in acts(ruled) if act == "cosign_lapsed"]
    assert (row["who"], row["created"]) == (RECTOR, "2026-11-21T05:00:00Z")
    assert "the key may have been in other hands" in row["because"]


def test_a_signature_of_before_the_loss_counts_if_the_register_has_the_document_by_then(ruled: World) -> None:
    early, late = ruled.begin(), ruled.begin()
    ruled.cosign(early, RECTOR, CHAIR)
    ruled.cosign(late, RECTOR)
    ends(ruled, RECTOR, compromised="2026-11-25")
    ruled.clock.move(days=10)
    assert "1 there" in ruled.cosign(late, CHAIR).lacking[0].en
    ruled.cosign(late, DEAN)
    for waits in (early, late):
        assert ruled.verify(ruled.finished(waits)).verdict == "valid"


def test_a_signature_that_was_handed_in_after_the_loss_counts_under_no_date(tmp_path: Path) -> None:
    asked = rule(2, "vice_rector", "rector")
    w = World(tmp_path, rows=rows(asked, persons=(*THREE, HOLDER)))
    waits = w.begin()
    proof = answer(w, waits.intent.number)["proof"][-1]
    w.clock.move(days=10)
    accept(w.office, waits.intent.number, written(proof))
    add_institutions(w.office, (university(asked, persons=(*THREE, HOLDER | {"compromised": "2026-11-25"})),))
    assert "1 there" in w.cosign(waits, RECTOR).lacking[0].en


def test_a_key_that_is_retired_after_it_signed_counts_and_before_it_does_not(tmp_path: Path) -> None:
    for name, day, there in (("after", "2026-11-25", True), ("before", "2026-11-20", False)):
        w = World(tmp_path / name, rows=rows(rule()))
        waits = w.begin()
        w.cosign(waits, RECTOR)
        ends(w, RECTOR, until=day)
        w.clock.move(days=10)
        assert (w.cosign(waits, CHAIR).lacking == ()) is there
        if not there:
            assert w.cosign(waits, DEAN).lacking == ()
        assert w.verify(w.finished(waits)).verdict == "valid"


def test_nobody_signs_a_document_whose_institution_has_lost_its_key(ruled: World) -> None:
    """What the institution signs anew is another document, so this one is withdrawn."""
    waits = ruled.begin(case="case-7")
    ruled.cosign(waits, RECTOR)
    ruled.rewrite("UPDATE issuer_keys SET compromised_from = '2026-11-22T00:00:00Z'")
    ruled.clock.move(days=2)
    with pytest.raises(Refused, match="institution's own signature counts no more"):
        ruled.cosign(waits, CHAIR)
    with pytest.raises(Refused, match="institution's own signature counts no more"):
        request(ruled.office, waits.intent.number, CHAIR)
    assert list(sign_all(ruled.office, CHAIR)) == []
    withdraw(ruled.office, waits.intent.number, "The key was lost")


# A batch


def test_a_batch_signs_all_that_waits_for_a_role(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule(2, "rector", "dean"), rule(1, "commission_chair", kind=EXTRACT)))
    micro, extract = [w.begin() for _ in range(3)], w.begin(EXTRACT)
    done = list(sign_all(w.office, "rector"))
    assert [each.number for each in done] == [waits.intent.number for waits in micro]
    assert list(sign_all(w.office, DEAN))[-1].lacking == ()
    w.deliver()
    assert all(w.verify(w.finished(waits)).verdict == "valid" for waits in micro)
    assert waiting(w.office) == [extract]
    with pytest.raises(Refused, match="waits for no signature of"):
        list(sign_all(w.office, "rector"))


# Rules over time


def test_the_rule_of_the_day_of_the_institutions_proof_is_what_counts(w: World) -> None:
    before = w.issue().document
    add_institutions(w.office, (university(rule(since="2026-11-25")),))
    w.clock.move(days=1)
    assert w.verify(w.issue().document).verdict == "valid"
    w.clock.move(days=3)  # 25 November
    waits = w.begin()
    add_institutions(w.office, (university(rule(since="2026-11-25", until="2026-11-26")),))
    w.clock.move(days=2)  # 27 November
    after = w.issue().document
    w.cosign(waits, RECTOR)
    assert len(waiting(w.office)) == 1
    w.cosign(waits, DEAN)
    for document in (before, w.finished(waits), after):
        assert w.verify(document).verdict == "valid"


def test_what_is_signed_beside_holds_with_the_keys_of_the_register(ruled: World) -> None:
    waits = ruled.begin()
    ruled.cosign(waits, RECTOR, CHAIR)
    document = value_of(ruled.finished(waits))
    for proof in proofs_of(document):
        key = PublicKey.from_multibase(str(proof["verificationMethod"]).rpartition("#")[2])
        assert check(document, proof, key)
