"""Rows C1–C7 of docs/attacks.md at the doors: what a status list says, does not say, or said yesterday."""

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from registry.newest import MAX_LISTS, Newest
from schemas.credential import written
from schemas.reading import Json
from schemas.statuslist import MIN_SLOTS, decode_bitstring
from tests import school
from tests.contract import NEVER_VALID, Contract, Service
from tests.world import BEGINNING, EXTRACT, MICRO, Told, World, value_of

LISTED = school.signed(school.credential(credentialStatus=school.entry()))


@pytest.fixture(scope="module")
def service(fetching: Service) -> Service:
    """Which may ask the school's host."""
    return fetching


def asked(contract: Contract, hosts: school.Hosts, page: Json, document: Json = LISTED) -> str:
    """The verdict on the document while its list's address answers with `page`."""
    hosts.pages = {school.LIST_URL: page} if page is not None else {}
    answer = contract.ask("api, open", written(document))
    contract.expect(answer, NEVER_VALID | {"valid"})
    return str(answer.verdict)


def test_a_list_is_read_at_the_door(contract: Contract, hosts: school.Hosts) -> None:
    assert asked(contract, hosts, school.status_list(8)) == "valid"
    assert asked(contract, hosts, school.status_list(7)) == "revoked"


@pytest.mark.parametrize("page", [None, b"", b"<html>sign in</html>", b"{", b'{"a":1}', b"\xff" * 100], ids=str)
def test_C1_no_list_or_none_that_can_be_read(page: Json, contract: Contract, hosts: school.Hosts) -> None:
    assert asked(contract, hosts, page) == "indeterminate"


def test_C3_an_older_list_than_the_last_one(world: World, tmp_path: Path) -> None:
    """v4, then v5 in which the document is revoked, then v4 again out of somebody's drawer: at a door of a service that
    has just begun."""
    hosts = school.Hosts({})
    service = Service.over(world, tmp_path, hosts.fetcher(school.HOST))
    four = school.status_list(at=BEGINNING - timedelta(hours=2))
    five = school.status_list(7, at=BEGINNING - timedelta(hours=1))
    verdicts = []
    for page in (four, five, four, five):
        hosts.pages = {school.LIST_URL: page}
        verdicts.append(service.client.post("/api/verify?policy=open", content=written(LISTED)).json()["verdict"])
    service.workers.close()
    assert verdicts == ["valid", "revoked", "indeterminate", "revoked"]


def test_C3_an_older_list_of_ours(w: World) -> None:
    """The register's own record says how a document ended, whatever list is served beside it."""
    issued = w.issue(EXTRACT)
    urls = [entry["statusListCredential"] for entry in value_of(issued.document)["credentialStatus"]]
    kept = {url: w.registry.status_list(url) for url in urls}
    w.clock.move(minutes=1)
    w.revoke(issued)
    assert w.verify(issued.document, Told.by(w.registry, status_list=kept.get)).verdict == "revoked"
    w.clock.move(hours=25)
    told = Told.by(w.registry, status_list=kept.get, history=lambda _: [])
    assert w.verify(issued.document, told).verdict == "indeterminate", "and a day later no old list counts at all"


def test_C3_a_forged_list_ages_no_genuine_one(world: World) -> None:
    """A list of tomorrow that nobody has signed, or one of next year that the issuer has, is not the newest."""
    hosts = school.Hosts({})
    fetcher = hosts.fetcher(school.HOST)
    genuine = school.status_list(at=BEGINNING - timedelta(hours=2))
    younger = {**genuine, "validFrom": "2026-11-21T04:59:00Z"}
    later = school.status_list(at=BEGINNING + timedelta(days=365))
    verdicts = []
    for page in (younger, later, genuine):
        hosts.pages = {school.LIST_URL: page}
        verdicts.append(world.verify(LISTED, policy="open", fetcher=fetcher).verdict)
    assert verdicts == ["indeterminate", "indeterminate", "valid"]


