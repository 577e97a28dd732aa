"""`tanu jose issue|verify` as the W3C suite for VC-JOSE-COSE calls it: files in, a result file out, an exit code."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from keys.cose import TYP
from keys.enveloped import base64_encode
from keys.multibase import base64url_encode
from keys.public import KeyName
from schemas.reading import Json
from tanu.cli import run
from tanu.jose import FEATURES
from tests.envelopes import KEYS, METHOD, SIZES, credential, header, labels, packed, presentation, sign1, token

SUPPORTED = [name for name, row in FEATURES.items() if row]
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
ENVELOPED = {
    "@context": "https://www.w3.org/ns/credentials/v2",
    "type": "EnvelopedVerifiableCredential",
    "id": "data:application/vc+jwt,eyJ0aGlzIjoiaXMgbm90IG9wZW5lZCBoZXJlIn0.e30.AAAA",
}


def method(name: KeyName, **more: Json) -> dict[str, Json]:
    """A key file of the suite's form."""
    public = KEYS[name].public
    jwk = public.jwk | {"alg": public.type.alg, "kid": public.thumbprint}
    secret = jwk | {"d": base64url_encode(KEYS[name]._secret().rjust(SIZES[name], b"\0"))}
    members = {"id": METHOD, "type": "JsonWebKey", "controller": METHOD.split("#")[0]}
    return members | {"publicKeyJwk": jwk, "secretKeyJwk": secret} | more


Tanu = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def tanu(tmp_path: Path) -> Tanu:
    """Runs the command on a document and a key; its exit code and what it wrote."""

    def call(
        verb: str, feature: str, document: bytes, key: Mapping[str, Json], *more: str
    ) -> tuple[int, dict[str, Any]]:
        files = {name: tmp_path / name for name in ("input", "key", "output")}
        files["input"].write_bytes(document)
        files["key"].write_text(json.dumps(key))
        options = [word for name, path in files.items() for word in (f"--{name}", str(path))]
        code = run(["jose", verb, *options, "--feature", feature, *more])
        written = files["output"]
        return code, json.loads(written.read_text()) if written.exists() else {}

    return call


def document_for(feature: str) -> dict[str, Json]:
    return credential() if feature.startswith("credential") else presentation(ENVELOPED)


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("feature", SUPPORTED)
def test_what_is_issued_is_verified(feature: str, name: KeyName, tanu: Tanu) -> None:
    document = document_for(feature)
    code, issued = tanu("issue", feature, packed(document), method(name))
    assert (code, issued["result"]) == (0, "success")
    code, verified = tanu("verify", feature, issued["data"].encode() + b"\n", method(name))
    assert (code, verified["result"]) == (0, "success")
    assert json.loads(verified["data"]) == document
    other: KeyName = "P-256" if name != "P-256" else "Ed25519"
    code, refused = tanu("verify", feature, issued["data"].encode(), method(other))
    assert (code, refused["result"]) == (1, "failure")
    assert set(refused["because"]) == {"kk", "ru", "en"}


def test_an_extension_that_nobody_defines_is_not_signed(tanu: Tanu) -> None:
    contexts = [*credential()["@context"], EXAMPLES]
    code, answer = tanu(
        "issue", "credential_jose", packed(credential(**{"@context": contexts, "x": {}})), method("P-256")
    )
    assert (code, answer["result"]) == (65, "failure")


SIGNER = KEYS["P-256"]


@pytest.mark.parametrize(
    "text",
    [
        packed(credential()),
        b"",
        b"\xff",
        token(header(SIGNER), credential(), SIGNER, bytes(64)).encode(),
        token(header(SIGNER, typ="bad+typ", cty="bad+cty"), credential(), SIGNER).encode(),
        token(header(SIGNER), credential(vc="oops", vp="nooo"), SIGNER).encode(),
        token(header(SIGNER), credential(undefined="x"), SIGNER).encode(),
        token(header(SIGNER), credential(issuer=None), SIGNER).encode(),
        token(header(SIGNER, kid="https://school.example/issuers/1#key-2"), credential(), SIGNER).encode(),
    ],
    ids=["unsecured", "empty", "not ASCII", "signature", "type", "vc, vp", "undefined", "no issuer", "other kid"],
)
def test_what_is_no_signed_credential_is_a_failure(text: bytes, tanu: Tanu) -> None:
    code, answer = tanu("verify", "credential_jose", text, method("P-256"))
    assert (code, answer["result"]) == (1, "failure")


