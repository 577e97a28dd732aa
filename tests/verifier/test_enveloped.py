"""Policy `open`: other people's credentials in envelopes of JOSE and COSE."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from keys import cose, enveloped, jose
from keys.cose import KID
from keys.did import method_id
from keys.multibase import base64url_decode, base64url_encode
from keys.payload import CREDENTIAL
from keys.public import KeyName
from keys.signer import FileSigner
from registry.fetch import Fetcher
from schemas.canonical import jcs
from schemas.credential import utc
from schemas.reading import Json
from schemas.statuslist import encode_bitstring, list_document
from tanu.asgi import everything
from tanu.cli import run
from tests.envelopes import (
    KEYS,
    ORDERS,
    credential,
    header,
    key_of,
    labels,
    mirrored,
    packed,
    part,
    presentation,
    sign1,
    token,
    unsecured,
)
from tests.world import World
from verifier.report import Report

SIGNER, OTHER = KEYS["P-256"], key_of("P-256", "an attacker")


def did_jwk(signer: FileSigner) -> str:
    return f"did:jwk:{base64url_encode(jcs(signer.public.jwk))}"


def did_key(signer: FileSigner) -> str:
    return f"did:key:{signer.multibase}"


ISSUER = did_key(SIGNER)
METHOD = method_id(ISSUER, SIGNER.multibase)


def document(issuer: str = ISSUER, **more: Json) -> dict[str, Json]:
    return credential(issuer={"id": issuer, "name": "A foreign school"}, name="Course certificate", **more)


def signed(payload: Json, signer: FileSigner = SIGNER, **head: Json) -> bytes:
    """A token whose header names the issuer's method unless `head` says otherwise."""
    return token(header(signer, **({"kid": METHOD} | head)), payload, signer).encode()


@pytest.fixture
def opened(world: World) -> Callable[..., Report]:
    """Verifies under policy `open`."""

    def verify(data: bytes | Mapping[str, Json], fetcher: Fetcher | None = None) -> Report:
        return world.verify(data, policy="open", fetcher=fetcher or Fetcher())

    return verify


def outcomes(report: Report) -> str:
    """The outcomes of steps 1–9, one letter each: passed, failed, unknown, not applicable."""
    return "".join(check.outcome[0] for check in report.checks)


ISSUERS = [
    *((name, did_key(KEYS[name]), f"#{KEYS[name].multibase}") for name in ("Ed25519", "P-256", "P-384")),
    *((name, did_jwk(signer), "#0") for name, signer in KEYS.items()),
]
every_issuer = pytest.mark.parametrize(("name", "did", "fragment"), ISSUERS)


@every_issuer
def test_an_envelope_is_opened_with_the_key_of_its_issuer(
    name: KeyName, did: str, fragment: str, opened: Callable[..., Report]
) -> None:
    content, signer = unsecured(document(did), CREDENTIAL), KEYS[name]
    text, data = jose.seal(content, signer, did + fragment), cose.seal(content, signer, did + fragment)
    for handed in (
        text.encode(),
        f"\n{text}\n".encode(),
        data,
        enveloped.of_jose(text, CREDENTIAL),
        enveloped.of_cose(data, CREDENTIAL),
    ):
        report = opened(handed)
        assert (report.verdict, outcomes(report)) == ("valid", "ppnpnppnn")
        assert report.document is not None
        assert (report.document.issuer.id, report.document.issuer.confirmed) == (did, False)
        assert report.document.title is not None
        assert report.document.title.en == "Course certificate"


@pytest.mark.parametrize("kid", [METHOD, f"#{SIGNER.multibase}", SIGNER.public.thumbprint])
def test_a_kid_names_the_key_in_one_of_three_ways(kid: str, opened: Callable[..., Report]) -> None:
    assert opened(signed(document(), kid=kid)).verdict == "valid"


@pytest.mark.parametrize(
    "kid",
    [
        None,
        "",
        "#",
        "0",
        SIGNER.multibase,
        f"{ISSUER}#0",
        f"{did_key(OTHER)}#{OTHER.multibase}",
        "../../etc/passwd",
        "' OR 1=1--",
        "https://attacker.example/keys/1",
        METHOD + " ",
        METHOD.upper(),
    ],
)
def test_B9_a_kid_that_names_no_key_of_the_issuer_finds_none(
    kid: str | None, opened: Callable[..., Report], sockets: list[Any]
) -> None:
    for signer in (SIGNER, OTHER):
        report = opened(signed(document(), signer, kid=kid))
        assert (report.verdict, report.document, report.checks[3].outcome) == ("tampered", None, "failed")
    assert sockets == []


