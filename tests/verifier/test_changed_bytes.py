"""Of some twenty signed documents, every byte: whoever changes one has changed a document, and nothing of it is valid.

A change of a byte that says the same to every reader of JSON, such as another white space, is none. Of our own
documents, which are long, this takes two of each text, all of the proof, and each byte between texts; all others are
taken by `make fuzz-bytes`.
"""

import json
import random
import re
from collections.abc import Iterator

import pytest

from tests.originals import ENVELOPES, NAMES, Original, originals
from tests.schemas.test_kinds import objects, reach
from tests.world import loosely, value_of

each = pytest.mark.parametrize("name", NAMES)
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"')


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Original]:
    """By their names."""
    found = {original.name: original for original in originals(tmp_path_factory.mktemp("originals"))}
    assert tuple(found) == (*NAMES, *ENVELOPES)
    assert len(NAMES) >= 20
    return found


@pytest.mark.parametrize("name", [*NAMES, *ENVELOPES])
def test_what_nobody_has_changed_is_valid(name: str, twenty: dict[str, Original]) -> None:
    assert twenty[name].report(twenty[name].data).verdict == "valid"


def places(original: Original) -> Iterator[int]:
    """Each byte; of the texts of a long document, the first and the middle, and in its proof each again."""
    texts = list(_TEXT.finditer(original.data)) if original.policy == "product" else []
    inner = {at for text in texts for at in range(text.start() + 2, text.end() - 1)}
    inner -= {(text.start() + text.end()) // 2 for text in texts if text.end() - text.start() > 20}
    proof = original.data.rindex(b'"proof":')
    yield from (at for at in range(len(original.data)) if at not in inner or at > proof)


def others(byte: int, name: str) -> set[int]:
    """What stands in the place of a byte: its neighbour; in some documents, the other case of a letter too."""
    letter = byte < 0x80 and chr(byte).isalpha()
    return {byte ^ 1} | ({byte ^ 0x20} if letter and name in ("three languages", "eddsa-jcs-2022") else set())


def same_value(one: bytes, other: bytes) -> bool:
    """Do both say the same to a reader of JSON? The case of a language tag says nothing in RDF (RDF 1.1 Concepts,
    section 3.3)."""
    return _read(one) == _read(other)


def _read(data: bytes) -> str:
    text = re.sub(r'"(kk|ru|en)":"', lambda tag: tag[0].lower(), data.decode(), flags=re.IGNORECASE)
    return json.dumps(json.loads(text), sort_keys=True)


@each
def test_B1_no_changed_byte_leaves_a_document_valid(name: str, twenty: dict[str, Original]) -> None:
    original, found = twenty[name], 0
    for place in places(original):
        for byte in others(original.data[place], name):
            changed = original.data[:place] + bytes([byte]) + original.data[place + 1 :]
            if original.report(changed).verdict == "valid":
                told = f"{original.data[place:][:1]!r} → {bytes([byte])!r} at {place}"
                assert same_value(changed, original.data), told
            found += 1
    assert found > 700


@each
def test_A1_an_unknown_member_of_any_object_leaves_no_document_valid(name: str, twenty: dict[str, Original]) -> None:
    original = twenty[name]
    for place in objects(value_of(original.data)):
        changed = value_of(original.data)
        reach(changed, place)["degree"] = "PhD"
        assert original.report(loosely(changed)).verdict in ("tampered", "malformed"), place


@pytest.mark.parametrize("name", ENVELOPES)
def test_B1_no_changed_byte_leaves_an_envelope_valid(name: str, twenty: dict[str, Original]) -> None:
    original, chance = twenty[name], random.Random(name)
    for place in range(len(original.data)):
        before, after = original.data[:place], original.data[place + 1 :]
        for changed in (before + bytes([original.data[place] ^ 1]) + after, before + chance.randbytes(1) + after):
            assert changed == original.data or original.report(changed).verdict != "valid", (
                place,
                changed[place - 9 : place + 9],
            )
