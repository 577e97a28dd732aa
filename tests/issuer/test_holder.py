"""The holder's secret link and share link, and papers that are printed again."""

import json

import pytest

from issuer.holder import Links, paper, print_again
from schemas.credential import read_credential
from schemas.errors import Refused
from schemas.kinds.table import KINDS
from tests.world import MICRO, World
from verifier.paper import embedded_credential


def token_of(url: str) -> str:
    """The secret at the end of a link."""
    return url.rsplit("/", 1)[1]


def test_a_link_leads_to_its_document_and_stays_the_same(w: World) -> None:
    one, two = w.issue_many(2)
    links = Links(w.office)
    url = links.holder_url(one.code)
    assert url.startswith("http://127.0.0.1:8000/h/")
    assert links.holder_url(one.code) == url != links.holder_url(two.code)
    held = links.open(token_of(url))
    assert held is not None
    assert held.credential.data == one.document
    assert (held.state, held.history, held.share_url) == ("valid", (), None)
    assert held.page_url == f"http://127.0.0.1:8000/c/{one.code}"


def test_many_links_are_the_same_as_one_by_one(w: World) -> None:
    codes = [issued.code for issued in w.issue_many(3)]
    first = Links(w.office).holder_url(codes[1])
    urls = Links(w.office).holder_urls(codes)
    assert list(urls) == codes
    assert urls[codes[1]] == first
    assert {code: Links(w.office).holder_url(code) for code in codes} == urls
    assert len(set(urls.values())) == 3


def test_a_link_is_found_again_after_a_restart(w: World) -> None:
    issued = w.issue()
    url = Links(w.office).holder_url(issued.code)
    again = World(w.folder, seed=8)
    assert Links(again.office).holder_url(issued.code) == url
    assert Links(again.office).open(token_of(url)) is not None


def test_a_renewed_link_leaves_the_old_one_dead(w: World) -> None:
    issued = w.issue()
    links = Links(w.office)
    old = links.holder_url(issued.code)
    new = links.renew(issued.code)
    assert new != old
    assert links.open(token_of(old)) is None
    assert links.pdf(token_of(old)) is None
    assert links.share(token_of(old)) is None
    assert links.stop_sharing(token_of(old)) is None
    assert links.open(token_of(new)) is not None
    assert links.holder_url(issued.code) == new
    assert len({new, old, *(links.renew(issued.code) for _ in range(5))}) == 7


def test_who_made_a_link_stands_in_the_audit(w: World) -> None:
    issued = w.issue()
    Links(w.office).holder_url(issued.code)
    Links(w.office).renew(issued.code)
    rows = w.rows_of("SELECT actor, subject FROM issuer_audit WHERE act = 'holder_link'")
    assert rows == [("tester", issued.code)] * 2


def test_the_secret_is_nowhere_in_the_database(w: World) -> None:
    issued = w.issue()
    links = Links(w.office)
    holder = links.holder_url(issued.code)
    held = links.share(token_of(holder))
    assert held is not None
    tables = [name for (name,) in w.rows_of("SELECT name FROM sqlite_master WHERE type = 'table'")]
    everything = json.dumps([[str(row) for row in w.rows_of(f"SELECT * FROM {table}")] for table in tables])
    for url in (holder, held.share_url or ""):
        assert len(token_of(url)) == 26, "128 bits in base32"
        assert token_of(url) not in everything


@pytest.mark.parametrize("token", ["", "x", "a" * 26, "../h/x", "%", "' OR 1=1 --", "\0", "ә" * 26, "a" * 10_000])
def test_a_guessed_link_opens_nothing(token: str, w: World) -> None:
    Links(w.office).holder_url(w.issue().code)
    links = Links(w.office)
    assert links.open(token) is None
    assert links.pdf(token) is None
    assert links.share(token) is None
    assert links.stop_sharing(token) is None
    assert links.shared(token) is None


