"""The registry's doors: signed lists, schemas, DID documents, issuers and entries. Nothing of a holder is behind them.

Here too is the one answer to what cannot be done, for all rooms: a page for a person, problem+json for a program.
"""

import gzip
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property, lru_cache, partial
from importlib import resources
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from registry import federation, wire
from registry.cosigners import seats_text
from registry.doors import NotPublished
from registry.entitlement import mandates, may_issue
from registry.entry import Entry
from registry.figures import Kept, Table
from registry.issuers import Accreditation, AccreditationBody
from registry.pages import NOTHING_KEPT, Page, Pages, Reader, Site, data_headers, reader
from registry.pages.charts import columns
from registry.store import RegistryStore
from registry.trust import authority
from schemas.credential import written
from schemas.errors import Malformed
from schemas.kinds.table import KINDS, PUBLISHED
from schemas.languages import Text, say, words
from schemas.numbers import read_code
from schemas.reading import Json
from schemas.statuslist import TTL, TokenForm

DidDocument = Callable[[str], Mapping[str, Any] | None]
"""The slug of an institution → its DID document."""
_STATEMENT = "application/entity-statement+jwt"
_ANYBODY = {"Access-Control-Allow-Origin": "*"}
_A_LITTLE = "public, max-age=30"
"""How long a record may be kept: a change is to be seen within a minute."""
_A_LIST = f"public, max-age={TTL.seconds}"
"""As the list itself says, or there would be two answers to the same question."""
_COME_BACK = {503: {"Retry-After": "5"}}
"""Status → what is said of when to ask again, in seconds (RFC 9110, section 10.2.3; docs/attacks.md F23)."""
_FOR_GOOD = "public, max-age=86400"
"""For what never changes once it is published."""
_WORTH_PACKING = 1000
"""Bytes."""


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def router(
    store: RegistryStore, public_url: str, did_document: DidDocument, clock: Callable[[], datetime] = _now
) -> APIRouter:
    """The registry's doors over `store`."""
    doors = _Doors(store, Site(public_url), did_document, clock, Kept(store.engine, clock))
    routes = APIRouter()
    for path, door in (
        ("/status/{name}.jwt", doors.status_jwt),
        ("/status/{name}.cwt", doors.status_cwt),
        ("/status/{name}", doors.status_list),
        ("/schemas/{kind}/{version}.json", doors.schema),
        ("/i/{slug}/did.json", doors.did),
        ("/api/issuers", doors.everybody),
        ("/api/issuers/{did:path}", doors.issuer),
        ("/registry.json", doors.listed),
        ("/.well-known/openid-federation", doors.configuration),
        ("/federation/fetch", doors.statement),
        ("/api/entries/{code}", doors.entry),
        ("/api/figures", doors.figures_as_json),
        ("/api/figures.csv", doors.figures_as_csv),
        ("/healthz", doors.health),
    ):
        routes.add_api_route(path, door, methods=["GET"])
    for path, page in (("/issuers", doors.issuers), ("/figures", doors.figures)):
        routes.add_api_route(path, page, methods=["GET", "HEAD"], include_in_schema=False)
    return routes