@pytest.mark.parametrize(
    "source",
    [
        {"jku": "https://attacker.example/jwks.json"},
        {"x5u": "https://attacker.example/key.pem"},
        {"jwk": OTHER.public.jwk},
        {"x5c": ["MIIB"]},
    ],
    ids=lambda source: next(iter(source)),
)
def test_B9_a_header_brings_no_key(source: dict[str, Json], opened: Callable[..., Report], sockets: list[Any]) -> None:
    everywhere = Web().fetcher("attacker.example")
    assert opened(signed(document(), **source), everywhere).verdict == "valid"
    report = opened(signed(document(), OTHER, **source), everywhere)
    assert (report.verdict, report.document) == ("tampered", None)
    assert sockets == []


def test_B2_another_key_than_the_issuers_opens_nothing(opened: Callable[..., Report]) -> None:
    for kid in (METHOD, method_id(did_key(OTHER), OTHER.multibase)):
        assert opened(signed(document(), OTHER, kid=kid)).verdict == "tampered"
        head = labels(SIGNER) | {KID: kid.encode()}
        assert opened(sign1(head, document(), OTHER)).verdict == "tampered"


def test_B6_what_stands_around_an_envelope_changes_nothing_and_is_never_shown(opened: Callable[..., Report]) -> None:
    """A genuine credential of one person inside, the claims of another around it."""
    inner = signed(document()).decode()
    outer = enveloped.of_jose(inner, CREDENTIAL)
    assert opened(outer).verdict == "valid"
    claims = document("did:key:z6Mkf5rGMoatrSj1f4CyvuHBeXJELe9RPdzo2PKGNCKVtZxP", credentialSubject={"course": "Law"})
    for name, value in claims.items():
        if name not in outer:
            report = opened(outer | {name: value})
            assert (report.verdict, report.document) == ("tampered", None), name
    proof = {"type": "JwtProof2020", "jwt": inner}
    for changed in (claims | {"proof": proof}, claims | {"proof": [proof]}, outer | {"proof": proof}):
        report = opened(changed)
        assert report.verdict != "valid"
        assert report.document is None


def test_B6_a_document_inside_an_envelope_that_has_a_proof_too_is_not_taken_for_it(
    world: World, opened: Callable[..., Report]
) -> None:
    inner = world.signed_by(KEYS["Ed25519"], document(did_key(KEYS["Ed25519"])))
    assert opened(inner).verdict == "valid"
    assert opened(signed(inner | {"issuer": ISSUER})).verdict == "unsupported"


ALGORITHMS = ["none", "None", "nOnE", "", None, "HS256", "HS512", "RS256", "PS256", "ES384", "EdDSA", "ES256K"]


@pytest.mark.parametrize("alg", ALGORITHMS)
@pytest.mark.parametrize("signature", [b"", None, bytes(64)], ids=["empty", "genuine", "zeros"])
def test_B7_B8_no_other_algorithm_than_the_keys_counts(
    alg: str | None, signature: bytes | None, opened: Callable[..., Report]
) -> None:
    text = token(header(SIGNER, kid=METHOD, alg=alg), document(), SIGNER, signature)
    for handed in (text.encode(), enveloped.of_jose(text, CREDENTIAL)):
        report = opened(handed)
        assert (report.verdict, report.document) == ("tampered", None)


@pytest.mark.parametrize("more", [{"crit": ["x"], "x": 1}, {"b64": False}, {"crit": ["b64"], "b64": False}], ids=str)
def test_B9_a_condition_that_is_not_known_does_not_count(more: dict[str, Json], opened: Callable[..., Report]) -> None:
    assert opened(signed(document(), **more)).verdict == "tampered"


@pytest.mark.parametrize("typ", [None, "JWT", "statuslist+jwt", "vp+jwt", "dc+sd-jwt"])
def test_B9_a_token_of_another_kind_is_no_credential(typ: str | None, opened: Callable[..., Report]) -> None:
    assert opened(signed(document(), typ=typ)).verdict == "malformed"


def test_B9_nor_is_a_token_with_other_contents(opened: Callable[..., Report]) -> None:
    id_token = {"iss": ISSUER, "sub": "learner", "aud": "client", "exp": 1798761600, "iat": 1767225600}
    for payload in (id_token, presentation(holder=ISSUER), {"vc": document(), "iss": ISSUER}):
        report = opened(signed(payload))
        assert report.verdict != "valid"
        assert report.document is None


