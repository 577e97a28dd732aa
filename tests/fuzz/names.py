"""Hostile names in the addresses of all doors, each answer held to the contract.

The doors are the routes of the application itself, so that a new one cannot be forgotten; of each name in an address
a genuine one is known here, for a door has to open to somebody before it can be said that it stays shut.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from hypothesis import given, seed
from hypothesis import strategies as st

from issuer.holder import Links
from schemas.languages import LANGUAGES, Language
from schemas.reading import read_object
from tests.contract import Answer, Contract
from tests.fuzz.run import Found, Input, chosen
from tests.world import World

MARK = "Tanu-Injected"
"""The header that a broken line would bring."""
SUM = ("191*193", "36863")
"""What a template would work out, and its result."""

_LINES = ("\r\n", "\n", "\r", f"\r\n{MARK}: yes\r\n", f"\n{MARK}: yes", f"\r\n\r\n<script>alert(1)</script>{MARK}")
_CONTROLS = ("\0", "\0.json", "a\0b", "\t", "\x1b[2J", "\x7f", "\x85", "\u2028", "\u2029", "\ufffe", "\U0010ffff")
_PLACES = (
    *("..", ".", "/", "//", "\\", "../..", "..\\..", "....//", "../" * 12 + "etc/passwd", "..;/", "~", "~root"),
    *(
        "%2e%2e%2f",
        "..%2f",
        "%252e%252e%252f",
        "..%c0%af",
        "%00",
        "%0d%0a",
        "%",
        "%zz",
        "%u0041",
        "/./",
        "//evil.example",
    ),
    *("file:///etc/passwd", "http://169.254.169.254/", "https://evil.example/", "@evil.example", "\\\\evil\\share"),
    *("?lang=en", "#x", "?a=b&c=d", ";a=1", "+", "a b", "&", "=", ".git/config", ".env", "did.json", "index.html"),
    *("CON", "nul", "AUX.json", "LPT1", "__proto__", "constructor", "__class__", "null", "undefined", "None", "true"),
)
_QUERIES = (
    *(
        "' OR 1=1--",
        '" OR ""="',
        "'; DROP TABLE issuer_audit;--",
        "1); SELECT pg_sleep(9)--",
        "\\'",
        "''",
        "%",
        "_",
        "*",
    ),
    *("%' UNION SELECT sql FROM sqlite_master--", "x' AND randomblob(1000000000)--", "[a-z]*", "?", "/*", "$$", ":1"),
)
_NUMBERS = (
    *("٥", "١٢٣", "１２３", "௧", "²", "Ⅷ", "0x10", "1e3", "-1", "+1", "1_000", " 5", "5 ", "NaN", "Infinity", "-0"),
    *("9" * 5000, "1" + "0" * 400, "1e999", "00000000000000", str(2**64)),
)
_LETTERS = (
    *("\u202e", "\u2066x\u2069", "\u200b", "\u200d", "\u00ad", "\ufeff", "\U000e0041", "a" + "\u0301" * 60, "😀"),
    *("\u0430", "\u041e", "\u212a", "\u017f", "ﬃ", "İ", "ß", "қ", "Қ", "e\u0301", "é", "👩\u200d🔬", "\ue000"),
)
_TEMPLATES = (
    *("{{%s}}", "${%s}", "#{%s}", "<%%= %s %%>", "{%%print(%s)%%}", "@(%s)", "[[${%s}]]", "*{%s}", "~{%s}"),
    *("{0.__class__.__mro__}", "{self}", "{}", "{0}", "{name!r:>99999}", "%s%n%x", "%(password)s", "$(id)", "`id`"),
    *("${jndi:ldap://127.0.0.1:9/x}", "{{config}}", "{% for x in range(9**9) %}x{% endfor %}", "; id", "| id", "&& id"),
)
_MARKUP = (
    *("<script>alert(1)</script>", '"><svg onload=alert(1)>', "'><img src=x onerror=alert(1)>", "</title><script>"),
    *("javascript:alert(1)", "&lt;script&gt;", "<!--", "]]>", "<?xml version='1.0'?>", "<a href=//evil.example>"),
    *('{"a":1}', "[]", '"', "'", "<", "&#x3c;script&#x3e;"),
)
_BROKEN = (
    *(b"\xc0\xaf", b"\xc0\x80", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xff", b"\xfe\xff", b"\xed\xa0\x80", b"\x80"),
    *(
        b"\xf4\x90\x80\x80",
        b"\xc3",
        b"\xc0\xae\xc0\xae/",
        b"a\xffb",
        b"\xef\xbf\xbd",
        b"\x00\xd8",
        b"\xf8\x88\x80\x80\x80",
    ),
)
"""No UTF-8, or longer than it should be."""
LONGEST = 20_000
"""Bytes: three times as many are as long an address as a client sends."""
_LONG = (b"a" * 10240, b"0" * 10240, b"-" * 10240, b"." * 10240, b"../" * 3000, b" " * 5000, b"%25" * 3000)
FRAGMENTS: tuple[bytes, ...] = (
    *(text.encode() for group in (_LINES, _CONTROLS, _PLACES, _QUERIES, _NUMBERS, _LETTERS, _MARKUP) for text in group),
    *(text.replace("%s", SUM[0]).replace("%%", "%").encode() for text in _TEMPLATES),
    *_BROKEN,
    *_LONG,
)
_OPENING = re.compile(r"\{(\w+)(?::\w+)?\}")
_ASKED = re.compile(r'query_params\.get\("(\w+)"|"(\w+)" in request\.query_params')


_PIECES = st.one_of(
    st.sampled_from([*FRAGMENTS, None]), st.binary(max_size=24), st.text(max_size=24).map(lambda text: text.encode())
)
"""None is the genuine name. What Hypothesis writes as text has no lone surrogates."""


def routes(app: Any) -> list[APIRoute]:
    """Every door, those of included routers too."""
    found, waiting = [], list(app.routes)
    while waiting:
        route = waiting.pop(0)
        waiting += list(getattr(getattr(route, "original_router", None), "routes", []))
        if isinstance(route, APIRoute):
            found.append(route)
    return found


def parameters(app: Any) -> list[str]:
    """Every name that is read behind the question mark of an address."""
    files = (path for room in ("registry", "issuer", "verifier", "tanu") for path in Path(room).rglob("*.py"))
    read = {name for path in files for pair in _ASKED.findall(path.read_text("utf-8")) for name in pair if name}
    return sorted(read.union(*({each.name for each in route.dependant.query_params} for route in routes(app))))


@dataclass(frozen=True)
class Address:
    """A door: its address, with the names in it still open, and a method."""

    path: str
    method: str

    @property
    def names(self) -> Sequence[str]:
        """The address as far as each of its names: `/h/{token}`."""
        return [self.path[: found.end()] for found in _OPENING.finditer(self.path)]

    def filled(self, given: Mapping[str, bytes]) -> str:
        """With these in the places of the names, by `names`."""
        return _OPENING.sub(lambda found: escaped(given[self.path[: found.end()]]), self.path)


NOWHERE = Address("/nowhere/{name}", "GET")


def escaped(name: bytes) -> str:
    """As it stands in a request."""
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}" for byte in name)


def as_served(app: Any) -> Any:
    """`app` as a server calls it: the client of the tests would take every address apart twice."""

    async def served(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["path"] = unquote(scope["raw_path"].decode("ascii"))
        await app(scope, receive, send)

    return served


def genuine(world: World) -> dict[str, bytes]:
    """What opens each door: the address as far as a name → that name."""
    issued, links = world.issue(), Links(world.office)
    token = links.holder_url(issued.code).rpartition("/")[2]
    held = links.share(token)
    assert held is not None
    assert held.share_url is not None
    schema = read_object(issued.document)["credentialSchema"]["id"].removesuffix(".json").split("/")
    names = {
        "/nowhere/{name}": "x",
        "/c/{code}": issued.code,
        "/api/c/{code}": issued.code,
        "/api/entries/{code}": issued.code,
        "/n/{number}": issued.number,
        "/api/n/{number}": issued.number,
        "/api/issuers/{did:path}": world.university.did,
        "/h/{token}": token,
        "/s/{token}": held.share_url.rpartition("/")[2],
        "/i/{slug}": world.university.slug,
        "/schemas/{kind}": schema[-2],
        "/schemas/{kind}/{version}": schema[-1],
        "/status/{name}": world.office.store.slots_of(issued.code)[0].list_url.rpartition("/")[2],
        "/vc-api/{instance}": "status",
    }
    return {name: value.encode() for name, value in names.items()}


@dataclass
class Names:
    """The doors of one application, and what opens them."""

    contract: Contract
    client: TestClient
    doors: Sequence[Address]
    parameters: Sequence[str]
    known: Mapping[str, bytes]
    done: int = 0

    @classmethod
    def of(cls, contract: Contract) -> "Names":
        """Every door is opened once, so that what happens at the first time only has happened."""
        app = contract.service.client.app
        client = TestClient(as_served(app), raise_server_exceptions=False, follow_redirects=False)
        doors = sorted({Address(each.path, method) for each in routes(app) for method in each.methods or ()}, key=str)
        made = cls(contract, client, [*doors, NOWHERE], parameters(app), genuine(contract.world))
        unknown = {name for door in made.doors for name in door.names} - set(made.known)
        assert not unknown, f"new names: say in `genuine` what opens {unknown}"
        for door in made.doors:
            if door.method != "POST":
                made.opened(door)
        return made

    @property
    def named(self) -> list[Address]:
        """The doors with a name in their address."""
        return [door for door in self.doors if door.names]

    @property
    def asked(self) -> list[Address]:
        """The doors that can be asked something without changing anything."""
        return [door for door in self.doors if door.method != "POST" or not door.names]

    def opened(self, door: Address) -> httpx.Response:
        """The answer to genuine names."""
        return self._answer(door, self.known, {}, {"Accept-Language": "en"})

    def name(self, door: Address, given: Mapping[str, bytes], turn: int) -> None:
        """Hands in these names, and genuine ones where there are none: no door opens."""
        if any(means_the_same(value, self.known[name]) for name, value in given.items()):
            return
        answer = self._held(door, {**self.known, **given}, {}, turn)
        assert 400 <= answer.status_code < 500, (door, given, answer.status_code)

    def ask(self, door: Address, parameter: str, value: bytes, turn: int) -> None:
        """Hands in a value behind the question mark; the door may open."""
        self._held(door, self.known, {parameter: value}, turn)

    def round(self, number: int, inputs: int) -> None:
        """So many names, put together from fragments by the seed `number`; raises `Found`."""

        @seed(number)
        @chosen(inputs)
        @given(st.integers(0, 2**16), st.integers(0, 2**16), st.lists(_PIECES, min_size=1, max_size=4))
        def one(which: int, turn: int, pieces: Sequence[bytes | None]) -> None:
            """At a door that has a name, or at one that may be asked something."""
            doors = self.named if turn % 4 else self.asked
            door = doors[which % len(doors)]
            place = door.names[turn % len(door.names)] if turn % 4 else self.parameters[turn % len(self.parameters)]
            value = b"".join(self.known.get(place, b"") if piece is None else piece for piece in pieces)[:LONGEST]
            try:
                self.name(door, {place: value}, turn) if turn % 4 else self.ask(door, place, value, turn)
            except AssertionError as problem:
                raise Found(Input(place, (), turn, f"{door.method} {door.path}", value), problem) from problem

        one()

    def _held(self, door: Address, names: Mapping[str, bytes], asked: Mapping[str, bytes], turn: int) -> httpx.Response:
        """The answer, after everything that holds for any; languages and media types take turns."""
        language = LANGUAGES[turn % len(LANGUAGES)]
        accept = ("text/html,*/*;q=0.8", "application/json", "*/*")[turn // len(LANGUAGES) % 3]
        self.done += 1
        try:
            with self.contract.nothing_happens(but_challenges=door.path.startswith("/api/presentations")):
                answer = self._answer(door, names, asked, {"Accept-Language": language, "Accept": accept})
            self.contract.hold(Answer(door.path, answer.status_code, answer.content, answer.headers, None))
            check_headers(answer)
            check_text(answer, door, language)
        except Exception as problem:
            told = {name: value[:200] for name, value in {**names, **asked}.items() if name in (*door.names, *asked)}
            raise AssertionError(f"{door} {told} {accept}: {type(problem).__name__}: {problem}") from problem
        return answer

    def _answer(
        self,
        door: Address,
        names: Mapping[str, bytes],
        asked: Mapping[str, bytes],
        headers: Mapping[str, str],
    ) -> httpx.Response:
        query = "&".join(f"{name}={escaped(value)}" for name, value in asked.items())
        body = b"{}" if door.method == "POST" else None
        url = f"{door.filled(names)}?{query}"
        answer: httpx.Response = self.client.request(door.method, url, headers=headers, content=body)
        return answer


def means_the_same(name: bytes, known: bytes) -> bool:
    """May a door read the one as the other? A code is read in any case, with spaces and hyphens."""

    def bare(value: bytes) -> str:
        return re.sub(r"[\s\-‐‑‒–—]", "", value.decode("utf-8", "replace")).upper()

    return bare(name) == bare(known)


def check_headers(answer: httpx.Response) -> None:
    """No name has got into them."""
    for name, value in answer.headers.raw:
        assert MARK.lower().encode() not in (name + value).lower(), name
        assert re.fullmatch(rb"[!#$%&'*+.^`|~\w-]+", name), name
        assert re.fullmatch(rb"[\x20-\x7e]*", value), (name, value)


def check_text(answer: httpx.Response, door: Address, language: Language) -> None:
    """A page in the reader's language, a problem in it, or a report in all; and no name was taken for code."""
    kind, text = answer.headers.get("content-type", "").partition(";")[0], answer.text
    if kind in ("application/pdf", "application/statuslist+cwt") and answer.status_code == 200:
        return
    assert SUM[1] not in text
    if door.method == "HEAD" or answer.status_code == 303:
        assert text == ""
    elif kind == "text/html":
        assert "<script" not in text
        assert f'<html lang="{language}">' in text
    elif kind == "application/problem+json":
        body = answer.json()
        assert (body["status"], answer.headers["content-language"]) == (answer.status_code, language)
        assert body["detail"] == body["because"][language]
        assert set(body["because"]) == set(LANGUAGES)
    elif answer.status_code >= 400:
        body = answer.json()
        assert (answer.status_code, body["verdict"]) == (404, "not_found")
        assert all(set(check["because"]) == set(LANGUAGES) for check in body.get("checks", []))
