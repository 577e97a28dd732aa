"""`credentials/issue`: what the W3C's suites want refused and accepted, sentence by sentence, at every instance."""

from collections.abc import Callable, Iterator
from typing import Any

import cbor2
import pytest

from keys.multibase import base64url_decode
from schemas import contexts
from schemas.contexts import DATA_INTEGRITY_2, VC_1, VC_2
from schemas.reading import Json
from schemas.resources import multibase_digest, sri
from schemas.statuslist import read_instant
from tanu.conformance.instances import SELECTIVE
from tests.conformance.conftest import INSTANCES, Doors, content, each, each_with_a_proof

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
OWN = {"ExampleThing": "https://example.org/terms#ExampleThing"}
NOT_A_URL = "https ://not-a-url.example/x"
TYPED = ("credentialStatus", "termsOfUse", "evidence", "refreshService", "credentialSchema")
LANGUAGE = {"@value": "Diploma", "@language": "en", "@direction": "ltr"}
NO_NAMES: tuple[Json, ...] = (None, 4, {}, [])
NO_IDS: tuple[Json, ...] = ([], ["did:example:1", "did:example:2"], None, "not-a-url", NOT_A_URL, 4)
Change = Callable[[dict[str, Json]], None]
Case = tuple[str, Change]
V2 = contexts.files()[VC_2]
RESOURCE = {"id": VC_2, "digestSRI": sri(V2), "digestMultibase": multibase_digest(V2)}


def without(name: str) -> Change:
    def change(credential: dict[str, Json]) -> None:
        credential.pop(name, None)

    return change


def setting(name: str, value: Json) -> Change:
    def change(credential: dict[str, Json]) -> None:
        credential[name] = value

    return change


def values(name: str, *wrong: Json) -> Iterator[Case]:
    """A member set to each of these."""
    yield from ((f"{name} is {value}", setting(name, value)) for value in wrong)


def without_what_is_required() -> Iterator[Case]:
    for name in ("@context", "type", "issuer", "credentialSubject"):
        yield f"no {name}", without(name)
    for name in ("@context", "type", "issuer", "credentialSubject"):
        yield from values(name, None, 4, True, [])


def of_contexts_and_types() -> Iterator[Case]:
    yield "@context is an object", setting("@context", {"foo": True})
    yield "@context is a string", setting("@context", VC_2)
    yield "@context with another first", setting("@context", [EXAMPLES, VC_2])
    yield "@context without the first", setting("@context", [EXAMPLES])
    yield from values("@context", *([VC_2, wrong] for wrong in (NOT_A_URL, *NO_NAMES[:2], [VC_2])))
    yield "@context redefines a protected term", setting("@context", [VC_2, {"name": "https://example.org/#n"}])
    yield (
        "@context redefines a protected type",
        setting("@context", [VC_2, {"VerifiableCredential": "https://example.org/#V"}]),
    )
    yield "type without VerifiableCredential", setting("type", ["https://example.org/#Other"])
    yield "an unmapped type", setting("type", ["VerifiableCredential", "ExampleThing"])
    yield from values("type", *(["VerifiableCredential", wrong] for wrong in NO_NAMES))


def of_issuer_subject_and_dates() -> Iterator[Case]:
    yield from values("issuer", "not-a-url", NOT_A_URL, {}, {"name": "x"}, "did:example:another")
    yield from values("issuer", {"id": None}, {"id": "not-a-url"})
    yield from values(
        "credentialSubject", "did:example:1234", {}, [{}], [{"id": "did:example:1"}, {}], ["did:example:1"]
    )
    yield from values("id", *NO_IDS)
    yield from values("credentialSubject", *({"id": wrong} for wrong in NO_IDS))
    for name in ("validFrom", "validUntil"):
        yield from values(
            name, "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "tomorrow", 1735689600, None
        )


