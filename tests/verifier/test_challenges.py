"""Where a holder is asked for a presentation, and hands it in: each challenge is answered once, in its own session and
within five minutes (docs/attacks.md B20)."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from registry import challenges
from registry.challenges import KEPT, LIFETIME, Challenges
from schemas.errors import Unavailable
from schemas.languages import LANGUAGES
from schemas.reading import MAX_BYTES, Json
from schemas.statuslist import read_instant
from tanu.asgi import Verifier, application
from tests import school
from tests.verifier.test_presentations import DID, presented, token
from tests.world import World
from verifier.canonizer import InProcess
from verifier.verify import NO_HOSTS

HERE = "http://127.0.0.1:8000"


@dataclass
class Desk:
    """The verifier's doors, with somebody behind them who asks holders."""

    world: World
    client: TestClient

    def ask(self) -> dict[str, str]:
        """A new challenge."""
        answer = self.client.post("/api/presentations/challenge")
        assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
        return dict(answer.json())

    def hand_in(self, asked: Mapping[str, Json], handed: Json = None, **more: Json) -> httpx.Response:
        """What came back, handed in: by default what a learner answers."""
        if handed is None:
            handed = presented(challenge=asked["challenge"], domain=asked["domain"])
        body = {"verifiablePresentation": handed, "challenge": asked["challenge"], "session": asked["session"], **more}
        answer: httpx.Response = self.client.post("/api/presentations/verify?policy=open", json=body)
        return answer

    def verdict(self, asked: Mapping[str, Json], handed: Json = None, **more: Json) -> str:
        answer = self.hand_in(asked, handed, **more)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["verdict"])


@pytest.fixture
def desk(w: World) -> Desk:
    """The verifier's doors over a world of its own; what strangers hand in is worked on in this process."""
    looking = Verifier.over(w.office, lambda _: None, NO_HOSTS, InProcess())
    return Desk(w, TestClient(application([looking.routes()], HERE), raise_server_exceptions=False))


def why(answer: httpx.Response) -> str:
    """What step 16 says; nothing else was looked at."""
    said = answer.json()
    assert (said["verdict"], said["holder"], said["credentials"]) == ("tampered", None, [])
    assert {check["outcome"] for check in said["checks"]} == {"unknown", "failed"}
    (step,) = (check for check in said["checks"] if check["outcome"] == "failed")
    assert step["name"] == "asked_for"
    assert set(step["because"]) == set(LANGUAGES)
    return str(step["because"]["en"])


def test_an_answer_to_a_challenge_is_valid(desk: Desk) -> None:
    asked = desk.ask()
    assert asked["domain"] == HERE
    assert read_instant(asked["expires"]) == desk.world.clock.now + LIFETIME
    answer = desk.hand_in(asked)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    said = answer.json()
    assert (said["verdict"], said["holder"], said["policy"]) == ("valid", DID, "open")
    assert [check["n"] for check in said["checks"]] == list(range(13, 19))


def test_a_document_of_ours_is_presented_at_the_door(desk: Desk) -> None:
    asked = desk.ask()
    document = json.loads(desk.world.issue().document)
    handed = presented(document, suite="eddsa-jcs-2022", challenge=asked["challenge"], domain=HERE)
    body = {"verifiablePresentation": handed, "challenge": asked["challenge"], "session": asked["session"]}
    said = desk.client.post("/api/presentations/verify", json=body).json()
    assert (said["verdict"], said["policy"], said["test"]) == ("valid", "product", True)
    assert said["credentials"][0]["document"]["holder"]


def test_a_token_is_handed_in_as_text(desk: Desk) -> None:
    asked = desk.ask()
    handed = token(school.signed(school.credential()), nonce=asked["challenge"], aud=HERE)
    assert desk.verdict(asked, handed) == "valid"


def test_who_is_expected_and_whom_the_credentials_are_about_may_be_asked_for(desk: Desk) -> None:
    for more, verdict in (
        ({"holder": DID}, "valid"),
        ({"holder": "did:key:z6MkfwYssc6ZySXQKbVfEqoYtreq12ZGYwuNfpKo9ug8abUw"}, "tampered"),
        ({"holderBinding": "told"}, "valid"),
        ({"holderBinding": "required"}, "tampered"),
    ):
        asked = desk.ask()
        handed = presented(school.signed(school.credential()), challenge=asked["challenge"], domain=HERE)
        assert desk.verdict(asked, handed, **more) == verdict


# ---------------------------------------------------------------- B20


def test_B20_the_same_presentation_twice(desk: Desk) -> None:
    asked = desk.ask()
    assert desk.verdict(asked) == "valid"
    for _ in range(2):
        assert "answered already" in why(desk.hand_in(asked))


def test_B20_a_challenge_is_used_up_by_an_answer_that_is_refused(desk: Desk) -> None:
    asked = desk.ask()
    assert desk.verdict(asked, presented(challenge="another", domain=HERE)) == "tampered"
    assert "answered already" in why(desk.hand_in(asked))


def test_B20_for_another_domain(desk: Desk) -> None:
    asked = desk.ask()
    assert desk.verdict(asked, presented(challenge=asked["challenge"], domain="https://evil.example")) == "tampered"


def test_B20_an_old_challenge(desk: Desk) -> None:
    asked, in_time = desk.ask(), desk.ask()
    desk.world.clock.move(minutes=4, seconds=59)
    assert desk.verdict(in_time) == "valid"
    desk.world.clock.move(seconds=1)
    assert "has ended" in why(desk.hand_in(asked))
    desk.world.clock.move(hours=1)
    desk.ask()
    assert "No such challenge" in why(desk.hand_in(asked))


