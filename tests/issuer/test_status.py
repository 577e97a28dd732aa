"""The end of a document: who decided, on what ground, from which day; and that nothing undoes it."""

import json
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

import issuer.ledger
import registry.ledger
from issuer import status
from issuer.ends.officers import NotEntitled
from issuer.issue import prepare
from issuer.signing import resume
from issuer.status import REASONS_FOR
from registry.statuses import Act
from schemas.errors import Refused
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES
from schemas.statuslist import bit_at, read_list_document
from tanu.institutions import add_institutions
from tests.world import (
    CENTRE,
    EXTRACT,
    FIRST,
    MICRO,
    OTHER,
    SECOND,
    SUPPLEMENT,
    World,
    day,
    institution_row,
    value_of,
)

ACTS: list[Act] = ["suspended", "revoked", "annulled", "replaced"]


def refusal(w: World, number: str, act: str, **how: Any) -> Refused:
    """The refusal of an order; nothing is recorded of it."""
    if act == "annulled":
        with suppress(Refused):  # a document that has ended has no case, and needs none to be refused
            w.heard(number)
    return refused(w, lambda: w.propose(number, act, **how))


def refused(w: World, act: Callable[[], object]) -> Refused:
    """The refusal of an act that leaves nothing behind."""
    tables = ("issuer_changes", "issuer_audit", "issuer_proposals", "issuer_outbox")
    before = [w.rows_of(f"SELECT * FROM {table}") for table in tables]
    with pytest.raises(Refused) as refusal:
        act()
    assert [w.rows_of(f"SELECT * FROM {table}") for table in tables] == before
    assert all(refusal.value.because[language] for language in LANGUAGES)
    return refusal.value


def bits_of(w: World, code: str) -> dict[str, bool]:
    """What the published lists say of a document, by purpose."""
    found = {}
    for slot in w.office.store.slots_of(code):
        data = w.registry.status_list(slot.list_url)
        assert data is not None
        found[slot.purpose] = bit_at(read_list_document(value_of(data)).bits, slot.index)
    return found


@pytest.mark.parametrize(("act", "reason"), [(act, reason) for act in ACTS for reason in REASONS_FOR[act]])
def test_a_change_is_recorded_with_everything_about_it(act: Act, reason: str, w: World) -> None:
    issued, successor = w.issue_many(2)
    more = {"successor": successor.number} if act == "replaced" else {}
    decided = w.change(issued, act, reason=reason, **more)
    assert (decided.change.act, decided.change.reason) == (act, reason)
    assert (decided.change.authority, decided.change.basis, decided.minutes) == ("Ректор", "Бұйрық № 12", "№ 12")
    assert (decided.change.effective_on, decided.change.decided_on) == (day("2026-11-21"), day("2026-11-21"))
    assert (decided.entered_by, decided.confirmed_by) == (FIRST, SECOND)
    assert w.registry.history(issued.code) == [decided.change]
    rows = w.rows_of("SELECT actor, act, subject, detail FROM issuer_audit WHERE act IN ('propose', :act)", act=act)
    assert [row[:3] for row in rows] == [("tester", each, issued.number) for each in ("propose", act)]
    for *_, detail in rows:
        assert json.loads(detail)["event"] == decided.event
        assert FIRST in detail
    assert (SECOND in rows[1][3], "№ 12" in rows[1][3]) == (True, True)


def test_a_reason_of_another_act_is_refused(w: World) -> None:
    number = w.issue().number
    for act, given in (("annulled", "error"), ("revoked", "violation"), ("replaced", "violation")):
        assert "Reasons are: " in str(refusal(w, number, act, reason=given))


# Two persons


def test_what_is_proposed_is_not_public_until_another_person_confirms_it(w: World) -> None:
    for kind in (MICRO, EXTRACT):
        issued = w.issue(kind)
        before = bits_of(w, issued.code), w.registry.history(issued.code)
        proposal = status.propose(w.office, issued.number, w.order("suspended"))
        assert w.deliver() == 0
        assert w.look_up(issued.code).verdict == "valid"
        assert (bits_of(w, issued.code), w.registry.history(issued.code)) == before
        status.confirm(w.office, proposal.event, SECOND)
        w.deliver()
        assert w.look_up(issued.code).verdict == "suspended"


