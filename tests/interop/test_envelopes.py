"""Envelopes that other people's libraries open, and theirs that open here: npm's jose, joserfc, and cwt for COSE."""

from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from keys import cose, jose
from keys.multibase import base64url_encode
from keys.payload import CREDENTIAL, PRESENTATION, Content, Opened
from keys.public import KeyName
from schemas.errors import Refused
from schemas.reading import Json
from tests.envelopes import (
    KEYS,
    METHOD,
    SIZES,
    credential,
    header,
    key_of,
    labels,
    packed,
    presentation,
    unsecured,
)
from tests.others import asked, run, run_cwt

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
"""Others still write the name of RFC 8037, and so does Tanu; that of RFC 9864 is read too."""

ENVELOPED = {
    "@context": "https://www.w3.org/ns/credentials/v2",
    "type": "EnvelopedVerifiableCredential",
    "id": f"data:application/vc+jwt,{jose.seal(unsecured(credential(), CREDENTIAL), KEYS['P-256'], METHOD)}",
}
DOCUMENTS = {CREDENTIAL.name: (CREDENTIAL, credential()), PRESENTATION.name: (PRESENTATION, presentation(ENVELOPED))}
CASES = [(name, content) for name in KEYS for content in DOCUMENTS]
every_case = pytest.mark.parametrize(("name", "kind"), CASES)


def public(name: KeyName, **more: str) -> dict[str, str]:
    return KEYS[name].public.jwk | more


def private(name: KeyName, **more: str) -> dict[str, str]:
    return public(name, d=base64url_encode(KEYS[name]._secret().rjust(SIZES[name], b"\0")), **more)


def ours(name: KeyName, kind: str) -> str:
    content, document = DOCUMENTS[kind]
    return jose.seal(unsecured(document, content), KEYS[name], METHOD)


def changed(name: KeyName, kind: str) -> dict[str, str]:
    """Tokens that must not verify anywhere: one letter of each part, and another's signature."""
    head, payload, signature = ours(name, kind).split(".")
    other = key_of(name, "an attacker")
    content, document = DOCUMENTS[kind]
    return {
        "header": f"{swapped(head)}.{payload}.{signature}",
        "payload": f"{head}.{swapped(payload)}.{signature}",
        "signature": f"{head}.{payload}.{swapped(signature)}",
        "key": jose.seal(unsecured(document, content), other, METHOD),
    }


def swapped(text: str) -> str:
    """One letter in the middle is another."""
    at = len(text) // 2
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


# ---------------------------------------------------------------- jose, on Node


@pytest.fixture(scope="module")
def node() -> dict[str, dict[str, Any]]:
    """What jose says of all our tokens, and tokens of its own, in one run."""
    orders: list[dict[str, Json]] = []
    for name, kind in CASES:
        alg, typ = KEYS[name].public.type.alg, f"{kind}+jwt"
        verify = {"jwk": public(name), "alg": alg, "typ": typ}
        orders.append({"name": f"{name} {kind}", "token": ours(name, kind), **verify})
        for what, text in changed(name, kind).items():
            orders.append({"name": f"{name} {kind} {what}", "token": text, **verify})
        payload = packed(DOCUMENTS[kind][1]).decode()
        signing = {"jwk": private(name), "header": header(KEYS[name], kind), "payload": payload}
        orders.append({"name": f"{name} {kind} theirs", **signing})
    return asked(orders, lambda text: run("jose.mjs", text))


@every_case
def test_jose_opens_ours_and_nothing_that_was_changed(
    name: KeyName, kind: str, node: dict[str, dict[str, Any]]
) -> None:
    answer = node[f"{name} {kind}"]
    assert answer["verified"], answer
    assert answer["payload"].encode() == packed(DOCUMENTS[kind][1])
    for what in ("header", "payload", "signature", "key"):
        assert not node[f"{name} {kind} {what}"]["verified"], what


@every_case
def test_what_jose_signs_opens_here_and_nothing_that_was_changed(
    name: KeyName, kind: str, node: dict[str, dict[str, Any]]
) -> None:
    theirs = node[f"{name} {kind} theirs"]["token"]
    check_theirs(theirs, name, kind)