def test_a_share_link_opens_the_page_and_not_the_desk(w: World) -> None:
    issued = w.issue()
    links = Links(w.office)
    holder = token_of(links.holder_url(issued.code))
    held = links.share(holder)
    assert held is not None
    assert held.share_url is not None
    share = token_of(held.share_url)
    assert held.share_url.startswith("http://127.0.0.1:8000/s/")
    assert links.shared(share) == issued.code
    assert links.open(share) is None, "a holder's link is not what was shared"
    assert links.shared(holder) is None


def test_a_holder_stops_sharing_and_shares_anew(w: World) -> None:
    issued = w.issue()
    links = Links(w.office)
    holder = token_of(links.holder_url(issued.code))
    first, second = links.share(holder), links.share(holder)
    assert first is not None
    assert second is not None
    assert first.share_url != second.share_url
    assert links.shared(token_of(first.share_url or "")) is None, "the one before has ended"
    stopped = links.stop_sharing(holder)
    assert stopped is not None
    assert stopped.share_url is None
    assert links.shared(token_of(second.share_url or "")) is None
    third = links.share(holder)
    assert third is not None
    assert third.share_url not in (first.share_url, second.share_url)


def test_a_renewed_holder_link_leaves_sharing_to_the_holder(w: World) -> None:
    """What was shared before stays shared: the holder decides, with the new link."""
    issued = w.issue()
    links = Links(w.office)
    held = links.share(token_of(links.holder_url(issued.code)))
    assert held is not None
    new = token_of(links.renew(issued.code))
    again = links.open(new)
    assert again is not None
    assert again.share_url == held.share_url
    stopped = links.stop_sharing(new)
    assert stopped is not None
    assert links.shared(token_of(held.share_url or "")) is None


def test_the_holder_sees_what_became_of_the_document(w: World) -> None:
    issued = w.issue()
    token = token_of(Links(w.office).holder_url(issued.code))
    w.suspend(issued)
    w.annul(issued)
    held = Links(w.office).open(token)
    assert held is not None
    assert held.state == "annulled"
    assert [change.act for change in held.history] == ["suspended", "annulled"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_paper_carries_the_document_byte_for_byte(kind: str, w: World) -> None:
    issued = w.issue(kind)
    token = token_of(Links(w.office).holder_url(issued.code))
    pdf = Links(w.office).pdf(token)
    assert pdf is not None
    assert embedded_credential(pdf) == issued.document
    assert read_credential(embedded_credential(pdf)).number == issued.number


def prints(w: World) -> list[int]:
    """The print numbers on record."""
    return [number for (number,) in w.rows_of("SELECT number FROM issuer_prints ORDER BY number")]


def test_the_first_paper_is_the_original_however_often_it_is_fetched(w: World) -> None:
    issued = w.issue()
    first = paper(w.office, issued.code)
    w.clock.move(days=3)
    assert paper(w.office, issued.code) == first
    assert prints(w) == [1]


def test_a_lost_paper_is_printed_again_with_the_next_number(w: World) -> None:
    issued = w.issue()
    original = paper(w.office, issued.code)
    w.clock.move(days=3)
    again = [print_again(w.office, issued.number) for _ in range(2)]
    assert [number for number, _ in again] == [2, 3]
    assert {embedded_credential(pdf) for _, pdf in again} == {issued.document}
    assert len({original, *(pdf for _, pdf in again)}) == 3
    assert paper(w.office, issued.code) == again[1][1]
    assert prints(w) == [1, 2, 3]
    assert len(w.rows_of("SELECT * FROM issuer_audit WHERE act = 'print'")) == 3
    w.deliver()
    assert w.look_up(issued.code).verdict == "valid"
    assert w.rows_of("SELECT count(*) FROM entries") == [(1,)]


def test_the_first_thing_printed_again_is_a_duplicate_too(w: World) -> None:
    """The original may be lost before anybody has fetched it here."""
    assert print_again(w.office, w.issue().number)[0] == 2
    assert prints(w) == [1, 2]


@pytest.mark.parametrize("number", ["", "x", "KMU-MC-2026-000009-29"])
def test_what_was_never_issued_is_not_printed(number: str, w: World) -> None:
    w.issue(MICRO)
    with pytest.raises(Refused):
        print_again(w.office, number)
    with pytest.raises(Refused):
        paper(w.office, "00000000000000")
    assert prints(w) == []
