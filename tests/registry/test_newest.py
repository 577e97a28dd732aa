"""The newest version of a list that was seen: by the number that it says, else by its date."""

from datetime import timedelta

from registry.newest import Newest
from tests.world import BEGINNING

URL, ISSUER = "https://a.example/status/1", "did:example:1"


def test_C3_of_two_versions_of_one_second_the_number_tells() -> None:
    newest = Newest()
    assert not newest.is_behind(ISSUER, URL, BEGINNING, 8)
    assert newest.is_behind(ISSUER, URL, BEGINNING, 7)
    assert not newest.is_behind(ISSUER, URL, BEGINNING, 8)
    assert not newest.is_behind(ISSUER, URL, BEGINNING, 9)
    assert newest.is_behind(ISSUER, URL, BEGINNING, 8)


def test_C3_a_clock_that_was_set_back_makes_no_list_old() -> None:
    newest = Newest()
    assert not newest.is_behind(ISSUER, URL, BEGINNING, 8)
    assert not newest.is_behind(ISSUER, URL, BEGINNING - timedelta(hours=1), 9)
    assert newest.is_behind(ISSUER, URL, BEGINNING + timedelta(hours=1), 8), "however it is dated"


def test_C3_without_a_number_the_date_has_to_do() -> None:
    newest = Newest()
    assert not newest.is_behind(ISSUER, URL, BEGINNING)
    assert newest.is_behind(ISSUER, URL, BEGINNING - timedelta(seconds=1))
    assert newest.is_behind(ISSUER, URL, BEGINNING - timedelta(seconds=1), 99), (
        "one that came without may not be passed"
    )
    assert not newest.is_behind(ISSUER, URL, BEGINNING, 1)
