"""The one door outward: which addresses it connects to, and what it takes from them (docs/attacks.md D2–D4)."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from registry.fetch import MAX_BYTES, Fetcher
from schemas.errors import Unavailable
from schemas.languages import LANGUAGES

PUBLIC = "93.184.216.34"


class Web:
    """Answers everything, and notes where it was asked."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response] | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.answer = answer or (lambda _: httpx.Response(200, content=b"{}"))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer(request)


def fetcher(web: Web, *addresses: str, hosts: tuple[str, ...] = ("a.example",), base: str | None = None) -> Fetcher:
    """A fetcher for which each name has these addresses."""
    found = list(addresses) or [PUBLIC]
    return Fetcher(base, frozenset(hosts), lambda _: found, httpx.MockTransport(web))


def refused(found: Fetcher, url: str) -> bool:
    """Is fetching `url` refused, with a sentence in each language?"""
    try:
        found.get(url)
    except Unavailable as silence:
        return all(silence.because[language] for language in LANGUAGES)
    return False


def test_a_listed_host_is_asked_at_the_address_that_was_checked() -> None:
    web = Web()
    assert fetcher(web, PUBLIC).get("https://a.example/i/x/did.json?v=1") == b"{}"
    (request,) = web.requests
    assert str(request.url) == f"https://{PUBLIC}/i/x/did.json?v=1"
    assert request.headers["host"] == "a.example"
    assert request.extensions["sni_hostname"] == "a.example"


def test_an_address_of_version_6_is_asked_too() -> None:
    web = Web()
    assert fetcher(web, "2606:2800:220:1:248:1893:25c8:1946").get("https://A.EXAMPLE/x") == b"{}"
    assert web.requests[0].url.host == "2606:2800:220:1:248:1893:25c8:1946"


STRANGE = [
    *(
        "http://a.example/",
        "ftp://a.example/",
        "file:///etc/passwd",
        "data:,x",
        "gopher://a.example/",
        "//a.example/",
        "",
    ),
    *(
        "https://b.example/",
        "https://a.example.evil/",
        "https://evil-a.example/",
        "https://xa.example/",
        "https:///x",
        "https://",
    ),
    *(
        "https://a.example./",
        "https://user@a.example/",
        "https://user:x@a.example/",
        "https://a.example@evil/",
        "a.example",
    ),
    *(
        "https://a.example:22/",
        "https://a.example:25/",
        "https://a.example:80/",
        "https://a.example:5432/",
        "https://a.example:8443/",
    ),
    *(
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://a.example:6379/",
        "https://a.example :443/",
    ),
    *("https://evil\\@a.example/", "https://a.example\\@evil/", "https://evil#@a.example/", "https://evil?@a.example/"),
    *(
        "https://a.example%00.evil/",
        "https://а.example/",
        "https://a。example/",
        "https://[",
        "https://[::1",
        "https://]",
        "https:a.example",
    ),
    *(
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://0/",
        "https://localhost/",
    ),
    *(
        "https://localhost./",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://１２７.0.0.1/",
        "https://[64:ff9b::7f00:1]/",
    ),
    *(
        "https://169.254.169.254/",
        "https://100.64.0.1/",
        "https://10.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.1.nip.io/",
    ),
    *(
        "http://127.0.0.1:8000@a.example/",
        "https://a.example\n/",
        "https://a.example\t/",
        " https://a.example/",
        "HTTPS://b.example/",
    ),
]


@pytest.mark.parametrize("url", STRANGE)
def test_D2_an_address_that_is_not_listed_is_not_asked(url: str) -> None:
    web = Web()
    safe = "".join(url.split())  # what some readers make of it
    assert refused(fetcher(web), url) or safe == "https://a.example/"
    assert all(request.headers["host"] == "a.example" for request in web.requests)
    assert refused(Fetcher(transport=httpx.MockTransport(web)), url)


INSIDE = [
    *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *(
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
    ),
    *(
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "::127.0.0.1",
        "fec0::1",
    ),
]


@pytest.mark.parametrize("address", INSIDE)
def test_D2_a_name_that_leads_inside_is_not_asked(address: str) -> None:
    web = Web()
    assert refused(fetcher(web, address), "https://a.example/")
    assert refused(fetcher(web, PUBLIC, address), "https://a.example/"), "every address is checked"
    assert web.requests == []


def test_D2_a_name_without_an_address_is_not_asked() -> None:
    nowhere = Fetcher(hosts=frozenset({"a.example"}), resolver=lambda _: [])
    assert refused(nowhere, "https://a.example/")

    def unknown(_: str) -> list[str]:
        raise socket.gaierror("Name or service not known")

    assert refused(Fetcher(hosts=frozenset({"a.example"}), resolver=unknown), "https://a.example/")


