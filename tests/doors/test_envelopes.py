"""Rows B6–B9, B11, B12 and B14 of docs/attacks.md at every door: envelopes of JOSE and COSE, and keys of other types.

How deep each goes is tried in `tests/keys` and `tests/verifier/test_enveloped.py`; here, that no door is open to it.
"""

import hashlib
import hmac

import pytest

from keys import cose, enveloped, jose
from keys.cose import KID
from keys.did import method_id
from keys.multibase import base64url_decode
from keys.payload import CREDENTIAL
from schemas.credential import written
from schemas.reading import Json
from tests import school
from tests.contract import NEVER_VALID, Contract
from tests.envelopes import (
    KEYS,
    credential,
    header,
    key_of,
    labels,
    mirrored,
    part,
    presentation,
    sign1,
    token,
    unsecured,
)
from tests.keys.test_keys_refused import MULTIKEYS

SIGNER, ATTACKER = KEYS["P-256"], key_of("P-256", "an attacker")
ISSUER = f"did:key:{SIGNER.multibase}"
METHOD = method_id(ISSUER, SIGNER.multibase)
PLAIN = ("presentation", "standard door")
"""Where an envelope stands inside something else, as text, it is no credential at all."""
REFUSED = ("unsupported", "malformed", "tampered")
"""Policy `product` opens no envelope."""
DOCUMENT = credential(issuer={"id": ISSUER, "name": "A foreign school"}, name="Course certificate")


def signed(payload: Json = DOCUMENT, signature: bytes | None = None, **head: Json) -> str:
    """A token by the school's key; its header says so unless `head` says otherwise."""
    return token(header(SIGNER, **({"kid": METHOD} | head)), payload, SIGNER, signature)


def by_attacker(**head: Json) -> str:
    """The same by another's key."""
    return token(header(ATTACKER, **({"kid": METHOD} | head)), DOCUMENT, ATTACKER)


def test_what_nobody_has_changed_is_valid_at_every_door(contract: Contract) -> None:
    content = unsecured(DOCUMENT, CREDENTIAL)
    text, data = jose.seal(content, SIGNER, METHOD), cose.seal(content, SIGNER, METHOD)
    for handed in (text.encode(), data):
        contract.refuses(handed, product="unsupported", open="valid", but=PLAIN)
    for inside in (enveloped.of_jose(text, CREDENTIAL), enveloped.of_cose(data, CREDENTIAL)):
        contract.refuses(written(inside), product="unsupported", open="valid")


def test_B6_another_document_around_it(contract: Contract) -> None:
    """A genuine credential of one person inside, the claims of another around it: none of them is shown."""
    outer, inner = enveloped.of_jose(signed(), CREDENTIAL), {"type": "JwtProof2020", "jwt": signed()}
    claims = DOCUMENT | {"issuer": school.DID, "name": "Doctor of Nothing"}
    around = [outer | {name: value} for name, value in claims.items() if name not in outer]
    around += [claims | {"proof": inner}, claims | {"proof": [inner]}, outer | {"proof": inner}]
    contract.refuses_each(map(written, around), product=REFUSED, open=("tampered", "malformed", "unsupported"))
    for door in ("api", "api, open", "page", "command, open"):
        assert b"Doctor of Nothing" not in contract.ask(door, written(claims | {"proof": inner})).body


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "", None], ids=str)
def test_B7_no_algorithm(alg: str | None, contract: Contract) -> None:
    """With the genuine signature of that header, with an empty one, with none at all."""
    whole = signed(alg=alg)
    bare = whole.rpartition(".")[0]
    found = [text.encode() for text in (whole, f"{bare}.", bare, signed(signature=b""))]
    found += [written(enveloped.of_jose(whole, CREDENTIAL)), written(enveloped.of_jose(f"{bare}.", CREDENTIAL))]
    contract.refuses_each(found, product=REFUSED, open=("tampered", "malformed"))


def test_B8_another_algorithm(contract: Contract) -> None:
    """The public key taken for a shared secret, and every other name for the genuine signature."""
    head = part(header(SIGNER, alg="HS256", kid=METHOD))
    message = f"{head}.{part(DOCUMENT)}"
    secrets = (SIGNER.public.point, SIGNER.multibase.encode(), str(SIGNER.public.jwk).encode(), b"")
    forged = [f"{message}.{part(hmac.digest(secret, message.encode(), hashlib.sha256))}" for secret in secrets]
    forged += [signed(alg=alg) for alg in ("HS256", "RS256", "ES384", "ES512", "EdDSA", "Ed25519", "ES256K", "es256")]
    found = [text.encode() for text in forged] + [written(enveloped.of_jose(text, CREDENTIAL)) for text in forged]
    found += [sign1(labels(SIGNER) | {KID: METHOD.encode(), 1: number}, DOCUMENT, SIGNER) for number in (5, -8, -35, 0)]
    contract.refuses_each(found, product=REFUSED, open="tampered")


