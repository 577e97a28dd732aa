"""Rows B of docs/attacks.md at every door of the service: proofs, keys, times."""

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from issuer.holder import Links
from keys.did import build_document
from schemas.credential import utc, written
from schemas.reading import Json
from tests import school
from tests.contract import NEVER_VALID, STILL_SIGNED, Contract, Service
from tests.test_house import FILES
from tests.world import BEGINNING, MICRO, World, named_key, value_of

RELATIONSHIPS = ("assertionMethod", "authentication", "keyAgreement", "capabilityInvocation", "capabilityDelegation")


@pytest.fixture(scope="module")
def genuine(world: World) -> dict[str, Json]:
    """A document of ours."""
    return value_of(world.issue(MICRO).document)


@pytest.fixture(scope="module")
def theirs() -> dict[str, Json]:
    """A foreign school's."""
    return school.signed(school.credential())


def with_proof(document: Mapping[str, Json], **options: Json) -> bytes:
    """The document with other options of its proof, and the same signature; `...` leaves one out."""
    proof = {**document["proof"], **options}
    return written({**document, "proof": {name: value for name, value in proof.items() if value is not ...}})


def flipped(text: str) -> Iterator[str]:
    """The text with another character in each place, in turn."""
    for place, letter in enumerate(text[1:], start=1):
        yield text[:place] + ("2" if letter != "2" else "3") + text[place + 1 :]


def test_B1_changed_signature(contract: Contract, genuine: dict[str, Json], theirs: dict[str, Json]) -> None:
    """At every door some; in process, every byte of twenty documents (`test_changed_bytes.py`)."""
    ours = [
        with_proof(genuine, proofValue=value) for value in itertools.islice(flipped(genuine["proof"]["proofValue"]), 8)
    ]
    contract.refuses_each(ours, product="tampered", open="tampered")
    others = [
        with_proof(theirs, proofValue=value) for value in itertools.islice(flipped(theirs["proof"]["proofValue"]), 8)
    ]
    contract.refuses_each(others, product="malformed", open="tampered")


OPTIONS: Mapping[str, list[Json]] = {
    "created": ["2026-11-21T04:59:59Z", "2025-01-01T00:00:00Z"],
    "verificationMethod": ["did:key:z6Mk", "https://a.example/key", ""],
    "proofPurpose": ["authentication", "x"],
    "domain": ["a.example"],
    "challenge": ["c"],
    "nonce": ["n"],
    "expires": ["2030-01-01T00:00:00Z"],
    "id": ["urn:uuid:1"],
}


def test_B1_changed_options(contract: Contract, genuine: dict[str, Json], theirs: dict[str, Json]) -> None:
    for document in (genuine, theirs):
        found = [with_proof(document, **{name: value}) for name, values in OPTIONS.items() for value in values]
        contract.refuses_each(found, product=("tampered", "malformed"), open=("tampered", "malformed"))


def test_B2_key_of_another(contract: Contract, genuine: dict[str, Json], theirs: dict[str, Json], world: World) -> None:
    """The attacker's own key, under its own name or under that of the issuer. The standard doors only warn of it, as
    the W3C's suites want it."""
    attacker = named_key("attacker")
    own, issuers = school.method_of(attacker), str(genuine["proof"]["verificationMethod"])
    for method in (own, issuers, issuers.partition("#")[0], f"{issuers.partition('#')[0]}#{attacker.multibase}"):
        forged = school.signed(genuine, attacker, created=utc(BEGINNING), verificationMethod=method)
        contract.refuses(written(forged), product="tampered", open="tampered", but=("standard door",))
    for method in (own, school.method_of(school.KEY)):
        forged = school.signed(theirs, attacker, verificationMethod=method)
        contract.refuses(written(forged), product="malformed", open="tampered", but=("standard door",))


@pytest.mark.parametrize("purpose", RELATIONSHIPS)
@pytest.mark.parametrize("listed", RELATIONSHIPS)
def test_B3_purpose_and_relationship(purpose: str, listed: str, world: World) -> None:
    """A key counts for what its DID document lists it for, and a proof for what it says: both have to be assertion."""
    did = "did:web:school.example:i:algebra"
    document = build_document(did, [(f"{did}#k", school.KEY.multibase)])
    document[listed] = document.pop("assertionMethod")
    fetcher = school.Hosts({"https://school.example/i/algebra/did.json": document}).fetcher("school.example")
    signed = school.signed(school.credential(issuer=did), verificationMethod=f"{did}#k", proofPurpose=purpose)
    verdict = world.verify(signed, policy="open", fetcher=fetcher).verdict
    assert verdict == ("valid" if purpose == listed == "assertionMethod" else "tampered")


@pytest.mark.parametrize("purpose", RELATIONSHIPS)
def test_B3_another_purpose(
    purpose: str, contract: Contract, genuine: dict[str, Json], theirs: dict[str, Json], world: World
) -> None:
    """Signed so, by the issuer's own key."""
    good = purpose == "assertionMethod"
    ours = world.signed_again(genuine, proofPurpose=purpose)
    contract.refuses(written(ours), product="valid" if good else "tampered", open=STILL_SIGNED if good else NEVER_VALID)
    foreign = school.signed(theirs, proofPurpose=purpose)
    contract.refuses(written(foreign), product="malformed", open="valid" if good else "tampered")


