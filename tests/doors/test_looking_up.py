"""Who looks something up without the paper: what a number opens, and how often anybody may ask."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from issuer.holder import Links
from issuer.issue import Issued, Private, prepare
from issuer.signing import sign
from issuer.withholding import withhold
from registry.limits import Limits, read_proxies
from registry.pages import Reader, Site
from schemas.credential import stored_credential
from schemas.errors import Refused
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES
from schemas.numbers import Number, is_iin, new_code
from tanu import asgi
from tests.contract import Contract
from tests.world import EXTRACT, MICRO, SUPPLEMENT, World
from verifier.numbered import Numbered
from verifier.pages import VerifierPages
from verifier.report import VERDICTS

PAGE, PROGRAM = {"Accept": "text/html"}, {"Accept": "application/json"}
IIN = "990314400008"
Ask = Callable[..., Any]


@pytest.fixture
def client(contract: Contract) -> TestClient:
    """The whole service, without limits."""
    return contract.service.client


class Seconds:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def limited(world: World, seconds: Seconds) -> Callable[[str], TestClient]:
    """The whole service with its limits, to a visitor from an address."""
    app = asgi.everything(world.office, limits=Limits(clock=seconds))
    return lambda address: TestClient(app, client=(address, 4711), follow_redirects=False)


@pytest.fixture
def queries(world: World) -> Iterator[list[str]]:
    """What is asked of the database."""
    asked: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    sa.event.listen(world.home.engine, "before_cursor_execute", heard)
    yield asked
    sa.event.remove(world.home.engine, "before_cursor_execute", heard)


def names(issued: Issued) -> set[str]:
    """Every part of the holder's name, in every spelling."""
    return {part for _, name in stored_credential(issued.document).facts.holder_text for part in name.split()}


# ---------------------------------------------------------------- what a number opens


@pytest.mark.parametrize("kind", KINDS)
def test_E6_a_number_opens_state_title_issuer_and_initials(kind: str, client: TestClient, world: World) -> None:
    issued = world.issue(kind)
    facts = stored_credential(issued.document).facts
    for language in LANGUAGES:
        page = client.get(f"/n/{issued.number}?lang={language}")
        assert page.status_code == 200
        assert world.university.name[language] in page.text
        assert (facts.title[language] in page.text) == (kind != EXTRACT)
        assert (facts.initials[language] in page.text) == (kind != EXTRACT)
    answer = client.get(f"/api/n/{issued.number}").json()
    assert set(answer) == {
        *("number", "verdict", "test", "checked_at"),
        *("kind", "title", "initials", "issuer", "because"),
    }
    assert (answer["verdict"], answer["number"], answer["test"]) == ("valid", issued.number, True)
    assert answer["issuer"] == {"id": world.university.did, "name": world.university.name.as_json()}
    for said in (page.text, client.get(f"/api/n/{issued.number}").text):
        found = {word for word in (*names(issued), issued.code, "status/") if word in said}
        assert found == set()


def test_initials_are_those_of_the_given_and_of_the_family_name(world: World) -> None:
    kk = {"family_name__kk": "Әбдірахманова", "given_name__kk": "Қарлығаш"}
    ru = {"family_name__ru": "Абдрахманова", "given_name__ru": "Карлыгаш"}
    en = {"family_name__en": "abdirakhmanova", "given_name__en": "’Qarlyghash"}
    initials = world.facts(**kk, **ru, **en).initials
    assert initials.as_json() == {"kk": "Қ. Ә.", "ru": "К. А.", "en": "Q. A."}


def test_E6_who_has_ended_has_no_initials_and_the_state_is_told(client: TestClient, world: World) -> None:
    issued, successor = world.issue_many(2)
    world.replace(issued, successor)
    answer = client.get(f"/api/n/{issued.number}")
    assert (answer.json()["verdict"], answer.json()["initials"]) == ("replaced", None)
    assert successor.code not in answer.text
    page = client.get(f"/n/{issued.number}?lang=en")
    assert successor.code not in page.text
    assert "Replaced" in page.text


def test_a_number_is_read_as_people_type_it_and_a_slip_is_told(client: TestClient, world: World) -> None:
    issued = world.issue()
    assert client.get(f"/n/ {issued.number.lower()} ").status_code == 200
    page = client.get(f"/n/{issued.number[:-2]}00?lang=en")
    assert page.status_code == 404
    assert "typing error" in page.text
    assert client.get(f"/n/{issued.number}", headers=PROGRAM).json()["number"] == issued.number


