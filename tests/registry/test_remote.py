"""The register on another host gives the same reports, and when it does not answer, nothing is known."""

import json
from collections.abc import Callable
from functools import cache

import httpx
import pytest
from fastapi.testclient import TestClient

from registry.fetch import Fetcher
from registry.remote import RemoteRegistry
from registry.store import RegistryStore
from schemas.errors import Unavailable
from schemas.kinds.table import KINDS
from schemas.reading import Json
from tanu import asgi
from tests.world import EXTRACT, SUPPLEMENT, World

BASE = "http://registry.example:8000"
Change = Callable[[str, bytes], bytes]


def remote(w: World, change: Change = lambda _, body: body) -> RemoteRegistry:
    """The world's registry behind its own doors; `change` is what happens to answers on their way."""
    client = doors(w.office.registry, w.public_url)

    def answer(request: httpx.Request) -> httpx.Response:
        found = client.get(request.url.raw_path.decode())
        return httpx.Response(found.status_code, content=change(request.url.path, found.content))

    return RemoteRegistry(BASE, Fetcher(trusted_base=BASE, transport=httpx.MockTransport(answer)), w.home.roots)


@cache
def doors(store: RegistryStore, public_url: str) -> TestClient:
    """The register's doors."""
    return TestClient(asgi.application([asgi.registry_routes(store, public_url)], public_url))


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_the_same_wherever_the_register_is(kind: str, w: World) -> None:
    issued = w.issue(kind)
    far = remote(w)
    assert w.verify(issued.document, far) == w.verify(issued.document)
    w.suspend(issued)
    assert w.verify(issued.document, far) == w.verify(issued.document)
    w.annul(issued)
    assert w.verify(issued.document, far) == w.verify(issued.document)
    assert w.verify(issued.document, far).verdict == "annulled"


def test_what_it_says_is_what_the_register_holds(w: World) -> None:
    issued, successor = w.issue_many(2, EXTRACT)
    w.replace(issued, successor)
    far, near = remote(w), w.registry
    entry = near.entry(issued.code)
    assert entry is not None
    assert far.entry(issued.code) == entry
    assert list(far.history(issued.code)) == list(near.history(issued.code))
    assert far.institution(entry.issuer) == near.institution(entry.issuer)
    for slot in entry.slots:
        assert far.status_list(slot.list_url) == near.status_list(slot.list_url)
    assert far.successor(issued.code) == near.successor(issued.code) == successor.code
    assert far.parent_history(issued.code) is near.parent_history(issued.code) is None
    assert (far.entry("0" * 14), far.successor("0" * 14), far.institution("did:key:x")) == (None, None, None)
    assert list(far.history("0" * 14)) == []
    assert far.document(issued.code) is far.document_numbered(issued.number) is None


def test_of_a_supplement_it_tells_what_became_of_its_parent(w: World) -> None:
    parent = w.issue()
    supplement = w.issue(SUPPLEMENT, parent=parent)
    far, near = remote(w), w.registry
    assert (far.parent_history(supplement.code), near.parent_history(supplement.code)) == ((), [])
    w.suspend(parent)
    (change,) = far.parent_history(supplement.code) or ()
    assert [change] == list(near.history(parent.code)) == list(near.parent_history(supplement.code) or ())


def test_E8_nothing_of_a_holder_is_behind_its_doors(w: World) -> None:
    issued = w.issue()
    said: list[bytes] = []

    def heard(_: str, body: bytes) -> bytes:
        said.append(body)
        return body

    w.verify(issued.document, remote(w, heard))
    assert len(said) > 3
    for word in ("Өтеғалиева", "Utegaliyeva", "Цифровая", "1999-03-14", "3.67"):
        assert not any(word.encode() in body for body in said)


def damaged(body: bytes, *path: str | int, value: Json = ...) -> bytes:
    """A JSON body with one member changed, or left out."""
    content = json.loads(body)
    place = content
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(content).encode()


GARBAGE: dict[str, Change] = {
    "nothing": lambda _, body: b"",
    "a page": lambda _, body: b"<html>",
    "a list": lambda _, body: b"[]",
    "an empty object": lambda _, body: b"{}",
    "half": lambda _, body: body[: len(body) // 2],
    "twice": lambda _, body: body.replace(b"{", b'{"did":1,"did":1,"code":1,"code":1,', 1),
}


@pytest.mark.parametrize("how", GARBAGE)
def test_C1_an_answer_that_makes_no_sense_is_no_answer(how: str, w: World) -> None:
    issued = w.issue()
    far = remote(w, GARBAGE[how])
    with pytest.raises(Unavailable):
        far.entry(issued.code)
    with pytest.raises(Unavailable):
        far.institution(w.university.did)
    report = w.verify(issued.document, far)
    assert report.verdict == "indeterminate"
    assert report.document is None


MEMBERS: list[tuple[str | int, ...]] = [
    *(("digest",), ("number",), ("kind",), ("slots",), ("slots", 0, "index"), ("registered_at",), ("history",)),
]


@pytest.mark.parametrize("path", MEMBERS, ids=str)
@pytest.mark.parametrize("value", [..., None, 5, [], {}, "x"], ids=str)
def test_an_entry_of_another_shape_never_makes_a_document_valid(
    path: tuple[str | int, ...], value: Json, world: World
) -> None:
    issued = world.issue()

    def change(url: str, body: bytes) -> bytes:
        return damaged(body, *path, value=value) if url.startswith("/api/entries/") else body

    verdict = world.verify(issued.document, remote(world, change)).verdict
    assert verdict in ("indeterminate", "tampered") or (path, value) == (("history",), []), "it had no history"


@pytest.mark.parametrize(
    "path",
    [
        ("keys",),
        ("keys", 0, "multibase"),
        ("keys", 0, "id"),
        ("keys", 0, "purposes"),
        ("keys", 0, "valid_from"),
        ("rights",),
        ("rights", 0, "document"),
        ("rights", 0, "entered_at"),
        ("name",),
        ("did",),
        ("test",),
    ],
    ids=str,
)
@pytest.mark.parametrize("value", [..., None, 5, [], {}, "x"], ids=str)
def test_an_issuer_of_another_shape_never_makes_a_document_valid(
    path: tuple[str | int, ...], value: Json, world: World
) -> None:
    issued = world.issue()

    def change(url: str, body: bytes) -> bytes:
        return damaged(body, *path, value=value) if url.startswith("/api/issuers/") else body

    verdict = world.verify(issued.document, remote(world, change)).verdict
    assert verdict in ("indeterminate", "tampered", "not_accredited", "unknown_issuer")


@pytest.mark.parametrize("path", ["act", "reason", "authority", "basis", "effective_on", "recorded_at"])
@pytest.mark.parametrize("value", [..., None, 5, [], {}, "x"], ids=str)
def test_a_change_of_another_shape_never_makes_a_document_valid(path: str, value: Json, world: World) -> None:
    issued = world.issue()
    world.revoke(issued)

    def change(url: str, body: bytes) -> bytes:
        return damaged(body, "history", 0, path, value=value) if url.startswith("/api/entries/") else body

    assert world.verify(issued.document, remote(world, change)).verdict in ("indeterminate", "revoked")
