"""`presentations/verify`: what the W3C's suite for VC 2.0 wants refused and accepted."""

import copy
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from keys import enveloped, jose
from keys.payload import PRESENTATION, Unsecured
from keys.proof import proof_options, secure
from schemas.contexts import VC_2
from schemas.credential import written
from schemas.reading import Json
from tests.conformance.conftest import Doors, each
from tests.world import named_key

HOLDER = named_key("a holder")
DID = f"did:key:{HOLDER.multibase}"
CHALLENGE, DOMAIN = "u4Bd7Pv1bZ2JNqnPBz4W6Qg", "github.com/w3c/vc-data-model-2.0-test-suite"
ASKED = {"challenge": CHALLENGE, "domain": DOMAIN}
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
INLINE = {"ExamplePresentation": "https://example.org/#ExamplePresentation"}


def presentation(**more: Json) -> dict[str, Json]:
    return {"@context": [VC_2], "type": ["VerifiablePresentation"]} | more


def signed(doors: Doors, document: dict[str, Json], **more: Json) -> dict[str, Any]:
    plain = proof_options(f"{DID}#{HOLDER.multibase}", doors.clock()) | {"proofPurpose": "authentication"}
    return secure(document, None, {**plain, **ASKED, **more}, HOLDER)


def verify(doors: Doors, document: Json, options: Json = ASKED) -> httpx.Response:
    return doors.post(
        "eddsa-rdfc-2022", "presentations/verify", {"verifiablePresentation": document, "options": options}
    )


ACCEPTED: dict[str, dict[str, Json]] = {
    "nothing but a type": {},
    "an id": {"id": "urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008"},
    "a holder": {"holder": DID},
    "a holder as an object": {"holder": {"id": DID}},
    "a second context": {"@context": [VC_2, EXAMPLES]},
    "an inline context": {"@context": [VC_2, INLINE], "type": ["VerifiablePresentation", "ExamplePresentation"]},
}


@pytest.mark.parametrize("more", ACCEPTED.values(), ids=ACCEPTED)
def test_a_presentation_is_accepted(doors: Doors, more: dict[str, Json]) -> None:
    answer = verify(doors, signed(doors, presentation(**more)))
    assert answer.status_code == 200
    said = answer.json()
    assert (said["verified"], said["verdict"], said["holder"]) == (True, "valid", DID)


@each
def test_credentials_of_every_instance_are_judged_in_it(doors: Doors, instance: str) -> None:
    good, other = doors.shown(instance), doors.shown("eddsa-jcs-2022")
    assert verify(doors, signed(doors, presentation(verifiableCredential=[good, other]))).status_code == 200
    bad = other | {"validUntil": "2020-01-01T00:00:00Z"}
    answer = verify(doors, signed(doors, presentation(verifiableCredential=[good, bad])))
    assert answer.status_code == 400
    assert [each["verdict"] == "valid" for each in answer.json()["credentials"]] == [True, False]


def test_an_envelope_that_answers_no_challenge_is_400(doors: Doors) -> None:
    token = jose.seal(Unsecured(PRESENTATION, written(presentation(holder=DID))), HOLDER, f"{DID}#{HOLDER.multibase}")
    answer = verify(doors, enveloped.of_jose(token, PRESENTATION))
    assert (answer.status_code, answer.json()["verdict"]) == (400, "tampered")


CHANGED: dict[str, Callable[[dict[str, Any]], object]] = {
    "no contexts": lambda p: p.pop("@context"),
    "contexts in another order": lambda p: p.__setitem__("@context", [EXAMPLES, VC_2]),
    "another first context": lambda p: p.__setitem__("@context", [EXAMPLES]),
    "an unknown context": lambda p: p["@context"].append("https://example.com"),
    "a context that is no URL": lambda p: p["@context"].append("https ://not-a-url/contexts/example/v1"),
    "a context that is a number": lambda p: p["@context"].append(123192875),
    "no type": lambda p: p.pop("type"),
    "another type": lambda p: p.__setitem__("type", ["https://example.org/#Other"]),
    "no proof": lambda p: p.pop("proof"),
    "a proof of nothing": lambda p: p["proof"].__setitem__("proofValue", "z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh"),
    "a proof for something else": lambda p: p["proof"].__setitem__("proofPurpose", "assertionMethod"),
    "another holder": lambda p: p.__setitem__("holder", f"did:key:{named_key('x').multibase}"),
    "a holder that is no URL": lambda p: p.__setitem__("holder", HOLDER.multibase),
    "a holder without id": lambda p: p.__setitem__("holder", {"name": "Acme"}),
    "an undefined term": lambda p: p.__setitem__("undefinedTerm", "x"),
    "a credential as a text": lambda p: p.__setitem__("verifiableCredential", ["eyJhbGciOiJFUzI1NiJ9.e30.c2ln"]),
    "a credential that nobody signed": lambda p: p.__setitem__("verifiableCredential", [{"type": []}]),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_a_changed_presentation_is_400(doors: Doors, change: Callable[[dict[str, Any]], object]) -> None:
    changed = copy.deepcopy(signed(doors, presentation()))
    change(changed)
    answer = verify(doors, changed)
    assert (answer.status_code, answer.json()["verified"]) == (400, False)


def test_what_is_no_presentation_is_400(doors: Doors) -> None:
    none: tuple[Json, ...] = ({"type": ["NonconformingDocument"]}, doors.issued("eddsa-rdfc-2022"), {}, [], "{}", None)
    for document in none:
        assert verify(doors, document).status_code == 400


OTHER_QUESTIONS: tuple[Json, ...] = (
    *(None, {}, {"domain": DOMAIN}, ASKED | {"domain": 4}),
    *(ASKED | {"challenge": "another"}, ASKED | {"domain": "another"}),
)


@pytest.mark.parametrize("options", OTHER_QUESTIONS)
def test_the_challenge_and_the_domain_are_those_of_the_request(doors: Doors, options: Json) -> None:
    assert verify(doors, signed(doors, presentation()), options).status_code == 400


def test_a_domain_need_not_be_asked_for(doors: Doors) -> None:
    assert verify(doors, signed(doors, presentation()), {"challenge": CHALLENGE}).status_code == 200