def test_what_the_register_has_entered_under_another_number_is_not_believed(client: TestClient, w: World) -> None:
    issued = w.issue()
    other = str(Number("KMU", "MC", 2026, 77))
    w.rewrite("UPDATE entries SET number = :other", other=other)
    own = TestClient(asgi.everything(w.office))
    answer = own.get(f"/api/n/{other}").json()
    assert (answer["verdict"], answer["title"], answer["initials"]) == ("tampered", None, None)
    assert own.get(f"/api/n/{issued.number}").status_code == 404


# ---------------------------------------------------------------- the same answer, whatever is behind it


def test_E6_never_issued_and_not_public_are_answered_alike(
    client: TestClient, world: World, queries: list[str]
) -> None:
    """What is issued and not yet published has a number and a code too."""
    prepared = signed_and_not_published(world)
    never = str(Number("KMU", "MC", 2026, 999_999))
    for kind, (one, other) in {
        "n": (prepared[0], never),
        "api/n": (prepared[0], never),
        "c": (prepared[1], new_code()),
        "api/c": (prepared[1], new_code()),
        "api/entries": (prepared[1], new_code()),
    }.items():
        answers, asked = [], []
        for name in (one, other):
            queries.clear()
            answers.append(client.get(f"/{kind}/{name}", headers=PAGE))
            asked.append(list(queries))
        assert answers[0].status_code == answers[1].status_code == 404, kind
        assert answers[0].content == answers[1].content
        assert answers[0].headers == answers[1].headers
        assert asked[0] == asked[1]
        assert len([q for q in asked[0] if q.startswith("SELECT")]) == 1


def signed_and_not_published(world: World) -> tuple[str, str]:
    """The number and the code of a document that waits in the outbox."""
    (prepared,) = prepare(world.office, [world.approve()])
    sign(world.office, [prepared])
    return prepared.intent.number, prepared.intent.code


PATTERNS = (
    *(
        "%25",
        "*",
        "_",
        ".*",
        "KMU-%25",
        "KMU-MC-2026-%25-42",
        "KMU-MC-2026-000001-__",
        "' OR 1=1 --",
        "%00",
        "x" * 9000,
    ),
    *("?page=1e9", "?sort=name", "?name=a", "1999-03-14"),
)


@pytest.mark.parametrize("pattern", [*PATTERNS, IIN])
def test_E7_no_pattern_no_list_and_no_person_can_be_asked_for(pattern: str, client: TestClient, world: World) -> None:
    issued = world.issue()
    for door in ("/n/", "/api/n/", "/c/", "/api/c/", "/api/entries/"):
        answer = client.get(door + pattern)
        assert answer.status_code == 404, door
        assert not [word for word in (*names(issued), issued.number, issued.code) if word in answer.text]
    for door in ("/n", "/api/n", "/api/entries", "/n/", "/api/n/", "/api/c/"):
        assert client.get(door).status_code in (404, 405), door


# ---------------------------------------------------------------- who does not want to be shown


def test_E22_what_is_withheld_shows_nothing_of_the_holder_and_keeps_its_record(
    client: TestClient, world: World
) -> None:
    issued = world.issue()
    entry, facts = client.get(f"/api/entries/{issued.code}").json(), stored_credential(issued.document).facts
    withhold(world.office, issued.number, "Өтініш № 7, 2026-11-20", "Ә. Маман")
    world.deliver()
    for path in (f"/c/{issued.code}", f"/api/c/{issued.code}", f"/n/{issued.number}", f"/api/n/{issued.number}"):
        answer = client.get(path, params={"lang": "kk"})
        assert answer.status_code == 200
        told = [*names(issued), facts.initials.kk, *(text for _, text in facts.title), "1999-03-14", "1999"]
        assert not [words for words in told if words in answer.text], path
        assert issued.number in answer.text
        assert world.university.name.kk in answer.text
    assert client.get(f"/api/c/{issued.code}").json()["verdict"] == "valid"
    assert client.get(f"/api/entries/{issued.code}").json() == entry | {"withheld": True}
    world.annul(issued)
    assert client.get(f"/api/n/{issued.number}").json()["verdict"] == "annulled"