@dataclass(frozen=True)
class _Doors:
    store: RegistryStore
    site: Site
    did_document: DidDocument
    clock: Callable[[], datetime]
    kept: Kept

    @cached_property
    def pages(self) -> Pages:
        return Pages(self.site)

    async def status_list(self, request: Request, name: str) -> Response:
        """A signed status list, as it was signed."""
        find = partial(self.store.status_list, self._list_url(name))
        return await _kept(request, find, "application/vc", _A_LIST)

    async def status_jwt(self, request: Request, name: str) -> Response:
        """The same with the whole of the state, for wallets: a token status list as a JWT."""
        return await self._status_token(request, name, "jwt")

    async def status_cwt(self, request: Request, name: str) -> Response:
        """The same as a CWT."""
        return await self._status_token(request, name, "cwt")

    async def _status_token(self, request: Request, name: str, form: TokenForm) -> Response:
        """An address each, since a cache would have to tell apart what one address says to different askers
        (docs/attacks.md D8). No list of the past is kept (draft-ietf-oauth-status-list, section 8.4)."""
        if "time" in request.query_params:
            raise NotPublished.saying("pages.refused.not_published")
        find = partial(self.store.status_token, self._list_url(name), form)
        return await _kept(request, find, f"application/statuslist+{form}", _A_LIST)

    def _list_url(self, name: str) -> str:
        return f"{self.site.public_url}/status/{name}"

    async def schema(self, request: Request, kind: str, version: str) -> Response:
        """The JSON Schema of a kind of document, as published."""
        return await _kept(request, partial(_schema, kind, version), "application/schema+json", _FOR_GOOD)

    async def did(self, request: Request, slug: str) -> Response:
        """The DID document of an institution whose DID is a did:web."""
        return await _kept(request, partial(self._did, slug), "application/did+json", _A_LITTLE)

    def _did(self, slug: str) -> bytes | None:
        found = self.did_document(slug)
        return None if found is None else written(dict(found))

    async def everybody(self, request: Request) -> Response:
        """All institutions, and the bodies that accredit."""
        return await _kept(request, self._everybody, "application/json", _A_LITTLE)

    def _everybody(self) -> bytes:
        bodies = [wire.write_body(body, self.store.rights_of(body.did)) for body in self.store.bodies()]
        return written({"institutions": [*map(wire.write_institution, self.store.institutions())], "bodies": bodies})

    async def issuer(self, request: Request, did: str) -> Response:
        """An institution: names, rights and keys."""
        return await _kept(request, partial(self._issuer, did), "application/json", _A_LITTLE)

    def _issuer(self, did: str) -> bytes | None:
        found = self.store.institution(did)
        return None if found is None else written(wire.write_institution(found))

    async def listed(self, request: Request) -> Response:
        """Who may issue now, by DID, as verifiers of the Digital Credentials Consortium read it ("dcc-legacy")."""
        return await self._said(request, federation.LIST, "application/json")

    async def configuration(self, request: Request) -> Response:
        """What the register says of itself: an entity configuration (OpenID Federation 1.0, section 9)."""
        return await self._said(request, self.site.public_url, _STATEMENT)

    async def statement(self, request: Request) -> Response:
        """What it says of the issuer that `sub` names: an entity statement (section 8.1)."""
        raw = request.url.query.removeprefix("sub=")  # a DID that was not encoded keeps its %3A
        sub = raw if raw.startswith("did:") else request.query_params.get("sub", "")
        return await self._said(request, sub if sub.startswith("did:") else "", _STATEMENT)

    async def _said(self, request: Request, name: str, media_type: str) -> Response:
        return await _kept(request, partial(self.store.said_of, name), media_type, _A_LITTLE)

    async def entry(self, code: str) -> Response:
        """The entry of a document, by its code, with the history of its state."""
        return _record(await run_in_threadpool(self._entry, code))

    def _entry(self, typed: str) -> dict[str, Json]:
        try:
            entry: Entry = _there(self.store.entry(read_code(typed)))
        except Malformed:
            entry = _there(None)
        history = self.store.history(entry.code)
        parent = self.store.parent_history(entry.code) if entry.parent else None
        successor = self.store.successor(entry.code) if history and history[-1].successor else None
        return wire.write_entry(entry, history, parent, successor)

    async def issuers(self, request: Request) -> Response:
        """Who may issue what, for people."""
        everybody, bodies = await run_in_threadpool(lambda: (self.store.institutions(), list(self._bodies())))
        page = self.pages.page(
            "issuers.html",
            reader_of(request),
            institutions=everybody,
            bodies=bodies,
            titles=lambda name: KINDS[name].title if name in KINDS else Text.same(name),
            seats=seats_text,
            in_force=lambda right: right.in_force(self.clock()),
            may_issue=lambda each: may_issue(each, everybody, self.clock()),
            mandates=lambda each: mandates(each, everybody),
        )
        return answer(page)

    def _bodies(self) -> Iterator[tuple[AccreditationBody, bool, Sequence[Accreditation]]]:
        """Each body: is it a root here, and what may it accredit for."""
        for body in self.store.bodies():
            proven = authority(body, self.store.rights_of(body.did), self.store.roots)
            yield body, body.did in self.store.roots, proven

    async def figures(self, request: Request) -> Response:
        """What was issued and what has ended, in figures, for people."""
        found = await run_in_threadpool(self.kept.figures)
        return answer(
            self.pages.page("figures.html", reader_of(request), figures=found, columns=columns, counts=_counts)
        )

    async def figures_as_json(self, request: Request) -> Response:
        """The same for programs."""
        return await _kept(request, lambda: written(self.kept.figures().as_json()), "application/json", _A_LITTLE)

    async def figures_as_csv(self, request: Request) -> Response:
        """The same for spreadsheets."""
        return await _kept(request, lambda: self.kept.figures().as_csv(), "text/csv; charset=utf-8", _A_LITTLE)

    async def health(self) -> Response:
        """Is the service up?"""
        return JSONResponse({"status": "ok"}, 200, data_headers())


