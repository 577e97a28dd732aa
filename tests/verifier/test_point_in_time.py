"""Was it valid on 1 September 2024? The register's record decides, and the report adds what happened later."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from issuer.issue import Issued
from registry.doors import BadMoment
from schemas.languages import LANGUAGES
from schemas.reading import Json
from schemas.statuslist import encode_bitstring
from tanu import asgi
from tests.verifier.test_open_policy import Web, credential, entry, listed, signed
from tests.world import BEGINNING, CENTRE, EXTRACT, MICRO, SUPPLEMENT, Told, World, loosely, value_of
from verifier.moment import read_moment
from verifier.report import Report


def days(count: float) -> datetime:
    """So many days after the beginning."""
    return BEGINNING + timedelta(days=count)


def then(w: World, issued: Issued, at: datetime, **how: Any) -> Report:
    """The report on a document, of that time."""
    return w.verify(issued.document, at=at, **how)


def told(report: Report) -> list[str]:
    """What happened later, in English."""
    return [each.because.en for each in report.later]


def move(w: World, **by: float) -> None:
    """Time passes, and the office signs its lists again."""
    w.clock.move(**by)
    w.deliver()


def test_a_document_that_was_annulled_since_was_valid_before(w: World) -> None:
    issued = w.issue(CENTRE)
    move(w, days=3)
    w.annul(issued)
    move(w, days=3)
    assert w.verify(issued.document).verdict == "annulled"
    report = then(w, issued, days(1))
    assert report.verdict == "valid"
    assert [(each.state, each.day) for each in report.later] == [("annulled", date(2026, 11, 24))]
    assert told(report) == ["Later: Annulled on 24 November 2026. Decided by Ректор. Reason: a violation was found."]
    assert report.as_json()["at"] == "2026-11-22T05:00:00Z"
    assert report.as_json()["later"][0]["state"] == "annulled"
    after = then(w, issued, days(4))
    assert (after.verdict, after.later) == ("annulled", ())


def test_what_it_reveals_is_no_more_than_today(w: World) -> None:
    """Else anybody with the code of an annulled document would see its holder by asking about the past."""
    issued = w.issue(CENTRE)
    move(w, days=3)
    before = then(w, issued, days(1))
    assert before.document
    assert before.document.holder
    w.annul(issued)
    move(w, days=1)
    report = then(w, issued, days(1))
    assert report.document
    assert report.document.number == issued.number
    assert (report.document.holder, report.document.lines, report.document.signatories) == (None, (), ())
    assert w.look_up(issued.code, at=days(1)).document == w.look_up(issued.code, at=days(2)).document
    assert report.document.history == ()


def test_an_annulment_that_reaches_back_ends_it_from_then_on(w: World) -> None:
    issued = w.issue(CENTRE)
    move(w, days=5)
    w.annul(issued, effective_on=date(2026, 11, 23))
    move(w, days=1)
    assert then(w, issued, days(1)).verdict == "valid"
    words = "Later: Annulled with effect from 23 November 2026, by decision of 26 November 2026."
    assert told(then(w, issued, days(1)))[0].startswith(words)
    assert then(w, issued, read_moment("2026-11-23")).verdict == "annulled"
    before = then(w, issued, days(4))
    assert before.verdict == "annulled", "although nobody knew it then"
    assert told(before)[0].startswith(words), "and that is told too"
    assert then(w, issued, days(5.5)).later == ()


def test_an_annulment_from_the_beginning_leaves_no_time_at_which_it_was_valid(w: World) -> None:
    issued = w.issue(CENTRE)
    move(w, days=5)
    w.annul(issued, from_beginning=True)
    move(w, days=1)
    words = "Annulled from the beginning, by decision of 26 November 2026."
    for at in (BEGINNING, days(1), days(4.9)):
        report = then(w, issued, at)
        assert report.verdict == "annulled"
        assert told(report)[0].startswith(f"Later: {words}")
        assert report.as_json()["later"][0]["on"] == "2026-11-26"
    today = w.verify(issued.document)
    assert (today.verdict, today.later) == ("annulled", ())
    assert next(check for check in today.checks if check.n == 8).because.en.startswith(words)
    (change,) = today.as_json()["document"]["history"]
    assert (change["from_beginning"], change["decided_on"], change["effective_on"]) == (
        True,
        "2026-11-26",
        "2026-11-21",
    )
    assert then(w, issued, BEGINNING - timedelta(days=1)).verdict == "not_yet_valid", "there was no document"


def test_before_it_was_signed_it_was_not_yet_valid(w: World) -> None:
    w.clock.move(days=2)
    issued = w.issue()
    move(w, days=2)
    assert then(w, issued, days(2)).verdict == "valid"
    for at in (days(2) - timedelta(seconds=1), days(1), datetime(1990, 1, 1, tzinfo=UTC)):
        report = then(w, issued, at)
        assert report.verdict == "not_yet_valid"
        assert report.document is not None
        outcomes = {check.n: (check.outcome, check.because.en) for check in report.checks}
        assert outcomes[7] == ("failed", "It was signed after that time: 23 November 2026, 10:00 (UTC+5).")
        assert outcomes[8] == ("not_applicable", "It had not been signed then, so it had no state.")


def test_it_had_not_expired_then(w: World) -> None:
    issued = w.issue(MICRO)
    document = value_of(w.forged(issued, validUntil="2026-11-25T18:59:59Z"))
    w.clock.move(days=10)
    w.deliver()
    assert w.verify(document).verdict == "expired"
    report = w.verify(document, at=datetime(2026, 11, 25, 18, 59, 59, tzinfo=UTC))
    assert report.verdict == "valid"
    assert told(report) == ["Later: it expired on 25 November 2026, 23:59 (UTC+5)."]
    assert w.verify(document, at=datetime(2026, 11, 25, 19, tzinfo=UTC)).verdict == "expired"


def test_a_suspension_is_told_for_its_time(w: World) -> None:
    for kind in (MICRO, EXTRACT):
        issued = w.issue(kind)
        begun = w.clock.now
        move(w, days=1)
        w.suspend(issued)
        move(w, days=2)
        w.reinstate(issued)
        move(w, days=1)
        during = then(w, issued, begun + timedelta(days=2))
        assert during.verdict == "suspended"
        assert [each.state for each in during.later] == ["valid"]
        assert "Reinstated" in told(during)[0]
        before = then(w, issued, begun + timedelta(hours=12))
        assert before.verdict == "valid"
        assert [each.state for each in before.later] == ["suspended", "valid"]
        assert then(w, issued, begun + timedelta(days=3, hours=12)).verdict == "valid"
        assert w.verify(issued.document).verdict == "valid"


def test_what_happened_to_the_parent_is_told_of_its_supplement(w: World) -> None:
    parent = w.issue(MICRO)
    issued = w.issue(SUPPLEMENT, parent=parent)
    successor = w.issue(MICRO)
    move(w, days=2)
    w.replace(parent, successor)
    move(w, days=1)
    assert then(w, issued, days(1)).verdict == "valid"
    assert [each.state for each in then(w, issued, days(1)).later] == ["replaced"]
    assert then(w, issued, days(2.5)).verdict == "replaced"


def test_keys_that_were_rotated_since_have_signed_what_they_signed(w: World) -> None:
    issued = w.issue()
    key = value_of(issued.document)["proof"]["verificationMethod"]
    w.rewrite("UPDATE issuer_keys SET retired_at = '2026-11-24T00:00:00Z' WHERE id = :key", key=key)
    w.clock.move(hours=20)
    assert w.verify(issued.document).verdict == "valid"
    assert then(w, issued, BEGINNING + timedelta(hours=1)).verdict == "valid"
    w.rewrite("UPDATE issuer_keys SET compromised_from = '2026-11-21T00:00:00Z' WHERE id = :key", key=key)
    assert then(w, issued, BEGINNING + timedelta(hours=1)).verdict == "tampered", "nobody knows who has signed"


# The lists tell only today


def test_C3_a_bit_that_is_set_today_without_a_record_fails(w: World) -> None:
    issued = w.issue()
    move(w, days=1)
    url = value_of(issued.document)["credentialStatus"]["statusListCredential"]
    index = int(value_of(issued.document)["credentialStatus"]["statusListIndex"])
    other = w.issue()
    w.revoke(other)
    genuine = w.registry.status_list(url)
    assert genuine
    value = value_of(genuine)
    value["credentialSubject"]["encodedList"] = encode_bitstring([index])
    key = w.office.institution("kmu").keys[0]
    forged = loosely(w.signed_by(w.keys.signers[key.multibase], value, verificationMethod=key.id))
    report = then(w, issued, days(0.5), registry=Told.by(w.registry, status_list=lambda _: forged))
    assert report.verdict == "revoked"


def test_C1_C3_a_list_that_is_silent_or_behind_the_record_leaves_it_open(w: World) -> None:
    issued = w.issue()
    url = value_of(issued.document)["credentialStatus"]["statusListCredential"]
    move(w, days=1)
    before = w.registry.status_list(url)
    w.revoke(issued)
    assert then(w, issued, days(0.5)).verdict == "valid"
    for answer in (None, before, b"", b"{}"):
        registry = Told.by(w.registry, status_list=lambda _, answer=answer: answer)
        assert then(w, issued, days(0.5), registry=registry).verdict == "indeterminate"
    w.clock.move(days=2)
    assert then(w, issued, days(0.5)).verdict == "indeterminate", "its lists have ended: nobody knows today's state"


def test_C3_a_young_list_that_knows_nothing_of_a_recorded_end_leaves_it_open(w: World) -> None:
    issued = w.issue()
    url = value_of(issued.document)["credentialStatus"]["statusListCredential"]
    move(w, days=1)
    before = w.registry.status_list(url)
    assert before
    w.revoke(issued)
    key = w.office.institution("kmu").keys[0]
    w.clock.move(minutes=5)
    young = {"validFrom": "2026-11-22T05:05:00Z", "validUntil": "2026-11-23T05:05:00Z"}
    again = w.signed_by(w.keys.signers[key.multibase], value_of(before) | young, verificationMethod=key.id)
    report = then(w, issued, days(0.5), registry=Told.by(w.registry, status_list=lambda _: loosely(again)))
    assert report.verdict == "indeterminate"
    assert "does not agree with the register of today" in str(report.as_json())


# What is asked


@pytest.mark.parametrize("at", [BEGINNING + timedelta(seconds=1), datetime(2999, 1, 1, tzinfo=UTC)])
def test_a_time_to_come_is_refused_with_a_sentence(at: datetime, world: World) -> None:
    issued = world.issue()
    asked: list[Callable[[], Report]] = [
        lambda: world.verify(issued.document, at=at),
        lambda: world.verify(b"{", at=at),
        lambda: world.look_up(issued.code, at=at),
        lambda: world.look_up("0" * 14, at=at),
        lambda: world.verify(credential(), policy="open", at=at),
    ]
    for ask in asked:
        with pytest.raises(BadMoment, match="has not come yet") as refused:
            ask()
        assert all(refused.value.because[language] for language in LANGUAGES)


def test_a_day_stands_for_its_beginning_in_kazakhstan() -> None:
    assert read_moment("2024-09-01") == datetime(2024, 8, 31, 19, tzinfo=UTC)
    assert read_moment("2024-09-01T10:00:00+05:00") == datetime(2024, 9, 1, 5, tzinfo=UTC)
    wrong = [
        "",
        "2024",
        "2024-13-01",
        "2024-02-30",
        "1 September 2024",
        "2024-09-01T10:00:00",
        "٢٠٢٤-٠٩-٠١",
        "now",
        "x" * 9999,
    ]
    for spelled in wrong:
        with pytest.raises(BadMoment) as refused:
            read_moment(spelled)
        assert len(refused.value.because.en) < 300


def test_now_is_a_time_like_any_other(world: World) -> None:
    issued = world.issue()
    now, asked = world.verify(issued.document), world.verify(issued.document, at=world.clock.now)
    assert now.at is None
    assert (asked.at, asked.checks, asked.document, asked.later) == (world.clock.now, now.checks, now.document, ())


# Under policy `open`


def test_under_the_open_policy_what_has_no_date_at_all_is_not_known_to_have_been_there(world: World) -> None:
    then = world.clock.now - timedelta(days=30)
    dateless = {name: member for name, member in credential().items() if name != "validFrom"}
    for document, verdict in (
        (signed(world, dateless, created=...), "indeterminate"),
        (signed(world, dateless, created="2026-01-01T00:00:00Z"), "valid"),
        (signed(world, credential(), created=...), "valid"),
    ):
        assert world.verify(document, policy="open").verdict == "valid"
        assert world.verify(document, policy="open", at=then).verdict == verdict


def test_under_the_open_policy_dates_count_and_lists_tell_only_today(world: World) -> None:
    def opened(document: Json, at: datetime, *indices: int, **more: Json) -> str:
        web = Web(**{"https://lists.example/1": listed(world, list(indices), **more)})
        return world.verify(document, policy="open", at=at, fetcher=web.fetcher("lists.example")).verdict

    month = timedelta(days=30)
    dated = signed(world, credential(validUntil="2026-11-01T00:00:00Z"), created="2026-01-01T00:00:00Z")
    assert world.verify(dated, policy="open").verdict == "expired"
    assert opened(dated, world.clock.now - month) == "valid"
    assert opened(dated, datetime(2025, 1, 1, tzinfo=UTC)) == "not_yet_valid"
    with_list = signed(world, credential(credentialStatus=entry()), created="2026-01-01T00:00:00Z")
    assert opened(with_list, world.clock.now - month, 8) == "valid", "what is not withdrawn today never was"
    assert opened(with_list, world.clock.now - month, 7) == "indeterminate", "since when, nobody says"
    assert opened(with_list, world.clock.now, 7) == "revoked"


# At the doors


@pytest.fixture
def client(w: World) -> TestClient:
    return TestClient(asgi.everything(w.office), raise_server_exceptions=False)


def test_the_doors_take_a_day_or_an_instant(w: World, client: TestClient) -> None:
    issued = w.issue(CENTRE)
    move(w, days=3)
    w.annul(issued)
    move(w, days=1)
    for answer in (
        client.get(f"/api/c/{issued.code}?at=2026-11-22"),
        client.get(f"/c/{issued.code}?at=2026-11-22T05:00:00Z", headers={"accept": "application/json"}),
        client.post("/api/verify?at=2026-11-22", content=issued.document),
        client.post("/api/verify?at=2026-11-22", files={"file": issued.document}),
    ):
        assert answer.status_code == 200
        assert (answer.json()["verdict"], answer.json()["later"][0]["state"]) == ("valid", "annulled")
    for path in (f"/api/c/{issued.code}", f"/c/{issued.code}"):
        for at in ("2999-01-01", "yesterday"):
            refused = client.get(f"{path}?at={at}", headers={"accept": "application/json"})
            assert refused.status_code == 400
            assert set(refused.json()["because"]) == set(LANGUAGES)
    for later in ("2999-01-01", "9999-12-31T23:59:59Z"):
        assert client.post(f"/api/verify?at={later}", content=issued.document).status_code == 400


@pytest.mark.parametrize(
    ("language", "as_of", "afterwards"),
    [
        ("kk", "2026\u202fж. 22 қараша, 00:00 (UTC+5) жағдайы бойынша", "Кейін: Күші жойылды"),
        ("ru", "По состоянию на 22 ноября 2026\u202fг., 00:00 (UTC+5)", "Позднее: Аннулирован"),
        ("en", "As of 22 November 2026, 00:00 (UTC+5)", "Later: Annulled on 24 November 2026"),
    ],
)
def test_the_page_says_of_when_it_is_and_what_came_later(
    language: str, as_of: str, afterwards: str, w: World, client: TestClient
) -> None:
    issued = w.issue(CENTRE)
    move(w, days=3)
    w.annul(issued)
    move(w, days=1)
    page = client.get(f"/c/{issued.code}?at=2026-11-22&lang={language}", headers={"accept": "text/html"}).text
    first, _, rest = page.partition('<div class="what">')
    assert as_of in first
    assert afterwards in first
    assert 'class="verdict waiting"' in first, "nothing of the past is green"
    assert f'href="/c/{issued.code}' in rest
    assert "?at=2026-11-21T19:00:00Z&" in page.replace("&amp;", "&")
    today = client.get(f"/c/{issued.code}?lang={language}", headers={"accept": "text/html"}).text
    assert as_of not in today
    assert afterwards not in today