def test_B20_a_challenge_of_another_session(desk: Desk) -> None:
    """And it stays open for its own."""
    mine, theirs = desk.ask(), desk.ask()
    answer = presented(challenge=mine["challenge"], domain=HERE)
    for session in (theirs["session"], "", "u", mine["challenge"]):
        mixed = mine | {"session": session}
        if session:
            assert "No such challenge" in why(desk.hand_in(mixed, answer))
    assert desk.verdict(theirs, answer) == "tampered"
    assert desk.verdict(mine, answer) == "valid"


def test_B20_no_challenge_or_one_that_nobody_made(desk: Desk) -> None:
    asked = desk.ask()
    handed = presented(challenge=..., domain=HERE)
    assert desk.verdict(asked, handed) == "tampered"
    made_up = {"challenge": "made up", "session": asked["session"], "domain": HERE}
    assert "No such challenge" in why(desk.hand_in(made_up))
    wrongs: list[Json] = ["", None, 7, []]
    for missing in ("challenge", "session"):
        for wrong in wrongs:
            assert desk.hand_in(desk.ask() | {missing: wrong}, handed).status_code == 422


def test_B20_of_a_hundred_who_hand_in_one_presentation_at_once_one_is_accepted(desk: Desk) -> None:
    asked = desk.ask()
    handed = presented(challenge=asked["challenge"], domain=HERE)
    with ThreadPoolExecutor(20) as threads:
        verdicts = Counter(threads.map(lambda _: desk.verdict(asked, handed), range(100)))
    assert verdicts == {"valid": 1, "tampered": 99}


# ---------------------------------------------------------------- what is kept


@pytest.fixture
def kept(w: World) -> Challenges:
    return Challenges(w.home.engine)


def test_B20_of_a_hundred_who_take_one_challenge_at_once_one_has_it(kept: Challenges, w: World) -> None:
    for n in range(5):
        kept.ask(f"c{n}", "s", w.clock.now)
        with ThreadPoolExecutor(50) as threads:
            taken = Counter(threads.map(lambda _, n=n: kept.take(f"c{n}", "s", w.clock.now), range(100)))
        assert taken == {"taken": 1, "used": 99}


def test_B20_only_hashes_are_kept(kept: Challenges, w: World) -> None:
    kept.ask("the challenge", "the session", w.clock.now)
    kept.take("the challenge", "the session", w.clock.now)
    (row,) = w.rows_of("SELECT challenge, session FROM challenges")
    assert list(row) == [hashlib.sha256(text.encode()).hexdigest() for text in ("the challenge", "the session")]


def test_B20_what_was_used_is_remembered_longer_than_any_clock_is_behind(kept: Challenges, w: World) -> None:
    begun = w.clock.now
    kept.ask("c", "s", begun)
    assert kept.take("c", "s", begun + LIFETIME - timedelta(seconds=1)) == "taken"
    kept.ask("later", "s", begun + LIFETIME + KEPT)
    for behind in (begun, begun - timedelta(hours=1), begun + LIFETIME + KEPT):
        assert kept.take("c", "s", behind) == "used"


def test_old_challenges_are_swept_away(kept: Challenges, w: World) -> None:
    for n in range(3):
        kept.ask(f"c{n}", "s", w.clock.now)
        w.clock.move(minutes=1)
    w.clock.move(seconds=(LIFETIME + KEPT).total_seconds())
    kept.ask("last", "s", w.clock.now)
    assert w.rows_of("SELECT count(*) FROM challenges") == [(1,)]


def test_there_are_only_so_many_open_challenges(
    kept: Challenges, w: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(challenges, "MAX_OPEN", 3)
    for n in range(3):
        kept.ask(f"c{n}", "s", w.clock.now)
    with pytest.raises(Unavailable):
        kept.ask("one more", "s", w.clock.now)
    answer = desk.client.post("/api/presentations/challenge")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert kept.take("c0", "s", w.clock.now) == "taken"
    kept.ask("one more", "s", w.clock.now)
    w.clock.move(minutes=5)
    kept.ask("after a while", "s", w.clock.now)


# ---------------------------------------------------------------- bad requests


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"{}", b'{"verifiablePresentation": 7}', b'{"a": 1, "a": 2}', b"\xff", b'{"x":' * 40],
)
def test_a_request_that_is_none_is_refused(desk: Desk, body: bytes) -> None:
    answer = desk.client.post("/api/presentations/verify", content=body)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "more",
    [{"holder": 7}, {"holder": None}, {"holderBinding": "strict"}, {"holderBinding": None}, {"domain": HERE}, {"x": 1}],
    ids=str,
)
def test_a_member_that_would_not_be_looked_at_is_refused_and_the_challenge_stays_open(
    desk: Desk, more: dict[str, Any]
) -> None:
    asked = desk.ask()
    assert desk.hand_in(asked, **more).status_code == 422
    assert desk.verdict(asked) == "valid"


def test_the_caps_are_those_of_every_door(desk: Desk) -> None:
    big = b'{"verifiablePresentation": "' + b"a" * MAX_BYTES + b'"}'
    assert desk.client.post("/api/presentations/verify", content=big).status_code == 413
    assert desk.client.post("/api/presentations/verify?policy=lax", content=b"{}").status_code == 400
    for method in ("get", "put", "delete"):
        assert getattr(desk.client, method)("/api/presentations/verify").status_code in (404, 405)


@pytest.mark.parametrize(
    "handed", ["eyJ", "x", "{}", {"type": ["NonconformingDocument"]}, {"proof": []}, {"@context": 4}]
)
def test_whatever_is_handed_in_gets_a_report(desk: Desk, handed: Json) -> None:
    assert desk.verdict(desk.ask(), handed) in ("malformed", "tampered")
