"""Hostile names in the addresses of all doors: a small core of `make fuzz`."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from fastapi.testclient import TestClient

from tests.contract import Contract, Service
from tests.fuzz.names import FRAGMENTS, MARK, NOWHERE, Address, Names, as_served
from tests.fuzz.run import Found, watched
from tests.sockets import no_sockets

PARTS = 4


@pytest.fixture(scope="module")
def names(service: Service) -> Iterator[Names]:
    with ExitStack() as stack:
        sockets = no_sockets(stack.enter_context(pytest.MonkeyPatch.context()))
        yield Names.of(Contract(service, sockets, stack.enter_context(watched())))


def test_a_genuine_name_opens_its_door(names: Names) -> None:
    """Else nothing would be said by a door that stays shut."""
    doors = [door for door in names.named if door.method != "POST" and door != NOWHERE]
    assert len(doors) > 15
    assert {door.path: status for door in doors if (status := names.opened(door).status_code) != 200} == {}


@pytest.mark.parametrize("part", range(PARTS))
def test_no_door_opens_to_a_hostile_name(part: int, names: Names) -> None:
    """Alone, behind a genuine name or before it, in turn: a hundred at each door, of which all doors together get
    every one; fewer by HEAD, where the same is asked as by GET."""
    turns = count(part)
    for door in names.named[part::PARTS]:
        for place in door.names:
            known, step = names.known[place], 9 if door.method == "HEAD" else 2
            for number, each in enumerate(FRAGMENTS[next(turns) % step :: step]):
                names.name(door, {place: (each, known + each, each + known)[number % 3]}, next(turns))


@pytest.mark.parametrize("part", range(PARTS))
def test_no_door_is_led_astray_by_what_it_is_asked(part: int, names: Names) -> None:
    """Behind the question mark: every parameter that the code reads, at every door."""
    assert {"at", "code", "lang", "policy"} <= set(names.parameters)
    turns = count(part)
    for door in names.asked[part::PARTS]:
        for number, each in enumerate(FRAGMENTS[next(turns) % 7 :: 7]):
            names.ask(door, names.parameters[(number + part) % len(names.parameters)], each, next(turns))


def test_names_that_are_put_together(names: Names) -> None:
    before = names.done
    names.round(1, 150)
    assert names.done - before > 100


def fails(name: str) -> Response:
    return JSONResponse({"number": int(name)})


def takes_it_for_a_header(name: str) -> Response:
    return Response(b"{}", 404, {"X-Name": name}, "application/json")


def takes_it_for_code(name: str) -> Response:
    worked = name.replace("191*193", str(191 * 193))
    return Response(f'<html lang="en"><html lang="ru"><html lang="kk">{worked}', 404, media_type="text/html")


def shows_it(name: str) -> Response:
    return Response(f'<html lang="en"><html lang="ru"><html lang="kk">{name}', 404, media_type="text/html")


def opens_to_all(name: str) -> Response:
    del name
    return JSONResponse({})


def speaks_one_language(name: str) -> Response:
    del name
    return Response('<html lang="en">', 404, media_type="text/html")


def names_the_place(name: str) -> Response:
    return JSONResponse({"verdict": "not_found", "checks": [], "why": f'File "/usr/lib/{name}"'}, 404)


@pytest.mark.parametrize(
    "careless",
    [fails, takes_it_for_a_header, takes_it_for_code, shows_it, opens_to_all, speaks_one_language, names_the_place],
)
def test_a_careless_door_is_found(careless: Callable[[str], Response], names: Names) -> None:
    app = FastAPI()
    app.add_api_route("/careless/{name}", careless, methods=["GET"])
    client: Any = TestClient(as_served(app), raise_server_exceptions=False)
    door = Address("/careless/{name}", "GET")
    other = Names(names.contract, client, [door], ["at"], {"/careless/{name}": b"x"})
    with pytest.raises(Found):
        other.round(1, 400)
    assert MARK not in client.get("/careless/x").headers
