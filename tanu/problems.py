"""Error class → HTTP status: one table, used only at the edge. Nothing unexpected shows its insides."""

import logging
import signal
import traceback
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from registry import doors
from registry.routes import refusal
from schemas.errors import Refused, Unavailable
from schemas.languages import Text, say
from schemas.reading import shown
from tanu.database import DiskFails, Unrecorded, unrecorded

_LOG = logging.getLogger("tanu")
_LOGGED = 300
"""Characters of what is quoted in a log."""

STATUS: tuple[tuple[type[Exception], int], ...] = (*doors.STATUS, (Unavailable, 503), (Refused, 422))
"""The first row that fits an exception."""

Handler = Callable[[Request, Exception], Awaitable[Response]]


def install(app: FastAPI, public_url: str) -> None:
    """Every exception leaves `app` as a page or an RFC 9457 problem with a sentence in the reader's language."""
    for error, status in STATUS:
        app.add_exception_handler(error, _stating(status, public_url))

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return refusal(request, status, _sentence(status), public_url)

    async def unexpected(request: Request, error: Exception) -> Response:
        log_unexpected(f"{request.method} {request.url.path}", error)
        return refusal(request, 503, say("problem.unexpected"), public_url)

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unexpected)


def _stating(status: int, public_url: str) -> Handler:
    async def handler(request: Request, error: Exception) -> Response:
        if isinstance(error, Unrecorded):
            log_unexpected(f"{request.method} {request.url.path}", error)
        because = error.because if isinstance(error, Refused | Unavailable) else say("problem.unexpected")
        return refusal(request, status, because, public_url)

    return handler


def _sentence(status: int) -> Text:
    return say("problem.not_found" if status == 404 else "problem.not_possible")


def log_unexpected(where: str, error: BaseException) -> None:
    """For the operator; what a person sees never shows it. After a disk that confirms nothing the service ends: whoever
    watches it starts it again, and that opens the file anew (docs/attacks.md C17)."""
    _LOG.error("%s: %s", shown(where, _LOGGED), told(error))
    if isinstance(unrecorded(error), DiskFails):
        signal.raise_signal(signal.SIGTERM)


def log_held_back(way: str, address: str) -> None:
    """For the operator: somebody asks more than people do."""
    _LOG.warning("too many look-ups by %s: %s is held back", way, address)


def told(error: BaseException) -> str:
    """An error and where it happened, on one line: its words may be those of whoever handed something in."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return " < ".join([f"{type(error).__name__} {shown(str(error), _LOGGED)!r}", *places])


def in_one_line(record: logging.LogRecord) -> bool:
    """A filter for the logs of libraries that write an error over many lines, in its own words."""
    if record.exc_info and record.exc_info[1]:
        record.msg, record.args = f"{record.getMessage().splitlines()[0]}: {told(record.exc_info[1])}", ()
        record.exc_info = record.exc_text = None
    return True