def test_E22_the_holder_goes_on_showing_it(client: TestClient, world: World) -> None:
    issued = world.issue()
    links = Links(world.office)
    links.holder_url(issued.code)
    withhold(world.office, issued.number, "Өтініш № 8", "Ә. Маман")
    world.deliver()
    holder = stored_credential(issued.document).facts.holder("kk")
    report = client.post("/api/verify", content=issued.document).json()
    assert (report["verdict"], report["document"]["holder"]["kk"]) == ("valid", holder)
    page = links.holder_url(issued.code).removeprefix(world.public_url)
    shared = links.share(page.rpartition("/")[2])
    assert shared is not None
    assert holder in client.get(str(shared.share_url).removeprefix(world.public_url), params={"lang": "kk"}).text


def test_E22_a_supplement_goes_with_its_certificate(client: TestClient, world: World) -> None:
    parent = world.issue()
    supplement = world.issue(SUPPLEMENT, parent=parent)
    withhold(world.office, parent.number, "Өтініш № 10", "Ә. Маман")
    world.deliver()
    answer = client.get(f"/api/c/{supplement.code}")
    assert answer.json()["verdict"] == "valid"
    assert not [name for name in names(supplement) if name in answer.text]


def test_E22_it_is_asked_for_once_with_a_ground_and_audited(world: World) -> None:
    issued = world.issue()
    for basis, by in ((" ", "Ә. Маман"), ("Өтініш № 9", "")):
        with pytest.raises(Refused, match="must not be empty"):
            withhold(world.office, issued.number, basis, by)
    withhold(world.office, issued.number, "Өтініш № 9", "Ә. Маман")
    world.deliver()
    world.office.registry.withhold(issued.code, world.clock.now)
    assert world.rows_of("SELECT count(*) FROM withheld WHERE code = :code", code=issued.code) == [(1,)]
    query = "SELECT detail FROM issuer_audit WHERE act = 'withhold' AND subject = :number"
    (audited,) = world.rows_of(query, number=issued.number)
    assert "Өтініш № 9" in audited[0]
    with pytest.raises(Refused, match="already"):
        withhold(world.office, issued.number, "Өтініш № 9", "Ә. Маман")
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), world.home.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM withheld")


def test_E22_a_new_name_is_a_new_document_and_the_old_page_names_nobody(client: TestClient, world: World) -> None:
    old = world.issue()
    new = world.issue(family_name__kk="Жаңаева", family_name__ru="Новая", family_name__en="Zhanayeva")
    world.replace(old, new)
    page = client.get(f"/c/{old.code}", params={"lang": "kk"}).text
    assert not [name for name in names(old) if name in page]
    assert old.number in page
    assert f"/c/{new.code}" in page
    assert "Жаңаева" in client.get(f"/c/{new.code}", params={"lang": "kk"}).text


# ---------------------------------------------------------------- the limits


def test_E6_numbers_one_after_the_other_end_before_sixty(limited: Callable[[str], TestClient], w: World) -> None:
    visitor = TestClient(asgi.everything(w.office, limits=Limits(clock=Seconds())), client=("203.0.113.7", 1))
    issued = w.issue_many(40)
    holders = set().union(*map(names, issued))
    answers = [visitor.get(f"/api/n/{each.number}") for each in issued]
    answers += [visitor.get(f"/n/{Number('KMU', 'MC', 2026, serial)}") for serial in range(41, 100)]
    assert answers[0].status_code == 200
    first = next(at for at, answer in enumerate(answers) if answer.status_code == 429)
    assert first < 60
    assert {answer.status_code for answer in answers[first:]} == {429}
    assert not [name for name in holders for answer in answers if name in answer.text]
    assert not [each.code for each in issued for answer in answers if each.code in answer.text]


def test_E6_codes_one_after_the_other_end_before_sixty(limited: Callable[[str], TestClient]) -> None:
    visitor = limited("203.0.113.7")
    answers = [visitor.get(f"/api/c/{at:014}").status_code for at in range(60)]
    assert answers[0] == 404
    assert answers[-1] == 429
    assert limited("203.0.113.8").get("/api/c/00000000000000").status_code == 404


def test_a_hall_full_of_people_scans_its_codes(limited: Callable[[str], TestClient], world: World) -> None:
    code, visitor = world.issue().code, limited("203.0.113.7")
    assert {visitor.head(f"/api/entries/{code}").status_code for _ in range(10)} == {405}
    assert {visitor.get(f"/api/entries/{code}").status_code for _ in range(250)} == {200}


