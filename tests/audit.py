"""The audit of a world, read past the product: its rows, whether its chain holds, and what it does not account for."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.world import World

Row = tuple[str, str, str]
"""Who, which act, on what."""

_ACCOUNTED: Mapping[str, str] = {
    "sign": "SELECT 'sign', number FROM issuer_intents",
    "cosign": "SELECT 'cosign', number FROM issuer_proofs JOIN issuer_intents USING (code) WHERE place > 0",
    "change": "SELECT act, number FROM issuer_changes JOIN issuer_intents USING (code)",
    "proposal": "SELECT 'propose', number FROM issuer_proposals JOIN issuer_intents USING (code)",
    "withdrawal": "SELECT 'withdraw_proposal', number FROM issuer_proposals JOIN issuer_intents USING (code) "
    "WHERE issuer_proposals.state = 'withdrawn'",
    "notice": "SELECT 'told', number FROM issuer_notices JOIN issuer_intents USING (code) WHERE way IS NOT NULL",
    "case": "SELECT 'annulment_' || step, number FROM issuer_annulment_steps "
    "JOIN issuer_annulments USING (case_name) JOIN issuer_intents USING (code)",
    "flag": "SELECT 'flag', number FROM issuer_flags JOIN issuer_intents USING (code)",
    "review": "SELECT 'flag_reviewed', number FROM issuer_flags JOIN issuer_intents USING (code) "
    "WHERE reviewed_at IS NOT NULL",
    "void": "SELECT 'void', number FROM issuer_intents WHERE state = 'void'",
    "print": "SELECT 'print', code FROM issuer_prints",
    "link": "SELECT purpose || '_link', code FROM issuer_links",
}
"""What is done → act and subject of all that has been done of it, as the tables of the record have it."""


def rows(w: World) -> list[Row]:
    """Every row, oldest first, but those that the making of the world has left."""
    made = "act NOT IN ('officers', 'sign_right', 'enter_right')"
    found = w.rows_of(f"SELECT actor, act, subject FROM issuer_audit WHERE {made} ORDER BY seq")
    return [tuple(row) for row in found]


@contextmanager
def adds(w: World, *expected: tuple[str, str], by: str = "tester") -> Iterator[None]:
    """Exactly these acts on these subjects, in this order, by that person."""
    before = len(rows(w))
    yield
    assert rows(w)[before:] == [(by, *each) for each in expected]


def broken_links(w: World) -> list[int]:
    """The rows whose hash is not that of the row and of the one before it, computed anew."""
    broken, before = [], ""
    for seq, at, actor, act, subject, detail, chain in w.rows_of(
        "SELECT seq, at, actor, act, subject, detail, chain FROM issuer_audit ORDER BY seq"
    ):
        row = {"act": act, "actor": actor, "at": at, "before": before, "detail": json.loads(detail), "subject": subject}
        text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        if hashlib.sha256(text.encode()).hexdigest() != chain:
            broken.append(seq)
        before = chain
    return broken


def unaccounted(w: World) -> Counter[tuple[str, str]]:
    """What has been done without a row or has two: act and subject → how many rows are too many, or lacking (-)."""
    done = Counter(tuple(row) for query in _ACCOUNTED.values() for row in w.rows_of(query))
    for url, version in w.rows_of("SELECT url, version FROM status_lists"):
        done["sign_list", url] = version
    for number, failed in w.rows_of(
        "SELECT number, tries - (way IS NOT NULL) FROM issuer_notices JOIN issuer_intents USING (code)"
    ):
        done["not_told", number] += failed
    said = Counter((act.removesuffix("_received"), subject) for _, act, subject in rows(w))
    beside = {"mixed_letters", "share_link_ended", "cosign_lapsed"}  # of a name, and of rows that stay
    found = Counter({each: number for each, number in said.items() if each[0] not in beside})
    found.subtract(done)
    return Counter({each: number for each, number in found.items() if number})
