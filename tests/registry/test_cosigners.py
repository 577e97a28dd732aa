"""Who signs beside an institution is the register's knowledge: entered from the office's file, public, and kept."""

import json
import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from registry import wire
from registry.issuers import Institution
from registry.trust import judged
from schemas.credential import end_of, start_of
from schemas.errors import Refused
from tanu import asgi
from tanu.database import VERSION, open_database
from tanu.institutions import add_institutions, read_institutions
from tests.cosigning import CHAIR, DEAN, RECTOR, THREE, person, rows, rule, university
from tests.registry.test_remote import damaged, remote
from tests.world import EXTRACT, MICRO, World, named_key
from tests.world_facts import three

OWN = named_key("a key that its owner keeps").multibase


@pytest.fixture
def ruled(tmp_path: Path) -> World:
    """A university that needs two of three."""
    return World(tmp_path, rows=rows(rule()))


def again(w: World, *rules: dict[str, Any], persons: tuple[dict[str, Any], ...] = THREE) -> Institution:
    """The file once more, with other rows."""
    add_institutions(w.office, (university(*rules, persons=persons),))
    return w.university


def test_persons_and_rules_stand_in_the_register(ruled: World) -> None:
    found = ruled.university
    assert {(p.person, p.role, p.name) for p in found.persons} == {
        (RECTOR, "rector", "Ғ. Ұлықбекова"),
        (CHAIR, "commission_chair", "Т. Төкенов"),
        (DEAN, "dean", "Қ. Әшімова"),
    }
    assert all(p.method == f"did:key:{p.multibase}#{p.multibase}" for p in found.persons)
    assert not {key.multibase for key in found.keys} & {person.multibase for person in found.persons}
    (asked,) = found.rules
    assert (asked.kind, asked.needed, asked.seats, asked.form) == (MICRO, 2, 3, "set")


def test_the_door_of_issuers_says_it_and_another_host_reads_it(ruled: World) -> None:
    university = ruled.university
    read = wire.read_institution(json.loads(json.dumps(wire.write_institution(university))))
    assert judged(read, ruled.home.roots) == university
    assert remote(ruled).institution(university.did) == university


def test_the_page_of_issuers_names_them_for_people(ruled: World) -> None:
    page = TestClient(asgi.everything(ruled.office), base_url=ruled.public_url).get("/issuers?lang=en").text
    for shown in ("Ғ. Ұлықбекова", "Т. Төкенов", "2 of 3 signatures: rector, chair of the commission, dean"):
        assert shown in page


@pytest.mark.parametrize("path", [("responsible_persons",), ("signature_rules",)], ids=str)
@pytest.mark.parametrize("value", [..., None, 5, {}, "x"], ids=str)
def test_an_answer_without_them_is_no_answer(path: tuple[str], value: Any, ruled: World) -> None:
    def change(url: str, body: bytes) -> bytes:
        return damaged(body, *path, value=value) if url.startswith("/api/issuers/") else body

    with pytest.raises(Exception, match="makes no sense"):
        remote(ruled, change).institution(ruled.university.did)


def test_a_rule_is_in_force_from_its_first_day_to_its_last_for_its_kind_and_programme(tmp_path: Path) -> None:
    asked = rule(programme="MC-EDU-07", since="2026-03-01", until="2026-08-31")
    (found,) = World(tmp_path, rows=rows(asked)).university.rules
    first, last = start_of(date(2026, 3, 1)), end_of(date(2026, 8, 31))
    assert found.covers(MICRO, "MC-EDU-07", first)
    assert found.covers(MICRO, "MC-EDU-07", last)
    assert not found.covers(MICRO, "MC-EDU-07", end_of(date(2026, 2, 28)))
    assert not found.covers(MICRO, "MC-EDU-07", start_of(date(2026, 9, 1)))
    assert not found.covers(MICRO, "MC-EDU-08", first)
    assert not found.covers(MICRO, None, first)
    assert not found.covers(EXTRACT, "MC-EDU-07", first)
    assert replace(found, programme=None).covers(MICRO, "MC-EDU-08", first)


# The file again


def test_the_same_file_again_changes_nothing(ruled: World) -> None:
    before = ruled.university
    assert again(ruled, rule()) == before


def test_persons_and_rules_are_added_and_none_is_taken_away(ruled: World) -> None:
    before = ruled.university
    new = person("serik", "vice_rector", publicKeyMultibase=OWN)
    after = again(ruled, rule(1, "vice_rector", kind=EXTRACT), persons=(new,))
    assert set(before.persons) < set(after.persons)
    assert [p.multibase for p in after.persons if p.person == "serik"] == [OWN]
    assert [r.kind for r in after.rules] == [MICRO, EXTRACT]