@pytest.mark.parametrize("name", ["P-256", "P-384"])
def test_B11_either_form_of_a_signature_gives_the_same_report(name: KeyName, opened: Callable[..., Report]) -> None:
    did, signer = did_key(KEYS[name]), KEYS[name]
    text = signed(document(did), signer, kid=method_id(did, signer.multibase)).decode()
    head, payload, signature = text.split(".")
    other = f"{head}.{payload}.{part(mirrored(base64url_decode(signature), name))}"
    assert name in ORDERS
    assert opened(other.encode()).as_json() == opened(text.encode()).as_json()
    assert opened(text.encode()).verdict == "valid"


def test_B1_a_changed_token_is_never_valid(opened: Callable[..., Report]) -> None:
    text = signed(document())
    for at in range(0, len(text), 23):
        changed = text[:at] + (b"A" if text[at : at + 1] != b"A" else b"B") + text[at + 1 :]
        report = opened(changed)
        assert report.verdict in ("tampered", "malformed", "indeterminate"), (
            "an issuer of another method cannot be asked"
        )
        assert report.document is None


@pytest.mark.parametrize(
    ("claims", "verdict"),
    [
        ({"exp": 1767312000}, "expired"),
        ({"exp": 4102444800}, "valid"),
        ({"nbf": 4102444800}, "not_yet_valid"),
        ({"nbf": 1767225600}, "valid"),
        ({"iat": 4102444800}, "not_yet_valid"),
        ({"iat": "2026-01-01T00:00:00Z"}, "valid"),
        ({"iss": ISSUER}, "valid"),
        ({"iss": did_key(OTHER)}, "malformed"),
        ({"vc": {}}, "malformed"),
        ({"exp": "soon"}, "malformed"),
        ({"validUntil": "2026-01-02T00:00:00Z"}, "expired"),
        ({"validFrom": "2100-01-01T00:00:00Z"}, "not_yet_valid"),
        ({"degree": "PhD"}, "tampered"),
        ({"@context": ["https://www.w3.org/ns/credentials/v2", {"@vocab": "urn:x:"}]}, "malformed"),
        ({"type": ["VerifiableCredential", "Undefined"]}, "malformed"),
        ({"credentialSubject": "x"}, "malformed"),
    ],
    ids=str,
)
def test_what_the_token_and_the_credential_say_is_heeded(
    claims: dict[str, Json], verdict: str, opened: Callable[..., Report]
) -> None:
    assert opened(signed(document() | claims)).verdict == verdict


def test_what_is_no_envelope_at_all_is_malformed(opened: Callable[..., Report]) -> None:
    for data in (b"eyJ", b"eyJ.e30.AA", b"eyJhbGciOiJub25l\xff", b"\xd2", b"\xd2\x84", signed(b"[]"), signed(b"{")):
        assert opened(data).verdict == "malformed"


def test_under_policy_product_an_envelope_is_unsupported(world: World) -> None:
    text = signed(document())
    for handed in (text, sign1(labels(SIGNER), document(), SIGNER), enveloped.of_jose(text.decode(), CREDENTIAL)):
        report = world.verify(handed)
        assert (report.verdict, report.document) == ("unsupported", None)
        assert "open" in report.checks[0].because.en


# ---------------------------------------------------------------- what is fetched


class Web:
    """A web of these pages; what was asked for is noted."""

    def __init__(self, **pages: Json) -> None:
        self.pages, self.asked = pages, list[str]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        url = f"https://{request.headers['host']}{request.url.path}"
        self.asked.append(url)
        page = self.pages.get(url)
        return httpx.Response(404) if page is None else httpx.Response(200, content=packed(page))

    def fetcher(self, *hosts: str) -> Fetcher:
        return Fetcher(
            hosts=frozenset(hosts), resolver=lambda _: ["93.184.216.34"], transport=httpx.MockTransport(self)
        )


SCHOOL, ADDRESS = "did:web:school.example", "https://school.example/.well-known/did.json"


def did_document(**more: Json) -> dict[str, Json]:
    method = {
        "id": f"{SCHOOL}#key-1",
        "type": "JsonWebKey",
        "controller": SCHOOL,
        "publicKeyJwk": SIGNER.public.jwk | {"kid": "key-1"},
    }
    return {"id": SCHOOL, "verificationMethod": [method], "assertionMethod": [method["id"]]} | more


