"""The verifier's doors: `/`, `/c/{code}`, `/n/{number}`, `/s/{token}`, `/verify`, the same as JSON under `/api`, and
presentations.

No door takes an address to fetch (docs/attacks.md D9). What is handed in is checked and forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import cast, get_args

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from registry.client import Registry
from registry.doors import Empty, NotAForm, TooLarge, UnknownPolicy
from registry.fetch import Fetcher
from registry.pages import Site, data_headers
from registry.routes import answer, reader_of, wants_json
from schemas import display
from schemas.errors import Malformed, Refused, Unsupported
from schemas.kinds.facts import Mark
from schemas.languages import Text
from schemas.numbers import read_code, read_number
from schemas.reading import Json, read_object
from verifier import body
from verifier.asking import Asking
from verifier.canonizer import Canonizer
from verifier.checks import not_looked_at, said
from verifier.intake import handed_in, is_pdf
from verifier.moment import read_moment
from verifier.numbered import Numbered, look_up_numbered
from verifier.pages import Handed, VerifierPages
from verifier.paper import MAX_PDF_BYTES
from verifier.presentation import PresentationReport
from verifier.report import Policy, Report
from verifier.typed import page_typed
from verifier.verify import HERE, NO_HOSTS, look_up, verify

Shared = Callable[[str], str | None]
"""The token of a share link → the code of the document that its holder shows by it."""
_BY_ACCEPT = {"Vary": "Accept-Language, Accept"}


def router(
    registry: Registry,
    clock: Callable[[], datetime],
    public_url: str,
    shared: Shared,
    fetcher: Fetcher = NO_HOSTS,
    canonizer: Canonizer = HERE,
) -> APIRouter:
    """The verifier's doors, asking `registry`; policy `open` may use `fetcher`, and `canonizer` works on what is handed
    in."""
    doors = _Doors(registry, clock, Site(public_url), shared, fetcher, canonizer)
    routes = APIRouter()
    for path, door in (
        ("/", doors.home),
        ("/c", doors.typed),
        ("/c/{code}", doors.code),
        ("/n/{number}", doors.number),
        ("/s/{token}", doors.share),
    ):
        routes.add_api_route(path, door, methods=["GET", "HEAD"], include_in_schema=False)
    routes.add_api_route("/verify", doors.again, methods=["GET", "HEAD"], include_in_schema=False)
    routes.add_api_route("/verify", doors.file, methods=["POST"], include_in_schema=False)
    routes.add_api_route("/api/c/{code}", doors.code_as_json, methods=["GET"])
    routes.add_api_route("/api/n/{number}", doors.number_as_json, methods=["GET"])
    routes.add_api_route("/api/verify", doors.file_as_json, methods=["POST"])
    return routes


def presentations(
    asking: Asking,
    registry: Registry,
    clock: Callable[[], datetime],
    fetcher: Fetcher = NO_HOSTS,
    canonizer: Canonizer = HERE,
) -> APIRouter:
    """The doors where a holder is asked for a presentation, and where it is handed in."""
    doors = _PresentationDoors(asking, registry, clock, fetcher, canonizer)
    routes = APIRouter(prefix="/api/presentations")
    routes.add_api_route("/challenge", doors.challenge, methods=["POST"])
    routes.add_api_route("/verify", doors.verify, methods=["POST"])
    return routes


@dataclass(frozen=True)
class _PresentationDoors:
    asking: Asking
    registry: Registry
    clock: Callable[[], datetime]
    fetcher: Fetcher
    canonizer: Canonizer

    async def challenge(self) -> Response:
        """A challenge for one presentation within five minutes, and the secret of the session that may hand it in."""
        made = await run_in_threadpool(self.asking.challenge, self.clock())
        return JSONResponse(made, 201, data_headers())

    async def verify(self, request: Request) -> Response:
        """The report on a presentation, which uses up its challenge."""
        policy = _policy(request.query_params.get("policy", "product"))
        asked = read_object(await body.read(request.stream()))
        report = await run_in_threadpool(self._answered, asked, policy)
        return JSONResponse(report.as_json(), 200, data_headers())

    def _answered(self, asked: dict[str, Json], policy: Policy) -> PresentationReport:
        now = self.clock()
        return self.asking.answered(
            asked, self.registry, now, policy=policy, fetcher=self.fetcher, canonizer=self.canonizer
        )


@dataclass(frozen=True)
class _Doors:
    registry: Registry
    clock: Callable[[], datetime]
    site: Site
    shared: Shared
    fetcher: Fetcher
    canonizer: Canonizer

    @cached_property
    def pages(self) -> VerifierPages:
        return VerifierPages(self.site)

    async def home(self, request: Request) -> Response:
        return answer(self.pages.home(reader_of(request)))

    async def typed(self, request: Request) -> Response:
        """From the form of the first page to the document's own page, or back with what is wrong."""
        who, typed = reader_of(request), request.query_params.get("code", "")
        try:
            path = page_typed(typed, self.site)
        except Refused as wrong:
            return answer(self.pages.home(who, typed=typed[:200], wrong=wrong.because), 422)
        return RedirectResponse(self.site.path(path, who), 303, data_headers())

    async def code(self, request: Request, code: str) -> Response:
        """Where the QR code leads; with `at`, the answer for that day or instant."""
        at = _at(request)
        report, slip = await self._looked_up(code, at)
        if wants_json(request):
            return JSONResponse(report.as_json(), _status(report), data_headers() | _BY_ACCEPT)
        page = self.pages.report(reader_of(request), report, "code", said=slip)
        return answer(page, _status(report))

    async def code_as_json(self, request: Request, code: str) -> Response:
        """The report on the document with that code; with `at`, as of that day or instant."""
        report, _ = await self._looked_up(code, _at(request))
        return JSONResponse(report.as_json(), _status(report), data_headers())

    async def number(self, request: Request, number: str) -> Response:
        """What a registration number opens: state, kind, title, issuer and initials."""
        found, slip = await self._numbered(number)
        if wants_json(request):
            return JSONResponse(found.as_json(), _status(found), data_headers() | _BY_ACCEPT)
        return answer(self.pages.number(reader_of(request), found, slip), _status(found))

    async def number_as_json(self, number: str) -> Response:
        """The same for programs."""
        found, _ = await self._numbered(number)
        return JSONResponse(found.as_json(), _status(found), data_headers())

    async def share(self, request: Request, token: str) -> Response:
        """The same with grades, for whom the holder has given a share link."""
        code = await run_in_threadpool(self.shared, token)
        if code is None:
            return answer(self.pages.ended(reader_of(request)), 404)
        report = await run_in_threadpool(self._look_up, code, display.LINK, _at(request))
        return answer(self.pages.report(reader_of(request), report, "link"), _status(report))

    async def again(self, request: Request) -> Response:
        """A report on a file is not kept: its address leads to where a file can be handed in."""
        return RedirectResponse(self.site.path("/", reader_of(request)), 303, data_headers())

    async def file(self, request: Request) -> Response:
        """The form of the first page with a file."""
        who = reader_of(request)
        try:
            data = await _file(request)
        except Refused as wrong:
            slip = self.pages.home(who, wrong=wrong.because, about="file")
            return answer(slip, 413 if isinstance(wrong, TooLarge) else 400)
        report, raw = await run_in_threadpool(self._verify, data, "product", None)
        handed: Handed = "pdf" if is_pdf(data) else "json"
        return answer(self.pages.report(who, report, handed, raw=raw))

    async def file_as_json(self, request: Request) -> Response:
        """The report on the document that the body is, or that stands in its field `file`; with `at`, as of that day or
        instant."""
        policy, at = _policy(request.query_params.get("policy", "product")), _at(request)
        data = await (_file(request) if _is_form(request) else body.read(request.stream()))
        report, _ = await run_in_threadpool(self._verify, data, policy, at)
        return JSONResponse(report.as_json(), 200, data_headers())

    async def _looked_up(self, typed: str, at: datetime | None) -> tuple[Report, Text | None]:
        """The report on a code, and what is wrong where it can be none."""
        try:
            code = read_code(typed)
        except Malformed as slip:
            return Report((), self.clock(), "product", test=False, document=None), slip.because
        return await run_in_threadpool(self._look_up, code, display.CODE, at), None

    async def _numbered(self, typed: str) -> tuple[Numbered, Text | None]:
        """The answer to a number, and what is wrong where it can be none."""
        try:
            number = read_number(typed)
        except Malformed as slip:
            return Numbered("not_found", self.clock()), slip.because
        return await run_in_threadpool(look_up_numbered, number, self.registry, self.clock()), None

    def _look_up(self, code: str, show: frozenset[Mark], at: datetime | None) -> Report:
        return look_up(code, self.registry, self.clock(), show=show, at=at)

    def _verify(self, data: bytes, policy: Policy, at: datetime | None) -> tuple[Report, bytes | None]:
        """The report on what was handed in, and the document that was found there."""
        now = self.clock()
        try:
            credential = handed_in(data)
        except Refused as refused:
            return replace(_unread(refused, now, policy), at=at), None
        report = verify(
            credential, self.registry, now, policy=policy, fetcher=self.fetcher, canonizer=self.canonizer, at=at
        )
        return report, credential