def test_an_end_is_set_once(ruled: World) -> None:
    (found,) = again(ruled, rule(until="2026-12-31")).rules
    assert found.valid_until == date(2026, 12, 31)
    assert again(ruled, rule()).rules == (found,)
    with pytest.raises(Refused, match="nothing but its end"):
        again(ruled, rule(until="2027-12-31"))
    ended = (person(RECTOR, "rector", until="2026-11-30"), *THREE[1:])
    rector = next(p for p in again(ruled, persons=ended).persons if p.person == RECTOR)
    assert rector.good_at(end_of(date(2026, 11, 30)))
    assert not rector.good_at(start_of(date(2026, 12, 1)))
    stolen = (person(RECTOR, "rector", until="2026-11-30", compromised="2026-05-01"),)
    rector = next(p for p in again(ruled, persons=stolen).persons if p.person == RECTOR)
    assert not rector.good_at(start_of(date(2026, 5, 1)))
    with pytest.raises(Refused, match="nothing but its end"):
        again(ruled, persons=(person(RECTOR, "rector", until="2027-01-01"),))


@pytest.mark.parametrize("change", [{"name": "A"}, {"publicKeyMultibase": OWN}, {"position": three("x")}], ids=str)
def test_of_a_person_nothing_else_changes(change: dict[str, Any], ruled: World) -> None:
    before = ruled.university
    with pytest.raises(Refused, match="nothing but its end"):
        again(ruled, persons=(person(RECTOR, "rector") | change,))
    assert ruled.university == before


def test_the_tables_refuse_it_too(ruled: World) -> None:
    again(ruled, rule(until="2026-12-31"))
    for statement in (
        "UPDATE responsible_persons SET role = 'dean'",
        "UPDATE signature_rules SET needed = 0",
        "UPDATE signature_rules SET valid_until = NULL",
        "DELETE FROM responsible_persons",
        "DELETE FROM signature_rules",
    ):
        with pytest.raises(sa.exc.DatabaseError, match=r"once|not changed|not removed"), ruled.home.engine.begin() as c:
            c.execute(sa.text(statement))


def test_a_rule_does_not_reach_back_to_what_is_signed(w: World) -> None:
    w.issue(EXTRACT)  # on 21 November
    for day in ("2026-01-01", "2026-11-21"):
        with pytest.raises(Refused, match="does not reach back"):
            again(w, rule(since=day))
    (found,) = again(w, rule(since="2026-11-22")).rules
    w.clock.move(days=2)
    w.issue(EXTRACT)  # on 23 November
    with pytest.raises(Refused, match="does not reach back"):
        again(w, rule(since="2026-11-22", until="2026-11-22"))
    assert w.university.rules == (found,)
    again(w, rule(since="2026-11-22", until="2026-11-23"))


def test_one_key_is_one_persons_in_one_capacity(ruled: World) -> None:
    taken = (ruled.university.keys[0].multibase, ruled.university.persons[0].multibase)
    for key in taken:
        with pytest.raises(Refused, match="is in the register already"):
            again(ruled, persons=(person("serik", "vice_rector", publicKeyMultibase=key),))


def test_a_partner_is_another_registered_institution(ruled: World) -> None:
    with pytest.raises(Refused, match="no partner of itself"):
        again(ruled, rule(1, kind=EXTRACT, partners=["kmu"]))
    with pytest.raises(Refused, match="There is no institution"):
        again(ruled, rule(1, kind=EXTRACT, partners=["nobody"]))
    asked = again(ruled, rule(1, kind=EXTRACT, partners=["kau"])).rules[-1]
    assert asked.partners == (ruled.office.institution("kau").did,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature_rules": [rule(4)]},
        {"signature_rules": [rule(0)]},
        {"signature_rules": [rule(1, "king")]},
        {"signature_rules": [rule(1, "partner")]},
        {"signature_rules": [rule(kind="Diploma")]},
        {"responsible_persons": [person("serik", "partner")]},
        {"responsible_persons": [person("serik", "dean", publicKeyMultibase="z6Mkx")]},
        {"responsible_persons": [person("serik", "dean", publicKeyMultibase="z6Mk" + "1" * 44)]},
    ],
    ids=str,
)
def test_a_row_that_makes_no_sense_is_named(wrong: dict[str, Any], tmp_path: Path) -> None:
    row = {**university().model_dump(mode="json", by_alias=True, exclude_none=True), **wrong}
    file = tmp_path / "institutions.json"
    file.write_text(json.dumps([row]))
    with pytest.raises(Refused, match="is not usable"):
        read_institutions(file)


def test_a_home_of_before_gets_the_tables_and_a_newer_one_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "tanu.db"
    open_database(path).dispose()
    with sqlite3.connect(path) as connection:
        for table in ("responsible_persons", "signature_rules", "issuer_proofs"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute("PRAGMA user_version = 1")
    open_database(path).dispose()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert connection.execute("SELECT count(*) FROM signature_rules").fetchone() == (0,)
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(Refused, match="Update Tanu"):
        open_database(path)
