"""The web applications: issuer, registry and verifier, apart or together, from one home."""

import secrets
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import issuer.routes
import registry.routes
import tanu.conformance.routes
import verifier.routes
from issuer import federation
from issuer.holder import Links
from issuer.office import Office, system_clock
from issuer.outbox import deliver
from issuer.signing import resume
from registry.challenges import Challenges
from registry.client import Registry
from registry.fetch import Fetcher
from registry.limits import Limits, Way, client_of, way_of
from registry.routes import refusal
from registry.store import RegistryStore
from schemas.kinds.table import check_published
from schemas.languages import say
from tanu import problems, published
from tanu.conformance.instances import instances
from verifier.asking import Asking
from verifier.canonizer import Canonizer
from verifier.worker import Workers

Application = FastAPI

PARTS = ("issuer", "registry", "verifier")
DELIVERY_SECONDS = 30
"""How often what waits is delivered and lists that end soon are signed again."""


def issuer_routes(office: Office) -> APIRouter:
    """The holder's pages."""
    return issuer.routes.router(Links(office), office.public_url)


def registry_routes(store: RegistryStore, public_url: str, clock: Callable[[], datetime] = system_clock) -> APIRouter:
    """Lists, schemas, issuers, entries, figures."""
    return registry.routes.router(store, public_url, partial(published.did_document, store), clock)


@dataclass(frozen=True)
class Verifier:
    """What the verifier's pages ask."""

    registry: Registry
    clock: Callable[[], datetime]
    public_url: str
    shared: Callable[[str], str | None]
    asking: Asking
    fetcher: Fetcher
    canonizer: Canonizer

    @classmethod
    def over(
        cls, office: Office, shared: Callable[[str], str | None], fetcher: Fetcher, canonizer: Canonizer
    ) -> "Verifier":
        """Asks the office's registry, and keeps its challenges there."""
        asking = Asking(Challenges(office.registry.engine), office.public_url, secrets.token_bytes)
        return cls(office.registry, office.now, office.public_url, shared, asking, fetcher, canonizer)

    def routes(self) -> APIRouter:
        asked = (self.registry, self.clock, self.public_url, self.shared)
        routes = verifier.routes.router(*asked, self.fetcher, self.canonizer)
        doors = (self.asking, self.registry, self.clock, self.fetcher, self.canonizer)
        routes.include_router(verifier.routes.presentations(*doors))
        return routes


def conformance_routes(
    public_url: str,
    canonizer: Canonizer,
    hosts: frozenset[str] = frozenset(),
    clock: Callable[[], datetime] = system_clock,
) -> APIRouter:
    """The standard doors, with keys made now; the verifier behind them may fetch from `hosts`."""
    return tanu.conformance.routes.router(instances(public_url), clock, hosts, canonizer)


@dataclass(frozen=True)
class Gate:
    """Before all doors: who asks too often waits. Nothing is looked up for whom it turns away."""

    app: ASGIApp
    limits: Limits
    public_url: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        way = way_of(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if way is None:
            await self.app(scope, receive, send)
            return
        request, peer = Request(scope), scope["client"]
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        address = client_of(peer and peer[0], forwarded, self.limits.proxies)
        if seconds := self.limits.wait(way, address):
            because, status = say("limits.too_many", seconds=seconds), 429
        elif seconds := self.limits.wait_for_all(way):
            because, status = say("limits.too_many_in_all"), 503
        else:
            await self.app(scope, receive, self._watched(send, way, address))
            return
        if self.limits.is_news():
            problems.log_held_back(way, address if status == 429 else "all addresses")
        answer = refusal(request, status, because, self.public_url, come_back=seconds)
        await answer(scope, receive, send)

    def _watched(self, send: Send, way: Way, address: str) -> Send:
        async def watching(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 404:
                self.limits.missed(way, address)
            await send(message)

        return watching


def application(
    routers: Sequence[APIRouter],
    public_url: str,
    office: Office | None = None,
    workers: Workers | None = None,
    limits: Limits | None = None,
) -> FastAPI:
    """One app of these parts; with an office, it also delivers what waits while it runs; `workers` end with it; without
    `limits` anybody may ask as often as he likes.

    Raises `schemas.contexts.ChangedFile` rather than serve what nobody has tested."""
    check_published()
    lifespan = _running(office, workers)
    app = FastAPI(title="Tanu", docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    if limits is not None:
        app.add_middleware(Gate, limits=limits, public_url=public_url)
    problems.install(app, public_url)
    for router in routers:
        app.include_router(router)
    app.add_api_route("/healthz", _healthy, methods=["GET"], include_in_schema=False)
    return app


async def _healthy() -> dict[str, str]:
    """For whoever watches the service: this process answers."""
    return {"status": "ok"}


def everything(
    office: Office,
    trusted_hosts: frozenset[str] = frozenset(),
    *,
    conformance: bool = False,
    limits: Limits | None = None,
) -> FastAPI:
    """All three parts in one process, the default; policy `open` may fetch from `trusted_hosts`; the standard doors
    only where they are asked for."""
    fetcher = published.fetcher(office.registry, office.public_url, trusted_hosts)
    workers = Workers()
    looking = Verifier.over(office, Links(office).shared, fetcher, workers)
    routers = [looking.routes(), registry_routes(office.registry, office.public_url, office.now), issuer_routes(office)]
    if conformance:
        routers.append(conformance_routes(office.public_url, workers, trusted_hosts, office.now))
    return application(routers, office.public_url, office, workers, limits)


def _running(office: Office | None, workers: Workers | None) -> Any:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        if office is not None:
            threading.Thread(target=_deliver_until, args=(office, stop), daemon=True).start()
        yield
        stop.set()
        if workers is not None:
            workers.close()

    return lifespan


def _deliver_until(office: Office, stop: threading.Event) -> None:
    while not stop.is_set():
        for act in (resume, deliver, federation.renew):  # lists are signed again even where nothing may be issued
            try:
                act(office)
            except Exception as error:  # noqa: BLE001 - the next round tries again; what waits stays in the outbox
                problems.log_unexpected("delivery", error)
        stop.wait(DELIVERY_SECONDS)