def _unread(refused: Refused, now: datetime, policy: Policy) -> Report:
    """Nothing that could be checked was found in what was handed in."""
    because = said(1, "failed", refused.because, "unsupported" if isinstance(refused, Unsupported) else "malformed")
    return Report((because, *not_looked_at(*range(2, 10))), now, policy, test=False, document=None)


def _status(report: Report | Numbered) -> int:
    return 404 if report.verdict == "not_found" else 200


def _policy(asked: str) -> Policy:
    if asked not in get_args(Policy):
        raise UnknownPolicy.saying("pages.refused.unknown_policy")
    return cast(Policy, asked)


def _at(request: Request) -> datetime | None:
    """The time that is asked about, if one is; raises `BadMoment`."""
    spelled = request.query_params.get("at")
    return read_moment(spelled) if spelled else None


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


class _Form(MultiPartParser):
    """Keeps the file in memory: what is handed in never reaches a disk."""

    spool_max_size = MAX_PDF_BYTES + body.FORM_BYTES


async def _file(request: Request) -> bytes:
    """The file of a form; raises `NotAForm`, `TooLarge` or `Empty`."""
    if not _is_form(request):
        raise NotAForm.saying("pages.refused.not_a_form")
    pieces = body.no_more_than_a_form(request.stream())
    try:
        form = await _Form(request.headers, pieces, max_files=1, max_fields=4, max_part_size=4096).parse()
    except MultiPartException:
        raise NotAForm.saying("pages.refused.not_a_form") from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Empty.saying("pages.refused.empty")
        return body.checked(await file.read())
    finally:
        await form.close()
