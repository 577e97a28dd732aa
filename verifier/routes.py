"""The verifier's doors: `/`, `/c/{code}`, `/s/{token}`, `/verify`, and the same as JSON under `/api`.

No door takes an address to fetch (ATTACKS.md D9). What is handed in is checked and forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast, get_args

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from registry.client import Registry
from registry.pages import DATA_HEADERS, NOTHING_KEPT, Page, Reader, Site, reader
from schemas import display
from schemas.errors import Malformed, Refused, Unsupported
from schemas.languages import Text, say
from schemas.numbers import NUMBER_PATTERN, read_code
from verifier import body
from verifier.body import Empty, NotAForm, TooLarge, UnknownPolicy
from verifier.checks import not_looked_at, said
from verifier.intake import handed_in
from verifier.pages import Handed, VerifierPages
from verifier.report import Policy, Report
from verifier.verify import look_up, verify
