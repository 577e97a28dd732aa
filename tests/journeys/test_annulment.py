"""The journey of an annulment, from the recorded violation to the appeal: both persons, the holder's letters, page, API
and both lists; the supplement ends with the certificate, and the decision that rests on it is flagged."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from typing import Any

import pytest
from fastapi.testclient import TestClient

from issuer import annulment, status
from issuer.ends import flags
from issuer.ends.officers import NotEntitled
from issuer.intents import Order
from issuer.issue import Issued
from keys import cose, jose
from keys.public import PublicKey
from schemas.credential import utc
from schemas.errors import Refused
from schemas.reading import read_object
from schemas.statuslist import INVALID, SUSPENDED, VALID, bit_at, decode_statuses, read_list_document, status_at
from tanu import asgi
from tests.world import EXTRACT, FIRST, MICRO, SECOND, SUPPLEMENT, World, day

PERSON = {"Accept": "text/html"}


class Public:
    """What anybody sees, by the doors."""

    def __init__(self, w: World) -> None:
        self.w = w
        self.client = TestClient(asgi.everything(w.office), raise_server_exceptions=False)

    def page(self, issued: Issued, at: str = "") -> str:
        """Where the QR leads, in English."""
        asked = f"/c/{issued.code}?lang=en{f'&at={at}' if at else ''}"
        return str(self.client.get(asked, headers=PERSON).text)

    def api(self, issued: Issued, at: str = "") -> dict[str, Any]:
        """The same for programs."""
        answer: dict[str, Any] = self.client.get(f"/api/c/{issued.code}{f'?at={at}' if at else ''}").json()
        return answer

    def lists(self, issued: Issued) -> tuple[bool, set[int]]:
        """The bit of revocation, and the statuses in both tokens, each under a signature that holds."""
        slot = next(s for s in self.w.office.store.slots_of(issued.code) if s.purpose == "revocation")
        path = slot.list_url.removeprefix(self.w.public_url)
        bits = read_list_document(read_object(self.client.get(path).content)).bits
        keys = {key.id: PublicKey.from_multibase(key.multibase) for key in self.w.university.keys}
        sealed = (
            jose.read_list(self.client.get(f"{path}.jwt").text),
            cose.read_list(self.client.get(f"{path}.cwt").content),
        )
        tokens = [each.opened(keys[each.kid or ""]) for each in sealed]
        return bit_at(bits, slot.index), {status_at(decode_statuses(t.compressed), slot.index) for t in tokens}


def letters(w: World, issued: Issued) -> dict[str, str]:
    """What the holder was sent about a document: about what → the text."""
    found = {}
    for file in (w.folder / "home" / "notices").glob(f"{issued.number}-*.eml"):
        about = file.stem.removeprefix(f"{issued.number}-").rpartition("-")[0]
        text = message_from_bytes(file.read_bytes(), policy=SMTP).get_content()
        found[about] = " ".join(text.split())
    return found


def decision_on(w: World, certificate: Issued) -> Issued:
    """A recognition commission's decision that rests on a certificate."""
    evidence = {
        "evidence_issuer": "Specimen KMU",
        "issuer_category": "education_organisation",
        "document_kind": "certificate",
        "document_number": certificate.number,
        "document_date": "2026-11-21",
    }
    annex = {"document_number": certificate.number, "unit_title": "Digital pedagogy", "hours": "90", "grade": "92"}
    return w.issue(EXTRACT, evidence_documents=[evidence], evidence_annex=[annex])


