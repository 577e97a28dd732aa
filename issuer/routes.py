"""The holder's doors, all behind one secret link: look, download, show with grades and stop showing."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from issuer.holder import Held, HolderDesk
from issuer.pages import HolderPages
from registry.doors import CrossSite
from registry.pages import Site, data_headers
from registry.routes import answer, reader_of


def router(desk: HolderDesk, public_url: str) -> APIRouter:
    """The holder's doors over `desk`."""
    doors = _Doors(desk, Site(public_url))
    routes = APIRouter(include_in_schema=False)
    for path, door in (
        ("/h/{token}", doors.open),
        ("/h/{token}/credential.json", doors.credential),
        ("/h/{token}/certificate.pdf", doors.paper),
    ):
        routes.add_api_route(path, door, methods=["GET", "HEAD"])
    routes.add_api_route("/h/{token}/share", doors.share, methods=["POST"])
    routes.add_api_route("/h/{token}/share/stop", doors.stop_sharing, methods=["POST"])
    return routes


@dataclass(frozen=True)
class _Doors:
    desk: HolderDesk
    site: Site

    @cached_property
    def pages(self) -> HolderPages:
        return HolderPages(self.site)

    async def open(self, request: Request, token: str) -> Response:
        """The holder's page."""
        held = await run_in_threadpool(self.desk.open, token)
        if held is None:
            return self._ended(request)
        return answer(self.pages.held(reader_of(request), held, self.site.path(f"/h/{token}")))

    async def credential(self, request: Request, token: str) -> Response:
        """The signed document, byte for byte."""
        held = await run_in_threadpool(self.desk.open, token)
        if held is None:
            return self._ended(request)
        return _attached(held.credential.data, "application/vc", f"{held.credential.number}.json")

    async def paper(self, request: Request, token: str) -> Response:
        """The sheet for printing."""
        held = await run_in_threadpool(self.desk.open, token)
        data = await run_in_threadpool(self.desk.pdf, token) if held else None
        if held is None or data is None:
            return self._ended(request)
        return _attached(data, "application/pdf", f"{held.credential.number}.pdf")

    async def share(self, request: Request, token: str) -> Response:
        """Makes the share link."""
        return await self._act(request, token, self.desk.share)

    async def stop_sharing(self, request: Request, token: str) -> Response:
        """Ends the share link."""
        return await self._act(request, token, self.desk.stop_sharing)

    async def _act(self, request: Request, token: str, act: Callable[[str], Held | None]) -> Response:
        """Does it, then shows the page again: loading that once more repeats nothing."""
        check_same_site(request, self.site)
        if await run_in_threadpool(act, token) is None:
            return self._ended(request)
        return RedirectResponse(self.site.path(f"/h/{token}", reader_of(request)), 303, data_headers())

    def _ended(self, request: Request) -> Response:
        """The same for a link that was renewed and for one that never was."""
        return answer(self.pages.ended(reader_of(request)), 404)


def check_same_site(request: Request, site: Site) -> None:
    """Raises `CrossSite` for a form that another site has sent.

    Browsers say so in `Sec-Fetch-Site`; older ones in `Origin`, which is `null` for our own forms, since our pages
    send no referrer. Where neither tells, the secret in the address has to do.
    """
    fetched_from, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    foreign = fetched_from not in ("same-origin", "none") if fetched_from else origin not in ("null", site.origin)
    if foreign:
        raise CrossSite.saying("pages.refused.cross_site")


def _attached(data: bytes, media_type: str, name: str) -> Response:
    """A file to keep, never shown in place (docs/attacks.md E15)."""
    return Response(data, 200, data_headers() | {"Content-Disposition": f'attachment; filename="{name}"'}, media_type)
