"""Status lists and their tokens: from one record, by one version, in both bit orders; they grow, and never shrink."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer import lists
from issuer.issue import Issued
from keys import cose, jose
from keys.payload import Unproven
from keys.public import PublicKey
from keys.statustoken import StatusToken
from schemas.errors import Refused
from schemas.statuslist import (
    INVALID,
    MAX_SLOTS,
    MIN_SLOTS,
    SUSPENDED,
    TTL,
    VALID,
    StatusList,
    bit_at,
    decode_statuses,
    read_list_document,
    status_at,
)
from tanu.database import VERSION, open_database
from tanu.home import initialise, open_home
from tanu.settings import Settings
from tests.world import EXTRACT, MICRO, World, value_of
from verifier.report import Verdict

REVOCATION = "http://127.0.0.1:8000/status/kmu-revocation-1"
SUSPENSION = "http://127.0.0.1:8000/status/kmu-suspension-1"


def newest(w: World, url: str = REVOCATION) -> StatusList:
    """The list as it is published now."""
    return read_list_document(value_of(w.registry.status_list(url) or b""))


def tokens(w: World, url: str = REVOCATION) -> tuple[StatusToken, StatusToken]:
    """The newest tokens of a list, each opened with the key that it names."""
    jwt, cwt = (w.office.registry.status_token(url, form) for form in ("jwt", "cwt"))
    assert jwt is not None
    assert cwt is not None
    sealed = (jose.read_list(jwt.decode()), cose.read_list(cwt))
    keys = {key.id: key for key in w.university.keys if "lists" in key.purposes}
    opened = [each.opened(PublicKey.from_multibase(keys[each.kid or ""].multibase)) for each in sealed]
    return opened[0], opened[1]


def said(w: World, issued: Issued) -> tuple[dict[str, bool], set[int]]:
    """What the lists say of a document: the bit of each purpose, and the statuses in the two tokens."""
    slots = {slot.purpose: slot for slot in w.office.store.slots_of(issued.code)}
    found = {purpose: bit_at(newest(w, slot.list_url).bits, slot.index) for purpose, slot in slots.items()}
    slot = slots["revocation"]
    return found, {status_at(decode_statuses(token.compressed), slot.index) for token in tokens(w, slot.list_url)}


# ---------------------------------------------------------------- what they say


@pytest.mark.parametrize("act", ["revoked", "annulled", "replaced"])
@pytest.mark.parametrize("kind", [MICRO, EXTRACT])
def test_an_end_stands_in_the_list_and_in_both_tokens_at_once(kind: str, act: str, w: World) -> None:
    issued, other = w.issue_many(2, kind)
    assert said(w, issued)[1] == {VALID}
    more = {"successor": other.number} if act == "replaced" else {}
    w.change(issued, act, **more)
    bits, statuses = said(w, issued)
    assert (bits["revocation"], bits.get("suspension", False), statuses) == (True, False, {INVALID})
    assert (any(said(w, other)[0].values()), said(w, other)[1]) == (False, {VALID})


@pytest.mark.parametrize("kind", [MICRO, EXTRACT])
def test_a_pause_stands_in_both_tokens_whatever_lists_the_document_names(kind: str, w: World) -> None:
    """An Open Badge names a list of revocations only; its token says of the pause too."""
    issued = w.issue(kind)
    w.suspend(issued, reason="other")
    bits, statuses = said(w, issued)
    assert (bits["revocation"], bits.get("suspension", True), statuses) == (False, True, {SUSPENDED})
    w.reinstate(issued, reason="other")
    bits, statuses = said(w, issued)
    assert (any(bits.values()), statuses) == (False, {VALID})
    w.suspend(issued, reason="other")
    w.annul(issued)
    bits, statuses = said(w, issued)
    assert (bits["revocation"], statuses) == (True, {INVALID})


def test_a_token_says_whose_it_is_where_it_stands_and_how_long_it_counts(w: World) -> None:
    w.issue()
    listed = newest(w)
    for token, form in zip(tokens(w), ("jwt", "cwt"), strict=True):
        assert token.uri == f"{REVOCATION}.{form}"
        assert (token.issuer, token.version, token.width) == (w.university.did, listed.version, 2)
        assert (token.issued_at, token.expires_at) == (listed.valid_from, listed.valid_until)
        assert token.ttl == TTL <= timedelta(hours=24)
        assert len(decode_statuses(token.compressed)) * 4 == MIN_SLOTS
    document = value_of(w.registry.status_list(REVOCATION) or b"")
    assert document["credentialSubject"]["ttl"] == TTL.total_seconds() * 1000


def test_the_tokens_of_an_institution_are_signed_by_its_key_for_lists(tmp_path: Path) -> None:
    w = World(tmp_path, public_url="https://verify.example.kz")
    w.issue()
    of_documents, of_lists = w.university.keys
    assert (of_documents.purposes, of_lists.purposes) == (("documents",), ("lists",))
    text = w.office.registry.status_token("https://verify.example.kz/status/kmu-revocation-1", "jwt") or b""
    sealed = jose.read_list(text.decode())
    assert sealed.kid == of_lists.id
    assert sealed.opened(PublicKey.from_multibase(of_lists.multibase)).issuer == w.university.did
    with pytest.raises(Unproven):
        sealed.opened(PublicKey.from_multibase(of_documents.multibase))


def test_a_list_of_suspensions_has_no_tokens(w: World) -> None:
    """What they would say stands in those of the revocation list."""
    w.suspend(w.issue(EXTRACT))
    assert [w.office.registry.status_token(SUSPENSION, form) for form in ("jwt", "cwt")] == [None, None]


# ---------------------------------------------------------------- versions


def test_C3_every_version_has_its_number_in_itself_and_numbers_only_grow(w: World) -> None:
    """Also within one second, and while the clock goes back."""
    seen = []
    for issued in w.issue_many(4):
        w.revoke(issued)
        assert {token.version for token in tokens(w)} == {newest(w).version}
        seen.append(newest(w).version or 0)
        w.clock.move(hours=-1)
    first = seen[0]
    assert seen == [first, first + 1, first + 2, first + 3]


def test_C3_a_list_signed_while_the_clock_was_wrong_is_signed_again(w: World) -> None:
    issued = w.issue()
    w.clock.move(days=365)
    w.deliver()
    w.clock.move(days=-365)
    assert w.look_up(issued.code).verdict == "indeterminate"
    w.deliver()
    assert newest(w).valid_from == w.clock.now
    assert w.look_up(issued.code).verdict == "valid"


def test_C11_a_list_and_its_tokens_are_published_together_or_not_at_all(w: World) -> None:
    issued = w.issue()
    w.decide(issued.number, "revoked")
    before = newest(w), tokens(w)
    with w.fault("UPDATE ON status_lists"), pytest.raises(sa.exc.DatabaseError):
        w.deliver()
    assert (newest(w), tokens(w)) == before
    World(w.folder, clock=w.clock, seed=8).deliver()
    assert said(w, issued) == ({"revocation": True}, {INVALID})


def test_C11_a_change_for_later_takes_effect_in_the_list_and_in_the_tokens(w: World) -> None:
    one, other = w.issue_many(2)
    w.revoke(one, effective_on=(w.clock.now + timedelta(days=2)).date())
    assert said(w, one) == ({"revocation": False}, {VALID})
    w.clock.move(days=1)
    w.deliver()
    assert said(w, one)[1] == {VALID}
    w.clock.move(hours=19)
    w.deliver()
    assert said(w, one) == ({"revocation": True}, {INVALID})
    assert said(w, other)[1] == {VALID}
    settled = newest(w).version
    w.deliver()
    assert newest(w).version == settled


# ---------------------------------------------------------------- how long they are


def small(w: World, slots: int) -> None:
    """Lists of so few slots; what is published is as long as ever."""
    w.office = replace(w.office, store=replace(w.office.store, new_list=slots))


def taken(w: World) -> dict[str, list[int]]:
    """List → the slots that are given."""
    found: dict[str, list[int]] = {}
    for url, slot in w.rows_of("SELECT list_url, slot FROM issuer_slots ORDER BY list_url, slot"):
        found.setdefault(url.rsplit("/", 1)[1], []).append(slot)
    return found


@pytest.mark.parametrize("batch", [1, 3, 9])
def test_C8_a_list_whose_slots_run_out_is_followed_by_the_next(batch: int, w: World) -> None:
    """Half of a list's slots are given, whether documents come one by one or at once; none twice, none outside."""
    small(w, 8)
    issued = [each for _ in range(9 // batch) for each in w.issue_many(batch, EXTRACT)]
    given = taken(w)
    for purpose in ("revocation", "suspension"):
        assert [len(given[f"kmu-{purpose}-{n}"]) for n in (1, 2, 3)] == [4, 4, 1]
    assert all(len(set(slots)) == len(slots) and set(slots) <= set(range(8)) for slots in given.values())
    first, edge, last = issued[3], issued[4], issued[8]
    for each in (first, edge, last):
        w.suspend(each)
        assert said(w, each) == ({"revocation": False, "suspension": True}, {SUSPENDED})
    w.annul(edge)
    verdicts = [w.look_up(each.code).verdict for each in issued]
    expected: dict[int, Verdict] = {3: "suspended", 4: "annulled", 8: "suspended"}
    assert verdicts == [expected.get(at, "valid") for at in range(9)]


def issuing_apart(folder: Path, seed: int) -> "subprocess.Popen[bytes]":
    """Another process that issues 20 documents in the same home, with lists of 24 slots."""
    program = f"""
from dataclasses import replace
from pathlib import Path
from tests.world import World
w = World(Path({str(folder)!r}), seed={seed})
w.office = replace(w.office, store=replace(w.office.store, new_list=24))
w.cases = {seed * 10_000}
for _ in range(5):
    w.issue_many(4)
"""
    return subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE)


def test_C8_two_processes_fill_the_same_lists_and_no_slot_is_given_twice(w: World) -> None:
    apart = [issuing_apart(w.folder, seed) for seed in (2, 3)]
    assert [each.communicate(timeout=120)[1] for each in apart] == [b"", b""]
    given = [slots for name, slots in sorted(taken(w).items()) if "kmu-revocation" in name]
    assert [len(slots) for slots in given] == [12, 12, 12, 4]
    assert all(len(set(slots)) == len(slots) and max(slots) < 24 for slots in given)
    listed = w.rows_of("SELECT list_url, slot, code FROM entry_slots")
    assert sorted(listed) == sorted(w.rows_of("SELECT list_url, slot, code FROM issuer_slots"))


def test_C8_the_tables_refuse_a_slot_given_twice_and_a_document_with_two(w: World) -> None:
    one, two = w.issue_many(2)
    (slot,) = w.office.store.slots_of(one.code)
    for index, code in ((slot.index, two.code), (slot.index + 1, one.code)):
        values = {"url": slot.list_url, "index": index, "code": code}
        with pytest.raises(sa.exc.IntegrityError):
            w.rewrite("INSERT INTO issuer_slots VALUES (:url, :index, 'revocation', :code)", **values)
    assert w.rows_of("SELECT count(*) FROM issuer_slots") == [(2,)]


def test_C7_a_list_is_never_published_shorter_than_hides_its_readers(w: World) -> None:
    small(w, 8)
    w.issue()
    assert len(newest(w).bits) * 8 == MIN_SLOTS
    assert [len(decode_statuses(token.compressed)) * 4 for token in tokens(w)] == [MIN_SLOTS] * 2


def test_a_list_keeps_the_size_that_it_was_opened_with(w: World) -> None:
    old = w.issue()
    small(w, MAX_SLOTS)
    assert w.office.store.slots_of(w.issue().code)[0].list_url == REVOCATION
    w.rewrite("UPDATE issuer_lists SET taken = slots / 2")
    new = w.issue()
    sizes = {url.rsplit("-", 1)[1]: size for url, size in w.rows_of("SELECT url, slots FROM issuer_lists")}
    assert sizes == {"1": MIN_SLOTS, "2": MAX_SLOTS}
    for each in (old, new):
        w.revoke(each)
        assert w.verify(each.document).verdict == "revoked"


def test_a_list_of_sixteen_million_slots_works_at_both_edges(w: World) -> None:
    rolls = iter([0, MAX_SLOTS - 1, 1, MAX_SLOTS - 2])
    chance = w.office.random
    w.office = replace(w.office, random=lambda n: next(rolls) if n == MAX_SLOTS else chance(n))
    small(w, MAX_SLOTS)
    documents = w.issue_many(4)
    w.suspend(documents[1])
    w.revoke(documents[0])
    assert len(newest(w).bits) * 8 == MAX_SLOTS
    for token in tokens(w):
        packed = decode_statuses(token.compressed)
        found = [status_at(packed, index) for index in (0, 1, MAX_SLOTS - 2, MAX_SLOTS - 1)]
        assert found == [INVALID, VALID, VALID, SUSPENDED]
    assert [w.verify(each.document).verdict for each in documents] == ["revoked", "suspended", "valid", "valid"]


@pytest.mark.parametrize("asked", ["131064", "131073", "16777224", "-1", "many", "1e6", "١٣١٠٧٢", "9" * 40])
def test_a_setting_that_cannot_be_is_named(asked: str, tmp_path: Path) -> None:
    initialise(Settings.read({}, tmp_path))
    with pytest.raises(Refused, match="TANU_LIST_SLOTS"):
        open_home(Settings.read({"TANU_LIST_SLOTS": asked}, tmp_path))


@pytest.mark.parametrize(("asked", "slots"), [(None, MIN_SLOTS), ("", MIN_SLOTS), ("16777216", MAX_SLOTS)])
def test_new_lists_are_as_long_as_the_setting_says(asked: str | None, slots: int, tmp_path: Path) -> None:
    initialise(Settings.read({}, tmp_path))
    home = open_home(Settings.read({} if asked is None else {"TANU_LIST_SLOTS": asked}, tmp_path))
    assert home.office("", "tester").store.new_list == slots


# ---------------------------------------------------------------- homes of before


def test_a_home_of_before_gets_the_columns_and_its_lists_get_their_tokens(w: World) -> None:
    issued = w.issue()
    w.revoke(issued)
    w.home.engine.dispose()
    path = w.home.folder / "tanu.db"
    with sqlite3.connect(path) as connection:
        for table, column in (("status_lists", "jwt"), ("status_lists", "cwt"), ("issuer_lists", "slots")):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    open_database(path).dispose()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert connection.execute("SELECT DISTINCT slots FROM issuer_lists").fetchall() == [(MIN_SLOTS,)]
    connection.close()
    later = World(w.folder, clock=w.clock, seed=8)
    later.cases = w.cases
    later.deliver()
    assert said(later, issued) == ({"revocation": True}, {INVALID})
    assert later.verify(later.issue().document).verdict == "valid"


# ---------------------------------------------------------------- order


def test_a_signature_that_cannot_be_made_leaves_the_list_as_it_was(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issued = w.issue()
    before = w.registry.status_list(REVOCATION)
    w.decide(issued.number, "revoked")

    def fails(*_: object) -> bytes:
        raise OSError("the device does not answer")

    for module, name in ((lists, "secure"), (jose, "seal_list"), (cose, "seal_list")):
        with monkeypatch.context() as patch:
            fault: Callable[..., bytes] = fails
            patch.setattr(module, name, fault)
            with pytest.raises(OSError, match="does not answer"):
                w.deliver()
        assert w.registry.status_list(REVOCATION) == before
    w.deliver()
    assert said(w, issued) == ({"revocation": True}, {INVALID})
