"""Status list tokens: what the draft prints is read, ours open for our key and for other libraries, and neither a token
nor a credential is ever taken for the other."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest

from keys import cose, jose
from keys.cose import ALG, ALGORITHMS, CONTENT_TYPE, KID, TYP
from keys.multibase import base64url_decode, base64url_encode
from keys.payload import CREDENTIAL, PRESENTATION, Unproven
from keys.public import KeyName
from keys.signer import FileSigner
from keys.statustoken import MAX_BYTES, StatusToken, read_claims
from schemas.errors import Malformed, Refused
from schemas.reading import Json
from schemas.statuslist import INVALID, MIN_SLOTS, SUSPENDED, decode_statuses, encode_statuses, status_at
from tests.envelopes import KEYS, METHOD, credential, key_of, sign1, token, unsecured
from tests.others import asked, run, run_cwt
from tests.world import World

EXAMPLES = Path("tests/vectors/token-status-list/examples")
URI = "https://school.example/status/7.jwt"
P256 = KEYS["P-256"]
TOKEN = StatusToken(
    uri=URI,
    issuer="did:example:school",
    version=41,
    issued_at=datetime(2026, 11, 21, tzinfo=UTC),
    expires_at=datetime(2026, 11, 22, tzinfo=UTC),
    ttl=timedelta(seconds=60),
    width=2,
    compressed=encode_statuses([(0, INVALID), (MIN_SLOTS - 1, SUSPENDED)]),
)
every_key = pytest.mark.parametrize("name", KEYS)


def example(name: str) -> str:
    """A file of the draft, its lines joined."""
    return re.sub(r"\s", "", (EXAMPLES / f"{name}.md").read_text("utf-8"))


def claims(**more: Any) -> dict[str, Any]:
    """The claims of a token as JSON has them; one that is `...` is left out."""
    listed = {"bits": 2, "lst": base64url_encode(TOKEN.compressed)}
    found = {"sub": URI, "iat": 1795000000, "exp": 1795086400, "ttl": 60, "status_list": listed} | more
    return {name: value for name, value in found.items() if value is not ...}


SHORT = "eNrbuRgAAhcBXQ"
HEAD: Mapping[str, Json] = {"alg": "ES256", "kid": METHOD, "typ": "statuslist+jwt"}
LABELS: Mapping[int, Any] = {ALG: -7, KID: METHOD.encode(), TYP: "application/statuslist+cwt"}


def opened(head: Mapping[str, Json], payload: Mapping[str, Json]) -> StatusToken:
    return jose.read_list(token(dict(head), dict(payload), P256)).opened(P256.public)


# ---------------------------------------------------------------- what the draft prints


def test_the_examples_of_the_draft_are_read_and_open_for_no_other_key() -> None:
    in_jwt, in_cwt = (
        jose.read_list(example("status_list_jwt_raw")),
        cose.read_list(bytes.fromhex(example("status_list_cwt"))),
    )
    for sealed, issuer in ((in_jwt, "https://example.com"), (in_cwt, None)):
        assert (sealed.algorithm, sealed.kid) == ("P-256", "12")
        with pytest.raises(Unproven):
            sealed.opened(P256.public)
        assert read_claims(sealed._read()) == StatusToken(
            uri="https://example.com/statuslists/1",
            issuer=issuer,
            version=None,
            issued_at=datetime.fromtimestamp(1686920170, UTC),
            expires_at=datetime.fromtimestamp(2291720170, UTC),
            ttl=timedelta(hours=12),
            width=1,
            compressed=bytes.fromhex("78dadbb918000217015d"),
        )


def test_ours_has_the_members_that_the_draft_prints() -> None:
    head, payload = example("status_list_jwt").split("}.{")
    printed_head, printed = json.loads(head + "}"), json.loads("{" + payload)
    plain = replace(read_claims(jose.read_list(example("status_list_jwt_raw"))._read()), issuer=None)
    ours = jose.seal_list(plain, P256, "12").split(".")
    assert json.loads(base64url_decode(ours[0])) == printed_head
    assert json.loads(base64url_decode(ours[1])) == printed


def test_ours_in_cbor_has_the_members_that_the_draft_prints() -> None:
    printed = cbor2.loads(bytes.fromhex(example("status_list_cwt"))).value
    plain = replace(read_claims(jose.read_list(example("status_list_jwt_raw"))._read()), issuer=None)
    protected, loose, payload, _ = cbor2.loads(cose.seal_list(plain, P256, "12")).value
    assert cbor2.loads(protected) == {**cbor2.loads(printed[0]), **printed[1]}
    assert (loose, cbor2.loads(payload)) == ({}, cbor2.loads(printed[2]))


# ---------------------------------------------------------------- there and back


@every_key
def test_what_is_sealed_opens_with_its_key_alone(name: KeyName) -> None:
    signer, other = KEYS[name], key_of(name, "an attacker")
    for sealed in (
        jose.read_list(jose.seal_list(TOKEN, signer, METHOD)),
        cose.read_list(cose.seal_list(TOKEN, signer, METHOD)),
    ):
        assert sealed.kid == METHOD
        assert sealed.opened(signer.public) == TOKEN
        for wrong in (other, *(KEYS[each] for each in KEYS if each != name)):
            with pytest.raises(Unproven):
                sealed.opened(wrong.public)


def test_other_libraries_open_ours_and_read_both_edges() -> None:
    orders = [
        {"name": name, "jwk": signer.public.jwk, "alg": signer.public.type.alg, "typ": "statuslist+jwt"}
        | {"token": jose.seal_list(TOKEN, signer, METHOD)}
        for name, signer in KEYS.items()
    ]
    for said in asked(orders, lambda lines: run("jose.mjs", lines)).values():
        assert said["verified"], said
        assert json.loads(said["payload"])["sub"] == URI
    listed = json.loads(run("statustoken.mjs", str(orders[0]["token"])))
    assert listed == {"bits": 2, "length": MIN_SLOTS, "set": {"0": INVALID, str(MIN_SLOTS - 1): SUSPENDED}}


def test_another_library_opens_ours_in_cbor_and_reads_both_edges() -> None:
    orders = [
        {"name": name, "jwk": signer.public.jwk | {"alg": signer.public.type.alg, "kid": METHOD}}
        | {"message": cose.seal_list(TOKEN, signer, METHOD).hex()}
        for name, signer in KEYS.items()
    ]
    for said in asked(orders, run_cwt).values():
        assert said["verified"], said
        found = cbor2.loads(bytes.fromhex(said["payload"]))
        packed = decode_statuses(found[65533]["lst"])
        assert (found[2], status_at(packed, 0), status_at(packed, MIN_SLOTS - 1)) == (URI, INVALID, SUSPENDED)


def test_another_librarys_token_opens_here() -> None:
    lst = run("statustoken.mjs", "", "--length", str(MIN_SLOTS), "--bits", "2", "0=1", f"{MIN_SLOTS - 1}=2").strip()
    payload = json.dumps(claims(status_list={"bits": 2, "lst": lst}))
    private = P256.public.jwk | {"d": base64url_encode(P256._secret())}
    order = {"name": "theirs", "jwk": private, "header": dict(HEAD), "payload": payload}
    text = asked([order], lambda lines: run("jose.mjs", lines))["theirs"]["token"]
    packed = decode_statuses(jose.read_list(text).opened(P256.public).compressed)
    assert [status_at(packed, index) for index in (0, 1, MIN_SLOTS - 1)] == [INVALID, 0, SUSPENDED]


def test_what_is_recommended_may_be_missing() -> None:
    found = opened(HEAD, claims(exp=..., ttl=...))
    assert (found.issuer, found.version, found.expires_at, found.ttl) == (None, None, None, None)


# ---------------------------------------------------------------- what must not open


@pytest.mark.parametrize(
    "change",
    [
        *({"sub": value} for value in (..., None, 7, [URI])),
        *({"iat": value} for value in (..., None, "2026", True, 1e9 + 0.5, 2**53)),
        *({"exp": value} for value in (None, "x", 2**53)),
        *({"ttl": value} for value in (None, 0, -1, "60", True, 2**40)),
        *({"status_list": ...}, {"status_list": None}, {"status_list": []}, {"status_list": {}}),
        *({"status_list": {"bits": 2}}, {"status_list": {"lst": SHORT}}),
        *({"status_list": {"bits": value, "lst": SHORT}} for value in (0, 3, 16, "2", True, None, -1)),
        *({"status_list": {"bits": 2, "lst": value}} for value in (None, 5, [SHORT], "eNr=", "!")),
        {"iss": 7},
    ],
    ids=str,
)
def test_claims_of_another_shape_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        opened(HEAD, claims(**change))


@pytest.mark.parametrize(
    "jti", [None, 7, "", URI, f"{URI}#0", f"{URI}#07", f"{URI}#-1", f"{URI}#٧", f"x{URI}#7"], ids=str
)
def test_a_version_is_read_only_where_ours_would_say_it(jti: Json) -> None:
    assert opened(HEAD, claims(jti=jti)).version is None
    assert opened(HEAD, claims(jti=f"{URI}#7")).version == 7


@pytest.mark.parametrize("typ", [None, "JWT", "vc+jwt", "statuslist+cwt", "statuslist", "application/vc+jwt"])
def test_B9_a_token_of_another_kind_is_no_status_list(typ: str | None) -> None:
    head = {name: value for name, value in {**HEAD, "typ": typ}.items() if value is not None}
    with pytest.raises(Malformed):
        opened(head, claims())
    with pytest.raises(Malformed):
        opened({**HEAD, "cty": "vc"}, claims())
    labels = {**LABELS, TYP: f"application/{typ}"} if typ else {label: LABELS[label] for label in (ALG, KID)}
    if typ != "statuslist+cwt":
        with pytest.raises(Malformed):
            cose.read_list(sign1(labels, cbor2.dumps({}), P256))
    with pytest.raises(Malformed):
        cose.read_list(sign1({**LABELS, CONTENT_TYPE: "application/vc"}, cbor2.dumps({}), P256))


def test_B9_a_status_list_is_never_taken_for_a_credential() -> None:
    """Nor when a whole credential stands in it."""
    both = credential() | claims()
    for text in (jose.seal_list(TOKEN, P256, METHOD), token(dict(HEAD), both, P256)):
        for content in (CREDENTIAL, PRESENTATION):
            with pytest.raises(Malformed):
                jose.read(text, content)
    for data in (cose.seal_list(TOKEN, P256, METHOD), sign1(LABELS, both, P256)):
        for content in (CREDENTIAL, PRESENTATION):
            with pytest.raises(Malformed):
                cose.read(data, content)


def test_B9_a_credential_is_never_taken_for_a_status_list() -> None:
    signed = unsecured(credential(), CREDENTIAL)
    with pytest.raises(Malformed):
        jose.read_list(jose.seal(signed, P256, METHOD))
    with pytest.raises(Malformed):
        cose.read_list(cose.seal(signed, P256, METHOD))


@pytest.mark.parametrize(("policy", "verdict"), [("product", "unsupported"), ("open", "malformed")])
def test_B9_the_verifier_takes_no_status_list_for_a_credential(policy: str, verdict: str, world: World) -> None:
    did = f"did:key:{P256.multibase}"
    text = jose.seal_list(replace(TOKEN, issuer=did), P256, f"{did}#{P256.multibase}")
    for data in (text.encode(), cose.seal_list(TOKEN, P256, METHOD)):
        report = world.verify(data, policy=policy)
        assert (report.verdict, report.document) == (verdict, None)


@pytest.mark.parametrize("alg", ["none", "HS256", "", None, 7])
def test_B7_without_a_signature_that_counts_it_states_nothing(alg: Json) -> None:
    with pytest.raises(Refused):
        opened({**HEAD, "alg": alg}, claims())
    with pytest.raises(Unproven):
        jose.read_list(token(dict(HEAD), claims(), P256, b""))


def test_a_changed_token_opens_nowhere() -> None:
    head, payload, signature = jose.seal_list(TOKEN, P256, METHOD).split(".")
    other = base64url_encode(base64url_decode(payload).replace(b'"exp":', b'"exp":1'))
    with pytest.raises(Unproven):
        jose.read_list(f"{head}.{other}.{signature}").opened(P256.public)
    data = bytearray(cose.seal_list(TOKEN, P256, METHOD))
    data[data.index(b"lst") + 8] ^= 1
    with pytest.raises(Unproven):
        cose.read_list(bytes(data)).opened(P256.public)


@pytest.mark.parametrize(
    "change",
    [{2: b"x"}, {2: 7}, {6: "now"}, {6: 1.5}, {4: None}, {65534: 0}, {65533: {"bits": 2, "lst": "eNrb"}}, {65533: b""}],
    ids=str,
)
def test_claims_of_another_shape_are_refused_in_cbor(change: dict[int, Any]) -> None:
    plain = {2: URI, 6: 1795000000, 65533: {"bits": 2, "lst": TOKEN.compressed}}
    good = cose.read_list(sign1(LABELS, cbor2.dumps(plain), P256)).opened(P256.public)
    assert good.compressed == TOKEN.compressed
    with pytest.raises(Malformed):
        cose.read_list(sign1(LABELS, cbor2.dumps(plain | change), P256)).opened(P256.public)


def test_more_than_the_largest_list_is_refused_unread() -> None:
    with pytest.raises(Malformed):
        jose.read_list("e30." + "A" * MAX_BYTES + ".AA")
    with pytest.raises(Malformed):
        cose.read_list(b"\xd2" + bytes(MAX_BYTES))


def test_the_numbers_of_the_algorithms_are_those_of_envelopes() -> None:
    for name, signer in KEYS.items():
        protected = cbor2.loads(cbor2.loads(cose.seal_list(TOKEN, signer, METHOD)).value[0])
        assert protected == {**LABELS, ALG: ALGORITHMS[name][0]}


def test_a_signer_is_given_a_typed_message() -> None:
    """docs/attacks.md B18."""
    seen: list[object] = []

    class Watched(FileSigner):
        def sign(self, message: Any) -> bytes:
            seen.append(message)
            return super().sign(message)

    watched = Watched(P256.public, P256._key)
    jose.seal_list(TOKEN, watched, METHOD)
    cose.seal_list(TOKEN, watched, METHOD)
    assert [type(message).__name__ for message in seen] == ["JwsInput", "SigStructure"]
