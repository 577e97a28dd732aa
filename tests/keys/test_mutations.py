"""Of a signed example of each suite, no other value holds that one changed byte, or one key more, makes of it.

Every byte is changed, but for the chain, whose four proofs are checked each time: there every `STEP`-th.
"""

import json
from collections.abc import Iterator
from functools import cache

import pytest

from keys.proof import check, proofs_of
from keys.public import PublicKey
from schemas.errors import Refused
from schemas.reading import Json, read_object
from tests.keys.examples import EDDSA, EXAMPLES, read

Document = dict[str, Json]
STEP = 4
FIXTURES = {name: example.signed for name, example in EXAMPLES.items() if not name.endswith("employ")}
FIXTURES |= {"a chain of four": read(EDDSA / "proof-set-chain" / "signedProofChain2.json")}
fixtures = pytest.mark.parametrize("name", FIXTURES)


@cache
def keys_of(name: str) -> tuple[PublicKey, ...]:
    """The keys of a fixture's proofs, whatever is made of their names."""
    methods = (str(proof["verificationMethod"]) for proof in proofs_of(FIXTURES[name]))
    return tuple(PublicKey.from_multibase(method.partition("#")[2]) for method in methods)


def holds(name: str, document: Document) -> bool:
    """Do all proofs of a document hold, by the fixture's keys?"""
    try:
        proofs = proofs_of(document)
        return all(check(document, proof, key) for proof, key in zip(proofs, keys_of(name), strict=True))
    except (Refused, ValueError):
        return False


def changed_bytes(name: str) -> Iterator[bytes]:
    """A fixture with one byte replaced: its last bit, its case, its highest bit, or a character of JSON."""
    data = json.dumps(FIXTURES[name], ensure_ascii=False, separators=(",", ":")).encode()
    step, others = STEP if "chain" in name else 1, b'",:{}[]\\ 01ztn\0'
    for place in range(0, len(data), step):
        n = place // step
        for other in (data[place] ^ 1, data[place] ^ 0x20 if n % 2 else others[n % len(others)], data[place] ^ 0x80):
            yield data[:place] + bytes([other]) + data[place + 1 :]


@fixtures
def test_what_nobody_changed_holds(name: str) -> None:
    assert holds(name, FIXTURES[name])


@fixtures
def test_B1_no_changed_byte_holds_unless_the_value_is_the_same(name: str) -> None:
    tried = 0
    for data in changed_bytes(name):
        try:
            document = read_object(data)
        except Refused:
            continue
        if same(document, FIXTURES[name]):
            continue
        tried += 1
        assert not holds(name, document), data
    assert tried > 100


def same(one: Json, other: Json) -> bool:
    """Are they the same JSON, in which 1 is not true?"""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def with_one_key_more(value: Json) -> Iterator[Json]:
    """A value with an unknown key in one of its objects, each in turn."""
    if isinstance(value, dict):
        yield value | {"unknownKey": "x"}
        for name, member in value.items():
            yield from (value | {name: each} for each in with_one_key_more(member))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from ([*value[:place], each, *value[place + 1 :]] for each in with_one_key_more(item))


@fixtures
def test_A1_no_key_more_holds_anywhere(name: str) -> None:
    """The examples' context gives any name a meaning, so what is added here is added to what was signed."""
    grown = list(with_one_key_more(FIXTURES[name]))
    assert len(grown) >= 3
    assert not any(holds(name, document) for document in grown)
