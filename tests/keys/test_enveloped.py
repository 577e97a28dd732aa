"""Envelopes as `data:` addresses: made, read back, and what may not stand around them."""

import base64
from collections.abc import Mapping

import pytest

from keys import cose, enveloped, jose
from keys.payload import CREDENTIAL, PRESENTATION, Content, Opened
from schemas.contexts import VC_2
from schemas.errors import DataLoss, Malformed, Refused, Unsupported
from schemas.reading import Json
from tests.envelopes import KEYS, METHOD, credential, presentation, unsecured

SIGNER = KEYS["Ed25519"]
SEALED = unsecured(credential(), CREDENTIAL)
JOSE = enveloped.of_jose(jose.seal(SEALED, SIGNER, METHOD), CREDENTIAL)
COSE = enveloped.of_cose(cose.seal(SEALED, SIGNER, METHOD), CREDENTIAL)
either = pytest.mark.parametrize("form", [JOSE, COSE], ids=["jose", "cose"])


def opened(value: Mapping[str, Json], content: Content = CREDENTIAL) -> Json:
    return Opened(enveloped.read(value, content), SIGNER.public).document


@either
def test_an_envelope_in_an_object_opens(form: dict[str, Json]) -> None:
    assert form["type"] == "EnvelopedVerifiableCredential"
    assert opened(form) == credential()
    assert opened(form | {"@context": [VC_2], "type": ["EnvelopedVerifiableCredential"]}) == credential()


def test_a_presentation_of_both_forms_is_enveloped_too() -> None:
    document = presentation(JOSE, COSE)
    token = jose.seal(unsecured(document, PRESENTATION), SIGNER, METHOD)
    form = enveloped.of_jose(token, PRESENTATION)
    assert form["type"] == "EnvelopedVerifiablePresentation"
    assert opened(form, PRESENTATION) == document
    assert [opened(each) for each in opened(form, PRESENTATION)["verifiableCredential"]] == [credential()] * 2
    data = cose.seal(unsecured(document, PRESENTATION), SIGNER, METHOD)
    assert opened(enveloped.of_cose(data, PRESENTATION), PRESENTATION) == document


def test_base64_is_read_as_others_write_it() -> None:
    head, _, text = str(COSE["id"]).partition(",")
    data = base64.b64decode(text)
    for spelled in (text.rstrip("="), text, base64.b64encode(data + b"").decode(), f"{text[:80]}\n{text[80:]}\n"):
        assert opened(COSE | {"id": f"{head},{spelled}"}) == credential()
    for wrong in (text[:-5], f"{text} ", base64.urlsafe_b64encode(data).decode() + "_", data.hex(), "", "%3D"):
        with pytest.raises(Malformed):
            opened(COSE | {"id": f"{head},{wrong}"})


TOKEN = str(JOSE["id"]).partition(",")[2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"@context": []},
        {"@context": None},
        {"@context": "https://www.w3.org/2018/credentials/v1"},
        {"@context": [{"EnvelopedVerifiableCredential": "https://attacker.example/x"}]},
        {"type": None},
        {"type": "VerifiableCredential"},
        {"type": ["VerifiableCredential", "EnvelopedVerifiableCredential"]},
        {"type": "EnvelopedVerifiablePresentation"},
        {"type": []},
        {"type": [{}]},
        {"id": None},
        {"id": TOKEN},
        {"id": ["data:application/vc+jwt," + TOKEN]},
        {"id": f"https://school.example/{TOKEN}"},
        {"id": f"data:,{TOKEN}"},
        {"id": f"data:application/jwt,{TOKEN}"},
        {"id": f"data:application/vp+jwt,{TOKEN}"},
        {"id": f"data:application/vc+jwt;base64,{TOKEN}"},
        {"id": f"data:application/vc+jwt;charset=utf-8,{TOKEN}"},
        {"id": f"DATA:application/vc+jwt,{TOKEN}"},
        {"id": f"data:application/vc+cose,{TOKEN}"},
        {"id": f"data:application/vc+jwt, {TOKEN}"},
        {"id": "data:application/vc+jwt,"},
        {"id": "bad-credential"},
    ],
    ids=str,
)
def test_what_is_no_envelope_is_refused(wrong: dict[str, Json]) -> None:
    with pytest.raises(Malformed):
        opened(JOSE | wrong)


@pytest.mark.parametrize("member", JOSE)
def test_an_envelope_that_lacks_a_member_is_refused(member: str) -> None:
    with pytest.raises(Malformed):
        opened({name: value for name, value in JOSE.items() if name != member})


@either
@pytest.mark.parametrize("loose", ["issuer", "name", "credentialSubject", "proof", "validUntil", "@graph"])
def test_B6_nothing_unsigned_stands_around_an_envelope(form: dict[str, Json], loose: str) -> None:
    with pytest.raises(DataLoss):
        opened(form | {loose: "Attacker University"})


@either
def test_B1_no_changed_character_of_the_address_opens(form: dict[str, Json]) -> None:
    address = str(form["id"])
    for at in range(0, len(address), 11):
        changed = address[:at] + ("B" if address[at] != "B" else "C") + address[at + 1 :]
        with pytest.raises(Refused):
            opened(form | {"id": changed})


def test_an_sd_jwt_is_not_supported_yet() -> None:
    with pytest.raises(Unsupported):
        enveloped.read(JOSE | {"id": f"data:application/vc+sd-jwt,{TOKEN}~"}, CREDENTIAL)
