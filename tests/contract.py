"""What holds for every answer to bad input, in one place: the contract that each test of an attack asks for.

    contract.refuses(data, product="tampered", open="malformed")

hands `data` in at every door of `DOORS` and asserts, for each answer: no fault of the server; a refusal is short; it
shows no trace, path or version; nothing reached out; nothing was logged; nothing was written; the service still
answers; and the verdict is the expected word of the vocabulary. Time and memory are bounded by counts and caps in the
product, and measured by `make bench` and `make fuzz`, never asserted here.

A new door is a row of `DOORS`.
"""

import contextlib
import io
import json
import logging
import re
import sqlite3
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from fastapi.testclient import TestClient

from issuer.holder import Links
from keys.did import method_id
from keys.proof import proof_options, secure
from registry.fetch import Fetcher
from schemas.canonical import jcs
from schemas.contexts import VC_2
from schemas.credential import written
from schemas.languages import LANGUAGES, say
from schemas.reading import Json
from tanu import asgi, cli, published
from tests.world import World, named_key
from verifier.report import VERDICTS, Policy
from verifier.worker import Workers

HOLDER = named_key("a learner with a wallet")
REFUSAL_BYTES = 64 * 1024
INSIDES = re.compile(
    r"Traceback|File \"|site-packages|\.venv|\.pyc?\b|/usr/lib|/root/"
    r"|\b(pyld|uvicorn|starlette|fastapi|sqlalchemy|pydantic|pikepdf|qpdf|cryptography|openssl|jsonschema|python)"
    r"[/ -]v?\d",
    re.IGNORECASE,
)
"""What a body would say of the machine: a trace, a path, a library with its version."""
TELLING = ("server", "x-powered-by", "via", "x-aspnet-version")
"""Headers that name software."""


@dataclass(frozen=True)
class Answer:
    """What came back from a door; a program's exit code stands for a status of 200."""

    door: str
    status: int
    body: bytes
    headers: Mapping[str, str]
    verdict: str | None
    """As the answer words it; None where it is no report."""


