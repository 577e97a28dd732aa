"""The shape of W3C credentials and presentations, row by row as the public suites try it: VC Data Model 2.0, the
issuers and verifiers of the VC API, and the issuers of the Data Integrity suites (VC 1.1)."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import base58
import pytest

from schemas import contexts
from schemas.contexts import VC_1, VC_2
from schemas.datamodel import check_credential, check_presentation, check_related_resources, is_enveloped
from schemas.errors import Malformed
from schemas.reading import Json
from schemas.resources import multibase_digest, sri

EXAMPLES = Path("tests/vectors/vc-data-model/schema")
CREDENTIAL: dict[str, Json] = {
    "@context": [VC_2],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:issuer",
    "credentialSubject": {"id": "did:example:subject"},
}
OLDER: dict[str, Json] = CREDENTIAL | {"@context": [VC_1], "issuanceDate": "2020-03-10T04:24:12.164Z"}
PRESENTATION: dict[str, Json] = {"@context": [VC_2], "type": ["VerifiablePresentation"]}
ABSENT = "absent"
"""In a row: the member is left out."""
FILE = contexts.files()[VC_2]
ENGLISH = {"@value": "Dog", "@language": "en"}
MORE = ENGLISH | {"url": "did:example:credential"}
TYPED = {"id": "did:example:1", "type": "https://example.org/#Example"}
SRI = {"id": VC_2, "digestSRI": sri(FILE)}
MULTIBASE = {"id": VC_2, "digestMultibase": multibase_digest(FILE)}
ENVELOPED = {"@context": VC_2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,e30.e30.c2ln"}
NO_URLS: list[Json] = [None, 4, True, [], {}, "", "fake-issuer", "https ://not-a-url/4", "/4", "_:b0", ["did:a:b"]]


def changed(document: dict[str, Json], **members: Any) -> dict[str, Json]:
    """`document` with some members changed, or left out; `context` stands for `@context`."""
    whole = document | {"@context" if name == "context" else name: value for name, value in members.items()}
    return {name: value for name, value in whole.items() if value != ABSENT}


def refused(check: Callable[[dict[str, Json]], None], document: dict[str, Json], place: str) -> None:
    """It is, and the sentence names the place in each language."""
    with pytest.raises(Malformed) as refusal:
        check(document)
    assert all(place in sentence for _, sentence in refusal.value.because)


ACCEPTED: list[dict[str, Any]] = [
    {},
    {"context": [VC_2, "https://www.w3.org/ns/credentials/examples/v2"]},
    {"context": [VC_2, {"Example": "https://example.org/#Example"}]},
    {"type": "VerifiableCredential"},
    {"type": ["https://example.org/#A", "VerifiableCredential", "https://example.org/#B"]},
    {"id": "https://example.org/credentials/1"},
    {"id": "urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008"},
    {"issuer": {"id": "did:example:issuer"}},
    {
        "issuer": {
            "id": "did:example:issuer",
            "name": "Issuer",
            "description": [ENGLISH, ENGLISH | {"@direction": "ltr"}],
        }
    },
    {"name": "Example"},
    {"name": ENGLISH},
    {"description": ENGLISH | {"@direction": "ltr"}},
    {"description": [ENGLISH, {"@value": "Chien", "@language": "fr"}]},
    {"credentialSubject": {"name": "Alice"}},
    {"credentialSubject": [{"id": "did:example:subject"}, {"id": "did:example:other"}]},
    {"validFrom": "2023-02-26T01:02:58.447Z"},
    {"validFrom": "2023-02-25T19:10:39-06:00"},
    {"validFrom": "4023-02-26T01:02:58.447Z"},
    {"validUntil": "2023-02-26T01:20:18.477Z"},
    {"validFrom": "2023-02-26T01:21:23Z", "validUntil": "2023-02-25T19:21:23-06:00"},
    {"credentialStatus": {"type": "CredentialStatusList2017"}},
    {"credentialStatus": [TYPED, TYPED]},
    {"credentialSchema": TYPED},
    {"credentialSchema": [TYPED, TYPED]},
    {"refreshService": TYPED},
    {"termsOfUse": [{"type": "OdrlPolicy2017"}, TYPED]},
    {"evidence": [{"type": ["DocumentVerification"]}, {"type": "DocumentVerification"}]},
    {"relatedResource": SRI},
    {"relatedResource": [SRI | {"mediaType": "application/ld+json"}]},
    {"relatedResource": [MULTIBASE, {"id": "https://example.org/photo", "digestSRI": "sha384-x"}]},
    {"relatedResource": SRI | MULTIBASE},
]


@pytest.mark.parametrize("members", ACCEPTED, ids=str)
def test_a_credential_of_this_shape_is_accepted(members: dict[str, Any]) -> None:
    check_credential(changed(CREDENTIAL, **members))


def each(member: str, place: str, *wrong: Json) -> list[tuple[dict[str, Any], str]]:
    """A row for each wrong value of one member."""
    return [({member: value}, place) for value in wrong]


def typed(member: str) -> list[tuple[dict[str, Any], str]]:
    """The rows that hold for every member whose objects have a type, and perhaps an id."""
    return [
        *each(member, member, {}, [], None, "did:example:1"),
        *each(member, f"{member}/type", {"id": "did:example:1"}, TYPED | {"type": 2}),
        *each(member, f"{member}/1/type", [TYPED, {"id": "did:example:1"}]),
        *each(member, f"{member}/id", *(TYPED | {"id": wrong} for wrong in NO_URLS)),
    ]


REFUSED: list[tuple[dict[str, Any], str]] = [
    *each("context", "@context", ABSENT, None, 4, False, {"foo": True}, [], VC_2),
    *each("context", "@context", ["https://www.w3.org/ns/credentials/examples/v2", VC_2], [{}, VC_2], [None, VC_2]),
    *each("context", "@context/1", [VC_2, 123], [VC_2, None], [VC_2, "https ://not-a-url/v1"], [VC_2, "v1"]),
    *each("context", "@context/1", [VC_2, [VC_2]]),
    *each("type", "type", ABSENT, None, True, 4, [], {}, "", [None], [""], ["Relationship"]),
    *each("type", "type", ["VerifiableCredential", 4]),
    *each("id", "id", *NO_URLS),
    *each("issuer", "issuer", ABSENT, *NO_URLS),
    *each("issuer", "issuer/id", {"name": "Acme"}, *({"id": wrong} for wrong in NO_URLS)),
    *each("credentialSubject", "credentialSubject", ABSENT, None, True, 4, [], {}, "did:example:1234"),
    *each("credentialSubject", "credentialSubject/1", [{"id": "did:example:subject"}, {}]),
    *each("credentialSubject", "credentialSubject/id", *({"id": wrong} for wrong in NO_URLS)),
    *each("validFrom", "validFrom", "Sat 25 Feb 2023 07:16:31 PM CST", "2023-02-26", "2023-02-26T01:02:58"),
    *each("validFrom", "validFrom", "2023-02-30T01:02:58Z", 4, None),
    *each("validUntil", "validUntil", "Sun, 26 Feb 2023 01:22:14 +0000", None),
    ({"validFrom": "2023-02-26T01:21:24Z", "validUntil": "2023-02-25T19:21:23-06:00"}, "validFrom"),
    *typed("credentialStatus"),
    *typed("credentialSchema"),
    *typed("refreshService"),
    *typed("termsOfUse"),
    *typed("evidence"),
    *each("credentialSchema", "credentialSchema/id", {"type": "https://example.org/#Example"}),
    *each("name", "name", None, 4, [], {"en": "Dog"}, {"@language": "en"}, {"@value": 4}, MORE),
    *each("name", "name/1", [ENGLISH, MORE]),
    *each("description", "description", None, {}, MORE),
    *each("issuer", "issuer/name", {"id": "did:example:issuer", "name": MORE}),
    *each("issuer", "issuer/description", {"id": "did:example:issuer", "description": MORE}),
    *each("relatedResource", "relatedResource", [], {}),
    *each("relatedResource", "relatedResource/0", [VC_2], [{"id": VC_2}]),
    *each("relatedResource", "relatedResource/0/id", [{"digestSRI": sri(FILE)}]),
    *each("relatedResource", "relatedResource/1/id", [SRI, MULTIBASE]),
    *each("relatedResource", "relatedResource/digestSRI", {"id": VC_2, "digestSRI": 4}),
    *each("relatedResource", "relatedResource/digestMultibase", {"id": VC_2, "digestMultibase": []}),
    *each("relatedResource", "relatedResource/digestMultibase", SRI | {"digestMultibase": multibase_digest(b"other")}),
    *each("relatedResource", "relatedResource/0/digestSRI", [{"id": VC_2, "digestSRI": sri(b"other")}]),
]


@pytest.mark.parametrize(("members", "place"), REFUSED, ids=str)
def test_a_credential_of_another_shape_is_refused_and_the_place_named(members: dict[str, Any], place: str) -> None:
    refused(check_credential, changed(CREDENTIAL, **members), place)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"context": [VC_1, "https://w3id.org/security/data-integrity/v2"], "expirationDate": "2030-03-10T04:24:12Z"},
        {"issuer": {"id": "did:example:issuer", "name": {"en": "a map, which 1.1 does not forbid"}}},
        {"issuanceDate": "4023-02-26T01:02:58Z"},
    ],
    ids=str,
)
def test_a_credential_of_1_1_is_accepted(members: dict[str, Any]) -> None:
    check_credential(changed(OLDER, **members))


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"issuanceDate": ABSENT}, "issuanceDate"),
        ({"issuanceDate": "2020"}, "issuanceDate"),
        ({"expirationDate": "2019-03-10T04:24:12Z"}, "issuanceDate"),
        ({"expirationDate": None}, "expirationDate"),
        ({"issuer": ABSENT}, "issuer"),
        ({"credentialSubject": [{}]}, "credentialSubject/0"),
        ({"evidence": {}}, "evidence"),
        ({"context": VC_1}, "@context"),
        ({"context": [VC_1, 4]}, "@context/1"),
    ],
    ids=str,
)
def test_a_credential_of_1_1_of_another_shape_is_refused(members: dict[str, Any], place: str) -> None:
    refused(check_credential, changed(OLDER, **members), place)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"id": "urn:uuid:9c9a36f8-518f-4976-a934-6649502d0008"},
        {"type": "VerifiablePresentation"},
        {"type": ["VerifiablePresentation", "CredentialManagerPresentation"]},
        {"holder": "did:example:holder"},
        {"holder": {"id": "did:example:holder", "name": "Alice"}},
        {"verifiableCredential": CREDENTIAL},
        {"verifiableCredential": [CREDENTIAL] * 20},
        {"verifiableCredential": [CREDENTIAL, ENVELOPED, ENVELOPED | {"@context": [VC_2]}]},
        {"context": [VC_1], "verifiableCredential": [OLDER]},
    ],
    ids=lambda members: str(members)[:60],
)
def test_a_presentation_of_this_shape_is_accepted(members: dict[str, Any]) -> None:
    check_presentation(changed(PRESENTATION, **members))


@pytest.mark.parametrize(
    ("members", "place"),
    [
        *each("context", "@context", ABSENT, [], VC_2, [{}, VC_2], ["https://example.com"]),
        *each("context", "@context/1", [VC_2, 123192875], [VC_2, "https ://not-a-url/contexts/v1"]),
        *each("type", "type", ABSENT, [], ["CredentialManagerPresentation"]),
        *each("id", "id", "9c9a36f8"),
        *each("holder", "holder", "z6Mkp", None, {}, {"name": "Acme"}, {"id": "z6Mkp"}, []),
        *each("verifiableCredential", "verifiableCredential/0", ["eyJhbGciOi"], [4], [None], [{}], [[]]),
        ({"verifiableCredential": []}, "verifiableCredential"),
        ({"verifiableCredential": "https://example.org/credentials/1"}, "verifiableCredential"),
        ({"verifiableCredential": [CREDENTIAL, CREDENTIAL | {"type": []}]}, "verifiableCredential/1/type"),
        ({"verifiableCredential": [ENVELOPED | {"id": "e30.e30.c2ln"}]}, "verifiableCredential/0/id"),
        ({"verifiableCredential": [ENVELOPED | {"@context": []}]}, "verifiableCredential/0/@context"),
        ({"verifiableCredential": [changed(ENVELOPED, type=ABSENT)]}, "verifiableCredential/0/type"),
        ({"verifiableCredential": [CREDENTIAL] * 21}, "20"),
    ],
    ids=lambda part: str(part)[:60],
)
def test_a_presentation_of_another_shape_is_refused(members: dict[str, Any], place: str) -> None:
    refused(check_presentation, changed(PRESENTATION, **members), place)


def test_another_type_of_document_is_no_presentation() -> None:
    with pytest.raises(Malformed):
        check_presentation({"type": ["NonconformingDocument"]})


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("verifiable-credential/example-*.json")), ids=lambda f: f.stem)
def test_the_examples_of_the_standard_are_credentials(file: Path) -> None:
    check_credential(json.loads(file.read_bytes()))


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("verifiable-presentation/example-*.json")), ids=lambda f: f.stem)
def test_the_examples_of_the_standard_are_presentations(file: Path) -> None:
    check_presentation(json.loads(file.read_bytes()))


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_a_digest_may_be_made_by_each_algorithm(algorithm: str) -> None:
    right, wrong = sri(FILE, algorithm), sri(b"other", algorithm)
    for digest in (right, f"{right}?type=x", f"{wrong} {right}", [wrong, right]):
        check_related_resources({"relatedResource": {"id": VC_2, "digestSRI": digest}})
    check_related_resources({"relatedResource": {"id": VC_2, "digestMultibase": multibase_digest(FILE, algorithm)}})


def test_of_several_digests_the_strongest_counts() -> None:
    with pytest.raises(Malformed):
        check_related_resources(
            {"relatedResource": {"id": VC_2, "digestSRI": f"{sri(FILE, 'sha256')} {sri(b'other', 'sha512')}"}}
        )


def test_the_published_context_has_the_digests_that_are_known_for_it() -> None:
    """Those of the file at the W3C, in every spelling."""
    for member, digest in (
        ("digestSRI", "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"),
        ("digestMultibase", "uEiBZlVztZpfWHgPyslVv6-UwirFoQoRvW1htfx963sknNA"),
        ("digestMultibase", "z" + base58.b58encode(b"\x12\x20" + hashlib.sha256(FILE).digest()).decode()),
    ):
        check_related_resources({"relatedResource": {"id": VC_2, member: digest}})


@pytest.mark.parametrize("digest", ["", "sha1-x", "md5-x", "sha384", "sha384-", "uEiA", "z", "Qm"])
def test_what_is_no_digest_fits_nothing(digest: str) -> None:
    for member in ("digestSRI", "digestMultibase"):
        with pytest.raises(Malformed):
            check_related_resources({"relatedResource": {"id": VC_2, member: digest}})


def test_an_envelope_is_told_from_a_credential() -> None:
    assert is_enveloped(ENVELOPED)
    assert not any(map(is_enveloped, (CREDENTIAL, None, "EnvelopedVerifiableCredential", {})))


def test_A18_many_related_resources_cost_no_more_than_the_bundled_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bundled files are read for those that are named, not for each that is not."""
    reads: list[str] = []

    def files() -> dict[str, bytes]:
        reads.append("all")
        return {}

    monkeypatch.setattr(contexts, "files", files)
    resources = [{"id": f"urn:{number}", "digestSRI": "sha256-x"} for number in range(5_000)]
    check_related_resources({"relatedResource": resources})
    assert not reads