def test_from_the_recorded_violation_to_the_appeal(w: World) -> None:
    public, office = Public(w), w.office
    certificate = w.issue(MICRO)
    supplement = w.issue(SUPPLEMENT, parent=certificate)
    decision = decision_on(w, certificate)
    number = certificate.number
    assert public.lists(certificate) == (False, {VALID})

    # A violation is recorded; nobody outside learns of it.
    w.clock.move(days=3)
    w.deliver()
    assert annulment.open_case(office, number, "The project is another's work", FIRST).state == "recorded"
    assert public.api(certificate)["verdict"] == "valid"
    assert letters(w, certificate) == {}

    # The document is put on hold meanwhile, by two persons.
    pause = w.order("suspended", reason="violation", minutes="№ 21")
    proposal = status.propose(office, number, pause)
    assert public.api(certificate)["verdict"] == "valid", "one person alone changes nothing"
    with pytest.raises(NotEntitled):
        status.confirm(office, proposal.event, FIRST)
    status.confirm(office, proposal.event, SECOND)
    w.deliver()
    assert [public.api(each)["verdict"] for each in (certificate, supplement)] == ["suspended"] * 2
    assert public.lists(certificate) == (False, {SUSPENDED})
    assert flags.flagged(office, waiting=True) == [], "a pause is no end"

    # The holder is told, and answers.
    annulment.inform(office, number, FIRST, day("2026-12-04"))
    w.deliver()
    told = letters(w, certificate)["informed"]
    assert "The project is another's work" in told
    assert "Last day: 4 December 2026" in told
    order = Order(
        *("annulled", "violation", "Сертификаттау комиссиясы", "Ереженің 9.2-тармағы", "№ 31", FIRST),
        from_beginning=True,
    )
    with pytest.raises(Refused, match="has not answered yet"):
        annulment.decide(office, number, order)
    w.clock.move(days=4)
    w.deliver()
    annulment.answer(office, number, "We wrote it together", FIRST)

    # The commission decides; until another person confirms it, the document is on hold as before.
    proposal = annulment.decide(office, number, order)
    w.deliver()
    assert public.api(certificate)["verdict"] == "suspended"
    assert "annulled" not in letters(w, certificate)
    status.confirm(office, proposal.event, SECOND)
    w.deliver()

    # In the same second: page, API, both lists, the supplement, the letter.
    for each in (certificate, supplement):
        assert public.lists(each) == (True, {INVALID})
        page, report = public.page(each), public.api(each)
        assert page.partition("<title>")[2].startswith("Annulled")
        for words in (
            "From the beginning, by decision of 28 November 2026",
            "Сертификаттау комиссиясы",
            "Ереженің 9.2-тармағы",
            "a violation was found",
        ):
            assert words in page
        for private in (FIRST, SECOND, "№ 31", "another's work", "We wrote it together"):
            assert private not in page + str(report)
        assert report["verdict"] == "annulled"
        change = report["document"]["history"][-1]
        assert (change["state"], change["from_beginning"], change["decided_on"]) == ("annulled", True, "2026-11-28")
        assert change["recorded_at"] == utc(w.clock.now)
    told = letters(w, certificate)["annulled"]
    for words in ("№ 31", "Сертификаттау комиссиясы", "Ереженің 9.2-тармағы", supplement.number, "appeal in writing"):
        assert words in told

    # At any earlier time it is annulled too, and the page says when that was decided.
    for at in ("2026-11-22", "2026-11-26"):
        report = public.api(certificate, at)
        assert report["verdict"] == "annulled"
        later = [each["because"]["en"] for each in report["later"] if each["state"] == "annulled"]
        assert len(later) == 1
        assert later[0].startswith("Later: Annulled from the beginning, by decision of 28 November 2026.")
        assert "Later: Annulled from the beginning" in public.page(certificate, at)

    # The decision of the other commission is flagged, not changed; its commission looks at it.
    assert [(f.number, f.cited, f.act) for f in flags.flagged(office, waiting=True)] == [
        (decision.number, number, "annulled")
    ]
    assert public.api(decision)["verdict"] == "valid"
    flags.review(office, decision.number, FIRST, "№ 8", "The transfer is taken back")
    assert flags.flagged(office, waiting=True) == []

    # An appeal changes nothing until it is decided, and an annulment is for good: a new document is issued.
    w.clock.move(days=10)
    w.deliver()
    annulment.appeal(office, number, "The co-author confirms it", FIRST)
    annulment.outcome(office, number, "upheld", "№ 44", "Written together", FIRST)
    w.deliver()
    assert "a new one is issued" in letters(w, certificate)["upheld"]
    with pytest.raises(Refused):
        status.propose(office, number, w.order("reinstated"))
    new = w.issue(MICRO)
    assert [public.api(each)["verdict"] for each in (certificate, new)] == ["annulled", "valid"]

    # Everything that was done stands in the audit, in this order.
    acts = [
        act
        for (act,) in w.rows_of("SELECT act FROM issuer_audit WHERE subject = :number ORDER BY seq", number=number)
        if act not in ("sign", "told")
    ]
    assert acts == [
        *("annulment_open", "propose", "suspended", "annulment_suspend", "annulment_inform", "annulment_answer"),
        *("propose", "annulment_decide", "annulled", "annulment_effect", "annulment_appeal", "annulment_uphold"),
    ]


def test_an_annulment_from_a_day_leaves_the_time_before_valid(w: World) -> None:
    public, issued = Public(w), w.issue()
    w.clock.move(days=9)
    w.deliver()
    w.annul(issued, effective_on=day("2026-11-25"), decided_on=day("2026-11-29"))
    page = public.page(issued)
    assert "From 25 November 2026, by decision of 29 November 2026" in page
    before, after = public.api(issued, "2026-11-24"), public.api(issued, "2026-11-26")
    assert (before["verdict"], after["verdict"]) == ("valid", "annulled")
    for report in (before, after):
        (later,) = report["later"]
        assert (later["state"], later["on"]) == ("annulled", "2026-11-25")
        assert "by decision of 29 November 2026" in later["because"]["en"]


def test_an_annulment_of_a_day_to_come_takes_effect_by_the_same_delivery(w: World) -> None:
    public, issued = Public(w), w.issue()
    w.annul(issued, effective_on=day("2026-11-23"))
    assert "annulled" in letters(w, issued), "the holder is told first"
    w.clock.now = datetime(2026, 11, 22, 18, 59, 59, tzinfo=UTC)
    w.deliver()
    assert (public.api(issued)["verdict"], public.lists(issued)) == ("valid", (False, {VALID}))
    w.clock.move(seconds=1)
    w.deliver()
    assert (public.api(issued)["verdict"], public.lists(issued)) == ("annulled", (True, {INVALID}))


def test_the_page_of_a_replaced_document_leads_to_its_successor(w: World) -> None:
    public = Public(w)
    old, new = w.issue_many(2)
    w.replace(old, new)
    page, report = public.page(old), public.api(old)
    assert f'href="/c/{new.code}?lang=en"' in page
    assert new.number in page
    assert (report["verdict"], report["document"]["successor"]) == ("replaced", new.code)
    assert report["document"]["history"][0]["successor"] == new.number
