"""From an approved row to a published document: what is written down before what, and what a crash leaves behind."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from issuer import outbox
from issuer.issue import Issued, Private, prepare
from issuer.signing import resume, sign
from keys.proof import secure
from keys.public import PublicKey
from keys.ring import KeyRing
from keys.signer import FileSigner, HashedDocument, Message, Signer, WrongPassphrase
from registry.statuses import TERMINAL
from schemas.canonical import rdfc
from schemas.errors import Refused
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES
from schemas.statuslist import MIN_SLOTS
from tests.audit import broken_links
from tests.world import CENTRE, EXTRACT, MICRO, SUPPLEMENT, World, accredited, issue, value_of


@dataclass(frozen=True)
class Watched:
    """A key that calls somebody before each signature."""

    key: Signer
    before: Callable[[HashedDocument], None]

    @property
    def public(self) -> PublicKey:
        return self.key.public

    @property
    def multibase(self) -> str:
        return self.key.multibase

    def sign(self, message: Message) -> bytes:
        if isinstance(message, HashedDocument):  # not where a list is signed as a token
            self.before(message)
        return self.key.sign(message)


class WatchedKeys(KeyRing):
    """The world's keys, watched."""

    def __init__(self, ring: KeyRing, before: Callable[[HashedDocument], None]) -> None:
        super().__init__(Path("/nowhere"), "")
        self.ring, self.before = ring, before

    def signer(self, multibase: str) -> Signer:
        return Watched(self.ring.signer(multibase), self.before)


def watch(w: World, before: Callable[[HashedDocument], None]) -> None:
    """From now on `before` is called before each signature."""
    w.office = replace(w.office, ring=WatchedKeys(w.keys, before))


def states(w: World) -> list[str]:
    """The states of all intents."""
    return [state for (state,) in w.rows_of("SELECT state FROM issuer_intents ORDER BY number")]


# Before the signature