@pytest.mark.parametrize("listed", [["lists"], [], ["documents"], ["documents", "lists"]], ids=str)
def test_B3_what_the_register_lists_a_key_for(listed: list[str], w: World) -> None:
    issued = w.issue()
    w.rewrite("UPDATE issuer_keys SET purposes = :purposes", purposes=str(listed).replace("'", '"'))
    verdict = w.verify(issued.document).verdict
    assert verdict == {"['documents', 'lists']": "valid", "['documents']": "indeterminate"}.get(str(listed), "tampered")


LOOSE: list[Json] = [
    *(
        "2026-11-21",
        "2026-11-21T05:00:00",
        "2026-W47-6",
        "20261121T050000Z",
        "2026-11-21 05:00:00Z",
        "2026-11-21T05:00Z",
    ),
    *(
        "2026-11-21T24:00:00Z",
        "2026-06-30T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
    ),
    *(
        "2026-11-21t05:00:00z",
        "2026-11-21T05:00:00z",
        "2026-11-21T05:00:00Z\\n",
        "",
        "now",
        "1795237200",
        "٢٠٢٦-11-21T05:00:00Z",
    ),
    *(
        "-2026-11-21T05:00:00Z",
        "12026-11-21T05:00:00Z",
        "0001-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-11-21T25:00:00Z",
    ),
    *("2026-11-21T05:00:00+0500", "2026-11-21T05:00:00+24:00", "2026-11-21T05:00:00,5Z", "2026-11-21T05:00:00.Z"),
    *(None, 0, True, 1795237200, ["2026-11-21T05:00:00Z"], {"@value": "2026-11-21T05:00:00Z"}),
]


@pytest.mark.parametrize("member", ["created", "validFrom", "validUntil"])
def test_B16_spelling_of_an_instant(
    member: str, contract: Contract, genuine: dict[str, Json], theirs: dict[str, Json]
) -> None:
    assert len(LOOSE) >= 25
    for document, product in ((genuine, ("malformed", "tampered")), (theirs, ("malformed",))):
        found = [
            with_proof(document, created=spelling) if member == "created" else written({**document, member: spelling})
            for spelling in LOOSE
        ]
        contract.refuses_each(found, product=product, open=("malformed", "tampered"))


@pytest.mark.parametrize("spelling", LOOSE, ids=str)
def test_B16_a_loose_instant_that_its_issuer_has_signed(spelling: Json, world: World) -> None:
    """Under `open`, where a genuine signature covers it, unless no signature can be made over it at all."""
    for member, document, options in (
        ("created", school.credential(), {"created": spelling}),
        ("validFrom", school.credential(validFrom=spelling), {}),
        ("validUntil", school.credential(validUntil=spelling), {}),
    ):
        try:
            signed = school.signed(document, **options)
        except ValueError:
            continue
        assert world.verify(signed, policy="open").verdict in ("malformed", "tampered"), member


def test_B16_missing_time_of_the_proof(contract: Contract, genuine: dict[str, Json], world: World) -> None:
    """Policy `product` wants it; Data Integrity leaves it to whoever signs, and so does `open`."""
    ours = world.signed_again(genuine, created=...)
    contract.refuses(written(ours), product="malformed", open=STILL_SIGNED)
    contract.refuses(written(school.signed(school.credential(), created=...)), product="malformed", open="valid")


def test_B16_the_future_and_times_the_wrong_way_round(
    contract: Contract, genuine: dict[str, Json], world: World
) -> None:
    later = utc(BEGINNING + timedelta(minutes=6))
    ours = world.signed_again(genuine, created=later)
    contract.refuses(written(ours), product="not_yet_valid", open=NEVER_VALID)
    cases: list[tuple[dict[str, Json], dict[str, Any], str]] = [
        (school.credential(), {"created": later}, "not_yet_valid"),
        (school.credential(validFrom=later), {}, "not_yet_valid"),
        (school.credential(validFrom="2026-03-01T00:00:00Z", validUntil="2026-02-01T00:00:00Z"), {}, "malformed"),
        (school.credential(validUntil="2026-02-01T00:00:00Z"), {}, "expired"),
    ]
    for document, options, verdict in cases:
        contract.refuses(written(school.signed(document, **options)), product="malformed", open=verdict)


LAST = ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59+14:00"]
"""The first two have no date in Kazakhstan, the second none in UTC."""


@pytest.mark.parametrize("instant", LAST)
def test_B16_the_last_instants_that_there_are(
    instant: str, contract: Contract, genuine: dict[str, Json], world: World
) -> None:
    begins = school.signed(school.credential(), created=instant), school.signed(school.credential(validFrom=instant))
    for document in begins:
        contract.refuses(written(document), product="malformed", open="not_yet_valid")
    contract.refuses(with_proof(genuine, created=instant), product=("malformed", "tampered"), open=NEVER_VALID)
    ends = school.signed(school.credential(), expires=instant), school.signed(school.credential(validUntil=instant))
    for document in ends:
        assert world.verify(document, policy="open").verdict == "valid"


