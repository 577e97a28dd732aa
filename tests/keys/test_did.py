"""DIDs: whose key it is, where that is written, and what the key may be used for."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from keys.did import (
    MAX_METHODS,
    build_document,
    institution_did,
    is_host_name,
    methods_of_key_did,
    read_document,
    web_address,
)
from keys.multibase import base58_decode, base64url_encode, multibase_encode
from keys.public import PublicKey
from keys.signer import FileSigner
from schemas.errors import Malformed, Refused, Unsupported
from schemas.reading import Json

DID_KEY = Path("tests/vectors/did-key")


def vectors(name: str) -> dict[str, dict[str, Any]]:
    """A file of did:key vectors."""
    return dict(json.loads((DID_KEY / f"{name}.json").read_bytes()))


@pytest.mark.parametrize("did", vectors("ed25519-x25519"))
def test_the_vectors_of_did_key_for_ed25519(did: str) -> None:
    vector = vectors("ed25519-x25519")[did]
    signer = FileSigner.from_seed(bytes.fromhex(vector["seed"]))
    (method,) = methods_of_key_did(did)
    assert did == f"did:key:{signer.multibase}"
    assert (method.id, method.controller) == (f"{did}#{signer.multibase}", did)
    assert method.key == signer.public == PublicKey.from_multibase(signer.multibase)
    assert "assertionMethod" in method.purposes
    assert "keyAgreement" not in method.purposes


NIST = {did: vector for did, vector in vectors("nist-curves").items() if "publicKeyJwk" in vector["verificationMethod"]}


@pytest.mark.parametrize("did", NIST)
def test_the_vectors_of_did_key_for_the_curves_of_nist(did: str) -> None:
    vector, (method,) = NIST[did]["verificationMethod"], methods_of_key_did(did)
    assert did + vector["id"] == method.id
    assert method.key == PublicKey.from_jwk(vector["publicKeyJwk"])
    assert method.key.jwk == vector["publicKeyJwk"]
    (listed,) = read_document(NIST[did]["didDocument"], did)
    assert (listed.id, listed.controller, listed.key) == (method.id, did, method.key)
    assert listed.purposes == method.purposes | {"keyAgreement"}


def test_a_did_key_is_the_same_as_its_point() -> None:
    """One vector writes its key in base58 alone."""
    (did,) = set(vectors("nist-curves")) - set(NIST)
    (method,) = methods_of_key_did(did)
    point = base58_decode(vectors("nist-curves")[did]["verificationMethod"]["publicKeyBase58"])
    assert (method.key.name, method.key.point) == ("P-256", point)


@pytest.mark.parametrize("name", ["bls12381", "rsa", "secp256k1"])
def test_B14_keys_of_other_types_are_refused(name: str) -> None:
    for did in vectors(name):
        with pytest.raises(Refused):
            methods_of_key_did(did)


def test_a_key_agreement_key_is_no_signing_key() -> None:
    for did in vectors("x25519")["didDocument"]:
        with pytest.raises(Unsupported):
            methods_of_key_did(did)


@pytest.mark.parametrize(
    ("public_url", "did"),
    [
        ("https://verify.example.kz", "did:web:verify.example.kz:i:kmu"),
        ("https://verify.example.kz:8443", "did:web:verify.example.kz%3A8443:i:kmu"),
        ("http://verify.example.kz", "did:key:z6Mk"),
        ("https://192.0.2.7", "did:key:z6Mk"),
        ("https://[2001:db8::7]", "did:key:z6Mk"),
        ("https://localhost", "did:key:z6Mk"),
        ("http://127.0.0.1:8000", "did:key:z6Mk"),
    ],
)
def test_an_institution_is_a_did_web_only_with_an_https_host_name(public_url: str, did: str) -> None:
    assert institution_did(public_url, "kmu", "z6Mk") == did


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "printer.local", "127.0.0.1", "::1", "intranet", ""])
def test_what_is_no_public_name(host: str) -> None:
    assert not is_host_name(host)


@pytest.mark.parametrize(
    ("did", "address"),
    [
        ("did:web:a.example", "https://a.example/.well-known/did.json"),
        ("did:web:a.example:i:kmu", "https://a.example/i/kmu/did.json"),
        ("did:web:a.example%3A8443:i:kmu", "https://a.example:8443/i/kmu/did.json"),
    ],
)
def test_where_the_document_of_a_did_web_stands(did: str, address: str) -> None:
    assert web_address(did) == address


@pytest.mark.parametrize(
    "did",
    [
        *(
            "did:web:",
            "did:web::x",
            "did:web:a.example:",
            "did:web:a/b",
            "did:web:a@b.example",
            "did:web:a.example%2Fx",
        ),
        *("did:web:[::1]", "did:key:z6Mk", "did:web:a b", "did:web:a#b", "did:web:a?b", "did:webvh:x:a.example"),
        *("did:web:a.example:..:x", "did:web:a.example:i%2F..", "did:web:a.example:x?y", "did:web:a.example:x#y"),
        *("did:web:a.example:\\x", "did:web:١٢٧.0.0.1"),
    ],
)
def test_D2_a_did_web_that_leads_elsewhere_is_refused(did: str) -> None:
    with pytest.raises(Malformed):
        web_address(did)


def test_a_did_document_says_which_key_is_for_what() -> None:
    did = "did:web:a.example:i:kmu"
    keys = [FileSigner.generate().public for _ in range(2)]
    document = build_document(did, [(f"{did}#k{n}", key.multibase) for n, key in enumerate(keys, 1)])
    methods = {method.id: method for method in read_document(document, did)}
    assert {name: method.key for name, method in methods.items()} == {f"{did}#k1": keys[0], f"{did}#k2": keys[1]}
    assert all(method.purposes == {"assertionMethod"} for method in methods.values())
    document["keyAgreement"] = [document["assertionMethod"].pop()]
    assert [m.purposes for m in read_document(document, did)] == [{"assertionMethod"}, {"keyAgreement"}]


@pytest.mark.parametrize("change", [{"id": "did:web:b.example"}, {"id": None}])
def test_D6_the_document_of_another_is_refused(change: dict[str, str]) -> None:
    document = build_document("did:web:a.example", [("did:web:a.example#k", "z6Mk")]) | change
    with pytest.raises(Malformed):
        read_document(document, "did:web:a.example")


@pytest.mark.parametrize(
    "methods", [None, "x", [], [None], ["did:web:a.example#k"], [{"type": "Multikey"}], {"id": 1}, [{"type": "X"}]]
)
def test_a_did_document_without_keys_has_none(methods: object) -> None:
    assert read_document({"id": "did:web:a.example", "verificationMethod": methods}, "did:web:a.example") == ()


def did_jwk(jwk: dict[str, Json]) -> str:
    """The did:jwk of a key."""
    return "did:jwk:" + base64url_encode(json.dumps(jwk).encode())


P256, P384 = (NIST[did]["verificationMethod"]["publicKeyJwk"] for did in list(NIST)[1:3])


@pytest.mark.parametrize("jwk", [P256, P384, P256 | {"alg": "ES256", "use": "sig"}, P256 | {"key_ops": ["verify"]}])
def test_a_did_jwk_is_its_key(jwk: dict[str, Json]) -> None:
    did = did_jwk(jwk)
    (method,) = methods_of_key_did(did)
    assert (method.id, method.controller, method.key) == (f"{did}#0", did, PublicKey.from_jwk(jwk))
    assert "assertionMethod" in method.purposes


def test_the_example_of_the_did_jwk_method() -> None:
    jwk = "eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSD"
    rest = "ZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
    (method,) = methods_of_key_did(f"did:jwk:{jwk}{rest}")
    assert method.key.jwk["x"] == "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0"


NO_SIGNATURES: list[dict[str, Json]] = [
    *({"use": use} for use in ("enc", "Sig", "", None)),
    *({"key_ops": operations} for operations in (["deriveKey"], ["deriveBits", "wrapKey"], [], "verify", None, 1)),
    {"use": "sig", "key_ops": ["encrypt"]},
]


@pytest.mark.parametrize("meant", NO_SIGNATURES, ids=str)
def test_B3_a_did_jwk_for_encryption_signs_nothing(meant: dict[str, Json]) -> None:
    (method,) = methods_of_key_did(did_jwk(P256 | meant))
    assert method.purposes == {"keyAgreement"}


@pytest.mark.parametrize(
    "did",
    [
        did_jwk(P256 | {"d": P256["x"]}),
        did_jwk(P256 | {"alg": "ES384"}),
        did_jwk(P256 | {"x": P384["x"]}),
        did_jwk({"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
        did_jwk({"kty": "oct", "k": "AQAB"}),
        did_jwk({"kty": "OKP", "crv": "X25519", "x": "AQAB"}),
        did_jwk(P256) + "=",
        did_jwk(P256)[:-3],
        did_jwk(P256 | {"x5c": "x" * 2000}),
        *(
            "did:jwk:",
            "did:jwk:e30",
            "did:jwk:W10",
            "did:jwk:%",
            "did:key:",
            "did:key:z",
            "did:key:m",
            "did:web:a.example",
        ),
        *("did:example:1", "", "did:key", "urn:x"),
        "did:jwk:" + base64url_encode(b'{"kty":"EC","crv":"P-256","crv":"P-384"}'),
    ],
)
def test_what_is_no_key_of_ours_is_refused(did: str) -> None:
    with pytest.raises(Refused):
        methods_of_key_did(did)


WEB = "did:web:a.example"
ED = FileSigner.from_seed(b"\x05" * 32).public
MULTIKEY: dict[str, Json] = {
    "id": f"{WEB}#a",
    "type": "Multikey",
    "controller": WEB,
    "publicKeyMultibase": ED.multibase,
}
JWK: dict[str, Json] = {"id": "#b", "type": "JsonWebKey", "controller": WEB, "publicKeyJwk": P384}


def document(*methods: Json, **more: Json) -> dict[str, Json]:
    """The DID document of `WEB`."""
    return {"id": WEB, "verificationMethod": list(methods), **more}


@pytest.mark.parametrize(
    ("method", "key"),
    [
        (MULTIKEY, ED),
        (MULTIKEY | {"publicKeyMultibase": PublicKey.from_jwk(P256).multibase}, PublicKey.from_jwk(P256)),
        (MULTIKEY | {"type": "Ed25519VerificationKey2020"}, ED),
        (JWK, PublicKey.from_jwk(P384)),
        (JWK | {"type": "JsonWebKey2020", "publicKeyJwk": ED.jwk}, ED),
    ],
)
def test_a_key_is_written_in_one_of_four_ways(method: dict[str, Json], key: PublicKey) -> None:
    (found,) = read_document(document(method), WEB)
    assert found.key == key


def test_ids_are_relative_or_absolute_as_are_references() -> None:
    short, long = "#b", f"{WEB}#b"
    for named in (short, long):
        for referred in (short, long):
            (method,) = read_document(document(JWK | {"id": named}, assertionMethod=[referred]), WEB)
            assert (method.id, set(method.purposes)) == (long, {"assertionMethod"})


def test_a_method_inside_a_relationship_is_for_that_alone() -> None:
    found = read_document(document(MULTIKEY, assertionMethod=[f"{WEB}#a"], authentication=[JWK, "#a"]), WEB)
    assert {method.id: set(method.purposes) for method in found} == {
        f"{WEB}#a": {"assertionMethod", "authentication"},
        f"{WEB}#b": {"authentication"},
    }


@pytest.mark.parametrize("named", ["did:web:b.example#k", f"{WEB}x#k", f"{WEB}:x#k", f"{WEB}?v=1#k", "k", "urn:k"])
def test_B2_a_method_under_the_address_of_another_did_is_left_out(named: str) -> None:
    for controller in (WEB, "did:web:b.example"):
        other = MULTIKEY | {"id": named, "controller": controller}
        assert [method.id for method in read_document(document(other, JWK), WEB)] == [f"{WEB}#b"]


def test_a_method_of_another_controller_is_said_to_be_so() -> None:
    (found,) = read_document(document(MULTIKEY | {"controller": "did:web:b.example"}), WEB)
    assert found.controller == "did:web:b.example"


@pytest.mark.parametrize("end", ["expires", "revoked"])
def test_the_end_of_a_method_is_carried(end: str) -> None:
    (found,) = read_document(document(MULTIKEY | {end: "2026-09-01T00:00:00Z"}), WEB)
    assert getattr(found, end) == datetime(2026, 9, 1, tzinfo=UTC)
    assert found.good_at(datetime(2026, 8, 31, tzinfo=UTC))
    assert not found.good_at(datetime(2026, 9, 1, tzinfo=UTC))
    assert read_document(document(MULTIKEY), WEB)[0].good_at(datetime(2099, 1, 1, tzinfo=UTC))


X25519 = multibase_encode(b"\xec\x01" + b"\x07" * 32)
UNUSABLE: dict[str, tuple[dict[str, Json], type[Refused]]] = {
    "no controller": ({"controller": None}, Malformed),
    "two controllers": ({"controller": [WEB, "did:web:b.example"]}, Malformed),
    "two keys": ({"publicKeyJwk": P256}, Malformed),
    "a JWK as a Multikey": ({"publicKeyMultibase": None, "publicKeyJwk": P256}, Malformed),
    "a key that is none": ({"publicKeyMultibase": multibase_encode(b"\xed\x01short")}, Malformed),
    "no key": ({"publicKeyMultibase": None}, Malformed),
    "a P-256 key as one of Ed25519": (
        {"type": "Ed25519VerificationKey2020", "publicKeyMultibase": PublicKey.from_jwk(P256).multibase},
        Malformed,
    ),
    "a private JWK": (
        {"type": "JsonWebKey", "publicKeyMultibase": None, "publicKeyJwk": P256 | {"d": "AQ"}},
        Malformed,
    ),
    "a JWK for encryption": (
        {"type": "JsonWebKey", "publicKeyMultibase": None, "publicKeyJwk": P256 | {"use": "enc"}},
        Malformed,
    ),
    "a JWK for agreement": (
        {"type": "JsonWebKey2020", "publicKeyMultibase": None, "publicKeyJwk": P256 | {"key_ops": ["deriveKey"]}},
        Malformed,
    ),
    "no time": ({"revoked": True}, Malformed),
    "a time without a zone": ({"expires": "2099-01-01T00:00:00"}, Malformed),
    "an older type": ({"type": "Ed25519VerificationKey2018"}, Unsupported),
    "two types": ({"type": ["Multikey"]}, Unsupported),
    "a key for agreement": ({"publicKeyMultibase": X25519}, Unsupported),
    "RSA": ({"type": "JsonWebKey", "publicKeyMultibase": None, "publicKeyJwk": {"kty": "RSA"}}, Unsupported),
}


@pytest.mark.parametrize("defect", UNUSABLE)
def test_an_unusable_method_is_left_out_and_says_why_when_it_is_asked_for(defect: str) -> None:
    change, kind = UNUSABLE[defect]
    bad = {name: value for name, value in (MULTIKEY | change).items() if value is not None}
    assert [method.id for method in read_document(document(bad, JWK), WEB)] == [f"{WEB}#b"]
    assert [method.id for method in read_document(document(bad, JWK), WEB, f"{WEB}#b")] == [f"{WEB}#b"]
    with pytest.raises(kind):
        read_document(document(bad, JWK), WEB, f"{WEB}#a")


def test_two_methods_under_one_id_are_refused() -> None:
    other = MULTIKEY | {"publicKeyMultibase": FileSigner.from_seed(b"\x06" * 32).multibase}
    for several in (
        document(MULTIKEY, other),
        document(MULTIKEY, other | {"id": "#a"}),
        document(MULTIKEY, assertionMethod=[other]),
        document(assertionMethod=[MULTIKEY], authentication=other),
    ):
        with pytest.raises(Malformed):
            read_document(several, WEB)


def test_a_document_has_at_most_a_hundred_methods() -> None:
    methods = [MULTIKEY | {"id": f"#{n}"} for n in range(MAX_METHODS + 1)]
    assert len(read_document(document(*methods[1:]), WEB)) == MAX_METHODS
    with pytest.raises(Malformed):
        read_document(document(*methods), WEB)