SOURCES: list[dict[str, Json]] = [
    {"jku": "https://attacker.example/jwks.json"},
    {"x5u": "https://attacker.example/key.pem"},
    {"jwk": ATTACKER.public.jwk},
    {"x5c": ["MIIB"]},
    *({"kid": kid} for kid in ("../../etc/passwd", "' OR 1=1--", "https://attacker.example/key", "", "0", "\0")),
    {"kid": method_id(f"did:key:{ATTACKER.multibase}", ATTACKER.multibase)},
]


def test_B9_a_header_that_brings_a_key_or_an_address_of_one(contract: Contract) -> None:
    found = [by_attacker(**source).encode() for source in SOURCES]
    contract.refuses_each(found, product=REFUSED, open=("tampered", "malformed"))


def test_B9_conditions_and_tokens_of_another_kind(contract: Contract) -> None:
    conditions: list[dict[str, Json]] = [{"crit": ["x"], "x": 1}, {"b64": False}, {"crit": ["b64"], "b64": False}]
    found = [signed(**more).encode() for more in conditions]
    contract.refuses_each(found, product=REFUSED, open="tampered")
    kinds = [signed(typ=typ).encode() for typ in (None, "JWT", "vp+jwt", "statuslist+jwt", "dc+sd-jwt", "at+jwt")]
    contract.refuses_each(kinds, product=REFUSED, open="malformed")
    contents: list[Json] = [presentation(holder=ISSUER), {"iss": ISSUER, "sub": "learner"}, {"vc": DOCUMENT}, [], None]
    contract.refuses_each([signed(each).encode() for each in contents], product=REFUSED, open=NEVER_VALID)


def test_B11_either_form_of_a_signature_is_the_same_document(contract: Contract) -> None:
    head, payload, signature = signed().split(".")
    other = f"{head}.{payload}.{part(mirrored(base64url_decode(signature), 'P-256'))}"
    assert other != signed()
    contract.refuses(other.encode(), product="unsupported", open="valid", but=PLAIN)
    assert contract.ask("api, open", other.encode()).body == contract.ask("api, open", signed().encode()).body


def test_B12_what_is_no_signature(contract: Contract) -> None:
    good = base64url_decode(signed().rpartition(".")[2])
    order = bytes.fromhex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")
    wrong = [bytes(64), good[:32] + bytes(32), bytes(32) + good[32:], order + good[32:], good[:32] + order, good[:-1]]
    wrong += [good + b"\0", good[32:] + good[:32], b"\x30\x44\x02\x20" + good[:32] + b"\x02\x20" + good[32:]]
    found = [signed(signature=each).encode() for each in wrong]
    contract.refuses_each(found, product=REFUSED, open="tampered")
    own = school.of_suite("ecdsa-rdfc-2019", "P-256")
    values: list[Json] = ["", "z", "z" + "1" * 88, "u" + "A" * 86, "z" + "2" * 200, None, [], 0]
    spoilt = [written(own | {"proof": own["proof"] | {"proofValue": value}}) for value in values]
    contract.refuses_each(spoilt, product="malformed", open=("tampered", "malformed"))


@pytest.mark.parametrize("key", MULTIKEYS)
def test_B14_an_issuer_with_a_key_of_another_type(key: str, contract: Contract) -> None:
    """RSA, secp256k1, P-192 and others: named by its DID, and as the key of a proof by another."""
    did = f"did:key:{MULTIKEYS[key]}"
    method = f"{did}#{MULTIKEYS[key]}"
    theirs = school.signed(school.credential(issuer={"id": did}), verificationMethod=method)
    contract.refuses(written(theirs), product="malformed", open=NEVER_VALID)
    lent = school.signed(school.credential(), verificationMethod=method)
    contract.refuses(written(lent), product="malformed", open=NEVER_VALID)
    text = token(header(SIGNER, kid=method), DOCUMENT | {"issuer": {"id": did}}, SIGNER)
    contract.refuses(text.encode(), product=REFUSED, open=NEVER_VALID)