@pytest.mark.parametrize(
    ("ends", "claims", "verdict"),
    [
        ("expires", {}, "tampered"),
        ("revoked", {}, "tampered"),
        ("expires", {"iat": "2019-01-01T00:00:00Z"}, "indeterminate"),
        ("revoked", {"iat": "2019-01-01T00:00:00Z"}, "tampered"),
    ],
)
def test_a_key_that_has_ended_opens_no_envelope(
    ends: str, claims: dict[str, Json], verdict: str, opened: Callable[..., Report]
) -> None:
    """Not even one that says it was made before."""
    page = did_document()
    page["verificationMethod"][0] |= {ends: "2020-01-01T00:00:00Z"}
    text = signed(document(SCHOOL) | claims, kid=f"{SCHOOL}#key-1")
    report = opened(text, Web(**{ADDRESS: page}).fetcher("school.example"))
    assert (report.verdict, report.document) == (verdict, None)
    assert next(check.outcome for check in report.checks if check.n == 5) in ("failed", "unknown")


def test_a_did_web_is_fetched_from_a_listed_host_only(opened: Callable[..., Report]) -> None:
    text, web = signed(document(SCHOOL), kid=f"{SCHOOL}#key-1"), Web(**{ADDRESS: did_document()})
    assert opened(text, web.fetcher("school.example")).verdict == "valid"
    assert web.asked == [ADDRESS]
    for fetcher in (web.fetcher("other.example"), Fetcher()):
        assert opened(text, fetcher).verdict == "indeterminate"
    assert web.asked == [ADDRESS]
    for kid in ("#key-1", SIGNER.public.thumbprint):
        assert opened(signed(document(SCHOOL), kid=kid), web.fetcher("school.example")).verdict == "valid"
    assert opened(signed(document(SCHOOL), kid="#key-2"), web.fetcher("school.example")).verdict == "tampered"


def test_B3_the_did_document_says_what_a_key_is_for(opened: Callable[..., Report]) -> None:
    text = signed(document(SCHOOL), kid=f"{SCHOOL}#key-1")
    other = Web(**{ADDRESS: did_document(assertionMethod=[], authentication=[f"{SCHOOL}#key-1"])})
    assert opened(text, other.fetcher("school.example")).verdict == "tampered"


def test_an_issuer_whose_key_nobody_can_have_leaves_it_open(opened: Callable[..., Report]) -> None:
    for issuer in ("https://school.example/issuers/1", "did:example:school", SCHOOL):
        report = opened(signed(document(issuer), kid=f"{issuer}#1"), Web().fetcher("school.example"))
        assert (report.verdict, report.document) == ("indeterminate", None)


LIST = "https://lists.example/1"


def test_D1_the_status_list_is_fetched_once_the_envelope_is_open(world: World, opened: Callable[..., Report]) -> None:
    signer = KEYS["Ed25519"]
    issuer = did_key(signer)
    kid = method_id(issuer, signer.multibase)
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": LIST,
    }
    text = signed(document(issuer, credentialStatus=entry), signer, kid=kid)
    begins, ends = utc(world.clock.now), utc(world.clock.now.replace(day=28))
    for indices, verdict in (([8], "valid"), ([7], "revoked")):
        content = list_document(LIST, issuer, "revocation", encode_bitstring(indices), begins, ends)
        web = Web(**{LIST: world.signed_by(signer, content)})
        assert opened(text, web.fetcher("lists.example")).verdict == verdict
        assert web.asked == [LIST]
        forged = signed(document(issuer, credentialStatus=entry), key_of("Ed25519", "an attacker"), kid=kid)
        assert opened(forged, web.fetcher("lists.example")).verdict == "tampered"
        assert web.asked == [LIST]
    assert opened(text).verdict == "indeterminate"


# ---------------------------------------------------------------- the doors


def test_the_doors_take_envelopes(world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    client, payload = TestClient(everything(world.office)), document(validFrom="2010-01-01T00:00:00Z")
    for data, verdict in (
        (signed(payload), "valid"),
        (sign1(labels(SIGNER) | {KID: METHOD.encode()}, payload, SIGNER), "valid"),
    ):
        assert client.post("/api/verify?policy=open", content=data).json()["verdict"] == verdict
        assert client.post("/api/verify?policy=open", files={"file": ("c", data)}).json()["verdict"] == verdict
        assert client.post("/api/verify", content=data).json()["verdict"] == "unsupported"
        page = client.post("/verify?lang=en", files={"file": ("c", data)})
        assert "This is a document in a JOSE or COSE envelope." in page.text
        file = tmp_path / "credential.jwt"
        file.write_bytes(data)
        home = ["--home", str(world.home.folder), "--json"]
        assert run(["verify", str(file), "--policy", "open", *home]) == 0
        assert json.loads(capfd.readouterr().out)["verdict"] == verdict
        assert run(["verify", str(file), *home]) == 3
        capfd.readouterr()