def of_the_other_members() -> Iterator[Case]:
    for name in TYPED:
        yield f"{name} without type", setting(name, {"id": "did:example:1"})
        yield (
            f"one {name} of two without type",
            setting(name, [{"id": "did:example:1", "type": VC_2}, {"id": "did:example:2"}]),
        )
        yield f"{name} with an id of two", setting(name, {"id": ["did:example:1", "did:example:2"], "type": VC_2})
        yield f"{name} with an id that is no URL", setting(name, {"id": NOT_A_URL, "type": VC_2})
        yield f"{name} with a type that is no URL", setting(name, {"id": "did:example:1", "type": 2})
        yield f"{name} with an unmapped type", setting(name, {"id": "did:example:1", "type": "Unmapped"})
    yield "credentialSchema without id", setting("credentialSchema", {"type": VC_2})
    for name in ("name", "description"):
        yield from values(name, LANGUAGE | {"url": "did:example:1"}, 4, {"@language": "en"})
    yield from values("proof", {"type": "DataIntegrityProof"}, [], None)
    yield from values("@graph", [{"id": "urn:x", "type": VC_2}])
    yield "an undefined member", setting("statusEntry", {"type": "BitstringStatusListEntry"})
    yield "an undefined claim", setting("credentialSubject", {"id": "did:example:1", "undefinedTerm": "x"})


def of_related_resources() -> Iterator[Case]:
    first = {key: RESOURCE[key] for key in ("id", "digestSRI")}
    second = {key: RESOURCE[key] for key in ("id", "digestMultibase")}
    for title, resources in {
        "of strings": [VC_2],
        "without id": [{"digestMultibase": RESOURCE["digestMultibase"]}],
        "twice": [first, second],
        "without digest": [{"id": VC_2}],
        "with a wrong digest": [{"id": VC_2, "digestMultibase": "uM4RgWQc3RUDtjJCSgTJtTfvpZ7SPEg_LNO0ESlovQC0"}],
        "with a wrong SRI": [{"id": VC_2, "digestSRI": "sha384-" + "A" * 64}],
    }.items():
        yield f"relatedResource {title}", setting("relatedResource", resources)