def reader_of(request: Request) -> Reader:
    """Who asks."""
    return reader(request.query_params.get("lang"), request.headers.get("accept-language"))


def answer(page: Page, status: int = 200, more: Mapping[str, str] | None = None) -> Response:
    """A page as it goes out; it is about the moment, so nobody keeps it."""
    return HTMLResponse(page.html, status, {**page.headers, "Cache-Control": NOTHING_KEPT, **(more or {})})


def wants_json(request: Request) -> bool:
    """Is JSON named before any page? Browsers name pages first, programs name JSON alone."""
    for item in request.headers.get("accept", "").lower().split(","):
        name = item.partition(";")[0].strip()
        if name in ("application/json", "application/problem+json", "text/html", "application/xhtml+xml"):
            return name.endswith("json")
    return False


def refusal(
    request: Request,
    status: int,
    because: Text,
    public_url: str = "",
    more: Mapping[str, Any] | None = None,
    come_back: int | None = None,
) -> Response:
    """What cannot be done, with its sentence: a page where a browser asks for one, else RFC 9457 problem+json with the
    members in `more`; `come_back` is in how many seconds to ask again."""
    again = {"Retry-After": str(come_back)} if come_back else _COME_BACK.get(status, {})
    heading = words().get(f"pages.problem.{status}") or say("pages.problem.400")
    who = reader_of(request)
    if "text/html" in request.headers.get("accept", "") and not wants_json(request):
        home = Site(public_url).path("/?")
        step = words().get(f"pages.problem_next.{status}") or because
        page = _own_pages(public_url).page("problem.html", who, heading=heading, next=step, switch=home)
        return answer(page, status, again)
    problem = {
        "type": "about:blank",
        "title": heading[who.language],
        "status": status,
        "detail": because[who.language],
        "because": because.as_json(),
        **(more or {}),
    }
    headers = data_headers() | {"Content-Language": who.language} | again
    return JSONResponse(problem, status, headers, "application/problem+json")


@cache
def _own_pages(public_url: str) -> Pages:
    return Pages(Site(public_url))


def _counts(table: Table) -> list[int | None]:
    return [row.count for row in table.rows]


def _there(found: Any) -> Any:
    """What was found; raises `NotPublished`, the same for what never was and for what is not public."""
    if found is None:
        raise NotPublished.saying("pages.refused.not_published")
    return found


def _record(content: dict[str, Json]) -> Response:
    return JSONResponse(content, 200, data_headers(_A_LITTLE) | _ANYBODY)


async def _kept(request: Request, find: Callable[[], bytes | None], media_type: str, cache: str) -> Response:
    """Published bytes, or 304 where the asker has them already (RFC 9110, section 13.1.2)."""
    packs = "gzip" in request.headers.get("accept-encoding", "")
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    body = await run_in_threadpool(_body, find, packs, frozenset(known))
    headers = data_headers(cache) | _ANYBODY | {"ETag": body.tag, "Vary": "Accept-Encoding"}
    if body.data is None:
        return Response(status_code=304, headers=headers)
    return Response(body.data, 200, headers | ({"Content-Encoding": "gzip"} if body.packed else {}), media_type)


@dataclass(frozen=True, slots=True)
class _Body:
    """What goes out under which tag: packed bytes are other bytes, so they have their own (section 8.8.3.3)."""

    tag: str
    packed: bool
    data: bytes | None


def _body(find: Callable[[], bytes | None], packs: bool, known: frozenset[str]) -> _Body:
    data: bytes = _there(find())
    packed = packs and len(data) >= _WORTH_PACKING
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}{"-gzip" if packed else ""}"'
    if known & {tag, "*"}:
        return _Body(tag, packed, None)
    return _Body(tag, packed, _packed(data) if packed else data)


@lru_cache(maxsize=16)
def _packed(data: bytes) -> bytes:
    """Once for each version; of the largest lists together some 100 MB."""
    return gzip.compress(data, compresslevel=6, mtime=0)


def _schema(kind: str, version: str) -> bytes | None:
    """The published bytes; a version is never taken away."""
    if kind not in PUBLISHED or not (version.isascii() and version.isdigit()) or len(version) > 3:
        return None
    file = resources.files("schemas").joinpath("published", "kinds", f"{kind}-{int(version)}.schema.json")
    return file.read_bytes() if file.is_file() else None
