"""What a registry publishes over HTTP, read back by another registry's client; nothing of a holder is in it."""

import base64
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import registry.fetch
import registry.routes
from issuer.issue import Issued
from keys.did import build_document
from registry import wire
from registry.store import PublishedList
from registry.trust import judged
from schemas.kinds.table import KINDS, kind_named
from schemas.languages import LANGUAGES, say
from schemas.reading import read_object
from schemas.statuslist import MAX_BYTES, TTL
from tests.pages.conftest import application
from tests.world import CENTRE, EXTRACT, MICRO, World


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[TestClient]:
    store = world.office.registry

    def did_document(slug: str) -> dict[str, object] | None:
        found = store.institution_called(slug)
        return build_document(found.did, [(key.id, key.multibase) for key in found.keys]) if found else None

    app: FastAPI = application()
    app.include_router(registry.routes.router(store, world.public_url, did_document, world.clock))
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as made:
        yield made


@pytest.fixture(scope="module")
def suspended(world: World) -> Issued:
    """A document that was suspended and is in force again."""
    issued = world.issue()
    world.suspend(issued)
    world.reinstate(issued)
    return issued


def test_an_institution_arrives_as_it_is_written(client: TestClient, world: World) -> None:
    for institution in world.office.registry.institutions():
        answer = client.get(f"/api/issuers/{institution.did}")
        assert judged(wire.read_institution(read_object(answer.content)), world.home.roots) == institution


def test_an_entry_arrives_with_its_whole_history(client: TestClient, world: World, suspended: Issued) -> None:
    store = world.office.registry
    said = read_object(client.get(f"/api/entries/{suspended.code}").content)
    assert wire.read_entry(said) == store.entry(suspended.code)
    assert wire.read_history(said) == tuple(store.history(suspended.code))
    assert [change.act for change in wire.read_history(said)] == ["suspended", "reinstated"]
    assert (wire.read_parent_history(said), wire.read_successor(said)) == (None, None)


def test_E6_no_door_tells_a_code_for_a_number(client: TestClient, suspended: Issued) -> None:
    answer = client.get(f"/api/entries?number={suspended.number}")
    assert answer.status_code == 404
    assert suspended.code not in answer.text


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("code", 7),
        ("registered_at", "yesterday"),
        ("registered_at", "2026-11-21T05:00:00"),
        ("slots", {}),
        ("slots", [{"list": "x", "index": True, "purpose": "revocation"}]),
        ("slots", [{"list": "x", "index": "7", "purpose": "revocation"}]),
        ("history", [{}]),
        ("history", None),
        ("parent", 1),
    ],
)
def test_an_answer_of_another_shape_is_never_guessed(
    client: TestClient, suspended: Issued, member: str, value: object
) -> None:
    said = read_object(client.get(f"/api/entries/{suspended.code}").content) | {member: value}
    with pytest.raises((KeyError, TypeError, ValueError)):
        wire.read_entry(said), wire.read_history(said)


def test_an_act_or_reason_that_nobody_knows_is_refused(client: TestClient, suspended: Issued) -> None:
    said = read_object(client.get(f"/api/entries/{suspended.code}").content)
    for name, value in (("act", "blessed"), ("reason", "mood"), ("effective_on", "21.11.2026")):
        changed = said | {"history": [said["history"][0] | {name: value}]}
        with pytest.raises(ValueError, match=r"mood|blessed|21\.11"):
            wire.read_history(changed)


def test_a_text_lacking_a_language_is_refused(client: TestClient, world: World) -> None:
    said = read_object(client.get(f"/api/issuers/{world.university.did}").content)
    with pytest.raises(TypeError):
        wire.read_institution(said | {"name": {"kk": "Ұ", "ru": "У"}})


def test_nothing_of_a_holder_is_in_the_register(client: TestClient, world: World, suspended: Issued) -> None:
    holder = world.facts().holder_text
    said = "".join(
        client.get(path).text
        for path in (f"/api/entries/{suspended.code}", f"/api/issuers/{world.university.did}", "/issuers?lang=kk")
    )
    for _, name in holder:
        assert not [part for part in name.split() if part in said]


def test_there_is_no_list_of_entries_and_no_search(client: TestClient) -> None:
    """docs/attacks.md E7."""
    for path in (
        "/api/entries",
        "/api/entries?number=",
        "/api/entries?number=%25",
        "/api/entries?name=a",
        "/api/issuers/",
    ):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_never_issued_and_mistyped_are_answered_alike(client: TestClient, suspended: Issued) -> None:
    """docs/attacks.md E6."""
    wrong = suspended.code[:-1] + ("0" if suspended.code[-1] != "0" else "1")
    answers = [client.get(f"/api/entries/{code}") for code in ("00000000000000", wrong, "x", "%00", "x" * 3000)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}