# B18: what a key signs


def calls(path: Path, name: str) -> int:
    """How often a file calls a method of that name."""
    found = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call)]
    return sum(isinstance(call.func, ast.Attribute) and call.func.attr == name for call in found)


def test_B18_only_keys_signs(world: World) -> None:
    """A signer's one method is called where a message of a known type has just been made, and nowhere else."""
    signing = {str(path) for path in FILES if calls(path, "sign")}
    assert signing <= {"keys/signer.py", "keys/suite.py", "keys/disclosure.py", "keys/jose.py", "keys/cose.py"}


def test_B18_no_door_signs_for_a_stranger(service: Service, genuine: dict[str, Json], world: World) -> None:
    """The standard doors sign what anybody wants, with keys of their own: made for the process, in no register."""
    institutions = world.office.registry.institutions()
    known = {key.multibase for institution in institutions for key in institution.keys}
    listed = service.client.get("/vc-api").json()
    assert len(listed) >= 9
    assert not {each["id"] for each in listed} & {institution.did for institution in institutions}
    assert not any(key in str(listed) for key in known)
    unsigned = {name: member for name, member in genuine.items() if name != "proof"}
    for each in listed:
        answer = service.client.post(f"/vc-api/{each['instance']}/credentials/issue", json={"credential": unsigned})
        assert answer.status_code >= 400 or not any(f"#{key}" in answer.text for key in known), each["instance"]


# B22: what an answer tells


def test_B22_same_class_of_answer(contract: Contract, genuine: dict[str, Json], theirs: dict[str, Json]) -> None:
    """A wrong signature, an unknown key, bytes that are no document: one status, one set of headers, one shape."""
    unknown = school.signed(genuine, named_key("x"), verificationMethod="did:key:z6Mk#x")
    inputs = (with_proof(genuine, proofValue="z" + "2" * 87), written(unknown), b"{", written(theirs))
    answers = [contract.ask("api", data) for data in inputs]
    shapes = {(answer.status, tuple(sorted(set(answer.headers) - {"content-encoding"}))) for answer in answers}
    assert len(shapes) == 1
    pages = [contract.ask("page", data) for data in inputs]
    assert {answer.status for answer in pages} == {200}


SECRET = re.compile(r"(.*_)?(secret|session|passphrase|password|api_key|link_key|token|challenge)s?")
COMPARED = {
    ("registry/challenges.py", "challenges.c.challenge == _hash(challenge)"),
    ("registry/challenges.py", "challenges.c.session == _hash(session)"),
    ("verifier/presentation.py", "spoken.challenge != asked.challenge"),
}
"""By their hashes, in the database; and two challenges of one request, which whoever sends it has written both."""


def compared(path: Path) -> Iterator[str]:
    """The comparisons of a file in which something is named like a secret."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            named = [getattr(side, "id", getattr(side, "attr", "")) for side in (node.left, *node.comparators)]
            if any(SECRET.fullmatch(name) for name in named):
                yield ast.unparse(node)


def test_B22_no_secret_is_compared() -> None:
    """There is no login and no API key. The secrets of links and sessions are looked up by their SHA-256, so that how
    long it takes says nothing of them; whoever adds a comparison uses `hmac.compare_digest`."""
    assert {(str(path), found) for path in FILES for found in compared(path)} == COMPARED


@pytest.fixture
def asked_of_the_database(world: World) -> Iterator[list[str]]:
    """Every statement."""
    found: list[str] = []

    def note(*event: Any) -> None:
        found.append(event[2])

    sa.event.listen(world.home.engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(world.home.engine, "before_cursor_execute", note)


def near(secret: str) -> list[str]:
    """Others of its form, that share more and more with it."""
    return [secret[:kept] + "".join("b" if c == "a" else "a" for c in secret[kept:]) for kept in (0, 1, 13, 25)]


def test_B22_a_secret_that_is_almost_right_is_answered_like_any_other(
    service: Service, world: World, asked_of_the_database: list[str]
) -> None:
    """The same bytes, after the same work."""
    links, client = Links(world.office), service.client
    token = links.holder_url(world.issue().code).rpartition("/")[2]
    held = links.share(token)
    shared = str(held and held.share_url).rpartition("/")[2]
    made = client.post("/api/presentations/challenge").json()
    presented = {"verifiablePresentation": {}, "challenge": made["challenge"]}
    for method, path, secret in (
        ("GET", "/h/{}", token),
        ("GET", "/s/{}", shared),
        ("POST", "/h/{}/share", token),
        ("POST", "/api/presentations/verify", made["session"]),
    ):
        answers = set()
        for wrong in near(secret):
            asked_of_the_database.clear()
            answer = client.request(method, path.format(wrong), json={**presented, "session": wrong})
            answers.add((answer.status_code, answer.content, tuple(asked_of_the_database)))
        assert len(answers) == 1, path
