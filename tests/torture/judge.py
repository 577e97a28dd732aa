"""What must hold in a home whatever was killed when, looked at with plain SQL and another hash than the product's."""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.statuslist import bit_at, read_list_document
from tests.torture.points import LISTS

AFTER = {
    "revoked": {"revoked"},
    "annulled": {"annulled"},
    "replaced": {"replaced"},
    "suspended": {"suspended", "reinstated", "revoked", "annulled", "replaced"},
    "reinstated": {"suspended", "reinstated", "revoked", "annulled", "replaced"},
}
"""What the newest change may be once an act was acknowledged."""
ENDED = {"revoked", "annulled", "replaced"}


@dataclass
class Told:
    """What the office was told, and what the keys were used for."""

    issued: dict[str, str] = field(default_factory=dict)
    """Code → number."""
    waiting: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    changed: list[tuple[str, str]] = field(default_factory=list)
    """(code, act)"""
    signatures: list[str] = field(default_factory=list)

    def hear(self, what: str, *words: str) -> None:
        if what == "issued":
            self.issued[words[0]] = words[1]
        elif what == "waiting":
            self.waiting.add(words[1])
        elif what == "withdrawn":
            self.withdrawn.add(words[0])
        elif what == "changed":
            self.changed.append((words[0], words[1]))