@pytest.mark.parametrize("act", [*ACTS, "reinstated"])
def test_C13_one_person_alone_ends_nothing(act: str, w: World) -> None:
    issued = w.issue()
    if act == "reinstated":
        w.suspend(issued)
    proposal = w.propose(issued.number, act)
    for name in (FIRST, " ә. маман ", "Ә. МАМАН", "Ә.Маман", "Ә.\u00a0Маман", "\u200bӘ. Маман"):
        assert "another" in str(refused(w, partial(status.confirm, w.office, proposal.event, name)))
    assert status.confirm(w.office, proposal.event, SECOND).confirmed_by == SECOND


def test_C13_two_ways_to_compose_a_letter_are_one_person(tmp_path: Path) -> None:
    composed, taken_apart = (unicodedata.normalize(form, "Андрій Й.") for form in ("NFC", "NFD"))
    assert composed != taken_apart
    officers = [{"name": name, "from": "2024-01-01"} for name in (composed, SECOND)]
    w = World(tmp_path, rows=(institution_row("kmu", "KMU", "990340000014", KINDS, officers=officers),))
    proposal = status.propose(w.office, w.issue().number, w.order("revoked", entered_by=taken_apart))
    assert proposal.order.entered_by == composed
    with pytest.raises(NotEntitled):
        status.confirm(w.office, proposal.event, taken_apart)


def test_C13_who_has_no_right_neither_enters_nor_confirms(tmp_path: Path) -> None:
    """A stranger, an officer of another institution, one who may only enter or only confirm, one of former days."""
    enters, confirms, former = "Енгізуші Е.", "Растаушы Р.", "Бұрынғы Б."
    officers = [
        {"name": enters, "may": ["enter"], "from": "2024-01-01"},
        {"name": confirms, "may": ["confirm"], "from": "2024-01-01"},
        {"name": former, "from": "2024-01-01", "until": "2026-11-20"},
    ]
    w = World(tmp_path, rows=(institution_row("kmu", "KMU", "990340000014", KINDS, officers=officers), OTHER))
    number = w.issue().number
    for name in ("Бөтен", "", FIRST, SECOND, confirms, former):
        error = refusal(w, number, "revoked", entered_by=name)
        assert isinstance(error, NotEntitled)
        assert enters in str(error)
    proposal = status.propose(w.office, number, w.order("revoked", entered_by=enters))
    for name in ("Бөтен", "", FIRST, SECOND, former):
        error = refused(w, partial(status.confirm, w.office, proposal.event, name))
        assert isinstance(error, NotEntitled)
        assert confirms in str(error)
    assert w.office.store.history(proposal.code) == []
    assert status.confirm(w.office, proposal.event, confirms).change.act == "revoked"


def test_C13_where_no_officers_are_named_nobody_ends_a_document(tmp_path: Path) -> None:
    w = World(tmp_path, rows=(institution_row("kmu", "KMU", "990340000014", KINDS, officers=[]),))
    assert isinstance(refusal(w, w.issue().number, "revoked"), NotEntitled)


def test_a_change_of_the_officers_stands_in_the_audit(w: World) -> None:
    rows = "SELECT subject, detail FROM issuer_audit WHERE act = 'officers'"
    before = w.rows_of(rows)
    assert [subject for subject, _ in before] == ["kmu", "kau"]
    add_institutions(w.office, w.rows)
    assert w.rows_of(rows) == before
    fewer = institution_row("kmu", "KMU", "990340000014", KINDS, officers=[{"name": FIRST, "from": "2024-01-01"}])
    add_institutions(w.office, (fewer,))
    assert len(w.rows_of(rows)) == 3
    with pytest.raises(NotEntitled):
        w.revoke(w.issue())


