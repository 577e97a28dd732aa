"""Which signatures fit, by the cases of project Wycheproof."""

import json
from pathlib import Path
from typing import Any

import pytest

from keys.multibase import multibase_encode
from keys.public import KEY_TYPES, PublicKey
from schemas.errors import Malformed

WYCHEPROOF = Path("tests/vectors/wycheproof")
FILES = {path.stem.removesuffix("_test"): path for path in sorted(WYCHEPROOF.glob("*.json"))}


def groups(name: str) -> list[dict[str, Any]]:
    """The groups of a file: one key and its signatures."""
    return list(json.loads(FILES[name].read_bytes())["testGroups"])


def key_of(group: dict[str, Any]) -> PublicKey:
    """A group's key, from its point."""
    public = group["publicKey"]
    if "pk" in public:
        return PublicKey.from_multibase(multibase_encode(KEY_TYPES["Ed25519"].multicodec + bytes.fromhex(public["pk"])))
    row = next(row for row in KEY_TYPES.values() if row.curve and row.curve.curve.name == public["curve"])
    point, size = bytes.fromhex(public["uncompressed"]), row.curve.size if row.curve else 0
    parity = bytes([2 + point[-1] % 2])
    key = PublicKey.from_multibase(multibase_encode(row.multicodec + parity + point[1 : size + 1]))
    if "publicKeyJwk" in group:
        jwk = {name: member for name, member in group["publicKeyJwk"].items() if name != "kid"}
        assert PublicKey.from_jwk(jwk) == key
    return key


@pytest.mark.parametrize("name", FILES)
def test_B11_B12_the_signatures_of_wycheproof(name: str) -> None:
    looked_at = 0
    for group in groups(name):
        if any("SmallOrderPublicKey" in case["flags"] for case in group["tests"]):
            with pytest.raises(Malformed):
                key_of(group)
            continue
        key = key_of(group)
        for case in group["tests"]:
            held = key.holds(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            if case["result"] != "acceptable":
                assert held is (case["result"] == "valid"), case
            looked_at += 1
    assert looked_at > 150