def check_theirs(theirs: str, name: KeyName, kind: str) -> None:
    content, document = DOCUMENTS[kind]
    assert Opened(jose.read(theirs, content), KEYS[name].public).document == document
    for at, part in enumerate(parts := theirs.split(".")):
        with pytest.raises(Refused):
            Opened(jose.read(".".join([*parts[:at], swapped(part), *parts[at + 1 :]]), content), KEYS[name].public)


# ---------------------------------------------------------------- joserfc


def key_for_joserfc(jwk: dict[str, Any]) -> OKPKey | ECKey:
    return (OKPKey if jwk["kty"] == "OKP" else ECKey).import_key(jwk)


@every_case
def test_joserfc_opens_ours_and_nothing_that_was_changed(name: KeyName, kind: str) -> None:
    key, alg = key_for_joserfc(public(name)), KEYS[name].public.type.alg
    found = jws.deserialize_compact(ours(name, kind), key, algorithms=[alg])
    assert found.payload == packed(DOCUMENTS[kind][1])
    assert found.headers() == header(KEYS[name], kind)
    for text in changed(name, kind).values():
        with pytest.raises((JoseError, ValueError)):
            jws.deserialize_compact(text, key, algorithms=[alg])


@every_case
def test_what_joserfc_signs_opens_here_and_nothing_that_was_changed(name: KeyName, kind: str) -> None:
    head, payload = header(KEYS[name], kind), packed(DOCUMENTS[kind][1])
    check_theirs(
        jws.serialize_compact(head, payload, key_for_joserfc(private(name)), algorithms=[head["alg"]]), name, kind
    )


# ---------------------------------------------------------------- cwt


def our_message(name: KeyName, content: Content, document: Json) -> bytes:
    return cose.seal(unsecured(document, content), KEYS[name], METHOD)


@pytest.fixture(scope="module")
def theirs() -> dict[str, dict[str, Any]]:
    """What cwt says of all our messages, and messages of its own, in one run."""
    orders: list[dict[str, Json]] = []
    for name, kind in CASES:
        message = our_message(name, *DOCUMENTS[kind])
        jwk = {"kid": METHOD, "alg": KEYS[name].public.type.alg}
        orders.append({"name": f"{name} {kind}", "jwk": public(name, **jwk), "message": message.hex()})
        for at in places(message):
            bad = message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
            orders.append({"name": f"{name} {kind} {at}", "jwk": public(name, **jwk), "message": bad.hex()})
        headers = [[k, v.decode() if isinstance(v, bytes) else v] for k, v in labels(KEYS[name], kind).items()]
        payload = packed(DOCUMENTS[kind][1]).hex()
        signing = {"jwk": private(name, **jwk), "headers": headers, "payload": payload}
        orders.append({"name": f"{name} {kind} theirs", **signing})
    return asked(orders, run_cwt)


def places(message: bytes) -> range:
    """Some places in headers, payload and signature."""
    return range(5, len(message), len(message) // 12)


@every_case
def test_cwt_opens_ours_and_nothing_that_was_changed(
    name: KeyName, kind: str, theirs: dict[str, dict[str, Any]]
) -> None:
    answer = theirs[f"{name} {kind}"]
    assert answer["verified"], answer
    assert bytes.fromhex(answer["payload"]) == packed(DOCUMENTS[kind][1])
    written = {label: value.encode() if label == cose.KID else value for label, value in answer["headers"]}
    assert written == labels(KEYS[name], kind)
    for at in places(our_message(name, *DOCUMENTS[kind])):
        assert not theirs[f"{name} {kind} {at}"]["verified"], at


@every_case
def test_what_cwt_signs_opens_here_and_nothing_that_was_changed(
    name: KeyName, kind: str, theirs: dict[str, dict[str, Any]]
) -> None:
    content, document = DOCUMENTS[kind]
    message = bytes.fromhex(theirs[f"{name} {kind} theirs"]["message"])
    assert Opened(cose.read(message, content), KEYS[name].public).document == document
    for at in places(message):
        with pytest.raises(Refused):
            Opened(cose.read(message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :], content), KEYS[name].public)
