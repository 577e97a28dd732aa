"""The doors themselves: what is listed, what each answers, what none accepts, and where they are to be found."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from schemas.reading import MAX_BYTES, Json
from schemas.statuslist import bit_at, read_list_document
from tanu import asgi, serving
from tanu.settings import Settings
from tests.conformance.conftest import INSTANCES, PUBLIC_URL, Doors, each
from tests.world import World

MEMBERS = {"instance", "id", "suite", "keyType", "issue", "verify", "derive", "status", "presentations"}
DOORS = ("credentials/issue", "credentials/verify", "credentials/derive", "credentials/status", "presentations/verify")


def test_the_list_names_every_instance_with_whole_addresses(doors: Doors) -> None:
    listed = doors.client.get("/vc-api").json()
    assert [row["instance"] for row in listed] == list(INSTANCES)
    for row in listed:
        assert set(row) == MEMBERS
        assert row["id"] == doors.instances[row["instance"]].did
        for door in ("issue", "verify", "derive", "status"):
            assert row[door] == f"{PUBLIC_URL}/vc-api/{row['instance']}/credentials/{door}"
        assert row["presentations"] == f"{PUBLIC_URL}/vc-api/{row['instance']}/presentations/verify"


@each
def test_what_an_instance_issues_verifies(doors: Doors, instance: str) -> None:
    answer = doors.verify(instance, doors.shown(instance))
    assert answer.status_code == 200
    said = answer.json()
    assert (said["verified"], said["verdict"], said["warnings"], said["errors"]) == (True, "valid", [], [])
    assert len(said["checks"]) == 9


@each
def test_what_does_not_verify_is_a_problem_that_says_which_step_and_why(doors: Doors, instance: str) -> None:
    answer = doors.verify(instance, doors.shown(instance) | {"validUntil": "2020-01-01T00:00:00Z"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["verified"]) == (400, False)
    assert set(problem["because"]) == {"kk", "ru", "en"}
    assert any(check["outcome"] == "failed" for check in problem["checks"])


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a string": b'"credential"',
    "an array": b"[]",
    "a repeated member": b'{"credential": {}, "credential": {}}',
    "an empty object": b"{}",
    "a number": b'{"credential": 1, "verifiableCredential": 1, "verifiablePresentation": 1}',
    "a text": b'{"credential": "{}", "verifiableCredential": "{}", "verifiablePresentation": "{}"}',
    "null": b'{"credential": null, "verifiableCredential": null, "verifiablePresentation": null}',
    "an empty document": b'{"credential": {}, "verifiableCredential": {}, "verifiablePresentation": {}}',
    "too deep": b'{"credential": ' + b"[" * 100 + b"]" * 100 + b"}",
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_every_door_answers_400_to_what_it_cannot_use(doors: Doors, door: str, body: bytes) -> None:
    for instance in INSTANCES:
        answer = doors.client.post(f"/vc-api/{instance}/{door}", content=body)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("door", DOORS)
def test_A18_a_body_over_the_cap_is_not_read_to_its_end(doors: Doors, door: str) -> None:
    body = json.dumps({"credential": "x" * MAX_BYTES}).encode()
    assert doors.client.post(f"/vc-api/eddsa-rdfc-2022/{door}", content=body).status_code == 413


@pytest.mark.parametrize("door", [*DOORS, "credentials"])
def test_an_unknown_instance_is_not_found(doors: Doors, door: str) -> None:
    assert doors.client.post(f"/vc-api/rsa-2048/{door}", json={}).status_code in (404, 405)
    assert doors.client.get("/vc-api/rsa-2048/status-list").status_code == 404


# ---------------------------------------------------------------- the instance that keeps statuses


def the_list(doors: Doors, credential: Json) -> Any:
    url = credential["credentialStatus"]["statusListCredential"]
    return doors.client.get(url.removeprefix(PUBLIC_URL)).json()


def test_the_status_instance_adds_the_entry_and_serves_a_list_that_verifies(doors: Doors) -> None:
    issued = doors.issued("status")
    entry = issued["credentialStatus"]
    assert (entry["type"], entry["statusPurpose"]) == ("BitstringStatusListEntry", "revocation")
    assert entry["statusListIndex"].isdecimal()
    listed = the_list(doors, issued)
    assert listed["issuer"] == issued["issuer"]
    assert listed["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert doors.verify("status", listed).status_code == 200


def test_its_status_door_sets_the_bit_and_the_credential_no_longer_verifies(doors: Doors) -> None:
    mine, other = (doors.issued("status", doors.credential("status", id=f"urn:example:{n}")) for n in (1, 2))
    wanted = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    asked = {"credentialId": mine["id"], "credentialStatus": wanted}
    assert doors.post("status", "credentials/status", asked).status_code == 200
    answer = doors.verify("status", mine)
    assert (answer.status_code, answer.json()["verdict"]) == (400, "revoked")
    assert doors.verify("status", other).status_code == 200
    published = read_list_document(the_list(doors, mine))
    assert bit_at(published.bits, int(mine["credentialStatus"]["statusListIndex"]))
    assert doors.post("status", "credentials/status", asked | {"status": False}).status_code == 200
    assert doors.verify("status", mine).status_code == 200


def test_a_credential_without_an_id_is_named_by_its_entry(doors: Doors) -> None:
    issued = doors.issued("status")
    assert doors.post("status", "credentials/status", {"credentialStatus": issued["credentialStatus"]}).is_success
    assert doors.verify("status", issued).json()["verdict"] == "revoked"


ENTRY = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}


@pytest.mark.parametrize(
    "asked",
    [
        {"credentialId": "urn:example:never"},
        {"credentialId": "urn:example:never", "credentialStatus": ENTRY},
        {"credentialStatus": ENTRY},
        {"credentialStatus": ENTRY | {"statusListIndex": "131071"}},
        {"credentialStatus": ENTRY | {"statusListIndex": "-1"}},
        {"credentialStatus": ENTRY | {"statusListIndex": "0", "statusListCredential": "https://other.example/list"}},
        {"credentialStatus": ENTRY | {"statusListIndex": "0", "statusPurpose": "suspension"}},
        {"credentialStatus": ENTRY | {"statusListIndex": "0", "type": "Other"}},
        {"credentialStatus": ENTRY | {"statusListIndex": "0"}, "status": "true"},
    ],
)
def test_a_status_that_cannot_be_set_is_refused(doors: Doors, asked: Json) -> None:
    doors.issued("status")
    assert doors.post("status", "credentials/status", asked).status_code == 400


def test_a_credential_that_brings_a_status_of_its_own_is_refused_where_statuses_are_kept(doors: Doors) -> None:
    brought = doors.credential("status", credentialStatus={"type": "BitstringStatusListEntry"})
    assert doors.post("status", "credentials/issue", {"credential": brought}).status_code == 400


# ---------------------------------------------------------------- where the doors are


def test_the_doors_are_no_part_of_the_service_unless_a_setting_says_so(world: World) -> None:
    for wanted in (False, True):
        served = TestClient(asgi.everything(world.office, conformance=wanted))
        assert served.get("/vc-api").is_success is wanted


@pytest.mark.parametrize(("spelled", "wanted"), [("1", True), ("0", False), ("", False), (None, False)])
def test_the_setting_is_1_or_it_is_not_set(world: World, spelled: str | None, wanted: bool) -> None:
    settings = Settings.read({} if spelled is None else {"TANU_CONFORMANCE": spelled})
    for parts in (serving.PARTS, ("registry",)):
        app = serving._application(world.office, parts, settings)
        assert TestClient(app).get("/vc-api").is_success is wanted
