"""Rows D1, D3 and D9 of docs/attacks.md at the doors of a service that may ask a host: what it asks, and for whom."""

import contextlib
from collections.abc import Mapping

import httpx
import pytest

from keys.did import build_document
from schemas.credential import written
from schemas.errors import Refused
from schemas.reading import Json
from tests import school
from tests.contract import NEVER_VALID, Contract, Service
from tests.world import MICRO, World, named_key, value_of

INSIDE = "http://169.254.169.254/latest/meta-data"
ATTACKER = named_key("attacker")
DID_URL = f"https://{school.HOST}/.well-known/did.json"
PLACES = ("termsOfUse", "evidence", "renderMethod", "refreshService", "image", "holder", "@context", "id")
"""Members that may name an address, beside those with a shape of their own."""


def naming(address: str) -> Mapping[str, Json]:
    """Every member by which a document may name an address."""
    named: dict[str, Json] = {name: {"id": address, "type": "urn:x:any"} for name in PLACES[:4]}
    return {
        **named,
        **dict.fromkeys(PLACES[4:], address),
        "credentialStatus": school.entry(statusListCredential=address),
        "credentialSchema": {"id": address, "type": "JsonSchema"},
        "relatedResource": {"id": address, "digestSRI": "sha256-AA=="},
        "issuer": {"id": f"did:web:{address.split('/')[2]}", "name": "x"},
    }


@pytest.fixture(scope="module")
def service(fetching: Service) -> Service:
    """Which may ask the school's host."""
    return fetching


@pytest.fixture
def asked(hosts: school.Hosts) -> list[str]:
    """What the school's host was asked for since the test began; each of its pages would be an answer."""
    hosts.asked.clear()
    did = f"did:web:{school.HOST}"
    known = build_document(did, [(f"{did}#k", school.KEY.multibase)])
    hosts.pages = {school.LIST_URL: school.status_list(), DID_URL: known}
    return hosts.asked


@pytest.mark.parametrize("address", [school.LIST_URL, INSIDE])
@pytest.mark.parametrize("member", naming(school.LIST_URL))
def test_D1_address_in_a_document_that_nobody_has_signed(
    member: str, address: str, contract: Contract, world: World, asked: list[str]
) -> None:
    """With no proof, with the proof of another document, under an attacker's proof in the issuer's name, ours with its
    proof as it was: nothing is asked for, but for the DID document of an issuer whose host is listed."""
    value = naming(address)[member]
    ours = value_of(world.issue(MICRO).document) | {member: value}
    theirs = school.credential(**{member: value})
    found = [ours, theirs, theirs | {"proof": school.signed(school.credential())["proof"]}]
    with contextlib.suppress(Refused):  # what has no canonical form cannot be signed
        found.append(school.signed(theirs, ATTACKER, verificationMethod=school.method_of(school.KEY)))
    contract.refuses_each(map(written, found), product=NEVER_VALID, open=NEVER_VALID)
    assert set(asked) <= ({DID_URL} if member == "issuer" else set())


def test_D1_address_in_a_document_that_its_issuer_has_signed(contract: Contract, asked: list[str]) -> None:
    """The status list is asked for, once the proof holds, and nothing else is."""
    more = naming(school.LIST_URL)
    listed = {name: more[name] for name in ("credentialStatus", "credentialSchema", "termsOfUse", "evidence")}
    document = written(school.signed(school.credential(**listed)))
    assert contract.ask("api", document).verdict == "malformed"
    assert asked == []
    assert contract.ask("api, open", document).verdict == "valid"
    assert asked == [school.LIST_URL]


def test_D1_address_of_a_host_that_is_not_listed(contract: Contract, asked: list[str]) -> None:
    for address in (INSIDE, "https://a.example/list", "https://127.0.0.1/list", "file:///etc/passwd"):
        document = school.signed(school.credential(credentialStatus=school.entry(statusListCredential=address)))
        contract.refuses(written(document), product="malformed", open="indeterminate")
    assert asked == []


@pytest.mark.parametrize(
    "answer",
    [
        *(httpx.Response(status, headers={"location": INSIDE}) for status in (301, 302, 303, 307, 308)),
        httpx.Response(302, headers={"location": f"https://{school.HOST}/2"}),
        httpx.Response(200, headers={"refresh": f"0;url={INSIDE}"}),
        httpx.Response(200, content=f'<meta http-equiv="refresh" content="0;url={INSIDE}">'.encode()),
    ],
    ids=lambda answer: f"{answer.status_code} {answer.headers.get('location', '')[-6:]}",
)
def test_D3_redirect(answer: httpx.Response, contract: Contract, hosts: school.Hosts, asked: list[str]) -> None:
    hosts.pages = {school.LIST_URL: answer, f"https://{school.HOST}/2": school.status_list()}
    document = school.signed(school.credential(credentialStatus=school.entry()))
    assert contract.ask("api, open", written(document)).verdict == "indeterminate"
    assert asked == [school.LIST_URL]


URL = f"https://{school.HOST}/credential.json"
HANDED_IN: list[bytes] = [
    *(text.encode() for text in (URL, f'"{URL}"', f"<{URL}>", f"{URL}\n", f"openid4vp://?request_uri={URL}")),
    *(written({name: URL}) for name in ("url", "uri", "id", "credential", "verifiableCredential", "@context", "$ref")),
    *(written(value) for value in ([URL], {"type": "EnvelopedVerifiableCredential", "id": URL}, {"proof": URL})),
]


def test_D9_an_address_that_is_handed_in_is_not_fetched(
    contract: Contract, hosts: school.Hosts, asked: list[str]
) -> None:
    """What stands there is a genuine credential; at no door is it looked for."""
    hosts.pages = {URL: school.signed(school.credential())}
    contract.refuses_each(HANDED_IN, product=("malformed", "unsupported", "tampered"), open=NEVER_VALID)
    contract.finds(URL, "not_found")
    for name in ("url", "uri", "credential", "vc", "request_uri", "iuv", "vp"):
        answer = contract.service.client.get("/", params={name: URL})
        assert (answer.status_code, URL in answer.text) == (200, False)
    assert asked == []