def test_whoever_is_held_back_is_told_when_to_come_again(
    limited: Callable[[str], TestClient], seconds: Seconds, world: World
) -> None:
    number, visitor = world.issue().number, limited("203.0.113.7")
    while (held := visitor.get(f"/n/{number}", headers=PROGRAM)).status_code != 429:
        pass
    wait = int(held.headers["retry-after"])
    assert held.headers["content-type"] == "application/problem+json"
    assert held.headers["cache-control"] == "no-store"
    assert all(str(wait) in held.json()["because"][language] for language in LANGUAGES)
    for language, words in (("kk", "секундтан кейін"), ("ru", "Повторите через"), ("en", "Try again in")):
        page = visitor.get(f"/n/{number}?lang={language}", headers=PAGE)
        assert page.status_code == 429
        assert words in page.text
        assert f'<html lang="{language}">' in page.text
    assert visitor.get("/").status_code == 200
    assert visitor.get("/issuers").status_code == 200
    seconds.now += wait
    assert visitor.get(f"/n/{number}").status_code == 200


def test_F22_a_header_opens_no_new_bucket(limited: Callable[[str], TestClient]) -> None:
    visitor = limited("203.0.113.7")
    for at in range(100):
        address = f"198.51.100.{at}"
        forged = {"X-Forwarded-For": address, "X-Real-IP": address, "Forwarded": f"for={address}"}
        answer = visitor.get("/api/n/KMU-MC-2026-000001-42", headers=forged)
    assert answer.status_code == 429


def test_F22_addresses_of_one_64_have_one_bucket(limited: Callable[[str], TestClient]) -> None:
    asked = [limited(f"2001:db8:1:2::{at:x}").get("/api/c/00000000000000").status_code for at in range(60)]
    assert asked[-1] == 429
    assert limited("2001:db8:1:3::1").get("/api/c/00000000000000").status_code == 404


def test_F22_behind_a_trusted_proxy_each_visitor_has_a_bucket(world: World) -> None:
    app = asgi.everything(world.office, limits=Limits(read_proxies(["127.0.0.1"]), Seconds()))
    proxy = TestClient(app, client=("127.0.0.1", 1))

    def asked(*hops: str) -> int:
        forwarded = {"X-Forwarded-For": ", ".join(hops)}
        return int(proxy.get("/api/c/00000000000000", headers=forwarded).status_code)

    assert [asked(f"192.0.2.{at}", "203.0.113.7") for at in range(60)][-1] == 429
    assert asked("203.0.113.7", "203.0.113.8") == 404


def test_F22_numbers_from_many_addresses_are_bounded_and_codes_go_on(
    limited: Callable[[str], TestClient], world: World
) -> None:
    issued = world.issue()
    asked = [limited(f"198.51.{at // 250}.{at % 250}").get("/api/n/x").status_code for at in range(1300)]
    assert asked[0] == 404
    assert asked[-1] == 503
    assert limited("203.0.113.7").get(f"/api/entries/{issued.code}").status_code == 200


def test_nothing_is_looked_up_for_whom_the_gate_turns_away(
    limited: Callable[[str], TestClient], queries: list[str], world: World
) -> None:
    number, visitor = world.issue().number, limited("203.0.113.7")
    while visitor.get(f"/n/{number}").status_code != 429:
        pass
    queries.clear()
    assert visitor.get(f"/n/{number}").status_code == 429
    assert queries == []


# ---------------------------------------------------------------- identification numbers


def test_E8_no_identification_number_is_behind_any_door(client: TestClient, world: World) -> None:
    issued = world.issue(MICRO, private=Private(iin=IIN, email="a@example.kz"))
    assert is_iin(IIN)
    said = []
    for path in (
        *(f"/c/{issued.code}", f"/api/c/{issued.code}", f"/api/entries/{issued.code}"),
        *(f"/n/{issued.number}", f"/api/n/{issued.number}", "/issuers", f"/api/issuers/{world.university.did}"),
        *(f"/n/{IIN}", f"/api/n/{IIN}", f"/c/{IIN}", "/", "/figures", "/api/figures", "/api/figures.csv"),
    ):
        answer = client.get(path)
        said.append(answer.text + str(answer.headers))
        assert IIN not in said[-1], path
    for text in said:
        assert [number for number in re.findall(r"(?<!\d)\d{12}(?!\d)", text) if is_iin(number)] == []


def test_the_words_of_every_verdict_are_there_for_a_number(world: World) -> None:
    pages = VerifierPages(Site(world.public_url))
    for verdict in VERDICTS:
        for language in LANGUAGES:
            assert pages.number(Reader(language), Numbered(verdict, world.clock.now)).html.count("<h1>") == 1
