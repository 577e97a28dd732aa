"""A key is changed, or came into other hands: what the register had before stays, and nothing that is published
changes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from issuer import rotation
from issuer.ends.store import looking
from issuer.intents import Order
from issuer.issue import Issued
from issuer.resigning import Resigned, resign
from issuer.rotation import used
from keys.did import read_document
from registry.cosigners import CLOCK_SKEW
from registry.issuers import IssuerKey
from registry.statuses import state_at
from schemas.credential import utc
from schemas.errors import Refused
from schemas.languages import LANGUAGES
from tanu import published
from tests.cosigning import RECTOR, rows, rule
from tests.world import MICRO, SUPPLEMENT, Told, World, issue, loosely, value_of
from verifier.report import Report


@pytest.fixture
def web(tmp_path: Path) -> World:
    """A world of did:web institutions, which have a key for documents and one for lists."""
    return World(tmp_path, public_url="https://tanu.example")


def failed(report: Report) -> list[int]:
    return [check.n for check in report.checks if check.outcome == "failed"]


def method(document: bytes) -> str:
    return str(value_of(document)["proof"]["verificationMethod"])


def audited(w: World, act: str) -> list[Any]:
    return w.rows_of("SELECT subject FROM issuer_audit WHERE act = :act", act=act)


def signed_by(w: World, key: IssuerKey, issued: Issued, **options: Any) -> bytes:
    """A document that somebody signs with that key and brings into the register."""
    value = value_of(w.forged(issued))
    own = w.keys.signers[key.multibase]
    value["id"] = value["id"][:-4] + "0ZZZ"
    value["credentialSubject"]["achievement"]["id"] = f"{value['id']}#achievement"
    value["credentialStatus"]["statusListIndex"] = "99"
    value["number"] = value["credentialSubject"]["licenseNumber"] = "KMU-MC-2027-009999-12"
    value["issuer"]["id"] = key.did
    return w.register(w.signed_by(own, value, verificationMethod=key.id, **options))


def execute(w: World, statement: str, **values: Any) -> None:
    """SQL past the product, triggers left in place."""
    with w.home.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(sa.text(statement), values)


# Rotation


def test_a_new_key_takes_the_place_of_an_old_one(web: World) -> None:
    before, (key, of_lists) = web.issue(), web.university.keys
    web.clock.move(hours=1)
    last = web.issue()
    old, new = rotation.rotate(web.office, key.multibase)
    web.clock.move(seconds=1)
    assert (old.retired_at, new.valid_from, new.purposes) == (web.clock.now, web.clock.now, ("documents",))
    assert web.verify(last.document).verdict == "valid", "it was signed in the very second"
    after = web.issue()
    assert (method(before.document), method(after.document)) == (key.id, new.id)
    assert [web.verify(each.document).verdict for each in (before, after)] == ["valid", "valid"]
    assert failed(web.verify(signed_by(web, key, after))) == [5], "a retired key signs no more"
    listed = published.did_document(web.office.registry, "kmu")
    assert listed
    assert {each.id for each in read_document(listed, web.university.did)} == {key.id, of_lists.id, new.id}
    assert audited(web, "rotate_key") == [(key.id,)]


def test_a_new_key_for_lists_signs_the_next_ones(web: World) -> None:
    issued, of_lists = web.issue(), web.university.keys[1]
    web.clock.move(hours=1)
    _, new = rotation.rotate(web.office, of_lists.id)
    web.clock.move(hours=7)
    web.deliver()
    url = value_of(issued.document)["credentialStatus"]["statusListCredential"]
    assert value_of(web.registry.status_list(url) or b"")["proof"]["verificationMethod"] == new.id
    assert web.verify(issued.document).verdict == "valid"


def test_a_change_may_be_announced(web: World) -> None:
    key, later = web.university.keys[0], web.clock.now + timedelta(days=3)
    _, new = rotation.rotate(web.office, key.id, later)
    assert method(web.issue().document) == key.id
    web.clock.move(days=3)
    assert method(web.issue().document) == new.id


def test_a_did_key_gets_a_new_did_of_the_same_institution(w: World) -> None:
    before, (key,) = w.issue(), w.university.keys
    w.suspend(w.issue())
    w.clock.move(hours=1)
    _, new = rotation.rotate(w.office, key.id)
    w.clock.move(seconds=1)
    assert new.did != w.university.did
    assert new.purposes == ("documents", "lists")
    after = w.issue()
    assert value_of(after.document)["issuer"]["id"] == new.did
    for did in (key.did, new.did):
        assert w.registry.institution(did) == w.university
    for issued in (before, after):
        assert w.verify(issued.document).verdict == "valid"
        report = w.look_up(issued.code)
        assert report.document
        assert report.document.issuer.id == value_of(issued.document)["issuer"]["id"]
    w.revoke(before)
    assert (w.look_up(before.code).verdict, w.look_up(after.code).verdict) == ("revoked", "valid")
    w.clock.move(hours=23)
    w.deliver()
    assert w.verify(after.document).verdict == "valid"


def test_one_did_of_an_institution_does_not_sign_for_its_other(w: World) -> None:
    (key,) = w.university.keys
    w.clock.move(hours=1)
    old, new = rotation.rotate(w.office, key.id)
    w.clock.move(seconds=1)
    value = value_of(w.issue().document)
    as_before = value["issuer"] | {"id": old.did}
    for document in (
        w.signed_by(w.keys.signers[old.multibase], value, verificationMethod=old.id),
        w.signed_by(w.keys.signers[new.multibase], value | {"issuer": as_before}, verificationMethod=new.id),
    ):
        report = w.verify(document)
        assert (report.verdict, failed(report)) == ("tampered", [4])


def test_a_list_under_one_did_signed_for_the_other_is_not_authentic(w: World) -> None:
    issued, (key,) = w.issue(), w.university.keys
    url = value_of(issued.document)["credentialStatus"]["statusListCredential"]
    w.clock.move(hours=1)
    _, new = rotation.rotate(w.office, key.id)
    w.clock.move(seconds=1)
    listed = value_of(w.registry.status_list(url) or b"") | {"issuer": key.did}
    forged = w.signed_by(w.keys.signers[new.multibase], listed, verificationMethod=new.id)
    report = w.verify(issued.document, Told.by(w.registry, status_list=lambda _: loosely(forged)))
    assert report.verdict == "indeterminate"


def test_a_partner_with_a_new_did_is_still_the_partner(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule(1, partners=["kau"])))
    first = w.begin()
    w.cosign(first, "kau")
    rotation.rotate(w.office, w.office.institution("kau").keys[0].id)
    w.clock.move(seconds=1)
    second = w.begin()
    w.cosign(second, "kau")
    for waiting in (first, second):
        report = w.verify(w.finished(waiting))
        assert report.verdict == "valid"
        assert report.signatures[1].role == "partner"


def test_what_waits_for_a_co_signature_is_good_though_the_key_is_retired_meanwhile(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule(1)))
    waiting = w.begin()
    w.clock.move(hours=1)
    rotation.rotate(w.office, w.university.keys[0].id)
    w.clock.move(hours=1)
    w.cosign(waiting, RECTOR)
    assert w.verify(w.finished(waiting)).verdict == "valid"


def test_a_second_key_signs_because_it_is_newer(web: World) -> None:
    web.clock.move(hours=1)
    key = rotation.add(web.office, web.university, "documents")
    web.clock.move(seconds=1)
    issued = web.issue()
    assert method(issued.document) == key.id
    assert web.verify(issued.document).verdict == "valid"
    assert audited(web, "add_key") == [(key.id,)]


# A key in other hands


@pytest.mark.parametrize("address", ["https://tanu.example", "http://127.0.0.1:8000"])
def test_what_the_register_had_before_stays_and_what_came_later_does_not(address: str, tmp_path: Path) -> None:
    w = World(tmp_path, public_url=address)
    before = w.issue()
    w.clock.move(days=1)
    theft = w.clock.now
    w.clock.move(hours=1)
    after, key = w.issue(), w.university.keys[0]
    backdated = signed_by(w, key, before, created=utc(theft - timedelta(hours=20)))
    assert [w.verify(d).verdict for d in (before.document, after.document, backdated)] == ["valid"] * 3
    stolen, new = rotation.compromise(w.office, key.id, theft)
    assert new
    assert w.verify(before.document).verdict == "valid", "its lists are signed with the new key already"
    report = w.verify(after.document)
    assert (report.verdict, failed(report), report.document) == ("tampered", [5], None)
    report = w.verify(backdated)
    assert (report.verdict, failed(report)) == ("tampered", [5])
    because = next(check.because for check in report.checks if check.n == 5)
    assert "when the key was in other hands" in because.en
    assert all(because[language] for language in LANGUAGES)
    assert method(w.issue().document) == new.id
    assert audited(w, "compromise_key") == [(key.id,)]
    found = {each.number: (each.fate, each.recorded) for each in used(w.office, stolen)}
    assert found == {
        before.number: ("stays", True),
        after.number: ("lost", True),
        value_of(backdated)["number"]: ("lost", False),
        **{number: fate for number, fate in found.items() if number.startswith("KMU-MC-2027-000")},
    }


def test_the_time_of_a_theft_may_turn_out_to_be_earlier_and_never_later(w: World) -> None:
    w.clock.move(days=2)
    key, now = w.university.keys[0], w.clock.now
    rotation.compromise(w.office, key.id, now - timedelta(days=1))
    rotation.compromise(w.office, key.id, now - timedelta(days=2))
    with pytest.raises(Refused, match="only be moved to an earlier time"):
        rotation.compromise(w.office, key.id, now)
    later = "UPDATE issuer_keys SET compromised_from = :at WHERE id = :id"
    for at in (utc(now), None):
        with pytest.raises(sa.exc.DatabaseError, match="not taken back"):
            execute(w, later, at=at, id=key.id)


def test_a_co_signature_by_a_stolen_key_counts_only_in_what_the_register_had_before(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule(1)))
    before = w.begin()
    w.cosign(before, RECTOR)
    w.clock.move(days=1)
    after = w.begin()
    w.cosign(after, RECTOR)
    w.rewrite("UPDATE responsible_persons SET compromised_from = :at", at=utc(w.clock.now))
    assert w.verify(w.finished(before)).verdict == "valid"
    report = w.verify(w.finished(after))
    assert (report.verdict, failed(report)[0]) == ("tampered", 6)
    w.rewrite("UPDATE responsible_persons SET compromised_from = :at", at=utc(w.clock.now + CLOCK_SKEW / 2))
    w.rewrite("UPDATE entries SET registered_at = :at", at=utc(w.clock.now + CLOCK_SKEW))
    report = w.verify(w.finished(after))
    assert (report.verdict, failed(report)) == ("tampered", [6])
    assert "when the key was in other hands" in report.signatures[1].because.en


# Issued again


ORDER = Order("replaced", "key_compromised", "Ректор", "Бұйрық", "№ 12", "Ә. Маман")


def stolen_after(w: World, *made: Issued) -> list[Resigned]:
    """The key was in other hands before all of these."""
    key = w.office.institution("kmu").keys[0]
    stolen, _ = rotation.compromise(w.office, key.id, key.valid_from)
    lost = [each for each in used(w.office, stolen) if each.fate == "lost"]
    assert {each.number for each in lost} >= {each.number for each in made}
    return list(resign(w.office, lost, ORDER, "Б. Екінші"))


def test_what_came_too_late_is_issued_again_and_replaced(w: World) -> None:
    one, parent = w.issue(), w.issue()
    supplement = w.issue(SUPPLEMENT, parent=parent)
    done = {each.number: each for each in stolen_after(w, one, parent, supplement)}
    assert set(done) == {one.number, parent.number, supplement.number}
    for old in (one, parent, supplement):
        successor = done[old.number].successor
        assert successor, done[old.number].because
        history = w.registry.history(old.code)
        assert [(change.act, change.reason, change.successor) for change in history] == [
            ("replaced", "key_compromised", successor)
        ]
        intent = w.office.store.intent_numbered(successor)
        assert intent
        report = w.look_up(intent.code)
        assert report.verdict == "valid", report
        assert report.document
        assert report.document.title == w.facts(SUPPLEMENT if old is supplement else MICRO).title or old is supplement
        because = next(check.because for check in w.look_up(old.code).checks if check.n == 5)
        assert f"No. {successor} in its place" in because.en
    again = w.office.store.intent_numbered(done[supplement.number].successor or "")
    assert again
    assert again.parent == done[parent.number].successor
    assert (done[parent.number].successor or "–") in str(value_of(w.office.store.final(again.code) or b""))
    assert parent.number not in str(value_of(w.office.store.final(again.code) or b""))


def test_run_again_it_issues_nothing_twice(w: World) -> None:
    made = w.issue_many(2)
    first = stolen_after(w, *made)
    entries = w.rows_of("SELECT count(*) FROM entries")
    key = w.office.institution("kmu").keys[0]
    assert used(w.office, key) == []
    assert w.rows_of("SELECT count(*) FROM entries") == entries == [(4,)]
    assert len(first) == 2


def test_without_a_second_person_it_is_proposed(w: World) -> None:
    issued, key = w.issue(), w.university.keys[0]
    stolen, _ = rotation.compromise(w.office, key.id, key.valid_from)
    for _ in range(2):
        (done,) = resign(w.office, used(w.office, stolen), ORDER, None)
        with looking(w.office.store) as ends:
            proposal = ends.open_proposal_of(issued.code)
        assert proposal
        assert proposal.event in done.because.en
    assert w.registry.history(issued.code) == []
    assert w.rows_of("SELECT count(*) FROM entries") == [(2,)], "the new document is there once"
    (done,) = resign(w.office, used(w.office, stolen), ORDER, "Б. Екінші")
    assert [change.successor for change in w.registry.history(issued.code)] == [done.successor]


def test_what_cannot_be_issued_again_is_told(w: World) -> None:
    suspended, foreign = w.issue(), w.issue()
    w.suspend(suspended)
    forged = value_of(signed_by(w, w.university.keys[0], foreign))["number"]
    told = {each.number: each for each in stolen_after(w, suspended)}
    assert told[suspended.number].successor is None
    assert "suspended" in told[suspended.number].because.en
    assert told[forged].successor is None
    assert "no record" in told[forged].because.en
    assert state_at(w.registry.history(suspended.code), w.clock.now) == "suspended"


def test_where_others_have_to_sign_too_the_new_document_waits(tmp_path: Path) -> None:
    w = World(tmp_path, rows=rows(rule(1)))
    waiting = w.begin()
    w.cosign(waiting, RECTOR)
    (done,) = stolen_after(w)
    assert done.successor
    assert "waits for the signatures" in done.because.en
    assert w.registry.history(waiting.intent.code) == []


# What cannot be done


def test_what_cannot_be_is_refused_and_changes_nothing(w: World, web: World) -> None:
    key, now = w.university.keys[0], w.clock.now
    before = w.university
    with pytest.raises(Refused, match="no such key"):
        rotation.rotate(w.office, "z6MkNobody")
    with pytest.raises(Refused, match="has passed"):
        rotation.rotate(w.office, key.id, now - timedelta(days=1))
    with pytest.raises(Refused, match="has no second one"):
        rotation.add(w.office, w.university, "documents")
    with pytest.raises(Refused, match="has not come yet"):
        rotation.compromise(w.office, key.id, now + timedelta(seconds=1))
    with pytest.raises(Refused, match="has passed"):
        rotation.add(web.office, web.university, "lists", now - timedelta(days=1))
    assert w.university == before
    rotation.rotate(w.office, key.id)
    with pytest.raises(Refused, match="its end already"):
        rotation.rotate(w.office, key.id)


def test_without_a_row_in_the_audit_no_key_changes(w: World) -> None:
    before = w.university
    with w.fault("INSERT ON issuer_audit"), pytest.raises(sa.exc.DatabaseError):
        rotation.rotate(w.office, before.keys[0].id)
    assert w.university == before


@pytest.mark.parametrize("column", ["multibase", "purposes", "valid_from", "id"])
def test_of_a_key_nothing_but_an_end_is_set(column: str, w: World) -> None:
    for statement in (f"UPDATE issuer_keys SET {column} = 'x'", "DELETE FROM issuer_keys"):
        with pytest.raises(sa.exc.DatabaseError, match="a key is not"):
            execute(w, statement)


def test_a_batch_asks_again_who_may_issue_and_with_which_key(w: World) -> None:
    approvals = [w.approve() for _ in range(2)]
    (key,) = w.university.keys
    w.clock.move(hours=1)
    _, new = rotation.rotate(w.office, key.id)
    w.clock.move(seconds=1)
    issued = list(issue(w.office, approvals))
    assert {method(each.document) for each in issued} == {new.id}
    assert {w.verify(each.document).verdict for each in issued} == {"valid"}
