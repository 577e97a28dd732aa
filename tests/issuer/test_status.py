"""The end of a document: who decided, on what ground, from which day; and that nothing undoes it."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from issuer import status
from issuer.issue import prepare
from registry.statuses import REASONS, Act
from schemas.errors import Refused
from schemas.languages import LANGUAGES
from schemas.statuslist import bit_at, read_list_document
from tests.world import CENTRE, EXTRACT, MICRO, SUPPLEMENT, World, day, value_of

ACTS: list[Act] = ["suspended", "revoked", "annulled", "replaced"]


def refusal(w: World, number: str, act: str, **how: Any) -> Refused:
    """The refusal of a change; nothing is recorded of it."""
    before = w.rows_of("SELECT * FROM issuer_changes"), w.rows_of("SELECT * FROM issuer_audit")
    with pytest.raises(Refused) as refused:
        status.change(w.office, number, w.order(act, **how))
    assert (w.rows_of("SELECT * FROM issuer_changes"), w.rows_of("SELECT * FROM issuer_audit")) == before
    assert all(refused.value.because[language] for language in LANGUAGES)
    return refused.value


def bits_of(w: World, code: str) -> dict[str, bool]:
    """What the published lists say of a document, by purpose."""
    found = {}
    for slot in w.office.store.slots_of(code):
        data = w.registry.status_list(slot.list_url)
        assert data is not None
        found[slot.purpose] = bit_at(read_list_document(value_of(data)).bits, slot.index)
    return found


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("reason", REASONS)
def test_a_change_is_recorded_with_everything_about_it(act: Act, reason: str, w: World) -> None:
    issued, successor = w.issue_many(2)
    more = {"successor": successor.number} if act == "replaced" else {}
    decided = w.change(issued, act, reason=reason, confirmed_by="Б. Екінші", **more)
    assert (decided.change.act, decided.change.reason) == (act, reason)
    assert (decided.change.authority, decided.change.basis) == ("Ректор", "Бұйрық № 12")
    assert decided.change.effective_on == day("2026-11-21")
    assert (decided.entered_by, decided.confirmed_by) == ("Ә. Маман", "Б. Екінші")
    assert w.registry.history(issued.code) == [decided.change]
    ((actor, subject, detail),) = w.rows_of(f"SELECT actor, subject, detail FROM issuer_audit WHERE act = '{act}'")
    assert (actor, subject) == ("tester", issued.number)
    assert "Ә. Маман" in detail
    assert decided.event in detail


@pytest.mark.parametrize("kind", [MICRO, EXTRACT])
def test_the_lists_say_what_the_state_is(kind: str, w: World) -> None:
    one, two, three, four = w.issue_many(4, kind)
    w.suspend(one)
    w.revoke(two)
    w.replace(three, four)
    clear = dict.fromkeys(("revocation", "suspension") if kind == EXTRACT else ("revocation",), False)
    assert bits_of(w, one.code) == clear | ({"suspension": True} if kind == EXTRACT else {})
    assert bits_of(w, two.code) == clear | {"revocation": True}
    assert bits_of(w, three.code) == clear | {"revocation": True}
    assert bits_of(w, four.code) == clear
    w.reinstate(one)
    assert bits_of(w, one.code) == clear
    w.annul(one)
    assert bits_of(w, one.code) == clear | {"revocation": True}


@pytest.mark.parametrize("end", ["revoked", "annulled", "replaced"])
@pytest.mark.parametrize("act", [*ACTS, "reinstated"])
def test_C12_nothing_undoes_the_end_of_a_document(end: str, act: str, w: World) -> None:
    issued, successor = w.issue_many(2)
    more = {"successor": successor.number}
    w.change(issued, end, **(more if end == "replaced" else {}))
    assert issued.number in str(refusal(w, issued.number, act, **more))
    assert w.look_up(issued.code).verdict == end
    with pytest.raises(sa.exc.DatabaseError), w.home.engine.connect().execution_options(writes=True) as c, c.begin():
        c.exec_driver_sql("DELETE FROM changes")


def test_C12_an_old_record_slipped_in_behind_the_end_changes_nothing(w: World) -> None:
    issued = w.issue()
    w.revoke(issued)
    w.rewrite(
        "INSERT INTO changes (event, code, act, reason, authority, basis, effective_on, recorded_at) "
        "SELECT 'x', code, 'reinstated', reason, authority, basis, effective_on, recorded_at FROM changes"
    )
    assert w.look_up(issued.code).verdict == "revoked"
    w.clock.move(hours=8)
    w.deliver()
    assert bits_of(w, issued.code) == {"revocation": True}


def test_only_what_is_suspended_is_reinstated(w: World) -> None:
    issued = w.issue()
    refusal(w, issued.number, "reinstated")
    w.suspend(issued)
    refusal(w, issued.number, "suspended")
    w.reinstate(issued)
    refusal(w, issued.number, "reinstated")
    assert w.look_up(issued.code).verdict == "valid"


def test_the_second_person_is_another_person(w: World) -> None:
    issued = w.issue()
    for name in ("Ә. Маман", " ә. маман ", "Ә. МАМАН"):
        refusal(w, issued.number, "annulled", confirmed_by=name)
    w.change(issued, "annulled", confirmed_by="Б. Екінші")


@pytest.mark.parametrize("field", ["authority", "basis", "entered_by"])
@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_who_decided_and_on_what_ground_must_be_said(field: str, text: str, w: World) -> None:
    refusal(w, w.issue().number, "revoked", **{field: text})


def test_only_an_annulment_reaches_back(w: World) -> None:
    one, two = w.issue_many(2)
    w.clock.move(days=9)
    w.deliver()
    yesterday = (w.clock.now - timedelta(days=1)).date()
    for act in ("suspended", "revoked"):
        refusal(w, one.number, act, effective_on=yesterday)
    assert "21 November 2026" in str(refusal(w, one.number, "annulled", effective_on=day("2026-11-20")))
    w.annul(one, effective_on=day("2026-11-21"))
    assert w.look_up(one.code).verdict == "annulled"
    w.revoke(two, effective_on=w.office.today())
    assert w.look_up(two.code).verdict == "revoked"


def test_a_change_of_tomorrow_takes_effect_at_midnight_in_kazakhstan(w: World) -> None:
    issued = w.issue()
    w.revoke(issued, effective_on=day("2026-11-22"))
    assert bits_of(w, issued.code) == {"revocation": False}
    w.clock.move(hours=13, minutes=59, seconds=59)
    assert w.look_up(issued.code).verdict == "valid"
    w.clock.move(seconds=1)
    assert w.look_up(issued.code).verdict == "revoked"
    w.deliver()
    assert bits_of(w, issued.code) == {"revocation": True}


def test_what_is_to_end_tomorrow_cannot_be_ended_again(w: World) -> None:
    issued = w.issue()
    w.revoke(issued, effective_on=day("2026-11-25"))
    refusal(w, issued.number, "suspended")


@pytest.mark.parametrize("number", ["", "x", "KMU-MC-2026-000001-00", "KMU-MC-2026-000009-29"])
def test_a_document_that_is_not_there_is_refused(number: str, w: World) -> None:
    w.issue()
    refusal(w, number, "revoked")


def test_a_document_that_is_not_signed_yet_is_refused(w: World) -> None:
    (prepared,) = prepare(w.office, [w.approve()])
    refusal(w, prepared.intent.number, "revoked")


def test_a_number_is_read_as_people_type_it(w: World) -> None:
    issued = w.issue()
    status.change(w.office, f" {issued.number.lower()} ", w.order("revoked"))
    w.deliver()
    assert w.look_up(issued.code).verdict == "revoked"


def test_a_replacement_needs_a_sound_successor(w: World) -> None:
    issued, successor, ended = w.issue_many(3)
    w.revoke(ended)
    stranger = w.issue(family_name={"kk": "Басқа"}, given_name={"kk": "Біреу"}, patronymic_name=None)
    for other in (stranger.number, issued.number, ended.number, w.issue(CENTRE).number, w.issue(by="kau").number, "x"):
        refusal(w, issued.number, "replaced", successor=other)
    w.replace(issued, successor)
    report = w.look_up(issued.code)
    assert report.document is not None
    assert report.document.successor_code == successor.code


def test_a_successor_counts_for_replacements_only(w: World) -> None:
    issued, other = w.issue_many(2)
    assert w.revoke(issued, successor=other.number).change.successor is None


def test_the_end_of_a_document_is_the_end_of_its_supplements(w: World) -> None:
    parent = w.issue()
    supplements = [w.issue(SUPPLEMENT, parent=parent) for _ in range(2)]
    decided = w.annul(parent)
    for supplement in supplements:
        assert w.registry.history(supplement.code) == [decided.change]
        assert w.look_up(supplement.code).verdict == "annulled"
        assert bits_of(w, supplement.code) == {"revocation": True, "suspension": False}
    assert len(w.rows_of("SELECT * FROM issuer_audit WHERE act = 'annulled'")) == 3


def test_a_supplement_that_has_ended_before_keeps_its_own_end(w: World) -> None:
    parent = w.issue()
    supplement = w.issue(SUPPLEMENT, parent=parent)
    w.revoke(supplement)
    w.suspend(parent)
    w.annul(parent)
    assert w.look_up(supplement.code).verdict == "revoked"
    assert w.look_up(parent.code).verdict == "annulled"


def test_suspending_and_reinstating_reaches_the_supplements(w: World) -> None:
    parent = w.issue()
    supplement = w.issue(SUPPLEMENT, parent=parent)
    w.suspend(parent)
    assert w.look_up(supplement.code).verdict == "suspended"
    w.reinstate(parent)
    assert w.look_up(supplement.code).verdict == "valid"


def test_a_fault_while_a_change_is_recorded_leaves_nothing(w: World) -> None:
    parent = w.issue()
    w.issue(SUPPLEMENT, parent=parent)
    before = w.rows_of("SELECT * FROM issuer_audit")
    for table in ("issuer_changes", "issuer_audit", "issuer_outbox"):
        with w.fault(f"INSERT ON {table}"), pytest.raises(sa.exc.DatabaseError):
            w.annul(parent)
    assert w.rows_of("SELECT * FROM issuer_audit") == before
    assert w.rows_of("SELECT * FROM issuer_changes") == []
    assert w.look_up(parent.code).verdict == "valid"
