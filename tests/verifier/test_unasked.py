"""A report names every source that could not be asked, and why there was no answer (docs/attacks.md C1)."""

from collections.abc import Callable
from typing import NoReturn

import pytest
from fastapi.testclient import TestClient

from keys.did import build_document
from registry.fetch import Fetcher
from schemas.credential import written
from schemas.errors import Unavailable
from schemas.languages import LANGUAGES
from tanu import asgi
from tests import school
from tests.verifier.test_open_policy import ADDRESS, SCHOOL, credential, entry, listed, signed
from tests.world import BEGINNING, EXTRACT, SUPPLEMENT, Told, World, named_key, value_of
from verifier.canonizer import InProcess
from verifier.foreign import verify_foreign
from verifier.report import Report
from verifier.verify import look_up


def silent(*_: object) -> NoReturn:
    raise Unavailable.saying("registry.no_answer", host="registry.example", problem="ConnectError")


def named(report: Report) -> list[str]:
    """The sources, in English."""
    return [source.what.en for source in report.unasked]


@pytest.mark.parametrize(
    ("question", "sources"),
    [
        ("institution", ["the register, about did:key:"]),
        ("entry", ["the register, this document’s entry"]),
        ("history", ["the register, this document’s state"]),
        ("parent_history", ["the register, the parent document’s state"]),
        ("status_list", ["the status list", "the status list"]),
    ],
)
def test_C1_each_silent_source_is_named_once(question: str, sources: list[str], world: World) -> None:
    document = world.issue(SUPPLEMENT).document
    report = world.verify(document, Told.by(world.registry, **{question: silent}))
    assert report.verdict == "indeterminate"
    assert [what[: len(source)] for what, source in zip(named(report), sources, strict=True)] == sources
    assert len(set(named(report))) == len(sources)
    for source in report.unasked:
        assert "registry.example did not answer" in source.because.en
        assert all(source.told[language] for language in LANGUAGES)
    assert report.as_json()["unasked"] == [source.as_json() for source in report.unasked]


def test_C1_a_register_that_says_nothing_at_all_is_named_too(world: World) -> None:
    code = world.issue().code
    assert named(world.look_up(code)) == []
    report = look_up(code, Told.by(world.registry, document=silent), world.clock.now)
    assert (report.verdict, named(report)) == ("indeterminate", ["the register, this document’s entry"])


def test_what_was_answered_is_not_named(world: World) -> None:
    for report in (
        world.verify(world.issue(EXTRACT).document),
        world.verify(value_of(world.issue().document) | {"number": "x"}),
        world.verify(b"{"),
        world.verify(world.issue().document, Told.by(world.registry, status_list=lambda _: None)),
    ):
        assert named(report) == []


@pytest.fixture
def opened(world: World) -> Callable[..., Report]:
    def verify(document: object) -> Report:
        return world.verify(document, policy="open", fetcher=Fetcher())  # type: ignore[arg-type]

    return verify


def test_C1_under_the_open_policy_keys_and_lists_are_named(world: World, opened: Callable[..., Report]) -> None:
    of_a_school = signed(world, credential(issuer=SCHOOL), verificationMethod=f"{SCHOOL}#k")
    assert named(opened(of_a_school)) == [f"the keys of {SCHOOL}"]
    assert "school.example" in opened(of_a_school).unasked[0].because.en
    assert ADDRESS not in str(opened(of_a_school).as_json()), "where it would have been fetched is nobody's business"
    two = [entry(), entry(statusPurpose="suspension", statusListCredential="https://other.example/2")]
    report = opened(signed(world, credential(credentialStatus=two)))
    assert named(report) == ["the status list https://lists.example/1", "the status list https://other.example/2"]
    assert report.verdict == "indeterminate"
    assert named(opened(listed(world, [7]))) == []


def test_the_home_reads_its_own_lists_and_keys_in_process(world: World) -> None:
    for kind in (EXTRACT, SUPPLEMENT):
        issued = world.issue(kind)
        client = TestClient(asgi.everything(world.office))
        answer = client.post("/api/verify?policy=open", content=issued.document).json()
        assert (answer["verdict"], answer["unasked"]) == ("valid", [])
    world.suspend(issued)
    assert client.post("/api/verify?policy=open", content=issued.document).json()["verdict"] == "suspended"


def test_why_something_was_not_told_is_told_truly(opened: Callable[..., Report]) -> None:
    """Of what was read nobody says that it could not be, of a list of another kind not that its signature is bad, and
    of a key in a document of keys not that it is the issuer's name."""
    by_another = school.signed(school.credential(), named_key("another"))
    assert [c.outcome for c in opened(by_another).checks if c.n in (1, 2)] == ["passed", "passed"]
    assert "could not be read" not in str(opened(by_another).as_json())
    suspended = school.signed(school.credential(credentialStatus=school.entry(statusPurpose="suspension")))
    hosts = school.Hosts({school.LIST_URL: school.status_list()}).fetcher(school.HOST)
    found = verify_foreign(written(suspended), BEGINNING, hosts, InProcess())
    because = next(check.because.en for check in found.checks if check.n == 8)
    assert (found.verdict, "for this purpose" in because) == ("indeterminate", True)
    at_host = f"did:web:{school.HOST}"
    method = f"{at_host}#{school.KEY.multibase}"
    document = build_document(at_host, [(method, school.KEY.multibase)])
    hosts = school.Hosts({f"https://{school.HOST}/.well-known/did.json": document}).fetcher(school.HOST)
    signed_there = school.signed(school.credential(issuer=at_host), verificationMethod=method)
    found = verify_foreign(written(signed_there), BEGINNING, hosts, InProcess())
    because = next(check.because.en for check in found.checks if check.n == 5)
    assert (found.verdict, because) == ("valid", "The key states no end.")