def test_a_proposal_is_withdrawn_with_its_reason_and_leaves_the_document_as_it_was(w: World) -> None:
    issued = w.issue()
    proposal = status.propose(w.office, issued.number, w.order("revoked"))
    assert "is already proposed" in str(refusal(w, issued.number, "suspended"))
    refused(w, lambda: status.withdraw(w.office, proposal.event, "Бөтен", "a slip"))
    refused(w, lambda: status.withdraw(w.office, proposal.event, FIRST, "  "))
    status.withdraw(w.office, proposal.event, FIRST, "the wrong number")
    for again in (lambda: status.confirm(w.office, proposal.event, SECOND), lambda: withdrawn_again(w, proposal.event)):
        assert "No proposal" in str(refused(w, again))
    w.deliver()
    assert w.look_up(issued.code).verdict == "valid"
    ((subject, detail),) = w.rows_of("SELECT subject, detail FROM issuer_audit WHERE act = 'withdraw_proposal'")
    assert (subject, json.loads(detail)["because"]) == (issued.number, "the wrong number")
    w.revoke(issued)


def withdrawn_again(w: World, event: str) -> None:
    """What is closed is not withdrawn."""
    status.withdraw(w.office, event, FIRST, "again")


def test_what_was_proposed_cannot_be_rewritten(w: World) -> None:
    proposal = status.propose(w.office, w.issue().number, w.order("revoked"))
    status.withdraw(w.office, proposal.event, FIRST, "a slip")
    for statement in (
        "UPDATE issuer_proposals SET entered_by = 'x'",
        "UPDATE issuer_proposals SET state = 'proposed'",
        "DELETE FROM issuer_proposals",
    ):
        with pytest.raises(sa.exc.DatabaseError), w.home.engine.begin() as connection:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize("event", ["", "x", "0" * 32, "'; DROP TABLE issuer_proposals; --"])
def test_what_nobody_has_proposed_is_not_confirmed(event: str, w: World) -> None:
    refused(w, lambda: status.confirm(w.office, event, SECOND))


def test_two_who_confirm_at_once_record_it_once(w: World) -> None:
    proposal = status.propose(w.office, w.issue().number, w.order("revoked"))
    status.confirm(w.office, proposal.event, SECOND)
    assert len(w.office.store.history(proposal.code)) == 1
    refused(w, lambda: status.confirm(w.office, proposal.event, SECOND))


def test_what_is_confirmed_must_still_be_possible(w: World) -> None:
    """Between the two persons the day has passed, or the successor has ended."""
    one, two, three = w.issue_many(3)
    of_today = status.propose(w.office, one.number, w.order("suspended", effective_on=day("2026-11-21")))
    open_day = status.propose(w.office, three.number, w.order("suspended"))
    replacing = status.propose(w.office, two.number, w.order("replaced", successor=one.number))
    w.clock.move(days=2)
    refused(w, lambda: status.confirm(w.office, of_today.event, SECOND))
    assert status.confirm(w.office, open_day.event, SECOND).change.effective_on == day("2026-11-23")
    status.withdraw(w.office, of_today.event, FIRST, "too late")
    w.revoke(one)
    refused(w, lambda: status.confirm(w.office, replacing.event, SECOND))


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


def test_C12_the_database_itself_lets_nothing_follow_the_end(w: World) -> None:
    """Past the code, in the tables of the office and of the register."""
    for end in ("revoked", "annulled", "replaced"):
        issued, successor = w.issue_many(2)
        w.change(issued, end, **({"successor": successor.number} if end == "replaced" else {}))
        for table, more, values in (("changes", "", ""), ("issuer_changes", ", entered_by", ", 'x'")):
            for act in ("reinstated", "suspended", "revoked"):
                columns = f"event, code, act, reason, authority, basis, effective_on, recorded_at{more}"
                row = f"'e', '{issued.code}', '{act}', 'error', 'x', 'x', '2026-11-21', '2026-11-21T05:00:00Z'{values}"
                with pytest.raises(sa.exc.DatabaseError), w.home.engine.begin() as connection:
                    connection.exec_driver_sql(f"INSERT INTO {table} ({columns}) VALUES ({row})")
        assert w.look_up(issued.code).verdict == end


