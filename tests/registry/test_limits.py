"""Whose bucket it is, and what is in it."""

import pytest

from registry import limits
from registry.limits import Limit, Limits, client_of, read_proxies, way_of
from schemas.errors import Refused

PROXIES = read_proxies(["127.0.0.1", "10.0.0.0/8", "2001:db8:ffff::/48"])


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("203.0.113.7", "127.0.0.1, 10.0.0.1", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.1.1.1,198.51.100.1 , 10.1.2.3", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("127.0.0.1", "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64"),
        ("127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:ffff::1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("127.0.0.1", "198.51.100.1, unknown", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, ", "127.0.0.1"),
        ("127.0.0.1", "%0a\x00" * 5000, "127.0.0.1"),
        ("fe80::1%eth0", "", "fe80::/64"),
        ("testclient", "198.51.100.1", "unknown"),
        (None, "198.51.100.1", "unknown"),
    ],
)
def test_F22_an_address_is_taken_from_trusted_proxies_alone(peer: str | None, forwarded: str, client: str) -> None:
    assert client_of(peer, forwarded, PROXIES) == client


def test_F22_without_a_trusted_proxy_nobody_is_believed() -> None:
    assert client_of("127.0.0.1", "198.51.100.1", ()) == "127.0.0.1"


@pytest.mark.parametrize("name", ["localhost", "10.0.0.1/8", "10.0.0.0/40", "*", "::1::"])
def test_a_proxy_that_is_no_address_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(Refused, match="TANU_TRUSTED_PROXIES"):
        read_proxies(["127.0.0.1", name])


def test_a_bucket_is_emptied_and_fills_again(seconds: Seconds) -> None:
    found = Limits(clock=seconds, each={"number": Limit(3, 0.5)})
    assert [found.wait("number", "a") for _ in range(5)] == [0, 0, 0, 2, 2]
    assert found.wait("number", "b") == 0
    seconds.now += 2
    assert [found.wait("number", "a") for _ in range(2)] == [0, 2]
    seconds.now += 3600
    assert [found.wait("number", "a") for _ in range(4)] == [0, 0, 0, 2]
    assert found.wait("file", "a") == 0, "no limit, no bucket"


def test_E6_what_finds_nothing_costs_more(seconds: Seconds) -> None:
    found = Limits(clock=seconds, each={"code": Limit(30, 1, miss=10)})
    asked = 0
    while not found.wait("code", "a"):
        found.missed("code", "a")
        asked += 1
    assert asked == 3
    for _ in range(100):
        found.missed("code", "a")
    seconds.now += 60
    assert found.wait("code", "a") == 0, "whoever guessed once is not held back for good"


def test_all_addresses_together_have_a_bucket_too(seconds: Seconds) -> None:
    found = Limits(clock=seconds, everybody={"number": Limit(2, 1)})
    assert [found.wait_for_all("number") for _ in range(3)] == [0, 0, 1]
    assert [found.wait_for_all("code") for _ in range(3)] == [0, 0, 0]


def test_F22_buckets_are_bounded(seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT", 10)
    found = Limits(clock=seconds, each={"code": Limit(1, 1)})
    assert [found.wait("code", str(n)) for n in range(50)] == [0] * 50
    assert len(found._buckets) == 10
    assert found.wait("code", "49") == 1, "those that were used last stay"


def test_the_operator_is_told_once_a_minute(seconds: Seconds) -> None:
    found = Limits(clock=seconds)
    assert [found.is_news(), found.is_news()] == [True, False]
    seconds.now += 61
    assert found.is_news()


@pytest.mark.parametrize(
    ("method", "path", "way"),
    [
        ("GET", "/c/X", "code"),
        ("HEAD", "/c/X", "code"),
        ("GET", "/api/c/X", "code"),
        ("GET", "/api/entries/X", "code"),
        ("GET", "/h/x/certificate.pdf", "code"),
        ("POST", "/h/x/share", "code"),
        ("GET", "/n/X", "number"),
        ("HEAD", "/n/X", "number"),
        ("GET", "/api/n/X", "number"),
        ("POST", "/verify", "file"),
        ("POST", "/api/verify", "file"),
        ("POST", "/api/presentations/challenge", "file"),
        ("GET", "/", None),
        ("GET", "/c", None),
        ("GET", "/issuers", None),
        ("GET", "/status/x-revocation-1", None),
        ("GET", "/healthz", None),
    ],
)
def test_what_is_counted(method: str, path: str, way: str | None) -> None:
    assert way_of(method, path) == way
