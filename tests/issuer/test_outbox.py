"""Delivery and status lists: everything arrives, once, also after a fault; lists are good for a day and never older."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from issuer import lists
from issuer.issue import prepare
from issuer.signing import sign
from keys.proof import check
from keys.public import PublicKey
from registry.store import AlreadyPublished
from schemas.canonical import rdfc
from schemas.statuslist import MIN_SLOTS, StatusList, read_list_document
from tests.world import EXTRACT, World, issue, value_of

REVOCATION = "http://127.0.0.1:8000/status/kmu-revocation-1"


def signed_only(w: World, n: int = 1) -> list[str]:
    """Documents that are signed and not delivered; their codes."""
    prepared = prepare(w.office, [w.approve() for _ in range(n)])
    sign(w.office, prepared)
    return [each.intent.code for each in prepared]


def waiting(w: World) -> int:
    """The errands that wait."""
    return len(w.rows_of("SELECT * FROM issuer_outbox WHERE delivered_at IS NULL"))


def test_what_is_signed_waits_in_the_outbox_until_it_is_delivered(w: World) -> None:
    (code,) = signed_only(w)
    assert waiting(w) == 1
    assert w.look_up(code).verdict == "not_found"
    assert w.deliver() == 1
    assert w.look_up(code).verdict == "valid"
    assert (waiting(w), w.deliver()) == (0, 0)


def test_an_office_answers_only_when_everything_is_public(w: World) -> None:
    for issued in issue(w.office, [w.approve() for _ in range(3)], lambda office: w.deliver()):
        assert w.look_up(issued.code).verdict == "valid"


@pytest.mark.parametrize(
    "statement", ["INSERT ON entries", "INSERT ON entry_slots", "UPDATE ON issuer_outbox", "INSERT ON status_lists"]
)
def test_a_fault_in_delivery_is_made_good_and_nothing_is_published_twice(statement: str, w: World) -> None:
    codes = signed_only(w, 3)
    with w.fault(statement), pytest.raises(sa.exc.DatabaseError):
        w.deliver()
    assert all(w.look_up(code).verdict in ("not_found", "indeterminate") for code in codes)
    w.deliver()
    assert [w.look_up(code).verdict for code in codes] == ["valid"] * 3
    assert w.rows_of("SELECT count(*) FROM entries") == [(3,)]
    assert (waiting(w), w.deliver()) == (0, 0)


@pytest.mark.parametrize(
    "statement", ["INSERT ON changes", "UPDATE ON status_lists", "UPDATE ON issuer_outbox", "INSERT ON issuer_audit"]
)
def test_C11_a_fault_between_a_revocation_and_its_list_is_made_good(statement: str, w: World) -> None:
    issued = w.issue()
    w.decide(issued.number, "revoked")
    with w.fault(statement), pytest.raises(sa.exc.DatabaseError):
        w.deliver()
    w.deliver()
    assert w.look_up(issued.code).verdict == "revoked"
    assert w.rows_of("SELECT count(*) FROM changes") == [(1,)]
    assert newest(w).bits.count(0) == MIN_SLOTS // 8 - 1
    assert waiting(w) == 0


def test_what_was_recorded_and_not_delivered_is_delivered_by_whoever_comes_next(w: World) -> None:
    issued = w.issue()
    w.decide(issued.number, "revoked")
    assert w.look_up(issued.code).verdict == "valid"
    again = World(w.folder, clock=w.clock, seed=8)
    again.deliver()
    assert again.look_up(issued.code).verdict == "revoked"


def test_a_change_of_a_document_that_was_never_delivered_follows_it(w: World) -> None:
    (code,) = signed_only(w)
    number = w.rows_of("SELECT number FROM issuer_intents")[0][0]
    w.decide(number, "revoked")
    w.deliver()
    assert w.look_up(code).verdict == "revoked"


def test_more_errands_than_one_round_takes_are_all_delivered(w: World) -> None:
    codes = signed_only(w, 130)
    assert w.deliver() == 130
    assert w.rows_of("SELECT count(*) FROM entries") == [(130,)]
    assert w.look_up(codes[-1]).verdict == "valid"


def test_what_is_in_the_register_already_with_other_bytes_is_never_written_over(w: World) -> None:
    (code,) = signed_only(w)
    w.rewrite("UPDATE issuer_finals SET document = CAST(document || ' ' AS BLOB)")
    w.deliver()
    published = w.registry.document(code)
    w.rewrite("UPDATE issuer_finals SET document = CAST(document || ' ' AS BLOB)")
    w.rewrite("UPDATE issuer_outbox SET delivered_at = NULL")
    with pytest.raises(AlreadyPublished):
        w.deliver()
    assert w.registry.document(code) == published


# Status lists


def newest(w: World, url: str = REVOCATION) -> StatusList:
    """The list as it is published now."""
    data = w.registry.status_list(url)
    assert data is not None
    return read_list_document(value_of(data))


def version(w: World) -> int:
    """Of the revocation list."""
    return w.office.registry.list_version(REVOCATION)


def test_C7_a_list_is_long_enough_to_hide_in_and_signed_by_its_issuer(w: World) -> None:
    w.issue()
    document = value_of(w.registry.status_list(REVOCATION) or b"")
    found = newest(w)
    assert len(found.bits) * 8 == MIN_SLOTS == 131_072
    assert (found.url, found.issuer, found.purpose) == (REVOCATION, w.university.did, "revocation")
    unsigned = {name: member for name, member in document.items() if name != "proof"}
    key = next(key for key in w.university.keys if key.id == document["proof"]["verificationMethod"])
    assert "lists" in key.purposes
    assert check(document, document["proof"], PublicKey.from_multibase(key.multibase), rdfc(unsigned))


def test_C3_a_list_is_good_for_a_day_and_renewed_while_six_hours_have_gone(w: World) -> None:
    w.issue()
    assert newest(w).valid_until - newest(w).valid_from == timedelta(hours=24)
    first = version(w)
    w.clock.move(hours=5, minutes=59)
    w.deliver()
    assert version(w) == first
    w.clock.move(minutes=1)
    w.deliver()
    assert version(w) == first + 1
    assert newest(w).valid_from == w.clock.now


def test_an_office_that_has_slept_for_a_year_wakes_up(w: World) -> None:
    issued = w.issue()
    w.clock.move(days=360)
    assert w.look_up(issued.code).verdict == "indeterminate"
    w.deliver()
    assert w.look_up(issued.code).verdict == "valid"


def test_each_change_makes_the_next_version_of_its_lists_alone(w: World) -> None:
    issued, other = w.issue(EXTRACT), w.issue(by="kau")
    versions = dict(w.rows_of("SELECT url, version FROM status_lists"))
    w.clock.move(minutes=1)
    w.suspend(issued)
    after = dict(w.rows_of("SELECT url, version FROM status_lists"))
    assert {url for url in after if after[url] != versions[url]} == {
        slot.list_url for slot in w.office.store.slots_of(issued.code)
    }
    assert w.look_up(other.code).verdict == "valid"


def test_C3_versions_only_grow_and_no_list_is_older_than_the_one_before(w: World) -> None:
    seen: list[tuple[int, datetime]] = []
    for issued in w.issue_many(4):
        w.clock.move(minutes=7)
        w.revoke(issued)
        seen.append((version(w), newest(w).valid_from))
    assert seen == sorted(set(seen))
    assert newest(w).bits.count(0) == MIN_SLOTS // 8 - 4


def test_two_who_renew_at_once_lose_nothing(w: World) -> None:
    """Another process publishes the next version while this one signs: it signs again, over what is there then."""
    one, two = w.issue_many(2)
    real, other = w.office.registry.put_list, World(w.folder, clock=w.clock, seed=8)
    w.decide(two.number, "revoked")

    def first_the_other(published: object) -> bool:
        object.__delattr__(w.office.registry, "put_list")
        other.revoke(one)
        return real(published)  # type: ignore[arg-type]

    object.__setattr__(w.office.registry, "put_list", first_the_other)
    w.deliver()
    assert newest(w).bits.count(0) == MIN_SLOTS // 8 - 2
    assert [w.look_up(each.code).verdict for each in (one, two)] == ["revoked"] * 2


def test_every_signature_of_a_list_stands_in_the_audit_before_it_is_made(w: World) -> None:
    issued = w.issue()
    w.revoke(issued)
    audited = w.rows_of("SELECT subject FROM issuer_audit WHERE act = 'sign_list'")
    assert audited == [(REVOCATION,)] * version(w)
    with w.fault("INSERT ON issuer_audit"), pytest.raises(sa.exc.DatabaseError):
        lists.renew(w.office, w.university, REVOCATION, "revocation")
    assert len(audited) == version(w)
