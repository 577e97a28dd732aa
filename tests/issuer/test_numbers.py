"""Every number that was taken is accounted for: a document, one that waits, or a gap with its reason."""

import json

import pytest

from issuer import cosign
from issuer.issue import prepare
from issuer.numbers.store import account
from issuer.signing import resume
from tanu.cli import run
from tests.cosigning import rows, rule
from tests.world import CENTRE, World


def test_C9_each_gap_is_there_with_its_reason(w: World) -> None:
    w.issue_many(2)
    (prepared,) = prepare(w.office, [w.approve()])
    w.rewrite("UPDATE issuer_intents SET canonical_sha256 = 'ab' WHERE state = 'intended'")
    resume(w.office)
    w.issue(CENTRE)
    prepare(w.office, [w.approve(CENTRE)])
    micro, centre = account(w.office.store)
    assert (micro.kind, micro.year, micro.last, micro.documents, micro.unfinished) == ("MC", 2026, 3, 2, 0)
    ((number, reason),) = [(gap.number, gap.reason) for gap in micro.gaps]
    assert number == prepared.intent.number
    assert "differs" in reason
    assert (centre.last, centre.documents, centre.unfinished, centre.gaps) == (2, 1, 1, ())
    assert micro.missing == centre.missing == ()


def test_what_waits_for_a_signature_and_what_was_withdrawn_are_told_apart(w: World) -> None:
    other = World(w.folder / "other", rows=rows(rule(1, "rector")))
    first, _second = other.begin(), other.begin()
    cosign.withdraw(other.office, first.intent.number, "the minutes were not signed")
    (series,) = account(other.office.store)
    assert (series.last, series.documents, series.waiting) == (2, 0, 1)
    assert [gap.reason for gap in series.gaps] == ["the minutes were not signed"]


def test_the_command_lists_them_and_names_what_nothing_explains(w: World, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(w.home.folder)]
    assert run(["numbers", *home]) == 0
    w.issue_many(3)
    assert run(["numbers", *home]) == 0
    assert "numbers taken: 3; documents: 3" in capsys.readouterr().out
    w.rewrite("UPDATE issuer_counters SET last = 5")
    assert run(["numbers", *home, "--json"]) == 1
    (series,) = json.loads(capsys.readouterr().out)
    assert series["missing"] == [4, 5]
    assert run(["numbers", *home]) == 1
    assert "000004" in capsys.readouterr().out