def findings(database: Path, told: Told) -> list[str]:
    """Everything that should not be, in a home after its last restart."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found = [
            *_lost(connection, told),
            *_twice(connection),
            *_unrecorded(connection, told.signatures),
            *_open(connection),
            *_broken(connection),
            *_differing(connection),
            *_lists(connection),
        ]
        ((state,),) = connection.execute("PRAGMA integrity_check").fetchall()
    return found if state == "ok" else [*found, f"SQLite: {state}"]


def _rows(connection: sqlite3.Connection, query: str) -> list[Any]:
    return connection.execute(query).fetchall()


def _lost(connection: sqlite3.Connection, told: Told) -> Iterator[str]:
    """What somebody was told, and is not there."""
    entries = dict(_rows(connection, "SELECT code, number FROM entries"))
    for code, number in told.issued.items():
        if entries.get(code) != number:
            yield f"lost: {number} was acknowledged"
    states = dict(_rows(connection, "SELECT number, state FROM issuer_intents"))
    for number in sorted(told.waiting):
        if number not in states:
            yield f"lost: {number} was to wait for a signature"
    for number in sorted(told.withdrawn):
        if states.get(number) != "void":
            yield f"lost: {number} was withdrawn"
    newest = dict(_rows(connection, "SELECT code, act FROM changes ORDER BY seq"))
    for code, act in told.changed:
        if newest.get(code) not in AFTER[act]:
            yield f"lost: {code} was {act}, and is {newest.get(code)}"


def _twice(connection: sqlite3.Connection) -> Iterator[str]:
    """Numbers, codes, slots and cases that two documents have; serials that nobody has, and nobody explains."""
    for what, query in (
        ("number", "SELECT number FROM issuer_intents"),
        ("code", "SELECT code FROM issuer_intents"),
        ("slot", "SELECT list_url || ' ' || slot FROM issuer_slots"),
        ("slot of a document", "SELECT code || ' ' || purpose FROM issuer_slots"),
        ("published slot", "SELECT list_url || ' ' || slot FROM entry_slots"),
        ("published number", "SELECT number FROM entries"),
        ("case", "SELECT institution || kind || file_case FROM issuer_intents WHERE state != 'void'"),
    ):
        counted = Counter(value for (value,) in _rows(connection, query))
        yield from (f"{what} twice: {value}" for value, times in counted.items() if times > 1)
    serials: dict[tuple[str, str, str], list[int]] = {}
    for (number,) in _rows(connection, "SELECT number FROM issuer_intents"):
        institution, kind, year, serial, _ = number.split("-")
        serials.setdefault((institution, kind, year), []).append(int(serial))
    for of, taken in serials.items():
        if sorted(taken) != list(range(1, len(taken) + 1)):
            yield f"a gap that nothing explains among the numbers of {of}"


def _unrecorded(connection: sqlite3.Connection, signatures: Iterable[str]) -> Iterator[str]:
    """Uses of a key of which neither an intent nor the audit knows."""
    audited: Counter[str] = Counter()
    lists = 0
    for act, detail in _rows(connection, "SELECT act, detail FROM issuer_audit"):
        if act in ("sign", "cosign"):
            audited[json.loads(detail)["bytes"]] += 1
        lists += act == "sign_list"
    intended = {digest for (digest,) in _rows(connection, "SELECT canonical_sha256 FROM issuer_intents")}
    used = Counter(signatures)
    tokens = used.pop(LISTS, 0)
    others = sum(times for digest, times in used.items() if digest not in intended)
    for digest, times in used.items():
        if digest in intended and times > audited[digest]:
            yield f"signed without a record: {digest}"
    if others > lists or tokens > 2 * lists:
        yield f"signed without a record: {others} lists and {tokens} tokens, of {lists} in the audit"


def _open(connection: sqlite3.Connection) -> Iterator[str]:
    """Intents and errands that the last restart has left, and finals without their audit row before them."""
    for number, proofs in _rows(
        connection,
        "SELECT number, (SELECT count(*) FROM issuer_proofs p WHERE p.code = i.code)"
        " FROM issuer_intents i WHERE state = 'intended'",
    ):
        if not proofs:
            yield f"open after the restart: {number}"
    unexplained = "SELECT number FROM issuer_intents WHERE state = 'void' AND trim(coalesce(void_reason, '')) = ''"
    yield from (f"void without a reason: {number}" for (number,) in _rows(connection, unexplained))
    for errand, subject in _rows(connection, "SELECT errand, subject FROM issuer_outbox WHERE delivered_at IS NULL"):
        yield f"not delivered after the restart: {errand} {subject}"


def _broken(connection: sqlite3.Connection) -> Iterator[str]:
    """Rows of the audit whose hash is not that of the row and the one before it."""
    before = ""
    for seq, at, actor, act, subject, detail, chain in _rows(
        connection, "SELECT seq, at, actor, act, subject, detail, chain FROM issuer_audit ORDER BY seq"
    ):
        row = {"act": act, "actor": actor, "at": at, "before": before, "detail": json.loads(detail), "subject": subject}
        text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        if hashlib.sha256(text.encode()).hexdigest() != chain:
            yield f"the audit is broken at {seq}"
        before = chain


def _differing(connection: sqlite3.Connection) -> Iterator[str]:
    """Documents, slots and changes that the office and the register have not alike."""
    for what, mine, public in (
        ("document", "SELECT code, document FROM issuer_finals", "SELECT code, document FROM entries"),
        (
            "slot",
            "SELECT s.code, list_url, slot FROM issuer_slots s JOIN issuer_finals USING (code)",
            "SELECT code, list_url, slot FROM entry_slots",
        ),
        (
            "change",
            "SELECT code, event, act, effective_on FROM issuer_changes",
            "SELECT code, event, act, effective_on FROM changes",
        ),
        (
            "state",
            "SELECT code FROM issuer_intents WHERE state = 'final'",
            "SELECT code FROM issuer_finals",
        ),
    ):
        apart = set(_rows(connection, mine)) ^ set(_rows(connection, public))
        yield from (f"{what} of {code}: not the same at the office and in the register" for code, *_ in apart)
    for code, document, recorded in _rows(
        connection, "SELECT code, f.document, i.document FROM issuer_finals f JOIN issuer_intents i USING (code)"
    ):
        signed = json.loads(document)
        if not signed.pop("proof", None) or signed != json.loads(recorded):
            yield f"{code}: what was signed is not what was recorded"


def _lists(connection: sqlite3.Connection) -> Iterator[str]:
    """Bits of the published lists that are not what the register's record says."""
    newest = dict(_rows(connection, "SELECT code, act FROM changes ORDER BY seq"))
    slots = connection.execute("SELECT list_url, slot, purpose, code FROM entry_slots").fetchall()
    bits = {
        url: read_list_document(json.loads(document)).bits
        for url, document in _rows(connection, "SELECT url, document FROM status_lists")
    }
    for url, slot, purpose, code in slots:
        act = newest.get(code)
        says = act in ENDED if purpose == "revocation" else act == "suspended"
        if url not in bits:
            yield f"no list {url}"
        elif bit_at(bits[url], slot) != says:
            yield f"{url} is behind the record at {slot}"


STAGES = ("intended", "audited", "signed", "public")
"""What a killed process has left of a document: recorded; with its audit row; final; in the register, not marked so."""


def left(database: Path) -> dict[str, int]:
    """How many documents and changes stand at which stage, before anybody has restarted."""
    open_ones = "SELECT number FROM issuer_intents WHERE state = 'intended'"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        intended = _numbers(connection, f"{open_ones} AND code NOT IN (SELECT code FROM issuer_proofs)")
        audited = _numbers(connection, "SELECT DISTINCT subject FROM issuer_audit WHERE act = 'sign'") & intended
        waiting = (
            "SELECT subject FROM issuer_outbox WHERE delivered_at IS NULL AND errand = '{}' AND subject {} IN ({})"
        )
        published = ("publish", "SELECT code FROM entries")
        changed = ("change", "SELECT event || ':' || code FROM changes")
        unsent, sent = (
            sum(len(_numbers(connection, waiting.format(errand, way, there))) for errand, there in (published, changed))
            for way in ("NOT", "")
        )
    return dict(zip(STAGES, (len(intended - audited), len(audited), unsent, sent), strict=True))


def _numbers(connection: sqlite3.Connection, query: str) -> set[str]:
    return {value for (value,) in _rows(connection, query)}
