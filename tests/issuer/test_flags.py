"""A commission's decision that rests on a document which has ended is flagged for the commission (QR-15)."""

import hashlib
import json
from typing import Any

import pytest
import sqlalchemy as sa

from issuer.ends import flags
from issuer.ends.officers import NotEntitled
from issuer.issue import Issued
from schemas.errors import Refused
from tests.world import CENTRE, EXTRACT, FIRST, World


def resting_on(w: World, *evidence: Any) -> Issued:
    """A decision whose evidence is these documents: their numbers, or (member, value)."""
    documents = []
    for at, named in enumerate(evidence):
        number, more = (named, {}) if isinstance(named, str) else (f"X-{at}", dict([named]))
        documents.append(
            {
                "evidence_issuer": "Centre",
                "issuer_category": "recognition_centre",
                "document_kind": "recognition_document",
                "document_number": number,
                "document_date": "2026-11-21",
                **more,
            }
        )
    mandate = {"commission_order__mandate": ["chapter_2", "chapter_3"]}
    return w.issue(EXTRACT, chapter="chapter_3", evidence_documents=documents, evidence_annex=None, **mandate)


def open_flags(w: World) -> list[tuple[str, str, str]]:
    """(decision, what it rests on, what happened to that)."""
    return [(flag.number, flag.cited, flag.act) for flag in flags.flagged(w.office, waiting=True)]


@pytest.mark.parametrize("act", ["revoked", "annulled", "replaced"])
def test_QR_15_a_decision_is_flagged_when_its_source_ends(act: str, w: World) -> None:
    source, other, successor = w.issue_many(3, CENTRE)
    decision = resting_on(w, source.number, other.number)
    assert open_flags(w) == []
    w.change(source, act, **({"successor": successor.number} if act == "replaced" else {}))
    assert open_flags(w) == [(decision.number, source.number, act)]
    assert w.look_up(decision.code).verdict == "valid", "nothing of the decision changes"
    ((subject, detail),) = w.rows_of("SELECT subject, detail FROM issuer_audit WHERE act = 'flag'")
    assert subject == decision.number
    assert json.loads(detail)["rests_on"] == source.number
    w.deliver()
    assert len(open_flags(w)) == 1


def test_QR_15_a_pause_flags_nothing(w: World) -> None:
    source = w.issue(CENTRE)
    resting_on(w, source.number)
    w.suspend(source)
    w.reinstate(source)
    assert open_flags(w) == []


def test_QR_15_a_source_is_known_by_number_link_or_digest(w: World) -> None:
    sources = w.issue_many(4, CENTRE)
    by_number = resting_on(w, f" {sources[0].number.lower()} ".strip())
    by_link = resting_on(w, ("document_link", f"{w.public_url}/c/{sources[1].code}"))
    by_digest = resting_on(w, ("document_digest", hashlib.sha256(sources[2].document).hexdigest()))
    elsewhere = resting_on(w, ("document_link", f"https://evil.example/c/{sources[3].code}"))
    for source in sources:
        w.revoke(source)
    assert {number for number, _, _ in open_flags(w)} == {by_number.number, by_link.number, by_digest.number}
    assert elsewhere.number not in str(open_flags(w))


def test_QR_15_one_end_flags_every_decision_and_each_end_once_more(w: World) -> None:
    one, two = w.issue_many(2, CENTRE)
    first, second = resting_on(w, one.number, two.number), resting_on(w, one.number)
    w.revoke(one)
    w.annul(two)
    assert set(open_flags(w)) == {
        (first.number, one.number, "revoked"),
        (first.number, two.number, "annulled"),
        (second.number, one.number, "revoked"),
    }


def test_QR_15_a_decision_on_what_has_ended_already_is_flagged_when_it_is_published(w: World) -> None:
    source = w.issue(CENTRE)
    w.revoke(source)
    decision = resting_on(w, source.number)
    assert open_flags(w) == [(decision.number, source.number, "revoked")]


def test_QR_15_a_crash_before_the_flag_is_made_good(w: World) -> None:
    source = w.issue(CENTRE)
    decision = resting_on(w, source.number)
    w.decide(source.number, "revoked")
    with w.fault("INSERT ON issuer_flags"), pytest.raises(sa.exc.DatabaseError):
        w.deliver()
    w.deliver()
    assert open_flags(w) == [(decision.number, source.number, "revoked")]


def test_QR_15_the_commission_looks_at_it_once_and_that_is_recorded(w: World) -> None:
    source = w.issue(CENTRE)
    decision = resting_on(w, source.number)
    w.revoke(source)
    for wrong in (
        (decision.number, "Бөтен", "№ 9", "stays"),
        (decision.number, FIRST, " ", "stays"),
        (decision.number, FIRST, "№ 9", ""),
        (source.number, FIRST, "№ 9", "stays"),
        ("x", FIRST, "№ 9", "stays"),
    ):
        with pytest.raises(Refused):
            flags.review(w.office, *wrong)
    with pytest.raises(NotEntitled):
        flags.review(w.office, decision.number, "", "№ 9", "stays")
    flags.review(w.office, decision.number, FIRST, "№ 9", "The decision stays: two other documents prove it")
    assert open_flags(w) == []
    (flag,) = flags.flagged(w.office, waiting=False)
    assert (flag.reviewed_by, flag.minutes, flag.reviewed_at) == (FIRST, "№ 9", w.clock.now)
    assert w.rows_of("SELECT subject FROM issuer_audit WHERE act = 'flag_reviewed'") == [(decision.number,)]
    with pytest.raises(Refused):
        flags.review(w.office, decision.number, FIRST, "№ 10", "again")
    with pytest.raises(sa.exc.DatabaseError), w.home.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE issuer_flags SET conclusion = 'x'")
