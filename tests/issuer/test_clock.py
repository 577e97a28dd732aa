"""The clock is set while documents are issued: numbers and order do not hang on it, and what would be dated wrongly is
not issued."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from issuer.clock import WrongClock
from issuer.issue import prepare
from issuer.signing import resume
from schemas.languages import LANGUAGES
from tanu.cli import UNAVAILABLE, run
from tanu.problems import STATUS
from tests.world import World


def started_again(w: World) -> World:
    """Another process of the same home."""
    again = World(w.folder, clock=w.clock, seed=w.seed + 1)
    again.cases = w.cases
    return again


def serials(w: World) -> list[int]:
    return [int(number.split("-")[3]) for (number,) in w.rows_of("SELECT number FROM issuer_intents ORDER BY rowid")]


def refused(w: World, act: Callable[[], object]) -> WrongClock:
    """The refusal; nothing was taken or recorded."""
    before = w.rows_of("SELECT * FROM issuer_counters"), serials(w), w.rows_of("SELECT * FROM issuer_audit")
    with pytest.raises(WrongClock) as refusal:
        act()
    assert (w.rows_of("SELECT * FROM issuer_counters"), serials(w), w.rows_of("SELECT * FROM issuer_audit")) == before
    assert all(refusal.value.because[language] for language in LANGUAGES)
    return refusal.value


def test_F25_numbers_and_order_do_not_hang_on_the_clock(w: World) -> None:
    w.issue()
    for seconds in (-30, 45, -60, 55):
        w.clock.step(seconds=seconds)
        w.issue()
    assert serials(w) == [1, 2, 3, 4, 5]
    assert [n for (n,) in w.rows_of("SELECT seq FROM issuer_audit WHERE act = 'sign'")] == sorted(
        n for (n,) in w.rows_of("SELECT seq FROM issuer_audit WHERE act = 'sign'")
    )


@pytest.mark.parametrize("step", [{"hours": -1}, {"days": 1}, {"seconds": -61}, {"seconds": 61}, {"days": -3650}])
def test_F25_a_clock_that_is_set_while_a_process_works_stops_issuing_until_it_is_right(
    step: dict[str, float], w: World
) -> None:
    issued = w.issue()
    w.clock.step(**step)
    refused(w, w.issue)
    w.clock.step(**{unit: -number for unit, number in step.items()})
    assert w.verify(w.issue().document).verdict == "valid"
    assert w.look_up(issued.code).verdict == "valid"
    assert serials(w) == [1, 2]


@pytest.mark.parametrize("back", [{"hours": -1}, {"seconds": -61}])
def test_F25_a_process_that_begins_before_the_newest_signature_issues_nothing(back: dict[str, float], w: World) -> None:
    w.issue()
    w.clock.step(**back)
    again = started_again(w)
    refusal = refused(again, again.issue)
    assert "tanu clock --accept" in refusal.because.en
    again.clock.step(**{unit: -number for unit, number in back.items()})
    assert started_again(again).issue().number.split("-")[3] == "000002"


def test_F25_what_was_recorded_waits_for_the_clock_and_lists_do_not(w: World) -> None:
    issued = w.issue()
    prepare(w.office, [w.approve()])
    w.clock.step(hours=-1)
    again = started_again(w)
    refused(again, lambda: resume(again.office))
    w.revoke(issued)
    assert w.look_up(issued.code).verdict == "revoked"
    again.clock.step(hours=1)
    assert resume(started_again(again).office) == 1


def test_F25_somebody_says_that_the_clock_is_right_now(w: World) -> None:
    """It was a year ahead, and a document was signed then."""
    w.clock.step(days=365)
    wrong = started_again(w)
    dated = wrong.issue()
    wrong.clock.step(days=-365)
    again = started_again(wrong)
    refused(again, again.issue)
    with again.office.store.writing() as writing:
        writing.audit(again.clock.now, "tester", "clock", "2026-11-21", reason="the battery was changed")
    assert again.verify(again.issue().document).verdict == "valid"
    assert again.verify(dated.document).verdict == "not_yet_valid"


def test_F25_the_command_says_how_the_clock_stands(w: World, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(w.home.folder)]
    assert run(["clock", *home]) == 0
    with w.office.store.writing() as writing:
        writing.audit(datetime(2999, 1, 1, tzinfo=UTC), "x", "sign", "KMU-MC-2999-000001-00")
    assert run(["clock", *home]) == UNAVAILABLE
    assert run(["clock", "--accept", " ", *home]) != 0
    assert run(["clock", *home]) == UNAVAILABLE
    assert "1 January 2999" in capsys.readouterr().err
    assert run(["clock", "--accept", "the battery was changed", *home]) == 0
    assert run(["clock", *home, "--json"]) == 0
    assert "newest_signature" in capsys.readouterr().out
    ((operator, detail),) = w.rows_of("SELECT actor, detail FROM issuer_audit WHERE act = 'clock'")
    assert operator
    assert "battery" in detail


def test_F25_a_door_would_answer_503() -> None:
    assert next(status for error, status in STATUS if issubclass(WrongClock, error)) == 503
