"""The doors of the VC-API (docs/conformance.md, "The doors"): `GET /vc-api` lists the instances; each can issue, derive
and verify.

A refusal is always 400, or 413 for a body over the cap, as RFC 9457 problem+json.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from registry.doors import NotPublished, TooLarge
from registry.fetch import FetcherAtHome
from registry.pages import data_headers
from registry.routes import refusal
from schemas.errors import Refused, Unavailable, Unsupported
from schemas.reading import Json, read_object
from tanu.conformance import checking, issuing
from tanu.conformance.instances import PREFIX, Instance
from verifier import body
from verifier.canonizer import Canonizer
from verifier.verify import HERE

Work = Callable[[Instance, Mapping[str, Json]], Response]
_CREATED = 201


def router(
    instances: Mapping[str, Instance],
    clock: Callable[[], datetime],
    hosts: frozenset[str],
    canonizer: Canonizer = HERE,
) -> APIRouter:
    """The doors of `instances`; the verifier may fetch from `hosts`, and `canonizer` works on what is handed in."""
    fetcher = FetcherAtHome(hosts=hosts, own=_lists(instances, clock))
    doors = _Doors(instances, checking.Verifier(clock, fetcher, canonizer))
    routes = APIRouter(prefix=PREFIX)
    routes.add_api_route("", doors.listed, methods=["GET"])
    routes.add_api_route("/{instance}/status-list", doors.status_list, methods=["GET"])
    for path, work in (
        ("credentials/issue", doors.issue),
        ("credentials/verify", doors.verify),
        ("credentials/derive", doors.derive),
        ("credentials/status", doors.change_status),
        ("presentations/verify", doors.verify_presentation),
    ):
        routes.add_api_route(f"/{{instance}}/{path}", doors.behind(work), methods=["POST"])
    return routes


def _lists(instances: Mapping[str, Instance], clock: Callable[[], datetime]) -> Callable[[str], bytes | None]:
    """The status lists of the instances, by their address."""
    kept = [instance.statuses for instance in instances.values() if instance.statuses]

    def own(url: str) -> bytes | None:
        return next((each.document(clock()) for each in kept if each.url == url), None)

    return own


@dataclass(frozen=True)
class _Doors:
    instances: Mapping[str, Instance]
    verifier: checking.Verifier

    async def listed(self) -> Response:
        """Every instance: its id, its suite, its type of key, its addresses."""
        return _answer([instance.as_json() for instance in self.instances.values()])

    async def status_list(self, request: Request, instance: str) -> Response:
        """The signed list of an instance that keeps one."""
        found = self.instances.get(instance)
        if found is None or found.statuses is None:
            raise NotPublished.saying("pages.refused.not_published")
        document = await run_in_threadpool(found.statuses.document, self.verifier.clock())
        return Response(document, 200, data_headers(), "application/json")

    def behind(self, work: Work) -> Callable[[Request, str], Any]:
        """A door: finds the instance, reads the body, and answers every refusal with 400 or 413."""

        async def door(request: Request, instance: str) -> Response:
            found = self.instances.get(instance)
            if found is None:
                raise NotPublished.saying("pages.refused.not_published")
            try:
                asked = read_object(await body.read(request.stream()))
                return await run_in_threadpool(work, found, asked)
            except NotVerified as failed:
                return refusal(request, 400, failed.because, more=checking.verified(failed.report))
            except (Refused, Unavailable) as refused:
                return refusal(request, 413 if isinstance(refused, TooLarge) else 400, refused.because)

        door.__doc__ = work.__doc__
        return door

    def issue(self, instance: Instance, asked: Mapping[str, Json]) -> Response:
        """Secures `credential`."""
        return _answer(issuing.issue(instance, asked, self.verifier.clock(), self.verifier.canonizer), _CREATED)

    def derive(self, instance: Instance, asked: Mapping[str, Json]) -> Response:
        """From a credential with a base proof of ecdsa-sd-2023, the part that `options.selectivePointers` chooses."""
        return _answer({"verifiableCredential": issuing.derived(asked)}, _CREATED)

    def verify(self, instance: Instance, asked: Mapping[str, Json]) -> Response:
        """Verifies `verifiableCredential`: 200 where it is valid, else 400."""
        return _checked(self.verifier.credential(instance, asked))

    def verify_presentation(self, instance: Instance, asked: Mapping[str, Json]) -> Response:
        """Verifies `verifiablePresentation` for `options.challenge` and `options.domain`."""
        return _checked(self.verifier.presentation(instance, asked))

    def change_status(self, instance: Instance, asked: Mapping[str, Json]) -> Response:
        """Revokes a credential of the instance that keeps statuses, named by `credentialId` or by its entry; with
        `"status": false` it is in force again."""
        if instance.statuses is None:
            raise Unsupported.saying("conformance.keeps_no_status")
        instance.statuses.change(asked)
        return _answer({})


class NotVerified(Refused):
    """What was handed in does not verify."""

    def __init__(self, report: checking.AnyReport) -> None:
        super().__init__(checking.because(report))
        self.report = report


def _checked(report: checking.AnyReport) -> Response:
    if report.verdict != "valid":
        raise NotVerified(report)
    return _answer(checking.verified(report))


def _answer(content: Json, status: int = 200) -> Response:
    return JSONResponse(content, status, data_headers())
