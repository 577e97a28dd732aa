"""Whatever changes a state leaves exactly one row of its own act in the audit, and the chain of the rows holds.

What refuses, repeats or only looks leaves none. The same at the doors: `tests/doors/test_acts.py`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer import lists, status
from issuer.cosign import accept, cosign, request, waiting_numbered, withdraw
from issuer.holder import Links, paper, print_again
from issuer.issue import Private, prepare
from issuer.signing import resume
from keys.proof import add_proof
from registry.statuses import Act
from schemas.credential import written
from schemas.errors import Refused
from tests.audit import adds, broken_links, rows, unaccounted
from tests.cosigning import CHAIR, DEAN, RECTOR, THREE, person, rule
from tests.cosigning import rows as institutions
from tests.world import EXTRACT, FIRST, MICRO, SECOND, SUPPLEMENT, World, issue, named_key

REVOCATION, SUSPENSION = (f"http://127.0.0.1:8000/status/kmu-{purpose}-1" for purpose in ("revocation", "suspension"))
LISTS = (("sign_list", REVOCATION), ("sign_list", SUSPENSION))
OWN = named_key("a key that its owner keeps")


@pytest.fixture
def w(w: World) -> Iterator[World]:
    """A world whose audit accounts for everything at the end of a test."""
    yield w
    assert_accounts(w)


def assert_accounts(w: World) -> None:
    assert rows(w)
    assert unaccounted(w) == {}
    assert broken_links(w) == []


@pytest.fixture
def ruled(tmp_path: Path) -> Iterator[World]:
    """The rector and the chair sign micro-credentials, and the vice-rector, with a key of his own, extracts."""
    holder = person("serik", "vice_rector", publicKeyMultibase=OWN.multibase)
    asked = (rule(), rule(1, "vice_rector", kind=EXTRACT))
    made = World(tmp_path, rows=institutions(*asked, persons=(*THREE, holder)))
    yield made
    assert_accounts(made)


# Documents


def test_a_document_that_is_issued_and_the_lists_that_it_opens(w: World) -> None:
    first, second = w.issue(EXTRACT), w.issue(EXTRACT)
    assert rows(w) == [("tester", *each) for each in (("sign", first.number), *LISTS, ("sign", second.number))]


def test_the_documents_of_a_batch(w: World) -> None:
    with adds(w):
        approvals = [w.approve() for _ in range(3)]
    done = list(issue(w.office, approvals))
    assert [row[1:] for row in rows(w)] == [*(("sign", each.number) for each in done), ("sign_list", REVOCATION)]
    with adds(w):
        again = list(issue(w.office, approvals))
    assert [each.again for each in again] == [True] * 3


def test_a_word_of_mixed_letters_that_the_office_has_confirmed(w: World) -> None:
    mixed = "Iванова"  # its first letter is Latin
    with adds(w), pytest.raises(Refused):
        w.approve(family_name__ru=mixed)
    issued = w.issue(family_name__ru=mixed, private=Private(as_spelled=frozenset({mixed})))
    assert [row[1:] for row in rows(w)][:2] == [("mixed_letters", issued.number), ("sign", issued.number)]


def test_a_number_that_ends_void(w: World) -> None:
    w.issue()
    (prepared,) = prepare(w.office, [w.approve()])
    w.rewrite("UPDATE issuer_intents SET canonical_sha256 = 'ab' WHERE state = 'intended'")
    number = prepared.intent.number
    with adds(w, ("sign", number), ("void", number)):
        resume(w.office)
    with adds(w):
        resume(w.office)


# What happens to a document


@pytest.mark.parametrize("act", ["suspended", "revoked", "annulled"])
def test_a_change_of_state_and_the_lists_that_say_it(act: Act, w: World) -> None:
    issued = w.issue(EXTRACT)
    decided: list[tuple[str, str]] = []
    if act == "annulled":  # a step of its case too
        w.heard(issued.number)
        w.deliver()
        decided = [(f"annulment_{step}", issued.number) for step in ("decide", "effect")]
    with adds(w, ("propose", issued.number), *decided[:1]):
        proposal = w.propose(issued.number, act)
    for wrong in (FIRST, "nobody"):
        with adds(w), pytest.raises(Refused):
            status.confirm(w.office, proposal.event, wrong)
    with adds(w, (act, issued.number), *decided[1:]):
        status.confirm(w.office, proposal.event, SECOND)
    with adds(w, ("told", issued.number), *LISTS):
        w.deliver()
    with adds(w):
        w.deliver()
    if act != "suspended":
        with adds(w), pytest.raises(Refused):
            w.revoke(issued)


def test_a_proposal_that_is_withdrawn(w: World) -> None:
    issued = w.issue()
    proposal = status.propose(w.office, issued.number, w.order("revoked"))
    with adds(w), pytest.raises(Refused):
        status.withdraw(w.office, proposal.event, FIRST, " ")
    with adds(w, ("withdraw_proposal", issued.number)):
        status.withdraw(w.office, proposal.event, FIRST, "Another document was meant")
    with adds(w):
        w.deliver()


def test_a_pause_and_its_end(w: World) -> None:
    issued = w.issue(EXTRACT)
    with adds(w, ("propose", issued.number), ("suspended", issued.number), ("told", issued.number), *LISTS):
        w.suspend(issued)
    with adds(w), pytest.raises(Refused):
        w.suspend(issued)
    with adds(w, ("propose", issued.number), ("reinstated", issued.number), ("told", issued.number), *LISTS):
        w.reinstate(issued)


def test_a_document_and_the_one_in_its_place(w: World) -> None:
    wrong, right = w.issue(), w.issue()
    with adds(
        w, ("propose", wrong.number), ("replaced", wrong.number), ("told", wrong.number), ("sign_list", REVOCATION)
    ):
        w.replace(wrong, right)


def test_a_document_that_ends_with_its_supplements(w: World) -> None:
    parent = w.issue()
    supplements = [w.issue(SUPPLEMENT, parent=parent) for _ in range(2)]
    changed = [("revoked", each.number) for each in (parent, *supplements)]
    with adds(w, ("propose", parent.number), *changed, ("told", parent.number), *LISTS):
        w.revoke(parent)


def test_a_decision_for_a_later_day_is_a_row_today_and_a_list_then(w: World) -> None:
    issued = w.issue()
    with adds(
        w, ("propose", issued.number), ("revoked", issued.number), ("told", issued.number), ("sign_list", REVOCATION)
    ):
        w.revoke(issued, effective_on=w.office.today() + timedelta(days=2))
    w.clock.move(days=3)
    with adds(w, ("sign_list", REVOCATION)):
        w.deliver()


def test_a_list_that_is_signed_again_in_time(w: World) -> None:
    w.issue(EXTRACT)
    with adds(w):
        lists.renew_due(w.office)
    w.clock.move(hours=7)
    with adds(w, *LISTS):
        lists.renew_due(w.office)


# Those who sign too


def test_signatures_of_responsible_persons(ruled: World) -> None:
    waits = ruled.begin(MICRO)
    number = waits.intent.number
    assert [row[1:] for row in rows(ruled)] == [("sign", number), ("sign_list", REVOCATION)]
    with adds(ruled, ("cosign", number)):
        cosign(ruled.office, number, RECTOR)
    for nobody in (RECTOR, "nobody", "serik"):
        with adds(ruled), pytest.raises(Refused):
            cosign(ruled.office, number, nobody)
    with adds(ruled, ("cosign", number)):
        cosign(ruled.office, number, CHAIR)
    with adds(ruled), pytest.raises(Refused):
        cosign(ruled.office, number, DEAN)
    with adds(ruled):
        ruled.deliver()


def test_a_signature_from_outside(ruled: World) -> None:
    number = ruled.begin(EXTRACT).intent.number
    with adds(ruled):
        asked = request(ruled.office, number, "serik")
    (institution,) = waiting_numbered(ruled.office, number).proofs
    signed = add_proof({**asked["document"], "proof": institution}, asked["proof"], OWN)
    with adds(ruled), pytest.raises(Refused):
        accept(ruled.office, number, written(signed | {"name": "x"}))
    with adds(ruled, ("cosign_received", number)):
        accept(ruled.office, number, written(signed))


def test_a_document_that_is_withdrawn(ruled: World) -> None:
    number = ruled.begin(MICRO).intent.number
    for reason in ("", " "):
        with adds(ruled), pytest.raises(Refused):
            withdraw(ruled.office, number, reason)
    with adds(ruled, ("void", number), by="another"):
        withdraw(replace(ruled.office, operator="another"), number, "A wrong grade")


# The holder and the paper


def test_printings(w: World) -> None:
    issued = w.issue()
    with adds(w, ("print", issued.code)):
        original = paper(w.office, issued.code)
    with adds(w):
        assert paper(w.office, issued.code) == original
    with adds(w, ("print", issued.code)):
        print_again(w.office, issued.number)


def test_links(w: World) -> None:
    issued, links = w.issue(), Links(w.office)
    with adds(w, ("holder_link", issued.code)):
        token = links.holder_url(issued.code).rpartition("/")[2]
    with adds(w):
        links.holder_url(issued.code)
        links.open(token)
    for _ in range(2):
        with adds(w, ("share_link", issued.code), by="holder"):
            links.share(token)
    with adds(w, ("share_link_ended", issued.code), by="holder"):
        links.stop_sharing(token)
    with adds(w):
        links.stop_sharing(token)
        links.share("x")
    with adds(w, ("holder_link", issued.code)):
        links.renew(issued.code)


# Both or neither


@pytest.mark.parametrize("act", ["suspended", "revoked"])
def test_F17_without_its_row_nothing_changes(act: Act, w: World) -> None:
    issued = w.issue()
    links, token = Links(w.office), Links(w.office).holder_url(issued.code).rpartition("/")[2]
    tables = ("issuer_changes", "issuer_prints", "issuer_links", "issuer_intents", "issuer_outbox", "status_lists")
    before = {table: w.rows_of(f"SELECT * FROM {table}") for table in tables}
    with w.fault("INSERT ON issuer_audit"), adds(w):
        for attempt in (
            lambda: w.change(issued, act),
            lambda: paper(w.office, issued.code),
            lambda: links.share(token),
            lambda: links.renew(issued.code),
            lambda: lists.renew(w.office, w.university, REVOCATION, "revocation"),
        ):
            with pytest.raises(sa.exc.DatabaseError):
                attempt()
    assert {table: w.rows_of(f"SELECT * FROM {table}") for table in tables} == before


def test_what_has_no_row_or_two_is_found(w: World) -> None:
    """Else the others would say nothing."""
    issued = w.issue()
    w.revoke(issued)
    with w.office.store.writing() as writing:
        writing.audit(w.office.now(), "tester", "revoked", issued.number)
        writing.next_print(issued.code, w.office.today(), "tester")
    assert unaccounted(w) == {("revoked", issued.number): 1, ("print", issued.code): -1}
    w.rewrite("DELETE FROM issuer_audit WHERE seq = (SELECT max(seq) FROM issuer_audit)")
    w.rewrite("DELETE FROM issuer_prints")
