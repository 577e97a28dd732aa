"""A whole example of every published format, from a run of the demonstration under an https address.

Written to `docs/examples` by `python -m tests.docs --write`; the names of their members are compared with a new run's.
"""

import asyncio
import json
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from issuer import annulment, status
from issuer.batch import check_file, issue_checked
from issuer.cosign import Waiting
from issuer.intents import Order
from issuer.office import Office
from issuer.outbox import deliver
from keys.multibase import base64url_decode
from schemas.kinds.table import kind_named
from schemas.reading import Json
from tanu import batches, demonstration
from tanu.asgi import everything
from tanu.demo import FILES
from tanu.session import Session
from tanu.settings import Settings

ADDRESS = "https://tanu.example"
"""Reserved for documentation (RFC 2606)."""


def specimens(folder: Path) -> dict[str, Json]:
    """File name → its JSON: one document of each kind, and what is published about them."""
    office = demonstration.prepare(Session(Settings.read({"TANU_PUBLIC_URL": ADDRESS}, folder / "home"), "en"))
    codes = {kind: list(_issued(office, name, kind, slug)) for name, (kind, slug) in FILES.items()}
    ended = codes["MicroCredentialCertificate"][1]
    _annul(office, ended)
    held = {kind: office.registry.document(first[0]) for kind, first in codes.items()}
    documents = {f"{kind}.json": json.loads(data or b"null") for kind, data in held.items()}
    return documents | _run(_answers(office, documents["MicroCredentialCertificate.json"], ended))


def _run(answers: Coroutine[None, None, dict[str, Json]]) -> dict[str, Json]:
    """In a thread of its own, since a browser test may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, answers).result()


def _issued(office: Office, name: str, kind_name: str, slug: str) -> Iterator[str]:
    shipped = demonstration.SHIPPED / name
    parts = {part.name: part.read_bytes() for part in batches.parts_of(shipped)}
    checked = check_file(office, kind_named(kind_name), office.institution(slug), name, shipped.read_bytes(), parts)
    done = list(issue_checked(office, checked.approvals, None, pdf=False, progress=lambda: None))
    demonstration.cosign_all(office)
    yield from (each.intent.code if isinstance(each, Waiting) else each.code for each in done)


def _annul(office: Office, code: str) -> None:
    intent = office.store.intent_coded(code)
    assert intent is not None
    order = Order("annulled", "violation", "Ректор", "Ереженің 9.2-тармағы", "№ 12", "Ә. Маман")
    annulment.open_case(office, intent.number, "Плагиат", order.entered_by)
    annulment.inform(office, intent.number, order.entered_by)
    annulment.answer(office, intent.number, "Келісемін", order.entered_by)
    status.confirm(office, annulment.decide(office, intent.number, order).event, "Б. Екінші")
    deliver(office)


async def _answers(office: Office, document: Mapping[str, Json], ended: str) -> dict[str, Json]:
    """What the doors say."""
    transport = httpx.ASGITransport(app=everything(office))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers={"Accept-Language": "en"}) as client:

        async def answer(path: str, **how: Any) -> Json:
            return (await client.request("POST" if "json" in how else "GET", path, **how)).json()

        entry = document["credentialStatus"]
        listed = entry["statusListCredential"].removeprefix(ADDRESS)
        head, claims, _ = (await client.get(f"{listed}.jwt")).text.split(".")
        did = document["issuer"]["id"]
        return {
            "status-list.json": await answer(listed),
            "status-token.json": {"header": _part(head), "claims": _part(claims)},
            "did.json": await answer(f"/i/{did.rpartition(':')[2]}/did.json"),
            "issuer.json": await answer(f"/api/issuers/{did}"),
            "entry.json": await answer(f"/api/entries/{ended}"),
            "report.json": await answer("/api/verify", json=document),
            "report-annulled.json": await answer(f"/api/c/{ended}"),
            "problem.json": await answer("/api/entries/00000000000000"),
        }


def _part(encoded: str) -> Json:
    """Of a token."""
    return json.loads(base64url_decode(encoded))


def written(value: Json) -> str:
    """As the examples are printed: white space may change, so they still verify."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def member_names(value: Json, at: str = "") -> set[str]:
    """The path of every member, lists without their places."""
    if isinstance(value, list):
        return set().union(*(member_names(item, at) for item in value))
    if not isinstance(value, dict):
        return set()
    return {f"{at}/{name}" for name in value}.union(*(member_names(v, f"{at}/{k}") for k, v in value.items()))


def same_members(one: Json, other: Json) -> bool:
    """Do both have members of the same names in the same places?"""
    return member_names(one) == member_names(other)


def read(path: Path) -> Json:
    """An example as it lies in the documentation."""
    return json.loads(path.read_bytes())
