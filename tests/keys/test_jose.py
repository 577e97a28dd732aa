"""Envelopes of JOSE: what the standards print, what we write, and everything that must not open."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys import jose
from keys.multibase import base64url_decode, base64url_encode
from keys.payload import CREDENTIAL, PRESENTATION, Claims, Content, Opened, Unproven, Unsecured
from keys.public import KEY_TYPES, KeyName, PublicKey
from keys.signer import FileSigner, JwsInput
from schemas.errors import DataLoss, Malformed, Refused
from schemas.reading import MAX_BYTES, Json
from tests.envelopes import (
    KEYS,
    METHOD,
    ORDERS,
    credential,
    header,
    key_of,
    mirrored,
    packed,
    part,
    presentation,
    token,
    unsecured,
)

ED25519 = KEYS["Ed25519"]
every_key = pytest.mark.parametrize("signer", KEYS.values(), ids=list(KEYS))


def opened(text: str, key: FileSigner = ED25519, content: Content = CREDENTIAL) -> Opened:
    return Opened(jose.read(text, content), key.public)


# ---------------------------------------------------------------- the standards' own

RFC_7515_A_3 = (
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    },
    "eyJhbGciOiJFUzI1NiJ9",
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
)
RFC_8037_A_4 = (
    {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    },
    "eyJhbGciOiJFZERTQSJ9",
    "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
)


@pytest.mark.parametrize(("jwk", "head", "payload", "signature"), [RFC_7515_A_3, RFC_8037_A_4])
def test_the_signatures_of_the_standards_fit(jwk: dict[str, str], head: str, payload: str, signature: str) -> None:
    signer, message = FileSigner.from_jwk(jwk), JwsInput(base64url_decode(head), base64url_decode(payload))
    assert message.message == f"{head}.{payload}".encode()
    assert signer.public.holds(base64url_decode(signature), message.message)
    assert signer.public.holds(signer.sign(message), message.message)
    if signer.public.name == "Ed25519":
        assert base64url_encode(signer.sign(message)) == signature


def test_the_thumbprint_of_rfc_8037() -> None:
    public = {name: member for name, member in RFC_8037_A_4[0].items() if name != "d"}
    assert PublicKey.from_jwk(public).thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


# ---------------------------------------------------------------- both directions


@every_key
def test_what_is_sealed_opens_with_its_key_and_carries_the_exact_bytes(signer: FileSigner) -> None:
    text = jose.seal(unsecured(credential(), CREDENTIAL), signer, METHOD)
    head, payload, _ = text.split(".")
    assert json.loads(base64url_decode(head)) == header(signer)
    assert base64url_decode(payload) == packed(credential())
    sealed = jose.read(text, CREDENTIAL)
    assert (sealed.kid, sealed.claimed_speaker) == (METHOD, "https://school.example/issuers/1")
    assert opened(text, signer).document == credential()


@every_key
def test_a_presentation_is_sealed_as_one(signer: FileSigner) -> None:
    text = jose.seal(unsecured(presentation(), PRESENTATION), signer, METHOD)
    assert json.loads(base64url_decode(text.split(".")[0])) == header(signer, "vp")
    assert opened(text, signer, PRESENTATION).document == presentation()
    assert jose.read(text, PRESENTATION).claimed_speaker == "did:example:learner"


def test_the_name_of_the_algorithm_that_says_everything_counts_too() -> None:
    assert opened(token(header(ED25519, alg="Ed25519"), credential(), ED25519)).document == credential()


@pytest.mark.parametrize("typ", ["vc+jwt", "VC+JWT", "application/vc+jwt"])
@pytest.mark.parametrize("cty", ["vc", "application/vc", None])
def test_media_types_are_compared_as_rfc_7515_says(typ: str, cty: str | None) -> None:
    assert opened(token(header(ED25519, typ=typ, cty=cty), credential(), ED25519)).document == credential()


def test_the_claims_of_the_token_are_no_members_of_the_credential() -> None:
    claims = {
        "iss": "https://school.example/issuers/1",
        "sub": "did:example:learner",
        "iat": 1767225600,
        "nbf": "2026-01-01T00:00:00Z",
        "exp": 1798761600.5,
        "aud": "https://employer.example",
        "nonce": "n-0S6_WzA2Mj",
        "jti": "urn:uuid:0d3bb1a1-5f0c-4d1c-93d1-0d4ae0b8ec3b",
    }
    found = opened(token(header(ED25519), credential() | claims, ED25519))
    assert found.document == credential()
    instants = [each.isoformat() if each else None for each in (found.claims.issued, found.claims.not_before)]
    assert instants == ["2026-01-01T00:00:00+00:00"] * 2
    assert found.claims.expires is not None
    assert (found.claims.audience, found.claims.nonce) == (("https://employer.example",), "n-0S6_WzA2Mj")
    assert opened(token(header(ED25519), credential(), ED25519)).claims == Claims()


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": "yesterday"},
        {"exp": True},
        {"exp": 2**52},
        {"nbf": {"at": 1}},
        {"aud": [1]},
        {"nonce": 7},
        {"iss": "https://other.example"},
        {"iss": None},
        {"iss": ["https://school.example/issuers/1"]},
        {"vc": {}},
        {"vp": "nooo"},
    ],
    ids=str,
)
def test_a_token_that_contradicts_its_credential_does_not_open(claims: dict[str, Json]) -> None:
    with pytest.raises(Malformed):
        opened(token(header(ED25519), credential() | claims, ED25519))


def test_an_issuer_in_the_header_is_the_credentials_own() -> None:
    own = "https://school.example/issuers/1"
    assert opened(token(header(ED25519, iss=own), credential(), ED25519)).document == credential()
    named = credential(issuer={"id": own, "name": "School"})
    assert opened(token(header(ED25519, iss=own), named, ED25519)).document == named
    with pytest.raises(Malformed):
        opened(token(header(ED25519, iss="https://other.example"), credential(), ED25519))


def test_a_presentation_may_say_who_presents_in_the_token_alone() -> None:
    named = presentation() | {"iss": "did:example:learner"}
    unnamed = {name: member for name, member in named.items() if name != "holder"}
    for payload in (named, unnamed):
        found = opened(token(header(ED25519, "vp"), payload, ED25519), ED25519, PRESENTATION)
        assert found.document["type"] == ["VerifiablePresentation"]
    with pytest.raises(Malformed):
        opened(token(header(ED25519, "vp"), named | {"iss": "did:example:other"}, ED25519), ED25519, PRESENTATION)


# ---------------------------------------------------------------- what is sealed


@pytest.mark.parametrize(
    "more",
    [
        {"iss": "https://school.example"},
        {"vc": {}},
        {"exp": 1},
        {"proof": {"type": "DataIntegrityProof"}},
        {"issuer": None},
        {"credentialSubject": {}},
        {"@context": ["https://www.w3.org/2018/credentials/v1"]},
        {"validUntil": "2025-01-01T00:00:00Z"},
        {"undefined": "x"},
        {"credentialSubject": {"grade": "A"}},
    ],
    ids=str,
)
def test_only_a_sound_credential_is_sealed(more: dict[str, Json]) -> None:
    with pytest.raises(Refused):
        unsecured(credential(**more), CREDENTIAL)


def test_what_only_a_catch_all_takes_in_is_not_sealed() -> None:
    catching = [*credential()["@context"], "https://www.w3.org/ns/credentials/examples/v2"]
    subject = {"id": "did:example:learner", "course": "x", "degree": {"type": "ExampleDegree"}}
    taken = credential(**{"@context": catching, "credentialSubject": subject})
    assert unsecured(taken, CREDENTIAL).data == packed(taken)
    with pytest.raises(DataLoss):
        unsecured(credential(**{"@context": catching, "extension": "x"}), CREDENTIAL)


@pytest.mark.parametrize(
    "enclosed", [credential(), {**credential(), "proof": None}, "https://school.example/c/1", []], ids=range(4)
)
def test_a_credential_that_nothing_secures_is_not_presented(enclosed: Json) -> None:
    with pytest.raises(Malformed):
        unsecured(presentation(enclosed), PRESENTATION)


def test_a_credential_is_no_presentation_and_the_reverse() -> None:
    for content, document in ((PRESENTATION, credential()), (CREDENTIAL, presentation())):
        with pytest.raises(Malformed):
            unsecured(document, content)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"a":1,"a":2}', b"\xff", b" " * (MAX_BYTES + 1)])
def test_what_is_no_strict_json_is_not_sealed(data: bytes) -> None:
    with pytest.raises(Malformed):
        Unsecured(CREDENTIAL, data)


@pytest.mark.parametrize(
    "claims", [{"exp": 1798761600}, {"nbf": 1798761600}, {"iat": 1798761600}, {"aud": "https://a.example"}], ids=str
)
def test_claims_in_the_header_count_as_those_beside_the_credential(claims: dict[str, Json]) -> None:
    """RFC 7519, section 5.3: an end that stands in the header alone is an end."""
    inside = opened(token(header(ED25519), credential() | claims, ED25519)).claims
    for head, payload in ((claims, {}), (claims, claims)):
        found = opened(token(header(ED25519, **head), credential() | payload, ED25519))
        assert found.claims == inside != Claims()
        assert found.document == credential()


@pytest.mark.parametrize("claims", [{"exp": 1}, {"nbf": None}, {"iat": "2026-01-01T00:00:00Z"}, {"aud": []}], ids=str)
def test_claims_in_the_header_that_contradict_the_others_do_not_open(claims: dict[str, Json]) -> None:
    payload = credential() | {"exp": 2, "nbf": 2, "iat": 2, "aud": "https://a.example"}
    with pytest.raises(Malformed):
        opened(token({**header(ED25519), **claims}, payload, ED25519))


@pytest.mark.parametrize("name", ["vc", "vp"])
def test_B6_no_other_document_stands_in_the_header(name: str) -> None:
    with pytest.raises(Malformed):
        opened(token(header(ED25519) | {name: credential(issuer="did:example:other")}, credential(), ED25519))


# ---------------------------------------------------------------- what does not open

SPELLINGS = ["none", "None", "nOnE", "NONE", " none", "", None, 0, True, ["none"], {"alg": "none"}]


@pytest.mark.parametrize("alg", SPELLINGS, ids=str)
@pytest.mark.parametrize("signature", [b"", bytes(64), None], ids=["empty", "zeros", "genuine"])
def test_B7_a_token_without_an_algorithm_does_not_open(alg: Any, signature: bytes | None) -> None:
    with pytest.raises(Unproven):
        opened(token(header(ED25519, alg=alg), credential(), ED25519, signature))


@every_key
def test_B7_an_empty_signature_is_none(signer: FileSigner) -> None:
    with pytest.raises(Unproven):
        opened(token(header(signer), credential(), signer, b""), signer)


@pytest.mark.parametrize("alg", sorted(row.alg for row in KEY_TYPES.values()))
@every_key
def test_B8_a_key_has_one_algorithm(signer: FileSigner, alg: str) -> None:
    text = token(header(signer, alg=alg), credential(), signer)
    if alg == signer.public.type.alg:
        assert opened(text, signer).document == credential()
    else:
        with pytest.raises(Unproven):
            opened(text, signer)


OTHERS = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256K", "Ed448", "es256"]


def secrets_of(signer: FileSigner) -> dict[str, bytes]:
    """The public key in each form in which it could be taken for a shared secret."""
    key: Any = signer._key
    public = key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "PEM": pem,
        "PEM without its last line break": pem.strip(),
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "point": signer.public.point,
        "multibase": signer.multibase.encode(),
        "JWK": packed(signer.public.jwk),
    }


@pytest.mark.parametrize("alg", OTHERS)
@every_key
def test_B8_the_public_key_is_no_shared_secret(signer: FileSigner, alg: str) -> None:
    digest = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}.get(alg[-3:], hashlib.sha256)
    head = header(signer, alg=alg)
    message = f"{part(head)}.{part(credential())}".encode()
    for secret in secrets_of(signer).values():
        with pytest.raises(Unproven):
            opened(token(head, credential(), signer, hmac.digest(secret, message, digest)), signer)
    with pytest.raises(Unproven):
        opened(token(head, credential(), signer), signer)


OTHER_KEY = key_of("Ed25519", "an attacker")
KEY_SOURCES: dict[str, Json] = {
    "jku": "https://attacker.example/jwks.json",
    "x5u": "https://attacker.example/key.pem",
    "jwk": OTHER_KEY.public.jwk,
    "x5c": ["MIIB"],
    "x5t": "AAAA",
    "x5t#S256": "AAAA",
}
KIDS = [
    "../../etc/passwd",
    "' OR 1=1--",
    "https://attacker.example/key",
    "file:///dev/null",
    "",
    "\u0000",
    "did:key:z6Mkf5rGMoatrSj1f4CyvuHBeXJELe9RPdzo2PKGNCKVtZxP",
]


@pytest.mark.parametrize("source", KEY_SOURCES)
def test_B9_a_header_brings_no_key(source: str, sockets: list[Any]) -> None:
    genuine = header(ED25519, **{source: KEY_SOURCES[source]})
    assert opened(token(genuine, credential(), ED25519)).document == credential()
    with pytest.raises(Unproven):
        opened(token(genuine, credential(), OTHER_KEY))
    assert sockets == []


@pytest.mark.parametrize("kid", KIDS)
def test_B9_a_kid_is_a_name_and_nothing_more(kid: str, sockets: list[Any]) -> None:
    with pytest.raises(Refused):
        opened(token(header(ED25519, kid=kid), credential(), OTHER_KEY))
    assert sockets == []


@pytest.mark.parametrize("more", [{"kid": 1}, {"kid": ["a"]}, {"kid": {}}, {"typ": 1}, {"cty": []}], ids=str)
def test_B9_a_header_member_of_another_type_is_malformed(more: dict[str, Json]) -> None:
    with pytest.raises(Malformed):
        opened(token(header(ED25519, **more), credential(), ED25519))


@pytest.mark.parametrize(
    "more",
    [
        {"crit": ["x"], "x": 1},
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"crit": "alg"},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"b64": True},
    ],
    ids=str,
)
def test_B9_a_condition_that_is_not_known_does_not_count(more: dict[str, Json]) -> None:
    with pytest.raises(Unproven):
        opened(token(header(ED25519, **more), credential(), ED25519))


@pytest.mark.parametrize(
    "typ",
    [None, "JWT", "jwt", "vp+jwt", "vc+sd-jwt", "dc+sd-jwt", "statuslist+jwt", "at+jwt", "kb+jwt", "vc", "vc+cose", ""],
)
def test_B9_a_token_of_another_kind_is_no_credential(typ: str | None) -> None:
    with pytest.raises(Malformed):
        opened(token(header(ED25519, typ=typ), credential(), ED25519))


@pytest.mark.parametrize("cty", ["vp", "JWT", "vc+ld+json", ""])
def test_B9_a_content_of_another_kind_is_no_credential(cty: str) -> None:
    with pytest.raises(Malformed):
        opened(token(header(ED25519, cty=cty), credential(), ED25519))


@pytest.mark.parametrize("name", ORDERS)
def test_B11_either_form_of_a_signature_opens_the_same_document(name: KeyName) -> None:
    signer = KEYS[name]
    text = jose.seal(unsecured(credential(), CREDENTIAL), signer, METHOD)
    head, payload, signature = text.split(".")
    other = f"{head}.{payload}.{part(mirrored(base64url_decode(signature), name))}"
    assert other != text
    assert opened(other, signer).document == opened(text, signer).document == credential()


@every_key
def test_B12_what_is_no_signature_of_the_key_does_not_open(signer: FileSigner) -> None:
    good = base64url_decode(token(header(signer), credential(), signer).split(".")[2])
    half = len(good) // 2
    for bad in (bytes(len(good)), good[:-1], good + b"\0", good[half:] + good[:half], b"\xff" * len(good), good[:half]):
        with pytest.raises(Unproven):
            opened(token(header(signer), credential(), signer, bad), signer)


@every_key
def test_B1_no_changed_character_opens(signer: FileSigner) -> None:
    text = jose.seal(unsecured(credential(), CREDENTIAL), signer, METHOD)
    for at in range(0, len(text), 7):
        for character in "AZ.=":
            changed = text[:at] + character + text[at + 1 :]
            if changed != text:
                with pytest.raises(Refused):
                    opened(changed, signer)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: "..",
        lambda text: text + ".",
        lambda text: text + ".AAAA",
        lambda text: text.rsplit(".", 1)[0],
        lambda text: f" {text}",
        lambda text: f"{text}\n",
        lambda text: f"{text}=",
        lambda text: text.replace(".", "..", 1),
        lambda text: text.replace("_", "/").replace("-", "+") + "+",
        lambda text: "." + text.split(".", 1)[1],
        lambda text: f"{part([])}.{text.split('.', 1)[1]}",
        lambda text: f"{part(b'{')}.{text.split('.', 1)[1]}",
        lambda text: f"{part(b'x' * 20_000)}.{text.split('.', 1)[1]}",
        lambda text: f"{text}{'A' * MAX_BYTES}",
        lambda text: "а" + text[1:],
        lambda text: "\ud800" + text[1:],
    ],
)
def test_what_is_no_compact_jws_is_malformed(spoil: Any) -> None:
    with pytest.raises(Malformed):
        opened(spoil(token(header(ED25519), credential(), ED25519)))


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"null", b'{"issuer":"a","issuer":"b"}', b'{"a":1e400}', b"\xef\xbb\xbf{}", b"[" * 99]
)
def test_a_signed_payload_that_is_no_strict_json_does_not_open(payload: bytes) -> None:
    with pytest.raises(Malformed):
        opened(token(header(ED25519), payload, ED25519))


def test_A16_a_header_that_says_something_twice_is_malformed() -> None:
    twice = b'{"alg":"EdDSA","alg":"none","typ":"vc+jwt"}'
    with pytest.raises(Malformed):
        opened(token(twice, credential(), ED25519))


def test_B6_nothing_is_opened_but_by_its_key() -> None:
    sealed = jose.read(jose.seal(unsecured(credential(), CREDENTIAL), ED25519, METHOD), CREDENTIAL)
    assert not hasattr(sealed, "document")
    with pytest.raises(Unproven):
        Opened(sealed, OTHER_KEY.public)
    found = Opened(sealed, ED25519.public)
    found.document["credentialSubject"]["course"] = "another"
    assert found.document == credential()
