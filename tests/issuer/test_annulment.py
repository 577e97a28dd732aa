"""The case of an annulment: violation, holder, decision, appeal. MC-20: grounds, initiator, decision and date are
recorded, and the holder is told."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import get_args

import pytest
import sqlalchemy as sa

from issuer import annulment, status
from issuer.ends.cases import MOVES, CaseState, Step
from issuer.ends.officers import NotEntitled
from issuer.ends.store import looking
from issuer.issue import Issued
from issuer.status import signed_document
from schemas.errors import Refused
from schemas.languages import LANGUAGES
from tests.audit import broken_links, unaccounted
from tests.world import FIRST, SECOND, SUPPLEMENT, World, day


@pytest.fixture
def w(w: World) -> Iterator[World]:
    """A world whose audit accounts for every step at the end of a test."""
    yield w
    assert (unaccounted(w), broken_links(w)) == ({}, [])


def refused(act: Callable[[], object]) -> Refused:
    """The refusal of a step."""
    with pytest.raises(Refused) as refusal:
        act()
    assert all(refusal.value.because[language] for language in LANGUAGES)
    return refusal.value


def steps_of(w: World, issued: Issued) -> list[str]:
    """Of the newest case."""
    return [taken.step for taken in annulment.case_of(w.office, issued.number).steps]


def test_MC_20_from_the_violation_to_the_appeal_every_step_is_recorded(w: World) -> None:
    issued = w.issue()
    office, number = w.office, issued.number
    case = annulment.open_case(office, number, "Плагиат жобада", FIRST, day("2026-11-21"))
    assert (case.name, case.state, case.number) == (f"{number}-A1", "recorded", number)
    w.suspend(issued, reason="violation")
    annulment.inform(office, number, FIRST, day("2026-11-30"))
    w.clock.move(days=2)
    annulment.answer(office, number, "Жұмыс өзімдікі", FIRST)
    proposal = annulment.decide(office, number, w.order("annulled"))
    assert w.look_up(issued.code).verdict == "suspended"
    status.confirm(office, proposal.event, SECOND)
    w.deliver()
    assert w.look_up(issued.code).verdict == "annulled"
    annulment.appeal(office, number, "Келіспеймін", FIRST)
    case = annulment.outcome(office, number, "upheld", "№ 40", "Дәлел жеткіліксіз", FIRST)
    assert case.state == "upheld"
    assert w.look_up(issued.code).verdict == "annulled", "for good: a new document is issued"
    taken = {each.step: each for each in case.steps}
    assert list(taken) == ["open", "suspend", "inform", "answer", "decide", "effect", "appeal", "uphold"]
    assert taken["open"].said == {"ground": "Плагиат жобада", "found_on": "2026-11-21"}
    assert (taken["decide"].said, taken["decide"].by) == ({"event": proposal.event, "minutes": "№ 12"}, FIRST)
    assert (taken["effect"].by, taken["effect"].at) == (SECOND, w.clock.now)
    rows = w.rows_of("SELECT act, subject, detail FROM issuer_audit WHERE act LIKE 'annulment_%' ORDER BY seq")
    assert [act for act, _, _ in rows] == [f"annulment_{step}" for step in taken]
    assert {subject for _, subject, _ in rows} == {number}
    assert all(json.loads(detail)["case"] == case.name for _, _, detail in rows)
    told = w.rows_of("SELECT about FROM issuer_notices ORDER BY id")
    assert told == [("suspended",), ("informed",), ("annulled",), ("upheld",)]


def test_the_table_says_who_may_take_which_step_from_where() -> None:
    assert set(MOVES) == set(get_args(Step))
    reached = {move.to for move in MOVES.values() if move.to}
    assert reached == set(get_args(CaseState))
    assert {step for step, move in MOVES.items() if move.may == "confirm"} == {"suspend", "reinstate", "effect"}
    assert not any({"closed", "upheld"} & set(move.after) for move in MOVES.values()), "there a case ends"


ACTS: dict[str, Callable[[World, str], object]] = {
    "open": lambda w, number: annulment.open_case(w.office, number, "x", FIRST),
    "inform": lambda w, number: annulment.inform(w.office, number, FIRST),
    "answer": lambda w, number: annulment.answer(w.office, number, "x", FIRST),
    "decide": lambda w, number: annulment.decide(w.office, number, w.order("annulled")),
    "effect": lambda w, number: status.confirm(w.office, event_of(w, number), SECOND),
    "undecide": lambda w, number: status.withdraw(w.office, event_of(w, number), FIRST, "x"),
    "close": lambda w, number: annulment.close(w.office, number, "№ 1", "x", FIRST),
    "appeal": lambda w, number: annulment.appeal(w.office, number, "x", FIRST),
    "uphold": lambda w, number: annulment.outcome(w.office, number, "upheld", "№ 1", "x", FIRST),
    "reject": lambda w, number: annulment.outcome(w.office, number, "rejected", "№ 1", "x", FIRST),
}
WAYS: dict[CaseState, tuple[str, ...]] = {
    "recorded": ("open",),
    "informed": ("open", "inform"),
    "answered": ("open", "inform", "answer"),
    "decided": ("open", "inform", "answer", "decide"),
    "annulled": ("open", "inform", "answer", "decide", "effect"),
    "closed": ("open", "close"),
    "appealed": ("open", "inform", "answer", "decide", "effect", "appeal"),
    "upheld": ("open", "inform", "answer", "decide", "effect", "appeal", "uphold"),
    "rejected": ("open", "inform", "answer", "decide", "effect", "appeal", "reject"),
}


def event_of(w: World, number: str) -> str:
    """What waits for confirmation."""
    with looking(w.office.store) as ends:
        proposal = ends.open_proposal_of(signed_document(w.office, number).code)
    return proposal.event if proposal else "nothing"


@pytest.mark.parametrize("state", get_args(CaseState))
def test_from_each_state_only_the_steps_of_the_table_lead_on(state: CaseState, w: World) -> None:
    for step, act in ACTS.items():
        number = w.issue().number
        for before in WAYS[state]:
            ACTS[before](w, number)
        assert annulment.case_of(w.office, number).state == state
        allowed = step == "open" if state == "closed" else state in MOVES[step].after  # type: ignore[index]
        if state == "informed" and step == "decide":
            allowed = False  # not heard yet
        if allowed:
            act(w, number)
        else:
            refused(partial(act, w, number))
            assert annulment.case_of(w.office, number).state == state


def test_nothing_is_decided_before_the_holder_was_heard(w: World) -> None:
    silent, answers, unasked = w.issue_many(3)
    for issued in (silent, answers):
        annulment.open_case(w.office, issued.number, "x", FIRST)
        annulment.inform(w.office, issued.number, FIRST, day("2026-11-25"))
        assert "25 November 2026" in str(
            refused(partial(annulment.decide, w.office, issued.number, w.order("annulled")))
        )
    annulment.answer(w.office, answers.number, "x", FIRST)
    assert annulment.decide(w.office, answers.number, w.order("annulled")).case == f"{answers.number}-A1"
    w.clock.move(days=4)
    refused(partial(annulment.decide, w.office, silent.number, w.order("annulled")))  # 25 November is the last day
    w.clock.move(days=1)
    annulment.decide(w.office, silent.number, w.order("annulled"))
    assert "an annulment is a case" in str(
        refused(partial(status.propose, w.office, unasked.number, w.order("annulled")))
    )
    refused(partial(annulment.decide, w.office, unasked.number, w.order("annulled")))


def test_an_answer_that_comes_late_is_recorded_as_late(w: World) -> None:
    issued = w.issue()
    annulment.open_case(w.office, issued.number, "x", FIRST)
    annulment.inform(w.office, issued.number, FIRST)
    assert annulment.case_of(w.office, issued.number).answer_by == day("2026-12-01")
    w.clock.move(days=11)
    case = annulment.answer(w.office, issued.number, "x", FIRST)
    assert case.steps[-1].said == {"text": "x", "on": "2026-12-02", "late": "yes"}
    assert annulment.answer(w.office, issued.number, "y", FIRST, day("2026-12-01")).steps[-1].said == {
        "text": "y",
        "on": "2026-12-01",
    }


def test_a_decision_that_is_withdrawn_leads_back_and_can_be_taken_again(w: World) -> None:
    issued = w.issue()
    w.heard(issued.number)
    proposal = annulment.decide(w.office, issued.number, w.order("annulled"))
    status.withdraw(w.office, proposal.event, SECOND, "the minutes are not signed")
    assert annulment.case_of(w.office, issued.number).state == "informed"
    w.annul(issued)
    assert steps_of(w, issued)[-3:] == ["answer", "decide", "effect"]


def test_a_case_that_is_closed_leaves_the_document_and_another_may_follow(w: World) -> None:
    issued = w.issue()
    annulment.open_case(w.office, issued.number, "x", FIRST)
    annulment.close(w.office, issued.number, "№ 3", "no violation", FIRST)
    assert w.look_up(issued.code).verdict == "valid"
    assert w.rows_of("SELECT count(*) FROM issuer_notices") == [(0,)], "the holder had not been told of it"
    annulment.open_case(w.office, issued.number, "y", FIRST)
    annulment.inform(w.office, issued.number, FIRST)
    w.suspend(issued, reason="violation")
    annulment.close(w.office, issued.number, "№ 4", "no violation", FIRST)
    w.reinstate(issued, reason="other")
    assert [case.name for case in annulment.cases(w.office)] == [f"{issued.number}-A2", f"{issued.number}-A1"]
    assert steps_of(w, issued) == ["open", "inform", "suspend", "close"], "what comes after is none of it"
    abouts = [row[0] for row in w.rows_of("SELECT about FROM issuer_notices ORDER BY id")]
    assert abouts == ["informed", "suspended", "closed", "reinstated"]
    w.deliver()


def test_a_document_that_ended_otherwise_has_its_case_closed(w: World) -> None:
    issued = w.issue()
    proposal = w.propose(issued.number, "annulled")
    refused(lambda: w.propose(issued.number, "revoked"))
    status.withdraw(w.office, proposal.event, FIRST, "wrongly made, after all")
    w.revoke(issued)
    refused(lambda: annulment.decide(w.office, issued.number, w.order("annulled")))
    assert annulment.close(w.office, issued.number, "№ 5", "withdrawn", FIRST).state == "closed"
    refused(lambda: annulment.open_case(w.office, issued.number, "x", FIRST))
    w.deliver()


@pytest.mark.parametrize("who", ["Бөтен", "", SECOND + "x"])
def test_C13_a_stranger_takes_no_step(who: str, w: World) -> None:
    number = w.issue().number
    attempts: list[Callable[[], object]] = [
        lambda: annulment.open_case(w.office, number, "x", who),
        lambda: annulment.inform(w.office, number, who),
        lambda: annulment.answer(w.office, number, "x", who),
        lambda: annulment.close(w.office, number, "1", "x", who),
        lambda: annulment.appeal(w.office, number, "x", who),
        lambda: annulment.outcome(w.office, number, "upheld", "1", "x", who),
    ]
    assert isinstance(refused(attempts[0]), NotEntitled)
    w.heard(number)
    for attempt in attempts[1:]:
        assert isinstance(refused(attempt), NotEntitled)
    w.deliver()


def test_what_a_step_needs_must_be_said(w: World) -> None:
    number = w.issue().number
    tomorrow = w.office.today() + timedelta(days=1)
    refused(lambda: annulment.open_case(w.office, number, " ", FIRST))
    refused(lambda: annulment.open_case(w.office, number, "x" * 10_001, FIRST))
    refused(lambda: annulment.open_case(w.office, number, "x", FIRST, tomorrow))
    refused(lambda: annulment.case_of(w.office, number))
    annulment.open_case(w.office, number, "x", FIRST)
    refused(lambda: annulment.open_case(w.office, number, "x", FIRST))
    refused(lambda: annulment.inform(w.office, number, FIRST, w.office.today()))
    annulment.inform(w.office, number, FIRST, tomorrow)
    refused(lambda: annulment.answer(w.office, number, "\n", FIRST))
    refused(lambda: annulment.answer(w.office, number, "x", FIRST, tomorrow))
    refused(lambda: annulment.close(w.office, number, "", "x", FIRST))
    refused(lambda: annulment.close(w.office, number, "1", "", FIRST))
    for wrong in ("", "x", "KMU-MC-2026-000009-29"):
        refused(partial(annulment.open_case, w.office, wrong, "x", FIRST))
    w.deliver()


def test_nothing_of_a_case_is_public(w: World) -> None:
    issued = w.issue()
    w.issue(SUPPLEMENT, parent=issued)
    before = w.look_up(issued.code).as_json()
    w.heard(issued.number)
    w.deliver()
    assert w.look_up(issued.code).as_json() == before
    w.annul(issued, minutes="хаттама 77")
    public = json.dumps(w.look_up(issued.code).as_json(), ensure_ascii=False)
    for word in ("Плагиат", "Келісемін", "хаттама 77", FIRST, SECOND, "-A1"):
        assert word not in public


def test_the_steps_of_a_case_cannot_be_rewritten(w: World) -> None:
    w.heard(w.issue().number)
    for statement in (
        "UPDATE issuer_annulment_steps SET said = '{}'",
        "DELETE FROM issuer_annulment_steps",
        "UPDATE issuer_annulments SET opened_at = '2020-01-01T00:00:00Z'",
        "DELETE FROM issuer_annulments",
    ):
        with pytest.raises(sa.exc.DatabaseError), w.home.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    w.deliver()


@pytest.mark.parametrize("table", ["issuer_annulment_steps", "issuer_audit", "issuer_notices"])
def test_a_fault_in_a_step_leaves_the_case_as_it_was(table: str, w: World) -> None:
    number = w.issue().number
    annulment.open_case(w.office, number, "x", FIRST)
    with w.fault(f"INSERT ON {table}"), pytest.raises(sa.exc.DatabaseError):
        annulment.inform(w.office, number, FIRST)
    assert annulment.case_of(w.office, number).state == "recorded"
    annulment.inform(w.office, number, FIRST)
    w.deliver()