@dataclass
class Service:
    """The whole service in one process over a world, and its command line."""

    world: World
    client: TestClient
    folder: Path
    workers: Workers

    @classmethod
    def over(cls, world: World, folder: Path, fetcher: Fetcher | None = None) -> "Service":
        """As `tanu.asgi.everything` makes it; `fetcher` is what policy `open` may fetch with, else from nobody."""
        office, workers = world.office, Workers()
        fetcher = fetcher or published.fetcher(office.registry, office.public_url, frozenset())
        looking = asgi.Verifier.over(office, Links(office).shared, fetcher, workers)
        registered = asgi.registry_routes(office.registry, office.public_url, office.now)
        standard = asgi.conformance_routes(office.public_url, workers, clock=office.now)
        routers = [looking.routes(), registered, asgi.issuer_routes(office), standard]
        app = asgi.application(routers, office.public_url, office, workers)
        return cls(world, TestClient(app, raise_server_exceptions=False, follow_redirects=False), folder, workers)

    @contextlib.contextmanager
    def standing_still(self) -> Iterator["Service"]:
        """The command line keeps the time of the world, and works with the service's own children, which are warm."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tanu.telling.system_clock", self.world.clock)
            patch.setattr("tanu.telling.Workers", lambda **_: contextlib.nullcontext(self.workers))
            yield self


Ask = Callable[[Service, bytes], Answer]


@dataclass(frozen=True)
class Door:
    """Where a document, or the code of one, is handed in."""

    takes: str
    """`document` or `code`."""
    policy: Policy
    ask: Ask
    wraps: bool = False
    """The document is handed in inside something else, which may be refused before it, and whose challenge is kept."""


# ---------------------------------------------------------------- the doors


def _report(door: str, answer: httpx.Response) -> Answer:
    verdict = answer.json().get("verdict") if answer.headers["content-type"] == "application/json" else None
    return Answer(door, answer.status_code, answer.content, answer.headers, verdict)


def _page(door: str, answer: httpx.Response) -> Answer:
    """The verdict of a page is its heading, in English."""
    heading = re.search(r"<h1>(.*?)</h1>", answer.text)
    words = {say(f"pages.verdict.{verdict}").en: verdict for verdict in VERDICTS}
    # "We cannot read this" is the word for two verdicts; which of them, the bodies of programs tell
    verdict = words.get(heading[1]) if heading else None
    return Answer(door, answer.status_code, answer.content, answer.headers, verdict)


def _api(policy: Policy) -> Ask:
    def ask(service: Service, data: bytes) -> Answer:
        return _report("api", service.client.post("/api/verify", params={"policy": policy}, content=data))

    return ask


def _api_form(service: Service, data: bytes) -> Answer:
    return _report("api form", service.client.post("/api/verify", files={"file": ("a.json", data)}))


def _file(service: Service, data: bytes) -> Answer:
    return _page("page", service.client.post("/verify?lang=en", files={"file": ("a.json", data)}))


def _command(policy: Policy) -> Ask:
    def ask(service: Service, data: bytes) -> Answer:
        path = service.folder / "handed-in"
        path.write_bytes(data)
        said, complained = io.StringIO(), io.StringIO()
        arguments = ["verify", str(path), "--json", "--policy", policy, "--home", str(service.world.home.folder)]
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            code = cli.run(arguments)
        assert code in (0, 1, 2, 3), complained.getvalue()
        verdict = json.loads(said.getvalue())["verdict"]
        return Answer("command", 200, (said.getvalue() + complained.getvalue()).encode(), {}, verdict)

    return ask


def _of_code(path: str) -> Ask:
    def ask(service: Service, code: bytes) -> Answer:
        answer = service.client.get(path.format(code=_escaped(code)), headers={"Accept-Language": "en"})
        return _page(path, answer) if answer.headers["content-type"].startswith("text") else _report(path, answer)

    return ask


def _escaped(code: bytes) -> str:
    return "".join(f"%{byte:02X}" for byte in code)


def _presented(service: Service, data: bytes) -> Answer:
    """In a presentation by a holder, for a challenge of the service."""
    made, holder = service.client.post("/api/presentations/challenge").json(), f"did:key:{HOLDER.multibase}"
    options = proof_options(method_id(holder, HOLDER.multibase), service.world.clock.now, "eddsa-jcs-2022")
    options |= {"proofPurpose": "authentication", "challenge": made["challenge"], "domain": made["domain"]}
    plain = {"@context": [VC_2], "type": ["VerifiablePresentation"], "holder": holder}
    presentation = secure(plain | {"verifiableCredential": [_signable(data)]}, None, options, HOLDER)
    asked = {"verifiablePresentation": presentation | {"verifiableCredential": [HERE]}}
    body = _with(data, asked | {"challenge": made["challenge"], "session": made["session"]})
    return _refused_or_reported(
        "presentation", service.client.post("/api/presentations/verify?policy=open", content=body)
    )


def _standard(service: Service, data: bytes) -> Answer:
    """At a door of the VC-API, which says 400 for anything but valid."""
    answer = service.client.post(
        "/vc-api/eddsa-rdfc-2022/credentials/verify", content=_with(data, {"verifiableCredential": HERE})
    )
    return _refused_or_reported("standard door", answer)


HERE = "the place of the document"


def _with(data: bytes, around: Json) -> bytes:
    """The body with the document in its place, byte for byte; what does not begin as JSON stands there as text."""
    inside = data if data[:1] in b"{[" else written(data[:200_000].decode("utf-8", "replace"))
    return written(around).replace(written(HERE), inside)


def _signable(data: bytes) -> Json:
    """The value, where a signature can be made over it."""
    try:
        value = json.loads(data)
        jcs(value)
    except (ValueError, RecursionError):
        return None
    return value


def _refused_or_reported(door: str, answer: httpx.Response) -> Answer:
    verdict = answer.json().get("verdict", "malformed" if answer.status_code in (400, 413, 422) else None)
    return Answer(door, answer.status_code, answer.content, answer.headers, verdict)


DOORS: dict[str, Door] = {
    "page": Door("document", "product", _file),
    "api": Door("document", "product", _api("product")),
    "api, form": Door("document", "product", _api_form),
    "api, open": Door("document", "open", _api("open")),
    "command": Door("document", "product", _command("product")),
    "command, open": Door("document", "open", _command("open")),
    "presentation": Door("document", "open", _presented, wraps=True),
    "standard door": Door("document", "open", _standard, wraps=True),
    "page of a code": Door("code", "product", _of_code("/c/{code}")),
    "api of a code": Door("code", "product", _of_code("/api/c/{code}")),
}

STILL_SIGNED = ("valid", "indeterminate")
"""Of a document of ours under `open`: the doors that read its lists in process, and the others."""
NEVER_VALID = frozenset(VERDICTS) - {"valid", "not_found"}
POLICIES: tuple[Policy, ...] = get_args(Policy)
SAME_WORD: Mapping[str, str] = {"unsupported": "malformed"}
"""On a page both are "We cannot read this"."""


# ---------------------------------------------------------------- the contract


@dataclass
class Contract:
    """The service, and what is watched while it answers."""

    service: Service
    sockets: list[Any]
    logged: Callable[[], list[logging.LogRecord]]
    busy: frozenset[int] = field(default=frozenset())
    """Statuses of the 500s that a row allows: 503 for overload."""
    asked: int = 0

    @property
    def world(self) -> World:
        return self.service.world

    def refuses(
        self,
        data: bytes,
        *,
        product: str | Collection[str],
        open: str | Collection[str],  # noqa: A002
        but: Collection[str] = (),
    ) -> None:
        """Every door of a document, `but` some, refuses `data` with a verdict of its policy."""
        for name, door in DOORS.items():
            wanted = product if door.policy == "product" else open
            if door.takes == "document" and name not in but:
                self.expect(self.ask(name, data), {wanted} if isinstance(wanted, str) else wanted)

    def refuses_each(
        self,
        many: Iterable[bytes],
        *,
        product: str | Collection[str],
        open: str | Collection[str],  # noqa: A002
    ) -> int:
        """The first at every door; of the others, each at one door of either policy, in turn. How many there were."""
        doors = {p: cycle([n for n, d in DOORS.items() if d.takes == "document" and d.policy == p]) for p in POLICIES}
        for found, data in enumerate(many):
            if found == 0:
                self.refuses(data, product=product, open=open)
            for policy, wanted in zip(POLICIES, (product, open), strict=True):
                self.expect(self.ask(next(doors[policy]), data), {wanted} if isinstance(wanted, str) else wanted)
        return found + 1

    def finds(self, code: bytes | str, *verdicts: str) -> None:
        """Every door of a code answers with one of these verdicts; what no path can hold is not found."""
        for name, door in DOORS.items():
            if door.takes == "code":
                answer = self.ask(name, code if isinstance(code, bytes) else code.encode())
                if answer.verdict is not None or answer.status != 404 or "not_found" not in verdicts:
                    self.expect(answer, verdicts)

    def turns_away(self, data: bytes, status: int) -> None:
        """No report at all over HTTP: the body is too large, or no body. The command reads what is in a file."""
        for name, door in DOORS.items():
            if door.takes == "document" and "command" in name:
                self.expect(self.ask(name, data), {"malformed"})
            elif door.takes == "document" and not door.wraps:
                assert self.ask(name, data).status == status, name

    def ask(self, name: str, data: bytes) -> Answer:
        """The answer of one door, after everything that holds for any answer."""
        with self.nothing_happens(but_challenges=DOORS[name].wraps):
            answer = DOORS[name].ask(self.service, data)
        self.hold(answer)
        return answer

    def expect(self, answer: Answer, verdicts: Collection[str]) -> None:
        """One of these verdicts, in a report: bad input is no fault of the request."""
        assert answer.verdict in VERDICTS, answer.door
        told = answer.door in ("standard door", "presentation") or answer.verdict == "not_found"
        assert answer.status == 200 or told, answer
        if DOORS.get(answer.door, DOORS["api"]).wraps and "valid" not in verdicts:
            verdicts = NEVER_VALID
        words = {SAME_WORD.get(verdict, verdict) for verdict in verdicts}
        assert SAME_WORD.get(answer.verdict, answer.verdict) in words, (answer.door, answer.verdict)

    def hold(self, answer: Answer) -> None:
        """What holds for any answer."""
        assert answer.status < 500 or answer.status in self.busy, answer
        if answer.verdict not in ("valid", "expired", "not_yet_valid"):
            assert len(answer.body) <= REFUSAL_BYTES, answer.door
        found = INSIDES.search(answer.body.decode("utf-8", "replace"))
        assert found is None, (answer.door, found)
        assert str(self.service.folder) not in answer.body.decode("utf-8", "replace")
        assert not set(TELLING) & {name.lower() for name in answer.headers}, answer.door
        self.asked += 1
        if self.asked % 20 == 1:  # of each test, at the first answer too
            assert self.service.client.get("/healthz").json() == {"status": "ok"}

    @contextlib.contextmanager
    def nothing_happens(self, *, but_challenges: bool = False) -> Iterator[None]:
        """No socket, no line in a log, no row in the database."""
        before, audited = self._written(), len(self._audited()) if but_challenges else 0
        yield
        assert self.sockets == []
        assert [log for log in self.logged() if not is_plain(log)] == []
        if but_challenges:
            assert len(self._audited()) == audited
        else:
            assert self._written() == before, "the database was written"

    @contextlib.contextmanager
    def one_audit_row(self, act: str) -> Iterator[None]:
        """State changes, and the audit says so, once."""
        before, rows = self._written(), self._audited()
        yield
        assert self._written() != before
        assert [row[0] for row in self._audited()[len(rows) :]] == [act]
        assert self.sockets == []

    def _audited(self) -> list[Any]:
        return self.world.rows_of("SELECT act FROM issuer_audit ORDER BY seq")

    def _written(self) -> int:
        """A number that another one's commit changes (SQLite, "PRAGMA data_version")."""
        return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])

    @cached_property
    def _watcher(self) -> sqlite3.Connection:
        return sqlite3.connect(self.world.home.folder / "tanu.db")


def is_plain(record: logging.LogRecord) -> bool:
    """Is it a line that no input can have forged: nothing unexpected, one line, no character that hides or turns?"""
    if record.name.split(".")[0] in ("httpx", "httpcore", "asyncio", "hypothesis"):
        return True  # the test's own
    text = logging.Formatter().format(record)
    return record.exc_info is None and not any(unicodedata.category(character)[0] == "C" for character in text)


def in_all_languages(answer: Answer) -> bool:
    """Does each check of a report say why in each language?"""
    checks = json.loads(answer.body)["checks"]
    return all(check["because"][language] for check in checks for language in LANGUAGES)