FORMS = {"": "application/vc", ".jwt": "application/statuslist+jwt", ".cwt": "application/statuslist+cwt"}
every_form = pytest.mark.parametrize(("ending", "media_type"), FORMS.items(), ids=["list", "jwt", "cwt"])
PLAIN, PACKED = {"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip"}


def list_of(world: World, issued: Issued) -> str:
    """The path of a document's list of revocations."""
    entry = world.office.registry.entry(issued.code)
    assert entry
    return entry.slots[0].list_url.removeprefix(world.public_url)


def published(world: World, path: str, ending: str) -> bytes | None:
    """What the register has there."""
    store, url = world.office.registry, f"{world.public_url}{path}"
    return store.status_token(url, "jwt" if ending == ".jwt" else "cwt") if ending else store.status_list(url)


@every_form
def test_a_status_list_is_served_as_it_was_signed(
    ending: str, media_type: str, client: TestClient, world: World, suspended: Issued
) -> None:
    path = list_of(world, suspended)
    for headers in (PLAIN, PACKED):
        answer = client.get(path + ending, headers=headers)
        assert (answer.status_code, answer.content) == (200, published(world, path, ending))
        assert answer.headers["content-type"] == media_type
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"] == f"public, max-age={int(TTL.total_seconds())}"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert TTL.total_seconds() <= 60