@pytest.mark.parametrize("kid", [None, METHOD, SIGNER.public.thumbprint])
def test_a_kid_is_the_methods_id_or_its_thumbprint(kid: str | None, tanu: Tanu) -> None:
    text = token(header(SIGNER, kid=kid), credential(), SIGNER).encode()
    assert tanu("verify", "credential_jose", text, method("P-256"))[0] == 0


@pytest.mark.parametrize("enclosed", [ENVELOPED | {"id": "not-a-credential"}, credential(), ENVELOPED | {"type": []}])
def test_a_presentation_with_something_else_inside_is_a_failure(enclosed: Json, tanu: Tanu) -> None:
    text = token(header(SIGNER, "vp"), presentation(enclosed), SIGNER).encode()
    assert tanu("verify", "presentation_jose", text, method("P-256"))[1]["result"] == "failure"
    data = base64_encode(sign1(labels(SIGNER, "vp"), presentation(enclosed), SIGNER)).encode()
    assert tanu("verify", "presentation_cose", data, method("P-256"))[1]["result"] == "failure"


def test_cose_in_hexadecimal_or_of_another_type_is_a_failure(tanu: Tanu) -> None:
    data = sign1(labels(SIGNER), credential(), SIGNER)
    other = sign1(labels(SIGNER) | {TYP: "bad/type"}, credential(), SIGNER)
    assert tanu("verify", "credential_cose", base64_encode(data).rstrip("=").encode(), method("P-256"))[0] == 0
    for text in (data.hex(), base64_encode(other), "not base64!"):
        assert tanu("verify", "credential_cose", text.encode(), method("P-256"))[1]["result"] == "failure"


@pytest.mark.parametrize("verb", ["issue", "verify"])
def test_sd_jwt_is_answered_as_not_supported(verb: str, tanu: Tanu, capfd: pytest.CaptureFixture[str]) -> None:
    for feature in sorted(set(FEATURES) - set(SUPPORTED)):
        code, answer = tanu(verb, feature, packed(credential()), method("P-384"), "--sd", '["credentialSubject.id"]')
        assert (code, answer["result"]) == (3, "indeterminate")
        assert "SD-JWT" in capfd.readouterr().err


WRONG_KEYS: dict[str, dict[str, Json]] = {
    "no key": {"publicKeyJwk": None},
    "another type": {"type": "Multikey"},
    "another kid": {"publicKeyJwk": SIGNER.public.jwk | {"kid": KEYS["P-384"].public.thumbprint}},
    "private members in the public key": {"publicKeyJwk": method("P-256")["secretKeyJwk"]},
    "no id": {"id": None},
}


@pytest.mark.parametrize("wrong", WRONG_KEYS.values(), ids=list(WRONG_KEYS))
def test_a_key_file_that_is_none_is_an_error_and_no_answer(wrong: dict[str, Json], tanu: Tanu) -> None:
    text = token(header(SIGNER), credential(), SIGNER).encode()
    assert tanu("verify", "credential_jose", text, method("P-256"))[1]["result"] == "success"
    assert tanu("verify", "credential_jose", text, method("P-256") | wrong) == (65, {"result": "error"})


def test_halves_of_two_keys_sign_nothing(tanu: Tanu) -> None:
    own, foreign = method("P-256")["secretKeyJwk"], method("P-384")["secretKeyJwk"]
    wrong: list[Json] = [foreign, *(own | {"d": d} for d in (base64url_encode(b"\1" * 32), "", 7)), {}, None]
    for secret in wrong:
        key = method("P-256") | {"secretKeyJwk": secret}
        assert tanu("issue", "credential_jose", packed(credential()), key) == (65, {"result": "error"})


def test_a_feature_that_is_none_is_a_wrong_command_line(tanu: Tanu) -> None:
    assert tanu("verify", "credential_pdf", b"", method("P-256")) == (64, {})


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    output = tmp_path / "output"
    output.write_text('{"result": "success"}')
    options = ["--input", str(tmp_path / "none"), "--key", str(tmp_path / "none"), "--output", str(output)]
    assert run(["jose", "verify", *options, "--feature", "credential_jose"]) == 65
    assert json.loads(output.read_text()) == {"result": "error"}
