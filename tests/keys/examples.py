"""The standards' own examples of proofs: appendices of VC DI EdDSA 1.0 and VC DI ECDSA 1.0, as folders of values."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from keys.multibase import base58_decode
from keys.public import PublicKey
from keys.signer import FileSigner
from schemas.reading import Json

EDDSA, ECDSA = Path("tests/vectors/vc-di-eddsa"), Path("tests/vectors/vc-di-ecdsa")


def read(path: Path) -> dict[str, Json]:
    """A JSON object of a vector."""
    return dict(json.loads(path.read_bytes()))


def signer_of(pair: dict[str, str]) -> FileSigner:
    """The private half of a pair: two bytes of its type, then the key."""
    public = PublicKey.from_multibase(pair["publicKeyMultibase"])
    secret = pair.get("privateKeyMultibase") or pair["secretKeyMultibase"]
    signer = FileSigner.from_seed(base58_decode(secret[1:])[2:], public.name)
    assert signer.public == public
    return signer


@dataclass(frozen=True)
class Example:
    """One example: its folder, the ending of its files' names, the unsigned document, the pair of keys."""

    folder: Path
    ending: str
    unsigned: Path
    pair: Path

    @property
    def name(self) -> str:
        return "-".join(self.folder.parts[3:])

    def text(self, name: str) -> str:
        return (self.folder / f"{name}{self.ending}.txt").read_text()

    def json(self, name: str) -> dict[str, Json]:
        return read(self.folder / f"{name}{self.ending}.json")

    @cached_property
    def signed(self) -> dict[str, Json]:
        return self.json("signed")

    @cached_property
    def document(self) -> dict[str, Json]:
        """Unsigned; of the suite of 2020, with its context, as its signed form has it."""
        return read(self.unsigned) | {"@context": self.signed["@context"]}

    @cached_property
    def config(self) -> dict[str, Json]:
        return self.json("proofConfig")

    @cached_property
    def signer(self) -> FileSigner:
        return signer_of(read(self.pair))

    @property
    def key(self) -> PublicKey:
        return self.signer.public


def _example(home: Path, folder: str, ending: str, pair: str) -> Example:
    unsigned = "employmentAuth" if folder.endswith("employ") else "unsigned"
    return Example(home / folder, ending, home / f"{unsigned}.json", home / f"{pair}.json")


EXAMPLES = {
    example.name: example
    for example in (
        _example(EDDSA, "eddsa-rdfc-2022", "DataInt", "keyPair"),
        _example(EDDSA, "eddsa-rdfc-2022/employ", "DataInt", "keyPair"),
        _example(EDDSA, "eddsa-jcs-2022", "JCS", "keyPair"),
        _example(EDDSA, "Ed25519Signature2020", "EdSig", "keyPair"),
        _example(ECDSA, "ecdsa-rdfc-2019-p256", "ECDSAP256", "p256KeyPair"),
        _example(ECDSA, "ecdsa-rdfc-2019-p256/employ", "ECDSAP256", "p256KeyPair"),
        _example(ECDSA, "ecdsa-rdfc-2019-p384", "ECDSAP384", "p384KeyPair"),
        _example(ECDSA, "ecdsa-rdfc-2019-p384/employ", "ECDSAP384", "p384KeyPair"),
        _example(ECDSA, "ecdsa-jcs-2019-p256", "JCSECDSAP256", "p256KeyPair"),
        _example(ECDSA, "ecdsa-jcs-2019-p384", "JCSECDSAP384", "p384KeyPair"),
    )
}
