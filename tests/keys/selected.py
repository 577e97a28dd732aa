"""The standard's own examples of ecdsa-sd-2023, and documents of ours signed by that suite."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from keys.disclosure import Randomness
from keys.multibase import base58_decode
from keys.public import PublicKey
from schemas.reading import Json
from tests.keys.examples import ECDSA, read, signer_of

HOME = ECDSA / "ecdsa-sd-2023"
MATERIAL = read(HOME / "SDKeyMaterial.json")
STATEMENTS_SECRET = base58_decode(MATERIAL["proofKeyPair"]["secretKeyMultibase"][1:])[2:]
HMAC_KEY = bytes.fromhex(MATERIAL["hmacKeyString"])
SIGNER = signer_of(MATERIAL["baseKeyPair"])
STATEMENTS = signer_of(MATERIAL["proofKeyPair"])


def drawn(*values: bytes) -> Randomness:
    """Randomness that is none: these values, one after the other."""
    left = iter(values)

    def draw(count: int) -> bytes:
        value = next(left)
        assert len(value) == count
        return value

    return draw


def counted(start: int = 1) -> Randomness:
    """Randomness that is none, without an end."""
    numbers: Iterator[int] = iter(range(start, start + 1000))
    return lambda count: next(numbers).to_bytes(count)


@dataclass(frozen=True)
class Selected:
    """One example: a folder of twenty values, and the pointers beside it."""

    name: str
    pointers: str

    def json(self, name: str) -> Any:
        return json.loads((HOME / self.name / f"{name}.json").read_bytes())

    def text(self, name: str) -> str:
        return (HOME / self.name / f"{name}.txt").read_text("utf-8")

    @cached_property
    def groups(self) -> Any:
        """`derivedAllGroupData`, its random names of blank nodes as they are numbered here."""
        text = (HOME / self.name / "derivedAllGroupData.json").read_text("utf-8")
        return json.loads(re.sub(r"_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_(?=\d)", "b", text))

    @cached_property
    def mandatory(self) -> list[str]:
        return list(json.loads((ECDSA / f"{self.pointers}Mandatory.json").read_bytes()))

    @cached_property
    def selective(self) -> list[str]:
        return list(json.loads((ECDSA / f"{self.pointers}Selective.json").read_bytes()))

    @cached_property
    def base(self) -> dict[str, Json]:
        return dict(self.json("addSignedSDBase"))

    @cached_property
    def shown(self) -> dict[str, Json]:
        return dict(self.json("derivedRevealDocument"))

    @cached_property
    def document(self) -> dict[str, Json]:
        """Unsigned, as it was signed: `prCredUnsigned.json` has another description than what was made of it."""
        return {name: member for name, member in self.base.items() if name != "proof"}

    @cached_property
    def options(self) -> dict[str, Json]:
        return {name: value for name, value in self.json("addProofConfig").items() if name != "@context"}


SELECTED = {example.name: example for example in (Selected("prc", "prCred"), Selected("employ", "employ"))}
KEY: PublicKey = SIGNER.public