@every_form
def test_what_is_asked_for_again_is_sent_again_only_when_it_is_new(
    ending: str, media_type: str, client: TestClient, world: World, suspended: Issued
) -> None:
    address = list_of(world, suspended) + ending
    for headers in (PLAIN, PACKED):
        first = client.get(address, headers=headers)
        tag = first.headers["etag"]
        assert re.fullmatch(r'"[0-9a-z-]+"', tag), "a strong one"
        for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            again = client.get(address, headers=headers | {"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
            for name in ("cache-control", "vary", "access-control-allow-origin"):
                assert again.headers[name] == first.headers[name]
        for other in ('"0"', tag.strip('"'), tag[:-2] + '"', ""):
            assert client.get(address, headers=headers | {"If-None-Match": other}).status_code == 200
    world.revoke(world.issue())
    later = client.get(address, headers=PACKED | {"If-None-Match": tag})
    assert later.status_code == 200
    assert later.headers["etag"] != tag


@every_form
def test_the_largest_list_passes_through_the_doors(
    ending: str, media_type: str, client: TestClient, world: World
) -> None:
    """Two bits for each of 16 million slots, which nothing makes smaller."""
    data = base64.b64encode(random.Random(7).randbytes(MAX_BYTES)).replace(b"/", b"_")
    path, at = f"/status/large-{list(FORMS).index(ending)}", world.clock.now
    largest = PublishedList(
        f"{world.public_url}{path}", 1, world.university.did, "revocation", at, at, data, data, data
    )
    assert world.office.registry.put_list(largest)
    for headers in (PLAIN, PACKED):
        answer = client.get(path + ending, headers=headers)
        assert answer.content == data
        known = headers | {"If-None-Match": answer.headers["etag"]}
        assert client.get(path + ending, headers=known).status_code == 304
    assert len(data) < registry.fetch.MAX_BYTES


def test_packed_bytes_have_a_tag_of_their_own(
    client: TestClient, world: World, suspended: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9110, section 8.8.3.3."""
    monkeypatch.setattr(registry.routes, "_WORTH_PACKING", 500)
    for path in (list_of(world, suspended), f"/schemas/{MICRO}/{kind_named(MICRO).version}.json"):
        plain, packed = client.get(path, headers=PLAIN), client.get(path, headers=PACKED)
        assert plain.content == packed.content
        assert ("content-encoding" in plain.headers, packed.headers["content-encoding"]) == (False, "gzip")
        assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
        assert plain.headers["etag"] != packed.headers["etag"]
        crossed = client.get(path, headers=PLAIN | {"If-None-Match": packed.headers["etag"]})
        assert (crossed.status_code, crossed.content) == (200, plain.content)


def test_D8_what_is_accepted_changes_nothing_and_each_form_has_its_address(
    client: TestClient, world: World, suspended: Issued
) -> None:
    path = list_of(world, suspended)
    for ending, media_type in FORMS.items():
        for accept in (*FORMS.values(), "text/html", "application/json", "*/*", "nonsense"):
            answer = client.get(path + ending, headers=PLAIN | {"Accept": accept})
            assert answer.headers["content-type"] == media_type
            assert answer.content == published(world, path, ending)
        assert client.get(f"{path}{ending}?x=1", headers=PLAIN).content == published(world, path, ending)


def test_a_list_of_the_past_is_not_there(client: TestClient, world: World, suspended: Issued) -> None:
    """A client that asks for one must not take today's for it (draft-ietf-oauth-status-list, section 8.4)."""
    for ending in (".jwt", ".cwt"):
        assert client.get(f"{list_of(world, suspended)}{ending}?time=1686925000").status_code == 404


def test_a_list_of_suspensions_has_no_tokens(client: TestClient, world: World) -> None:
    world.issue(EXTRACT)
    assert client.get("/status/kmu-suspension-1").status_code == 200
    for ending in (".jwt", ".cwt", ".json", ".jwt.jwt"):
        assert client.get(f"/status/kmu-suspension-1{ending}").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_of_every_kind_is_published(client: TestClient, kind: str) -> None:
    row = kind_named(kind)
    answer = client.get(f"/schemas/{kind}/{row.version}.json")
    assert json.loads(answer.content) == row.published_schema
    assert answer.headers["content-type"] == "application/schema+json"


def test_a_document_names_the_address_of_its_schema(client: TestClient, world: World, suspended: Issued) -> None:
    address = read_object(suspended.document)["credentialSchema"]["id"]
    assert address.startswith(world.public_url)
    assert client.get(address.removeprefix(world.public_url)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        f"/schemas/{MICRO}/99.json",
        f"/schemas/{MICRO}/..%2f1.json",
        f"/schemas/{MICRO}/٣.json",
        "/schemas/index/1.json",
        "/schemas/..%2f..%2fkinds/1.json",
        "/status/none",
        "/status/none.jwt",
        "/status/none.cwt",
        "/status/.jwt",
        "/status/..%2fetc%2fpasswd",
        "/i/none/did.json",
        "/i/../did.json",
    ],
)
def test_what_is_not_published_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_did_document_of_an_institution_is_served(client: TestClient, world: World) -> None:
    answer = client.get("/i/kmu/did.json")
    assert answer.json()["id"] == world.university.did
    assert answer.headers["content-type"] == "application/did+json"
    again = client.get("/i/kmu/did.json", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_people_read_who_may_issue_what(client: TestClient, world: World) -> None:
    for language in LANGUAGES:
        page = client.get(f"/issuers?lang={language}")
        assert page.status_code == 200
        assert page.headers["x-content-type-options"] == "nosniff"
        for institution in world.office.registry.institutions():
            assert institution.name[language] in page.text
            assert institution.bin in page.text
        assert all(kind.title[language] in page.text for kind in KINDS.values())
        assert len(page.content) <= 50_000


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The doors of a register in which something can be counted: 8, 5 and 2 documents of three kinds."""
    w = World(tmp_path_factory.mktemp("figures"))
    for kind, n in ((MICRO, 8), (CENTRE, 5), (EXTRACT, 2)):
        w.issue_many(n, kind)
    app = application()
    app.include_router(registry.routes.router(w.office.registry, w.public_url, lambda _: None, w.clock))
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def test_figures_are_published_as_lists_are(figures: TestClient) -> None:
    for path, media_type in (("/api/figures", "application/json"), ("/api/figures.csv", "text/csv; charset=utf-8")):
        plain = figures.get(path, headers=PLAIN)
        assert (plain.status_code, plain.headers["content-type"]) == (200, media_type)
        assert plain.headers["access-control-allow-origin"] == "*"
        assert plain.headers["cache-control"] == "public, max-age=30"
        known = figures.get(path, headers=PLAIN | {"If-None-Match": plain.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
        packed = figures.get(path, headers={"Accept-Encoding": "gzip"})
        assert packed.content == plain.content
        assert packed.headers["content-encoding"] == "gzip"


def test_people_read_the_figures_and_no_hidden_one(figures: TestClient) -> None:
    for language in LANGUAGES:
        page = figures.get(f"/figures?lang={language}")
        assert page.status_code == 200
        assert all(kind.title[language] in page.text for kind in KINDS.values())
        counts = re.findall(r'<td class="n">(?:<b>)?(?:<span class="muted">)?([^<]*)<', page.text)
        assert counts[:6] == ["8", *[say("figures.hidden")[language]] * 2, "0", "0", "15"]
        assert len(page.content) <= 50_000
        assert "<script" not in page.text
    assert figures.head("/figures").status_code == 200


def test_figures_of_nothing_are_a_page_too(client: TestClient, tmp_path: Path) -> None:
    w = World(tmp_path, rows=())
    app = application()
    app.include_router(registry.routes.router(w.office.registry, w.public_url, lambda _: None, w.clock))
    page = TestClient(app).get("/figures?lang=en")
    assert page.status_code == 200
    assert "None yet." in page.text


def test_the_service_says_that_it_is_up(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
