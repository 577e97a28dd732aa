"""Verifiers elsewhere ask the register who may issue: by a list, and by signed statements, about today."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from issuer import federation
from keys.multibase import base64url_decode
from keys.public import PublicKey
from schemas.reading import Json
from tanu import asgi
from tests.others import asked, option, run
from tests.world import OTHER, World, accredited, institution_row

CONFIGURATION = "/.well-known/openid-federation"


@pytest.fixture
def web(tmp_path: Path) -> World:
    """A register at a domain, which has said what it has to say."""
    made = World(tmp_path, public_url="https://tanu.example")
    federation.renew(made.office)
    return made


def doors(w: World) -> TestClient:
    routes = asgi.registry_routes(w.office.registry, w.public_url, w.clock)
    return TestClient(asgi.application([routes], w.public_url))


def claims(token: str) -> dict[str, Any]:
    """Of a statement, unopened."""
    read: dict[str, Any] = json.loads(base64url_decode(token.split(".")[1]))
    return read


def is_signed(token: str, jwk: dict[str, Json]) -> bool:
    head, body, signature = token.split(".")
    return PublicKey.from_jwk(jwk).holds(base64url_decode(signature), f"{head}.{body}".encode())


def statement(w: World, did: str) -> str:
    answer = doors(w).get("/federation/fetch", params={"sub": did})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/entity-statement+jwt"
    return str(answer.text)


def test_the_register_states_its_issuers_and_signs_it(web: World) -> None:
    configuration = doors(web).get(CONFIGURATION).text
    own = claims(configuration)
    (key,) = own["jwks"]["keys"]
    assert (own["iss"], own["sub"]) == (web.public_url, web.public_url)
    entity = own["metadata"]["federation_entity"]
    assert entity["federation_fetch_endpoint"] == "https://tanu.example/federation/fetch"
    assert {entity[f"organization_name#{language}"] for language in ("kk", "ru", "en")} > {entity["organization_name"]}
    bare = {name: value for name, value in key.items() if name != "kid"}
    token = statement(web, web.university.did)
    assert all(is_signed(each, bare) for each in (configuration, token))
    stated = claims(token)
    assert (stated["iss"], stated["sub"]) == (web.public_url, web.university.did)
    assert stated["exp"] - stated["iat"] == 24 * 3600
    of_documents = PublicKey.from_multibase(web.university.keys[0].multibase)
    assert [each["x"] for each in stated["jwks"]["keys"]] == [of_documents.jwk["x"]]
    assert stated["metadata"]["federation_entity"]["organization_name"] == "Specimen KMU (TEST)"
    assert stated["metadata"]["federation_entity"]["homepage_uri"] == "https://tanu.example/issuers#kmu"


def test_the_list_has_name_address_and_place(web: World) -> None:
    answer = doors(web).get("/registry.json")
    assert answer.json()["registry"][web.university.did] == {
        "name": "Specimen KMU (TEST)",
        "url": "https://tanu.example/issuers#kmu",
        "location": "Kostanay, KZ",
    }
    assert len(answer.json()["registry"]) == 2


@pytest.mark.parametrize("path", ["/registry.json", CONFIGURATION, "/federation/fetch?sub={did}", "/api/issuers"])
def test_any_site_may_read_it_and_asks_again_by_its_tag(path: str, web: World) -> None:
    client, path = doors(web), path.format(did=web.university.did)
    answer = client.get(path)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=30"
    assert client.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


NOBODY = ["", "did:key:z6MkX", "did:web:tanu.example:i:no", "registry.json", "https://tanu.example", "%00", "x" * 3000]


@pytest.mark.parametrize("sub", NOBODY)
def test_of_nobody_else_anything_is_said(sub: str, web: World) -> None:
    assert doors(web).get("/federation/fetch", params={"sub": sub}).status_code == 404


def test_who_may_issue_no_more_is_not_stated_any_more(web: World) -> None:
    web.accreditation(valid_until=date(2026, 11, 21))
    web.clock.move(hours=13, minutes=59, seconds=59)
    federation.renew(web.office)
    assert statement(web, web.university.did)
    web.clock.move(seconds=1)
    federation.renew(web.office)
    assert doors(web).get("/federation/fetch", params={"sub": web.university.did}).status_code == 404
    assert list(doors(web).get("/registry.json").json()["registry"]) == [web.office.institution("kau").did]


def test_who_leads_up_to_no_root_is_not_stated(tmp_path: Path) -> None:
    row = institution_row("kmu", "KMU", "990340000014", (), accreditations=[])
    w = World(tmp_path, rows=(row, OTHER))
    federation.renew(w.office)
    assert list(doors(w).get("/registry.json").json()["registry"]) == [w.office.institution("kau").did]


def test_a_statement_is_signed_again_when_something_changes_or_it_ends_soon(web: World) -> None:
    audited = "SELECT count(*) FROM issuer_audit WHERE act = 'sign_statements'"
    assert (federation.renew(web.office), web.rows_of(audited)) == (0, [(1,)])
    before = statement(web, web.university.did)
    web.clock.move(hours=12)
    assert federation.renew(web.office) == 0
    web.clock.move(seconds=1)
    assert federation.renew(web.office) == 3
    after = statement(web, web.university.did)
    assert claims(after)["exp"] - claims(before)["exp"] == timedelta(hours=12, seconds=1).total_seconds()
    assert claims(after)["metadata"] == claims(before)["metadata"]
    assert web.rows_of(audited) == [(2,)]


def test_nothing_is_signed_without_its_row_in_the_audit(tmp_path: Path) -> None:
    w = World(tmp_path, rows=(accredited({}),))
    with w.fault("INSERT ON issuer_audit"), pytest.raises(Exception, match="no space left"):
        federation.renew(w.office)
    assert w.rows_of("SELECT * FROM federation") == []


@pytest.mark.parametrize("address", ["https://tanu.example", "http://127.0.0.1:8000"])
def test_the_library_behind_verifier_plus_finds_the_issuers_in_both_shapes(address: str, tmp_path: Path) -> None:
    w = World(tmp_path / "w", public_url=address)
    federation.renew(w.office)
    dids = {slug: w.office.institution(slug).did for slug in ("kmu", "kau")} | {"nobody": "did:key:z6MkX"}
    paths = ["/registry.json", CONFIGURATION, *(f"/federation/fetch?sub={did}" for did in dids.values())]
    answers = {path: doors(w).get(path) for path in paths}
    pages: dict[str, Json] = {f"{address}{path}": each.text for path, each in answers.items() if each.is_success}
    registries: list[Json] = [
        {"name": "List", "type": "dcc-legacy", "url": f"{address}/registry.json"},
        {"name": "Statements", "type": "oidf", "trustAnchorEC": f"{address}{CONFIGURATION}"},
    ]
    (tmp_path / "registries.json").write_text(json.dumps(registries))
    options = ("--registries", str(tmp_path / "registries.json"), *option("pages", pages, tmp_path))
    orders = [{"name": name, "did": did} for name, did in dids.items()]
    said = asked(orders, lambda text: run("issuers.mjs", text, *options))
    assert [each["unchecked"] for each in said.values()] == [0, 0, 0]
    assert said["nobody"]["found"] == []
    for slug in ("kmu", "kau"):
        names = [each["issuer"]["organization_name"] for each in said[slug]["found"]]
        assert names == [f"Specimen {slug.upper()} (TEST)"] * 2
