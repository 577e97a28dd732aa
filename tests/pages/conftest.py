"""A small site on loopback that shows any verdict, and Debian's Chromium to look at it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Dialog, Page, ViewportSize, sync_playwright

import verifier.routes
from registry.client import Registry
from schemas import display
from tanu import problems
from tests.pages import reports
from verifier.report import Report

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 360, "height": 640}
SHARED = "aliveaaaaaaaaaaaaaaaaaaaaa"


@dataclass
class Answers:
    """What the small site answers to a code or a file: by the code's verdict, or what a test puts here."""

    to_code: dict[str, Report] = field(default_factory=dict)
    to_file: Report | None = None
    asked: list[tuple[str, object]] = field(default_factory=list)

    def look_up(self, code: str, *_: object, show: object = display.CODE, at: object = None) -> Report:
        del at
        self.asked.append((code, show))
        if code in self.to_code:
            return self.to_code[code]
        verdict = reports.verdicts_by_code().get(code, "not_found")
        return reports.report(verdict, show=display.LINK if show == display.LINK else display.CODE)

    def verify(self, _data: bytes, *_: object, policy: object = "product", **_others: object) -> Report:
        self.asked.append(("file", policy))
        return self.to_file or reports.report("valid", show=display.LINK)


@pytest.fixture(scope="module")
def answers() -> Iterator[Answers]:
    """What the site answers; the doors, the pages and the reports are the product's own."""
    made = Answers()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verifier.routes, "look_up", made.look_up)
        patch.setattr(verifier.routes, "verify", made.verify)
        yield made


class _Nobody:
    """A registry that nobody asks: the answers are put in its place."""


def shared(token: str) -> str | None:
    """The code behind the one share link of the site."""
    return reports.code_of("valid") if token == SHARED else None


def application() -> FastAPI:
    """An app that answers what it refuses as the whole product does."""
    made = FastAPI(docs_url=None, redoc_url=None, redirect_slashes=False)
    problems.install(made, reports.PUBLIC_URL)
    return made


@pytest.fixture(scope="module")
def app(answers: Answers) -> FastAPI:
    """The verifier's doors with the product's own refusals."""
    made = application()
    nobody: Registry = _Nobody()  # type: ignore[assignment]
    made.include_router(verifier.routes.router(nobody, lambda: reports.NOW, reports.PUBLIC_URL, shared))
    return made


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """HTTP without a browser; a fault of the server is an answer, not an exception."""
    with TestClient(app, base_url=reports.PUBLIC_URL, raise_server_exceptions=False, follow_redirects=False) as made:
        yield made


@pytest.fixture(scope="module")
def site(app: FastAPI) -> Iterator[str]:
    """The site on a free port; its base address."""
    with serving(lambda _: app) as base:
        yield base


class serving:  # noqa: N801 (used as a verb)
    """An app on a free port of loopback, for as long as the block lasts; the app is made for its base address."""

    def __init__(self, app: Callable[[str], FastAPI]) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._base = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(app(self._base), log_level="error", lifespan="off", server_header=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self._base

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; where it is missing the test fails."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield launched
        launched.close()


@dataclass
class Visit:
    """A page in a browser, and what the browser noticed on the way."""

    page: Page
    requests: list[str] = field(default_factory=list)
    noticed: list[str] = field(default_factory=list)

    def go(self, url: str) -> Page:
        self.requests.clear()
        self.noticed.clear()
        self.page.goto(url)
        return self.page

    def settle(self) -> None:
        """Gives what a page might have started the time to show."""
        self.page.wait_for_timeout(50)

    def watch(self) -> None:
        """Notes every request, dialog, refusal by the policy and error."""
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", self._dialog)
        self.page.on("console", lambda message: self._said(message.text))
        self.page.on("pageerror", lambda error: self.noticed.append(str(error)))

    def _dialog(self, dialog: Dialog) -> None:
        self.noticed.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _said(self, message: str) -> None:
        if not message.startswith("Failed to load resource: the server responded with a status of 4"):
            self.noticed.append(message)


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Iterator[dict[tuple[str, bool, int], Visit]]:
    """Phone-sized windows, opened once: by language, with or without JavaScript, by width."""
    opened: dict[tuple[str, bool, int], Visit] = {}
    yield opened
    for window in opened.values():
        window.page.context.close()


@pytest.fixture
def visit(browser: Browser, windows: dict[tuple[str, bool, int], Visit]) -> Callable[..., Visit]:
    """A phone-sized window, by default without JavaScript."""

    def window(*, language: str = "en", javascript: bool = False, width: int = 360) -> Visit:
        asked = (language, javascript, width)
        if asked not in windows:
            size: ViewportSize = {"width": width, "height": PHONE["height"]}
            context = browser.new_context(viewport=size, java_script_enabled=javascript, locale=language)
            windows[asked] = Visit(context.new_page())
            windows[asked].watch()
        return windows[asked]

    return window