def test_C3_what_is_remembered_of_lists_is_bounded() -> None:
    newest = Newest()
    for number in range(MAX_LISTS + 5):
        assert not newest.is_behind("did:example:1", f"https://a.example/{number}", BEGINNING)
    assert not newest.is_behind("did:example:1", "https://a.example/0", BEGINNING - timedelta(days=1)), "forgotten"
    assert newest.is_behind("did:example:1", "https://a.example/9000", BEGINNING - timedelta(seconds=1))
    assert not newest.is_behind("did:example:2", "https://a.example/9000", BEGINNING - timedelta(days=1))


WRONG: list[Json] = [
    *("-1", "1e3", "0x10", " 5", "5 ", "٥", "١٢٣", "1_000", "1.0", "+1", "01", "", "5\n", str(2**64), str(2**200)),
    *(5, 5.5, -1, None, True, ["5", "6"], {"a": "5"}),
]


def test_C4_wrong_index(contract: Contract, hosts: school.Hosts, w: World) -> None:
    """Under a genuine signature, where one can be made: of the school, and of ours by its own key, as a forger inside
    the office would write it."""
    for index in WRONG:
        try:
            document = school.signed(school.credential(credentialStatus=school.entry(index)))
        except ValueError:
            continue
        assert asked(contract, hosts, school.status_list(), document) == "malformed", index
    value = value_of(w.issue(MICRO).document)
    for index in [*WRONG, ["5"]]:  # of another's document, an array of one says the same as what is in it
        changed = {**value, "credentialStatus": {**value["credentialStatus"], "statusListIndex": index}}
        assert w.verify(changed).verdict in ("malformed", "tampered"), index
        with contextlib.suppress(ValueError):
            assert w.verify(w.signed_again(changed)).verdict == "malformed", index


def test_C4_missing_index(contract: Contract, hosts: school.Hosts) -> None:
    entry = {name: value for name, value in school.entry().items() if name != "statusListIndex"}
    document = school.signed(school.credential(credentialStatus=entry))
    assert asked(contract, hosts, school.status_list(), document) == "malformed"


@pytest.mark.parametrize("index", [MIN_SLOTS, MIN_SLOTS + 1, 2**32])
def test_C4_index_beyond_the_list(index: int, contract: Contract, hosts: school.Hosts) -> None:
    document = school.signed(school.credential(credentialStatus=school.entry(str(index))))
    assert asked(contract, hosts, school.status_list(), document) == "indeterminate"
    last = school.signed(school.credential(credentialStatus=school.entry(str(MIN_SLOTS - 1))))
    assert asked(contract, hosts, school.status_list(MIN_SLOTS - 1), last) == "revoked"


def test_C5_the_neighbours_of_a_set_bit_are_clear(contract: Contract, hosts: school.Hosts) -> None:
    """Neither the other end of its byte nor the bit before or after."""
    for slot in (0, 1, 6, 7, 8, 9, 15, 16, MIN_SLOTS - 1):
        document = school.signed(school.credential(credentialStatus=school.entry(str(slot))))
        others = [slot - 1, slot + 1, slot ^ 7, MIN_SLOTS - 1 - slot]
        near = sorted({other for other in others if 0 <= other < MIN_SLOTS} - {slot})
        assert asked(contract, hosts, school.status_list(*near), document) == "valid", slot
        assert asked(contract, hosts, school.status_list(slot), document) == "revoked", slot


@pytest.mark.parametrize("slots", [8, 1024, MIN_SLOTS - 8])
def test_C7_short_list(slots: int, contract: Contract, hosts: school.Hosts) -> None:
    hosts.pages = {school.LIST_URL: school.status_list(slots=slots)}
    answer = contract.ask("api, open", written(LISTED))
    assert answer.verdict == "indeterminate"
    assert b"STATUS_LIST_LENGTH_ERROR" in answer.body


def test_C7_ours_are_never_short(w: World) -> None:
    w.issue(EXTRACT)
    lists = w.rows_of("SELECT document FROM status_lists")
    assert len(lists) == 2
    for (document,) in lists:
        assert len(decode_bitstring(value_of(document)["credentialSubject"]["encodedList"])) * 8 >= MIN_SLOTS