def test_the_bytes_and_the_audit_are_durable_before_the_key_is_used(w: World) -> None:
    seen: list[tuple[int, int, int]] = []

    def look(hashed: HashedDocument) -> None:
        other = sa.create_engine(f"sqlite:///{w.home.folder}/tanu.db")  # sees what is committed, nothing else
        with other.connect() as connection:
            rows = connection.execute(sa.text("SELECT canonical_sha256, number FROM issuer_intents")).all()
            found = {str(digest): str(number) for digest, number in rows}
            number = found.get(hashed.document_digest.hex())
            audited = "SELECT count(*) FROM issuer_audit WHERE act = 'sign' AND subject = :number"
            finals = connection.execute(sa.text("SELECT count(*) FROM issuer_finals")).scalar_one()
            if number is not None:
                seen.append((len(found), connection.execute(sa.text(audited), {"number": number}).scalar_one(), finals))
        other.dispose()

    watch(w, look)
    w.issue_many(3)
    assert seen == [(3, 1, 0), (3, 1, 0), (3, 1, 0)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_signed_is_what_was_recorded_byte_for_byte(kind: str, w: World) -> None:
    issued = w.issue(kind)
    ((recorded, digest, options),) = w.rows_of(
        "SELECT document, canonical_sha256, options FROM issuer_intents WHERE code = :code", code=issued.code
    )
    value = value_of(issued.document)
    proof = value.pop("proof")
    assert json.loads(recorded) == value
    assert issued.document.startswith(recorded[:-1])
    assert rdfc(value).digest.hex() == digest
    assert {name: option for name, option in proof.items() if name != "proofValue"} == json.loads(options)
    assert (
        secure(value, rdfc(value), json.loads(options), w.keys.signers[w.university.keys[0].multibase])["proof"]
        == proof
    )


def test_the_recorded_bytes_of_an_intent_never_change(w: World) -> None:
    prepare(w.office, [w.approve()])
    columns = "code number institution kind profile file_case facts_digest document canonical_sha256 options"
    for column in f"{columns} operator created_at parent".split():
        with pytest.raises(sa.exc.DatabaseError, match="stays"):
            plain(w, f"UPDATE issuer_intents SET {column} = 'x'")
    with pytest.raises(sa.exc.DatabaseError):
        plain(w, "DELETE FROM issuer_intents")
    resume(w.office)
    for state in ("intended", "void", "x"):
        with pytest.raises(sa.exc.DatabaseError, match="stays"):
            plain(w, f"UPDATE issuer_intents SET state = '{state}'")


@pytest.mark.parametrize("table", ["issuer_audit", "issuer_finals", "issuer_changes", "issuer_slots", "issuer_prints"])
def test_C12_rows_of_the_private_record_are_neither_changed_nor_removed(table: str, w: World) -> None:
    issued = w.issue()
    w.revoke(issued)
    with w.office.store.writing() as writing:
        writing.next_print(issued.code, w.office.today(), "tester")
    before = w.rows_of(f"SELECT * FROM {table}")
    assert before
    for statement in (
        f"UPDATE {table} SET rowid = 99",
        f"DELETE FROM {table}",
        f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    ):
        with pytest.raises(sa.exc.DatabaseError):
            plain(w, statement)
    assert w.rows_of(f"SELECT * FROM {table}") == before


def plain(w: World, statement: str) -> None:
    """SQL past the product, triggers left in place."""
    with w.home.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(sa.text(statement))


def test_F15_the_audit_is_a_chain_that_shows_every_change(w: World) -> None:
    w.annul(w.issue_many(3)[1])
    assert broken_links(w) == []
    for change, value in (
        ("actor", "'x'"),
        ("act", "'x'"),
        ("subject", "'x'"),
        ("detail", "'{}'"),
        ("at", "'2020-01-01T00:00:00Z'"),
    ):
        other = World(w.folder / change)
        other.annul(other.issue_many(3)[1])
        other.rewrite(f"UPDATE issuer_audit SET {change} = {value} WHERE seq = 3")
        assert broken_links(other) == [3]
    w.rewrite("DELETE FROM issuer_audit WHERE seq = 2")
    assert broken_links(w) == [3]


# Crashes and faults


def test_C10_what_was_recorded_but_not_signed_becomes_the_same_document(w: World) -> None:
    prepared = prepare(w.office, [w.approve() for _ in range(3)])
    assert states(w) == ["intended"] * 3
    assert w.rows_of("SELECT * FROM entries") == []
    w.clock.move(days=2)
    after_crash = World(w.folder, clock=w.clock, seed=99)
    assert resume(after_crash.office) == 3
    outbox.deliver(after_crash.office)
    for each in prepared:
        document = after_crash.registry.document(each.intent.code)
        assert document is not None
        assert document.startswith(each.intent.document[:-1])
        assert value_of(document)["proof"]["created"] == "2026-11-21T05:00:00Z"
        assert after_crash.verify(document).verdict == "valid"
    assert resume(after_crash.office) == 0


def test_C10_a_fault_between_signature_and_final_leads_to_the_same_document(w: World) -> None:
    approvals, signed = [w.approve() for _ in range(3)], set[HashedDocument]()
    watch(w, signed.add)
    with w.fault("INSERT ON issuer_finals"), pytest.raises(sa.exc.DatabaseError):
        list(issue(w.office, approvals, outbox.deliver))
    first = set(signed)
    assert len(first) == 3
    assert states(w) == ["intended"] * 3
    issued = list(issue(w.office, approvals, outbox.deliver))
    documents = {hashed for hashed in signed if hashed.document_digest in {h.document_digest for h in first}}
    assert documents == first, "the same bytes were signed again, and nothing else"
    assert [each.again for each in issued] == [True] * 3
    assert all(w.verify(each.document).verdict == "valid" for each in issued)
    assert w.rows_of("SELECT count(*) FROM entries") == [(3,)]


def test_F17_without_an_audit_nothing_is_signed(w: World) -> None:
    signed: list[HashedDocument] = []
    watch(w, signed.append)
    with w.fault("INSERT ON issuer_audit"), pytest.raises(sa.exc.DatabaseError):
        w.issue()
    assert signed == []
    assert w.rows_of("SELECT * FROM issuer_finals") == []


def test_F17_the_tables_refuse_a_signature_without_its_record(w: World) -> None:
    """No audit row; the row of another document; other bytes; no intent at all; an intent that has ended."""
    one, two = (each.intent for each in prepare(w.office, [w.approve(), w.approve()]))
    final = "INSERT INTO issuer_finals SELECT code, {}, created_at FROM issuer_intents WHERE code = '{}'"
    signed = "CAST(substr(document, 1, length(document) - 1) || ',\"proof\":{}}' AS BLOB)"
    proof = "INSERT INTO issuer_proofs SELECT code, {}, 'x', document, created_at FROM issuer_intents WHERE code = '{}'"

    def refused(statement: str) -> None:
        with pytest.raises(sa.exc.DatabaseError, match="no signature without"):
            plain(w, statement.replace(":", "\\:"))

    refused(final.format(signed, one.code))
    refused(proof.format(0, one.code))
    refused(proof.format(1, one.code))
    with w.office.store.writing() as writing:
        writing.audit(w.clock.now, "tester", "sign", two.number)
        writing.audit(w.clock.now, "tester", "print", one.number)
    refused(final.format(signed, one.code))
    refused(final.format("document || 'x'", two.code))
    refused(final.format("CAST(replace(document, 'Digital', 'Nuclear') AS BLOB)", two.code))
    with pytest.raises(sa.exc.DatabaseError, match="ends once"):
        plain(w, f"UPDATE issuer_intents SET state = 'final' WHERE code = '{two.code}'")
    for reason in ("NULL", "''", "'  '"):
        with pytest.raises(sa.exc.DatabaseError, match="ends once"):
            plain(w, f"UPDATE issuer_intents SET state = 'void', void_reason = {reason} WHERE code = '{two.code}'")
    plain(w, f"UPDATE issuer_intents SET state = 'void', void_reason = 'withdrawn' WHERE code = '{two.code}'")
    refused(final.format(signed, two.code))
    with pytest.raises(sa.exc.DatabaseError, match="ends once"):
        plain(w, f"UPDATE issuer_intents SET void_reason = 'other' WHERE code = '{two.code}'")


@pytest.mark.parametrize("statement", ["SET last = last - 1", "SET last = last + 2", "SET last = 0", "DELETE"])
def test_C9_the_counter_of_numbers_goes_on_one_by_one(statement: str, w: World) -> None:
    w.issue()
    with pytest.raises(sa.exc.DatabaseError, match="numbers go on"):
        plain(w, f"UPDATE issuer_counters {statement}" if "SET" in statement else "DELETE FROM issuer_counters")


@pytest.mark.parametrize(
    "table", ["issuer_intents", "issuer_slots", "issuer_persons", "issuer_counters", "issuer_lists"]
)
def test_C9_a_fault_while_recording_leaves_nothing(table: str, w: World) -> None:
    before = w.issue()
    with w.fault(f"INSERT ON {table}"):
        try:
            list(issue(w.office, [w.approve() for _ in range(3)], outbox.deliver))
        except sa.exc.DatabaseError:
            assert states(w) == ["final"]
            assert w.rows_of("SELECT taken FROM issuer_lists") == [(1,)]
    after = w.issue()
    serials = [int(number.split("-")[3]) for number in (before.number, after.number)]
    assert serials[1] - serials[0] in (1, 4), "no number is lost"


def test_C10_a_fault_in_a_later_group_leaves_the_earlier_ones_whole(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("issuer.issue.GROUP", 2)
    approvals = [w.approve() for _ in range(6)]
    done: list[Issued] = []
    running = issue(w.office, approvals, outbox.deliver)
    done.append(next(running))
    with w.fault("INSERT ON issuer_intents"), pytest.raises(sa.exc.DatabaseError):
        done.extend(running)
    assert [w.look_up(each.code).verdict for each in done] == ["valid", "valid"]
    again = list(issue(w.office, approvals, outbox.deliver))
    assert [each.again for each in again] == [True, True, False, False, False, False]
    assert {each.number for each in done} < {each.number for each in again}
    assert len({each.number for each in again}) == 6


def test_C19_what_does_not_compare_is_not_kept_and_its_number_stays_taken(w: World) -> None:
    (prepared,) = prepare(w.office, [w.approve()])
    w.rewrite("UPDATE issuer_intents SET canonical_sha256 = :other", other="ab" * 32)
    assert resume(w.office) == 1
    assert states(w) == ["void"]
    assert w.rows_of("SELECT * FROM issuer_finals") == []
    ((reason,),) = w.rows_of("SELECT void_reason FROM issuer_intents")
    assert prepared.intent.number in reason
    assert ("void", prepared.intent.number) in w.rows_of("SELECT act, subject FROM issuer_audit")
    assert w.issue().number.split("-")[3] == "000002"


def test_a_void_case_can_be_issued_again(w: World) -> None:
    prepare(w.office, [w.approve(case="A")])
    w.rewrite("UPDATE issuer_intents SET canonical_sha256 = 'ab'")
    resume(w.office)
    assert w.verify(w.issue(case="A").document).verdict == "valid"


def test_bytes_that_somebody_has_changed_after_recording_are_not_signed(w: World) -> None:
    signed: list[HashedDocument] = []
    prepare(w.office, [w.approve()])
    changed = "CAST(replace(document, 'Digital pedagogy', 'Nuclear physics') AS BLOB)"
    w.rewrite(f"UPDATE issuer_intents SET document = {changed}")
    watch(w, signed.append)
    resume(w.office)
    assert (signed, states(w)) == ([], ["void"])


def test_a_wrong_passphrase_ends_no_number(w: World, tmp_path: Path) -> None:
    prepare(w.office, [w.approve()])

    class Locked(KeyRing):
        def signer(self, multibase: str) -> Signer:
            raise WrongPassphrase.saying("keys.wrong_passphrase")

    with pytest.raises(WrongPassphrase):
        resume(replace(w.office, ring=Locked(tmp_path, "")))
    assert states(w) == ["intended"]
    assert resume(w.office) == 1


def test_a_key_file_that_is_away_ends_no_number_and_holds_up_nobody_else(w: World, tmp_path: Path) -> None:
    prepare(w.office, [w.approve(), w.approve(by="kau")])
    away = w.university.keys[0].multibase

    class Partly(KeyRing):
        def signer(self, multibase: str) -> Signer:
            if multibase == away:
                raise Refused.saying("keys.file_unreadable", path=tmp_path)
            return w.keys.signer(multibase)

    assert resume(replace(w.office, ring=Partly(tmp_path, ""))) == 1
    assert sorted(states(w)) == ["final", "intended"]
    assert resume(w.office) == 1


# One case, one document


def test_the_same_case_again_gives_the_document_that_exists(w: World) -> None:
    first = [w.issue(case=case) for case in ("A", "B")]
    before = w.rows_of("SELECT * FROM issuer_audit")
    again = [w.issue(case=case) for case in ("A", "B", "A")]
    assert [each.document for each in again[:2]] == [each.document for each in first]
    assert all(each.again for each in again)
    assert not any(each.again for each in first)
    assert w.rows_of("SELECT * FROM issuer_audit") == before
    assert w.rows_of("SELECT count(*) FROM entries") == [(2,)]


def test_the_same_case_with_other_facts_is_refused(w: World) -> None:
    issued = w.issue(case="A")
    for change in (
        {"grade__percent": 93},
        {"programme__programme_code": "MC-015"},
        {"patronymic_name": ...},
    ):
        with pytest.raises(Refused) as refusal:
            w.issue(case="A", **change)
        assert all(issued.number in refusal.value.because[language] for language in LANGUAGES)
    with pytest.raises(Refused):
        w.issue(case="A", private=Private(first_language="ru"))
    assert w.rows_of("SELECT count(*) FROM entries") == [(1,)]


def test_the_same_case_of_another_kind_or_institution_is_another_case(w: World) -> None:
    numbers = {
        w.issue(MICRO, case="A").number,
        w.issue(CENTRE, case="A").number,
        w.issue(MICRO, case="A", by="kau").number,
    }
    assert len(numbers) == 3
    mixed = [w.approve(MICRO, case="B"), w.approve(CENTRE, case="B"), w.approve(MICRO, case="B", by="kau")]
    issued = list(issue(w.office, mixed, outbox.deliver))
    assert [each.number[:6] for each in issued] == ["KMU-MC", "KMU-PQ", "KAU-MC"]


def test_a_case_that_stands_twice_in_a_batch_is_issued_once(w: World) -> None:
    one, two, other = (w.approve(case=case) for case in ("A", "A", "B"))
    issued = list(issue(w.office, [one, other, two], outbox.deliver))
    assert issued[0].document == issued[2].document
    assert w.rows_of("SELECT count(*) FROM entries") == [(2,)]
    changed = w.approve(case="C"), w.approve(case="C", grade__percent=93)
    with pytest.raises(Refused):
        list(issue(w.office, changed, outbox.deliver))
    assert len(states(w)) == 2


def test_a_case_that_a_crash_interrupted_is_finished_and_not_issued_anew(w: World) -> None:
    prepare(w.office, [w.approve(case="A")])
    issued = w.issue(case="A")
    assert issued.again
    assert len(states(w)) == 1
    assert w.look_up(issued.code).verdict == "valid"


def test_a_case_issued_long_ago_is_still_there_when_the_accreditation_has_ended(w: World) -> None:
    issued = w.issue(case="A")
    w.clock.move(days=800)
    assert w.issue(case="A").number == issued.number
    with pytest.raises(Refused):
        w.issue(case="B")


# Who may issue


@pytest.mark.parametrize(
    ("rights", "days"),
    [
        ([{"until": "2026-11-20"}], 0),
        ([{"from": "2026-11-22"}], 0),
        ([{"from": "2026-11-06"}], 0),
        ([], 0),
        ([{"kinds": [SUPPLEMENT]}], 0),
        ([{"until": "2027-12-31"}], 800),
    ],
)
def test_PQ_01_without_accreditation_on_the_days_of_decision_and_issue_nothing_is_issued(
    rights: list[dict[str, Any]], days: int, tmp_path: Path
) -> None:
    """The decision was taken on 5 November."""
    w = World(tmp_path, rows=(accredited(*rights),))
    w.clock.move(days=days)
    for kind, named in ((CENTRE, "PQ-01"), (MICRO, "")):
        with pytest.raises(Refused) as refusal:
            w.issue(kind)
        assert all(named in refusal.value.because[language] for language in LANGUAGES)
        assert "on " in refusal.value.because.en
    assert w.rows_of("SELECT * FROM issuer_intents") == []


def test_a_decision_of_tomorrow_is_refused(w: World) -> None:
    with pytest.raises(Refused):
        w.issue(minutes__decided_on="2026-11-22")
    w.issue(minutes__decided_on="2026-11-21")


def test_an_institution_that_is_not_there_is_refused_by_name(w: World) -> None:
    with pytest.raises(Refused, match="kau, kmu"):
        w.office.institution("nobody")


def test_an_institution_without_a_key_in_force_issues_nothing(w: World) -> None:
    w.rewrite("UPDATE issuer_keys SET retired_at = '2026-11-21T05:00:00Z'")
    with pytest.raises(Refused):
        w.issue()


def test_a_document_too_large_for_a_verifier_is_refused_before_a_number_is_taken(w: World) -> None:
    outcome = {"outcome_group": "knowledge", "outcome": dict.fromkeys(("kk", "ru", "en"), "ә" * 590)}
    many = [outcome | {"outcome": {**outcome["outcome"], "en": f"{n} " + "x" * 580}} for n in range(100)]  # type: ignore[dict-item]
    try:
        approval = w.approve(programme__learning_outcomes=many)
    except (Refused, ValueError):
        assert w.rows_of("SELECT * FROM issuer_counters") == []
    else:
        assert w.verify(next(iter(issue(w.office, [approval], outbox.deliver))).document).verdict == "valid"


# Numbers, codes, slots


def test_numbers_count_by_institution_kind_and_year(w: World) -> None:
    assert [each.number for each in w.issue_many(2)] == ["KMU-MC-2026-000001-53", "KMU-MC-2026-000002-50"]
    assert w.issue(CENTRE).number.startswith("KMU-PQ-2026-000001-")
    assert w.issue(by="kau").number.startswith("KAU-MC-2026-000001-")
    w.clock.move(days=60)
    assert w.issue().number.startswith("KMU-MC-2027-000001-")


def test_C8_slots_are_random_and_each_is_given_once(w: World) -> None:
    issued = w.issue_many(120, EXTRACT)
    slots = [slot for each in issued for slot in w.office.store.slots_of(each.code)]
    assert len({(slot.list_url, slot.index) for slot in slots}) == 240
    assert {slot.purpose for slot in slots} == {"revocation", "suspension"}
    indices = [slot.index for slot in slots if slot.purpose == "revocation"]
    assert indices != sorted(indices)
    assert max(indices) > MIN_SLOTS // 2
    assert all(0 <= index < MIN_SLOTS for index in indices)


def test_C8_a_slot_that_is_taken_is_not_taken_again(w: World) -> None:
    """Chance that has run dry: the same index over and over, then another."""
    rolls = iter([*[7] * 14, 5, *[7] * 14, 5, 6])
    chance = random.Random(3)
    w.office = replace(w.office, random=lambda n: next(rolls) if n == MIN_SLOTS else chance.randrange(n))
    assert [w.office.store.slots_of(w.issue().code)[0].index for _ in range(3)] == [7, 5, 6]


def test_a_full_list_is_followed_by_the_next(w: World) -> None:
    w.issue()
    w.rewrite("UPDATE issuer_lists SET taken = 65536")
    url = w.office.store.slots_of(w.issue().code)[0].list_url
    assert url.endswith("/status/kmu-revocation-2")
    assert w.look_up(w.issue().code).verdict == "valid"


COUNT = 50


def issue_apart(folder: Path, seed: int) -> "subprocess.Popen[bytes]":
    """Another process that issues documents in the same home."""
    program = f"""
from pathlib import Path
from tests.world import World
w = World(Path({str(folder)!r}), seed={seed})
w.cases = {seed * 10_000}
for _ in range({COUNT} // 5):
    w.issue_many(5)
"""
    return subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": "."})


def test_C9_two_processes_number_at_once(w: World) -> None:
    processes = [issue_apart(w.folder, seed) for seed in (11, 12)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    numbers = [number for (number,) in w.rows_of("SELECT number FROM issuer_intents")]
    assert sorted(int(number.split("-")[3]) for number in numbers) == list(range(1, 2 * COUNT + 1))
    assert len(set(w.rows_of("SELECT list_url, slot FROM issuer_slots"))) == 2 * COUNT
    assert states(w) == ["final"] * 2 * COUNT
    assert w.rows_of("SELECT count(*) FROM entries") == [(2 * COUNT,)]
    assert broken_links(w) == []


def test_C9_C10_a_process_that_is_killed_leaves_no_document_without_its_record(w: World) -> None:
    process = issue_apart(w.folder, 13)
    deadline = time.monotonic() + 60
    while w.rows_of("SELECT count(*) FROM issuer_intents")[0][0] < 12 and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    resume(w.office)
    w.deliver()
    intents = w.rows_of("SELECT code, number FROM issuer_intents")
    assert len(intents) >= 10
    assert states(w) == ["final"] * len(intents)
    assert {code for code, _ in intents} == {code for (code,) in w.rows_of("SELECT code FROM entries")}
    assert sorted(int(number.split("-")[3]) for _, number in intents) == list(range(1, len(intents) + 1))
    assert all(w.look_up(code).verdict == "valid" for code, _ in intents)
    assert broken_links(w) == []


# What stays private


@pytest.mark.parametrize("kind", KINDS)
def test_E8_the_iin_stays_in_the_private_table(kind: str, w: World) -> None:
    iin = "791028302728"
    issued = w.issue(kind, private=Private(iin=iin, email="holder@example.org"))
    w.suspend(issued)
    tables = [name for (name,) in w.rows_of("SELECT name FROM sqlite_master WHERE type = 'table'")]
    kept = {table: str(w.rows_of(f"SELECT * FROM {table}")) for table in tables}
    assert {table for table in tables if iin in kept[table]} == {"issuer_persons"}
    assert {table for table in tables if "holder@" in kept[table]} == {"issuer_persons", "issuer_notices"}
    for report in (w.verify(issued.document), w.look_up(issued.code)):
        assert iin not in str(report.as_json())


def test_no_status_is_terminal_at_birth(w: World) -> None:
    assert w.look_up(w.issue().code).verdict not in TERMINAL


def test_a_supplement_names_a_parent_in_force(w: World) -> None:
    parent = w.issue()
    supplement = w.issue(SUPPLEMENT, parent=parent)
    entry = w.registry.entry(supplement.code)
    assert entry is not None
    assert entry.parent == parent.number
    w.annul(parent)
    with pytest.raises(Refused):
        w.issue(SUPPLEMENT, parent=parent)
    with pytest.raises(Refused):
        w.issue(SUPPLEMENT, parent=w.issue(by="kau"))
    with pytest.raises(Refused):
        w.issue(SUPPLEMENT, parent=w.issue(CENTRE))


def test_the_sign_step_alone_does_nothing_without_work(w: World) -> None:
    before = w.rows_of("SELECT * FROM issuer_audit")
    sign(w.office, [])
    assert resume(w.office) == 0
    assert w.rows_of("SELECT * FROM issuer_audit") == before


def test_keys_from_files_do_the_same(w: World, tmp_path: Path) -> None:
    """The whole way once with sealed key files instead of named keys."""
    key = w.university.keys[0].multibase
    w.keys.signers[key].save(tmp_path / f"{key}.json", "passphrase")
    w.office = replace(w.office, ring=KeyRing(tmp_path, "passphrase"))
    assert w.verify(w.issue().document).verdict == "valid"
    w.office = replace(w.office, ring=KeyRing(tmp_path, "other"))
    with pytest.raises(WrongPassphrase):
        w.issue()
    assert len(states(w)) == 1
    assert isinstance(w.keys.signers[key], FileSigner)