REFUSED: dict[str, Change] = {
    **dict(without_what_is_required()),
    **dict(of_contexts_and_types()),
    **dict(of_issuer_subject_and_dates()),
    **dict(of_the_other_members()),
    **dict(of_related_resources()),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_a_credential_that_may_not_be_issued_is_400(doors: Doors, change: Change) -> None:
    for instance in INSTANCES:
        credential = doors.credential(instance)
        change(credential)
        answer = doors.post(instance, "credentials/issue", {"credential": credential, "options": {}})
        assert answer.status_code == 400, instance


def test_a_type_that_the_context_maps_to_no_url_is_refused(doors: Doors) -> None:
    for meant in (f"{NOT_A_URL}#ExampleThing", "relative"):
        named = {"@context": [VC_2, {"ExampleThing": meant}], "type": ["VerifiableCredential", "ExampleThing"]}
        credential = doors.credential("eddsa-rdfc-2022", **named)
        assert doors.post("eddsa-rdfc-2022", "credentials/issue", {"credential": credential}).status_code == 400


def test_A11_a_poison_graph_is_not_signed(doors: Doors) -> None:
    knows = {"knows": {"@id": "urn:knows", "@type": "@id"}}
    people = [{"knows": [{"id": f"_:b{j}"} for j in range(8) if j != i], "@id": f"_:b{i}"} for i in range(8)]
    for instance in INSTANCES:
        poison = doors.credential(instance, **{"@context": [VC_2, knows], "credentialSubject": people})
        assert doors.post(instance, "credentials/issue", {"credential": poison}).status_code == 400


def test_the_end_may_not_come_before_the_beginning(doors: Doors) -> None:
    dates = {"validFrom": "2026-02-01T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"}
    for instance in INSTANCES:
        asked = {"credential": doors.credential(instance, **dates)}
        assert doors.post(instance, "credentials/issue", asked).status_code == 400


ACCEPTED: dict[str, dict[str, Json]] = {
    "no id": {},
    "an id": {"id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"},
    "a second context": {"@context": [VC_2, EXAMPLES]},
    "an inline context and its type": {"@context": [VC_2, OWN], "type": ["VerifiableCredential", "ExampleThing"]},
    "a type that is a URL": {"type": ["https://example.org/#Own", "VerifiableCredential"]},
    "several subjects": {"credentialSubject": [{"id": "did:example:1"}, {"id": "did:example:2"}]},
    "milliseconds": {"validFrom": "2023-02-26T01:02:58.447Z"},
    "another time zone": {"validFrom": "2023-02-26T01:02:58-09:00", "validUntil": "2924-02-26T01:02:58+05:00"},
    "a far future": {"validFrom": "4023-02-26T01:02:58Z"},
    "a past": {"validUntil": "2023-02-26T01:02:58Z"},
    "a name": {"name": "Diploma", "description": LANGUAGE},
    "a name in two languages": {"name": [LANGUAGE, LANGUAGE | {"@value": "Диплом", "@language": "ru"}]},
    "a related resource": {"relatedResource": [RESOURCE]},
    **{f"{name} with type and id": {name: {"id": "did:example:1", "type": VC_2}} for name in TYPED},
    **{f"two of {name}": {name: [{"id": f"did:example:{n}", "type": VC_2} for n in (1, 2)]} for name in TYPED},
}


@each
@pytest.mark.parametrize("more", ACCEPTED.values(), ids=ACCEPTED)
def test_a_credential_that_may_be_issued_is_201(doors: Doors, instance: str, more: dict[str, Json]) -> None:
    if instance == "status" and "credentialStatus" in more:
        more = {}
    issued = content(doors.issued(instance, doors.credential(instance, **more)))
    assert {name: issued[name] for name in more} == more


@each
def test_options_may_be_absent(doors: Doors, instance: str) -> None:
    asked = {"credential": doors.credential(instance)}
    assert doors.post(instance, "credentials/issue", asked).status_code == 201


@each
def test_an_issuer_may_be_an_object(doors: Doors, instance: str) -> None:
    issuer = {"id": doors.instances[instance].did, "name": "A tester"}
    assert content(doors.issued(instance, doors.credential(instance, issuer=issuer)))["issuer"] == issuer


@each_with_a_proof
def test_a_credential_of_1_1_gets_the_context_of_its_proof(doors: Doors, instance: str) -> None:
    issued = doors.issued(instance, doors.credential_1_1(instance))
    assert issued["@context"][:2] == [VC_1, DATA_INTEGRITY_2]
    assert doors.verify(instance, doors.shown(instance, doors.credential_1_1(instance))).status_code == 200
    assert issued["issuanceDate"] == "2020-03-16T22:37:26.544Z"
    again = {name: member for name, member in issued.items() if name not in ("proof", "credentialStatus")}
    assert doors.issued(instance, again)["@context"] == issued["@context"]


@pytest.mark.parametrize(
    "change", [without("issuanceDate"), setting("issuanceDate", "yesterday"), setting("@context", VC_1)]
)
def test_a_credential_of_1_1_that_is_none_is_refused(doors: Doors, change: Change) -> None:
    for instance in INSTANCES:
        credential = doors.credential_1_1(instance)
        change(credential)
        assert doors.post(instance, "credentials/issue", {"credential": credential}).status_code == 400


def test_1_1_may_end(doors: Doors) -> None:
    credential = doors.credential_1_1("eddsa-rdfc-2022", expirationDate="2030-01-01T00:00:00Z")
    assert doors.issued("eddsa-rdfc-2022", credential)["expirationDate"] == "2030-01-01T00:00:00Z"


@each_with_a_proof
def test_the_proof_says_what_it_is(doors: Doors, instance: str) -> None:
    issued: Any = doors.issued(instance)
    its, proof = doors.instances[instance], issued["proof"]
    assert (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", its.row.suite)
    assert (proof["verificationMethod"], proof["proofPurpose"]) == (its.method, "assertionMethod")
    assert read_instant(proof["created"]) == doors.clock()
    assert proof["proofValue"][0] == ("u" if its.row.suite == SELECTIVE else "z")
    assert ("@context" in proof) is ("jcs" in its.row.suite)
    assert proof.get("@context", issued["@context"]) == issued["@context"]


# ---------------------------------------------------------------- selective disclosure


def base_proof(doors: Doors, **options: Json) -> Any:
    """The five parts of a base proof, out of their CBOR."""
    issued = doors.issued(
        "ecdsa-sd-2023", doors.credential("ecdsa-sd-2023", validFrom="2026-01-01T00:00:00Z"), **options
    )
    data = base64url_decode(issued["proof"]["proofValue"].removeprefix("u"))
    assert data[:3] == b"\xd9\x5d\x00"
    return cbor2.loads(data[3:])


def test_a_base_proof_has_five_parts_and_what_decides_a_verdict_is_mandatory(doors: Doors) -> None:
    signature, key, hmac_key, signatures, mandatory = base_proof(doors)
    assert (len(signature), len(key), len(hmac_key)) == (64, 35, 32)
    assert all(len(each) == 64 for each in signatures)
    assert mandatory == ["/issuer", "/validFrom"]
    assert base_proof(doors, mandatoryPointers=["/credentialSubject"])[4] == [
        "/credentialSubject",
        "/issuer",
        "/validFrom",
    ]
    assert base_proof(doors, mandatoryPointers=[])[4] == mandatory


@pytest.mark.parametrize("pointers", [["/credentialSubject/invalidPointer"], ["issuer"], "/issuer", [4], [None], {}])
def test_mandatory_pointers_that_lead_nowhere_are_refused(doors: Doors, pointers: Json) -> None:
    asked = {"credential": doors.credential("ecdsa-sd-2023"), "options": {"mandatoryPointers": pointers}}
    assert doors.post("ecdsa-sd-2023", "credentials/issue", asked).status_code == 400


def test_a_holder_shows_a_part(doors: Doors) -> None:
    subject = {"id": "did:example:subject", "name": "A. Learner", "description": "not for everybody"}
    issued = doors.issued("ecdsa-sd-2023", doors.credential("ecdsa-sd-2023", credentialSubject=subject))
    body = {"verifiableCredential": issued, "options": {"selectivePointers": ["/credentialSubject/name"]}}
    answer = doors.post("ecdsa-sd-2023", "credentials/derive", body)
    assert answer.status_code == 201
    part = answer.json()["verifiableCredential"]
    assert part["credentialSubject"] == {"id": "did:example:subject", "name": "A. Learner"}
    assert part["issuer"] == issued["issuer"]
    assert base64url_decode(part["proof"]["proofValue"][1:])[:3] == b"\xd9\x5d\x01"
    assert doors.verify("ecdsa-sd-2023", part).status_code == 200


def test_what_is_no_base_proof_gives_no_part(doors: Doors) -> None:
    whole, part = doors.issued("ecdsa-rdfc-2019-p256"), doors.shown("ecdsa-sd-2023")
    wrong: tuple[Json, ...] = (whole, part, part | {"proof": {}}, {"proof": []})
    for credential in wrong:
        body = {"verifiableCredential": credential, "options": {"selectivePointers": ["/issuer"]}}
        assert doors.post("ecdsa-sd-2023", "credentials/derive", body).status_code == 400
    for pointers in (["/nowhere"], "/issuer", [4]):
        body = {"verifiableCredential": doors.issued("ecdsa-sd-2023"), "options": {"selectivePointers": pointers}}
        assert doors.post("ecdsa-sd-2023", "credentials/derive", body).status_code == 400
