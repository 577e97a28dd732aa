"""The state of a document over time: what may follow what, and from when it holds."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from typing import get_args

import pytest

from registry.issuers import Accreditation, Institution, IssuerKey, Purpose
from registry.statuses import TERMINAL, Act, Change, bits, changes_at, check_follows, state_at
from schemas.errors import Refused
from schemas.languages import LANGUAGES, Text

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
ACTS: tuple[Act, ...] = get_args(Act)
ENDS: tuple[Act, ...] = ("revoked", "annulled", "replaced")


def change(act: Act, *, on: date = TODAY, recorded: datetime = NOW) -> Change:
    """A change of state."""
    return Change(act, "error", "Ректор", "Бұйрық № 12", on, recorded)


def allowed(*acts: Act) -> bool:
    """May these follow each other?"""
    history: list[Change] = []
    for act in acts:
        try:
            check_follows(history, act, "KMU-MC-2026-000001-53")
        except Refused:
            return False
        history.append(change(act))
    return True


def test_a_refusal_names_the_document() -> None:
    with pytest.raises(Refused) as refusal:
        check_follows([change("revoked")], "reinstated", "KMU-MC-2026-000001-53")
    assert all("KMU-MC-2026-000001-53" in refusal.value.because[language] for language in LANGUAGES)


def test_what_may_follow_what() -> None:
    assert {act for act in ACTS if allowed(act)} == {"suspended", "revoked", "annulled", "replaced"}
    assert {act for act in ACTS if allowed("suspended", act)} == {"reinstated", "revoked", "annulled", "replaced"}
    assert {act for act in ACTS if allowed("suspended", "reinstated", act)} == {act for act in ACTS if allowed(act)}


def test_C12_nothing_follows_the_end() -> None:
    for end, act in product(ENDS, ACTS):
        assert not allowed(end, act)
        assert not allowed("suspended", end, act)


def test_C12_whatever_is_recorded_afterwards_an_end_stays_the_end() -> None:
    """Rows that somebody has slipped into the table."""
    for end, *others in product(ENDS, ACTS, ACTS):
        assert state_at([change(end), *map(change, others)], NOW) == end


def test_every_history_that_is_allowed_has_one_state() -> None:
    for acts in product(ACTS, repeat=4):
        if allowed(*acts):
            last = "valid" if acts[-1] == "reinstated" else acts[-1]
            assert state_at([change(act) for act in acts], NOW) == last
            assert all(one not in TERMINAL for one, _ in pairwise(acts))


@pytest.mark.parametrize(
    ("act", "on", "recorded", "holds_from"),
    [
        ("revoked", date(2026, 11, 21), NOW, NOW),
        ("revoked", date(2026, 11, 22), NOW, datetime(2026, 11, 21, 19, tzinfo=UTC)),
        ("suspended", date(2026, 12, 1), NOW, datetime(2026, 11, 30, 19, tzinfo=UTC)),
        ("annulled", date(2026, 9, 1), NOW, datetime(2026, 8, 31, 19, tzinfo=UTC)),
        ("revoked", date(2026, 9, 1), NOW, NOW),
    ],
)
def test_from_when_a_change_holds(act: Act, on: date, recorded: datetime, holds_from: datetime) -> None:
    """From 00:00 in Kazakhstan, and never before it was recorded, but for an annulment."""
    made = change(act, on=on, recorded=recorded)
    assert made.effective_at == holds_from
    assert state_at([made], holds_from) == act
    assert state_at([made], holds_from - timedelta(seconds=1)) == "valid"


def test_what_is_not_yet_in_effect_is_not_told() -> None:
    later = change("revoked", on=date(2026, 12, 1))
    assert list(changes_at([change("suspended"), later], NOW)) == [change("suspended")]


def test_which_bit_a_state_sets() -> None:
    for state in ("valid", "suspended", "revoked", "annulled", "replaced"):
        assert bits(state, "revocation") == (state in ("revoked", "annulled", "replaced"))
        assert bits(state, "suspension") == (state == "suspended")


# Rights and keys


RIGHT = Accreditation(("A",), Text.same("Agency"), "1", date(2026, 1, 1), date(2026, 11, 21))


@pytest.mark.parametrize(
    ("instant", "covered"),
    [
        ("2025-12-31T18:59:59Z", False),
        ("2025-12-31T19:00:00Z", True),
        ("2026-11-21T18:59:59Z", True),
        ("2026-11-21T19:00:00Z", False),
    ],
)
def test_a_right_begins_and_ends_at_midnight_in_kazakhstan(instant: str, covered: bool) -> None:
    assert RIGHT.covers("A", datetime.fromisoformat(instant)) == covered
    assert not RIGHT.covers("B", NOW)


def test_a_right_without_an_end_does_not_end() -> None:
    endless = Accreditation(("A",), Text.same("Agency"), "1", date(2026, 1, 1), None)
    assert endless.covers("A", NOW.replace(year=2999))


def key(name: str, *purposes: Purpose, **times: datetime) -> IssuerKey:
    """A key of that name."""
    return IssuerKey(name, name, purposes or get_args(Purpose), NOW, **times)


def test_a_key_is_good_from_its_first_second_until_it_is_retired_or_stolen() -> None:
    later = NOW + timedelta(days=1)
    assert key("k").good_at(NOW)
    assert not key("k").good_at(NOW - timedelta(seconds=1))
    for end in ({"retired_at": later}, {"compromised_from": later}):
        assert key("k", **end).good_at(later - timedelta(seconds=1))
        assert not key("k", **end).good_at(later)
    stolen_before = key("k", compromised_from=NOW - timedelta(days=1), retired_at=later)
    assert not stolen_before.good_at(NOW)


def test_the_current_key_is_the_one_for_the_purpose() -> None:
    keys = (key("old", retired_at=NOW), key("lists", "lists"), key("documents", "documents"))
    school = Institution("s", "did:x", "S", "university", Text.same("S"), "", "KZ", Text.same("C"), True, (), keys)
    assert (school.current_key("documents", NOW), school.current_key("lists", NOW)) == (keys[2], keys[1])
    assert school.current_key("documents", NOW - timedelta(days=1)) is None
    assert school.key("old") is keys[0]
    assert school.key("other") is None
