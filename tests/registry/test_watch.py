"""A domain that came into other hands is noticed, and changes nothing of what is verified (docs/attacks.md D6)."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from keys.did import build_document, web_address
from registry.fetch import Fetcher
from registry.watch import Watched, hosts_of, of_the_web, watched
from schemas.languages import LANGUAGES
from schemas.reading import Json
from tanu import cli
from tests import school
from tests.world import World, named_key


@pytest.fixture
def web(tmp_path: Path) -> World:
    """A world of did:web institutions."""
    return World(tmp_path, public_url="https://tanu.example")


def document(web: World) -> dict[str, Json]:
    """What stands at the university's address."""
    return build_document(web.university.did, [(key.id, key.multibase) for key in web.university.keys])


def looked_at(web: World, page: Json | bytes | None) -> Watched:
    """What comes of looking when the address answers with `page`."""
    pages = {} if page is None else {web_address(web.university.did): page}
    hosts = hosts_of(of_the_web(tuple(web.office.registry.institutions())))
    return watched(web.university, school.Hosts(pages).fetcher(*hosts), web.clock.now)


def test_what_is_published_is_as_in_the_register(web: World) -> None:
    found = looked_at(web, document(web))
    assert found.outcome == "same"
    assert hosts_of((web.university,)) == {"tanu.example"}


def test_D6_another_document_at_the_domain_raises_an_alarm(web: World) -> None:
    attacker, did, own = named_key("the buyer of a domain"), web.university.did, document(web)
    key = web.university.keys[0]
    pages: list[Json | bytes | None] = [
        build_document(did, [(f"{did}#k", attacker.multibase)]),
        build_document(did, [(key.id, attacker.multibase), *((k.id, k.multibase) for k in web.university.keys[1:])]),
        build_document(did, [*((k.id, k.multibase) for k in web.university.keys), (f"{did}#k", attacker.multibase)]),
        build_document(did, [(k.id, k.multibase) for k in web.university.keys[1:]]),
        own | {"assertionMethod": []},
        own | {"id": "did:web:other.example"},
        *(b"<html>This domain is for sale</html>", b"", b"{}", None),
    ]
    for page in pages:
        found = looked_at(web, page)
        assert found.outcome == "other", page
        assert all(found.because[language] for language in LANGUAGES)


def test_an_address_that_does_not_answer_is_no_alarm(web: World) -> None:
    assert watched(web.university, Fetcher(), web.clock.now).outcome == "silent"


def test_a_retired_key_may_be_there_or_not(web: World) -> None:
    web.rewrite(
        "UPDATE issuer_keys SET retired_at = '2026-11-21T05:00:00Z' WHERE id = :id", id=web.university.keys[0].id
    )
    held = [(key.id, key.multibase) for key in web.university.keys]
    for keys in (held, held[1:]):
        assert looked_at(web, build_document(web.university.did, keys)).outcome == "same"


def test_a_did_key_has_no_address(w: World) -> None:
    assert of_the_web(tuple(w.office.registry.institutions())) == ()


@pytest.mark.parametrize(("page", "code"), [("own", 0), ("another", 1), ("none", 1), ("silent", 2)])
def test_the_command_tells_by_its_exit_code(page: str, code: int, web: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: dict[str, Json | bytes] = {}
    for institution in web.office.registry.institutions():
        own = build_document(institution.did, [(key.id, key.multibase) for key in institution.keys])
        other = build_document(institution.did, [(f"{institution.did}#k", named_key("x").multibase)])
        if page in ("own", "another"):
            pages[web_address(institution.did)] = own if page == "own" else other
    hosts = () if page == "silent" else ("tanu.example",)
    monkeypatch.setattr("tanu.watching.Fetcher", lambda **_: school.Hosts(pages).fetcher(*hosts))
    monkeypatch.setattr("tanu.watching.system_clock", web.clock)
    said = io.StringIO()
    with redirect_stdout(said):
        assert cli.run(["dids", "--json", "--home", str(web.home.folder)]) == code
    outcomes = {line["outcome"] for line in json.loads(said.getvalue())}
    assert outcomes == {{"own": "same", "silent": "silent"}.get(page, "other")}
    told = io.StringIO()
    with redirect_stdout(told):
        assert cli.run(["dids", "--home", str(web.home.folder)]) == code
    assert len(told.getvalue().splitlines()) == 2