def test_C12_a_document_ends_once_in_any_database() -> None:
    """Where there is no trigger of ours, as on PostgreSQL, a unique index holds that."""
    for table in (registry.ledger.changes, issuer.ledger.changes):
        (index,) = [index for index in table.indexes if index.unique]
        ddl = str(CreateIndex(index).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
        assert f"ON {table.name} (code) WHERE act IN ('annulled', 'replaced', 'revoked')" in ddl


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


@pytest.mark.parametrize("field", ["authority", "basis", "minutes", "entered_by"])
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
    refusal(w, one.number, "annulled", decided_on=day("2026-11-20"))
    refusal(w, one.number, "annulled", decided_on=(w.clock.now + timedelta(days=1)).date())
    refusal(w, one.number, "revoked", from_beginning=True)
    w.annul(one, effective_on=day("2026-11-21"))
    assert w.look_up(one.code).verdict == "annulled"
    w.revoke(two, effective_on=w.office.today())
    assert w.look_up(two.code).verdict == "revoked"


def test_an_annulment_holds_from_the_day_of_its_decision_unless_it_says_otherwise(w: World) -> None:
    one, two, three = w.issue_many(3)
    w.clock.move(days=9)
    decided = w.annul(one, decided_on=day("2026-11-28")).change
    assert (decided.effective_on, decided.from_beginning) == (day("2026-11-28"), False)
    decided = w.annul(two, decided_on=day("2026-11-28"), effective_on=day("2026-11-25")).change
    assert decided.effective_on == day("2026-11-25")
    decided = w.annul(three, decided_on=day("2026-11-28"), from_beginning=True).change
    assert (decided.effective_on, decided.from_beginning) == (day("2026-11-21"), True)


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
    w.decide(f" {issued.number.lower()} ", "revoked")
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


def test_the_replacement_of_a_certificate_is_the_end_of_its_supplements_without_a_successor(w: World) -> None:
    parent, successor = w.issue_many(2)
    supplement = w.issue(SUPPLEMENT, parent=parent)
    w.replace(parent, successor)
    assert [(c.act, c.successor) for c in w.registry.history(supplement.code)] == [("replaced", None)]
    assert bits_of(w, supplement.code) == {"revocation": True, "suspension": False}
    assert w.look_up(supplement.code).verdict == "replaced"


def test_an_annulment_from_the_beginning_is_a_supplements_own_beginning_too(w: World) -> None:
    parent = w.issue()
    w.clock.move(days=2)
    w.deliver()
    supplement = w.issue(SUPPLEMENT, parent=parent)
    w.clock.move(days=2)
    w.annul(parent, from_beginning=True)
    (change,) = w.registry.history(supplement.code)
    assert (change.from_beginning, change.effective_on) == (True, day("2026-11-23"))


def test_a_supplement_that_waits_for_signatures_ends_with_its_certificate(w: World) -> None:
    parent = w.issue()
    (prepared,) = prepare(w.office, [w.approve(SUPPLEMENT, parent=parent)])
    w.suspend(parent)
    assert w.office.store.intent_numbered(prepared.intent.number).state == "intended"  # type: ignore[union-attr]
    w.annul(parent)
    resume(w.office)
    w.deliver()
    assert w.rows_of("SELECT state FROM issuer_intents WHERE number = :n", n=prepared.intent.number) == [("void",)]
    assert w.look_up(prepared.intent.code).verdict == "not_found"


def test_a_supplement_that_was_suspended_on_its_own_stays_so_when_its_certificate_is_reinstated(w: World) -> None:
    parent = w.issue()
    supplement, other = (w.issue(SUPPLEMENT, parent=parent) for _ in range(2))
    w.suspend(supplement)
    w.suspend(parent)
    w.reinstate(parent)
    assert (w.look_up(supplement.code).verdict, w.look_up(other.code).verdict) == ("suspended", "valid")
    w.reinstate(supplement)
    assert w.look_up(supplement.code).verdict == "valid"


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
    proposal = w.propose(parent.number, "annulled")
    before = w.rows_of("SELECT * FROM issuer_audit")
    for table in ("issuer_changes", "issuer_audit", "issuer_outbox"):
        with w.fault(f"INSERT ON {table}"), pytest.raises(sa.exc.DatabaseError):
            status.confirm(w.office, proposal.event, SECOND)
    assert w.rows_of("SELECT * FROM issuer_audit") == before
    assert w.rows_of("SELECT * FROM issuer_changes") == []
    assert w.look_up(parent.code).verdict == "valid"