def test_D4_a_name_is_resolved_once() -> None:
    """A second answer, which leads inside, is never asked for."""
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    web = Web()
    found = Fetcher(None, frozenset({"a.example"}), lambda _: next(answers), httpx.MockTransport(web))
    assert found.get("https://a.example/") == b"{}"
    assert web.requests[0].url.host == PUBLIC
    assert refused(found, "https://a.example/")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["http://127.0.0.1:8000/", "https://a.example/other", "/other", "//b.example/"])
def test_D3_a_redirect_is_not_followed(status: int, to: str) -> None:
    web = Web(lambda _: httpx.Response(status, headers={"location": to}))
    assert refused(fetcher(web), "https://a.example/")
    assert len(web.requests) == 1


def test_D3_fifty_redirects_are_one_request() -> None:
    """Each leads to the next."""

    def onward(request: httpx.Request) -> httpx.Response:
        number = int(request.url.path.rpartition("/")[2])
        return httpx.Response(302, headers={"location": f"https://a.example/{number + 1}"}) if number < 50 else found

    found, web = httpx.Response(200, content=b"{}"), Web(onward)
    assert refused(fetcher(web), "https://a.example/0")
    assert len(web.requests) == 1


def test_D3_neither_is_a_header_or_a_page_that_asks_to_go_elsewhere() -> None:
    page = b'<meta http-equiv="refresh" content="0;url=http://127.0.0.1/">'
    web = Web(lambda _: httpx.Response(200, content=page, headers={"refresh": "0;url=http://127.0.0.1/"}))
    assert fetcher(web).get("https://a.example/") == page
    assert len(web.requests) == 1


@pytest.mark.parametrize("status", [201, 204, 206, 304, 400, 401, 403, 410, 429, 500, 502, 503])
def test_only_200_is_an_answer(status: int) -> None:
    assert refused(fetcher(Web(lambda _: httpx.Response(status, content=b"{}"))), "https://a.example/")


def test_404_is_an_answer_too_there_is_none() -> None:
    assert fetcher(Web(lambda _: httpx.Response(404))).get("https://a.example/") is None


def test_more_than_the_cap_is_refused_while_it_arrives() -> None:
    taken: list[int] = []

    def endless() -> Iterator[bytes]:
        for number in range(10_000):
            taken.append(number)
            yield b" " * 65536

    assert refused(fetcher(Web(lambda _: httpx.Response(200, content=endless()))), "https://a.example/")
    assert len(taken) * 65536 < 2 * MAX_BYTES
    assert fetcher(Web(lambda _: httpx.Response(200, content=b" " * MAX_BYTES))).get("https://a.example/") is not None


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("x"),
        httpx.ReadTimeout("x"),
        httpx.RemoteProtocolError("x"),
        OSError("x"),
        httpx.InvalidURL("x"),
    ],
)
def test_C1_no_answer_is_told_with_the_name_of_the_host(error: Exception) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(Unavailable) as silence:
        fetcher(Web(fail)).get("https://a.example/x")
    assert all("a.example" in silence.value.because[language] for language in LANGUAGES)


def test_environment_variables_lead_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    web = Web()
    assert fetcher(web).get("https://a.example/") == b"{}"
    assert web.requests[0].url.host == PUBLIC


# The operator's own registry


BASE = "http://127.0.0.1:8000"


def test_the_operators_registry_may_be_anywhere() -> None:
    web = Web()
    assert fetcher(web, base=BASE).get(f"{BASE}/api/entries/X") == b"{}"
    assert str(web.requests[0].url) == f"{BASE}/api/entries/X"


@pytest.mark.parametrize(
    "url",
    [
        f"{BASE}@evil/",
        f"{BASE}.evil/",
        f"{BASE}1/",
        BASE,
        "http://127.0.0.1:8001/x",
        "http://127.0.0.1/x",
        f"{BASE}x:@a.example/",
    ],
)
def test_what_only_looks_like_it_is_refused(url: str) -> None:
    web = Web()
    assert refused(fetcher(web, base=BASE), url)
    assert web.requests == []


@pytest.fixture
def canary() -> Iterator[tuple[int, list[Any]]]:
    """A listener on loopback: its port, and who has called."""
    callers: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    callers.append(server.accept()[1])
                except OSError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], callers
        stop.set()
        thread.join()


def test_D2_no_spelling_reaches_a_listener_on_loopback(canary: tuple[int, list[Any]]) -> None:
    """With the real resolver, and with every one of these names on the list."""
    port, callers = canary
    names = ("127.0.0.1", "127.1", "0x7f000001", "2130706433", "0", "localhost", "[::ffff:127.0.0.1]", "0177.0.0.1")
    listed = Fetcher(hosts=frozenset(name.strip("[]") for name in names))
    for name in names:
        assert refused(listed, f"https://{name}:{port}/")
        assert refused(listed, f"https://{name}/")
        assert refused(listed, f"http://{name}:{port}/")
    assert callers == []
