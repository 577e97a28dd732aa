"""ecdsa-sd-2023: the values of its proofs, both directions, and whether a derived proof holds (VC Data Integrity ECDSA
Cryptosuites 1.0, sections 3.5 and 3.6).

The issuer's key signs the options, the statements that are always disclosed, and a key made for this one proof; that
key signs every other statement by itself. Who makes such proofs stands in `keys.selective`.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from keys import cbor
from keys.multibase import base64url_decode, base64url_encode, multibase_encode
from keys.public import KEY_TYPES, KeyName, PublicKey
from keys.signer import FileSigner, SelectiveDocument, SelectiveStatement, Signer
from keys.suite import Claim, options_digest
from schemas.blanknodes import canonical_labels, relabelled
from schemas.errors import Malformed, Unsupported
from schemas.forms import Forms, Labelled
from schemas.reading import MAX_BYTES, Json
from schemas.selection import MAX_POINTERS, Labels, group, select

Randomness = Callable[[int], bytes]
"""So many random bytes: `secrets.token_bytes`."""
BASE, DERIVED = b"\xd9\x5d\x00", b"\xd9\x5d\x01"
_P256 = KEY_TYPES["P-256"]
_KEY = len(_P256.multicodec) + 33
"""A Multikey's prefix and a compressed point. Section 3.5.8 counts 36 bytes; the standard's own examples have 35."""


@dataclass(frozen=True, slots=True)
class BaseProof:
    """What the issuer hands to the holder (sections 3.5.2 and 3.5.3)."""

    signature: bytes
    key: bytes
    hmac_key: bytes
    signatures: list[bytes]
    """Of the statements that are not mandatory, in canonical order."""
    mandatory: list[str]
    """JSON pointers."""

    @property
    def value(self) -> str:
        return _value(BASE, [self.signature, self.key, self.hmac_key, self.signatures, self.mandatory])

    @classmethod
    def read(cls, value: str) -> Self:
        """Raises `Malformed`, and `Unsupported` for a derived proof."""
        header, parts = _parts(value)
        if header == DERIVED:
            raise Unsupported.saying("selective.derived_already")
        proof = cls(*parts)
        _require(_common(proof) and _is_bytes(proof.hmac_key, 32))
        _require(_is_list(proof.mandatory, str) and len(proof.mandatory) <= MAX_POINTERS)
        return proof


@dataclass(frozen=True, slots=True)
class DerivedProof:
    """What the holder shows (sections 3.5.7 and 3.5.8)."""

    signature: bytes
    key: bytes
    signatures: list[bytes]
    """Of the statements that are shown and not mandatory, in canonical order."""
    labels: dict[int, bytes]
    """n of the canonical label c14n<n> → the label that was signed."""
    mandatory: list[int]
    """Places of the mandatory statements among those that are shown."""

    @property
    def value(self) -> str:
        return _value(DERIVED, [self.signature, self.key, self.signatures, self.labels, self.mandatory])

    @classmethod
    def read(cls, value: str) -> Self:
        """Raises `Malformed`, and `Unsupported` for a base proof."""
        header, parts = _parts(value)
        if header == BASE:
            raise Unsupported.saying("selective.not_derived")
        proof = cls(*parts)
        _require(_common(proof) and _is_list(proof.mandatory, int) and isinstance(proof.labels, dict))
        _require(all(type(n) is int and _is_bytes(label, 32) for n, label in proof.labels.items()))
        _require(set(proof.labels) == set(range(len(proof.labels))))
        _require(_different(proof.labels.values()) and _different(proof.mandatory))
        _require(all(0 <= index < proof.shown for index in proof.mandatory))
        return proof

    @property
    def shown(self) -> int:
        """How many statements there are."""
        return len(self.signatures) + len(self.mandatory)


@dataclass(frozen=True, slots=True)
class Issuing:
    """What an issuer adds to a base proof: what every part that is shown will contain, and randomness."""

    mandatory: Sequence[str]
    """JSON pointers."""
    random: Randomness


@dataclass(frozen=True, slots=True)
class SelectiveDisclosure:
    """The suite. Without `issuing`, as in the table of suites, it checks derived proofs."""

    issuing: Issuing | None = None
    name: str = "ecdsa-sd-2023"
    type: str = "DataIntegrityProof"
    keys: frozenset[KeyName] = frozenset({"P-256"})

    def prove(self, claim: Claim, signer: Signer) -> dict[str, Json]:
        """A base proof (sections 3.6.1 to 3.6.5)."""
        if self.issuing is None:
            raise Unsupported.saying("selective.needs_pointers")
        hmac_key, statements_key = self.issuing.random(32), new_key(self.issuing.random)
        grouped = group(claim.document, under(hmac_key), {"mandatory": self.issuing.mandatory})
        always, rest = _parted(grouped.nquads, grouped.groups["mandatory"].indexes)
        key = KEY_TYPES["P-256"].multicodec + statements_key.public.point
        signature = signer.sign(to_sign(claim, key, always))
        signatures = [statements_key.sign(SelectiveStatement(nquad)) for nquad in rest]
        proof = BaseProof(signature, key, hmac_key, signatures, list(self.issuing.mandatory))
        return {**claim.options, "proofValue": proof.value}

    def holds(self, claim: Claim, value: str, key: PublicKey) -> bool:
        """Of a derived proof (section 3.6.7)."""
        proof = DerivedProof.read(value)
        nquads = as_signed(claim.forms.labelled, proof)
        if nquads is None or len(nquads) != proof.shown:
            return False
        always, rest = _parted(nquads, proof.mandatory)
        if not key.holds(proof.signature, to_sign(claim, proof.key, always).message):
            return False
        statements_key = PublicKey.from_multibase(multibase_encode(proof.key))
        pairs = zip(proof.signatures, rest, strict=True)
        return all(statements_key.holds(signature, SelectiveStatement(nquad).message) for signature, nquad in pairs)


def derived(
    document: Mapping[str, Json], base: BaseProof, selective: Sequence[str]
) -> tuple[dict[str, Json], DerivedProof]:
    """The part of a document that its holder shows, and its proof (section 3.5.4, createDisclosureData)."""
    every = [*base.mandatory, *selective]
    grouped = group(document, under(base.hmac_key), {"mandatory": base.mandatory, "shown": every})
    shown, always = grouped.groups["shown"].indexes, set(grouped.groups["mandatory"].indexes)
    signatures = _by_index(base, len(grouped.nquads), always)
    quads = grouped.groups["shown"].statements
    labels = {
        int(label[4:]): base64url_decode(grouped.labels[node][1:]) for node, label in canonical_labels(quads).items()
    }
    kept = [signatures[index] for index in shown if index not in always]
    places = [place for place, index in enumerate(shown) if index in always]
    proof = DerivedProof(base.signature, base.key, kept, labels, places)
    part = select(document, every)
    if part is None:
        raise Malformed.saying("selective.shows_nothing")
    if as_signed(Forms(part).labelled, proof) != [grouped.nquads[index] for index in shown]:
        raise Malformed.saying("selection.no_part")
    return part, proof


def _by_index(base: BaseProof, total: int, always: set[int]) -> dict[int, bytes]:
    """Place of a statement that is not mandatory → its signature."""
    places = [index for index in range(total) if index not in always]
    if len(places) != len(base.signatures):
        raise Malformed.saying("selective.other_document")
    return dict(zip(places, base.signatures, strict=True))


def new_key(random: Randomness) -> FileSigner:
    """The key of one proof's statements, forgotten with it: by rejection (FIPS 186-5, A.2.2)."""
    while True:
        try:
            return FileSigner.from_seed(random(32), "P-256")
        except ValueError:  # no scalar of the curve: one draw in four thousand million
            continue


def under(hmac_key: bytes) -> Callable[[Labels], Labels]:
    """Labels that tell nothing of the whole document (section 3.4.4, createHmacIdLabelMapFunction)."""

    def relabel(canonical: Labels) -> Labels:
        return {node: _label(hmac.digest(hmac_key, label.encode(), "sha256")) for node, label in canonical.items()}

    return relabel


def _label(digest: bytes) -> str:
    """Multibase, so that it begins as a label of N-Quads may."""
    return "u" + base64url_encode(digest)


def _parted(nquads: Sequence[str], mandatory: Sequence[int]) -> tuple[list[str], list[str]]:
    """The mandatory statements, and the others."""
    always = set(mandatory)
    parts: tuple[list[str], list[str]] = ([], [])
    for index, nquad in enumerate(nquads):
        parts[index not in always].append(nquad)
    return parts


def to_sign(claim: Claim, statements_key: bytes, mandatory: Iterable[str]) -> SelectiveDocument:
    """Section 3.5.1, serializeSignData."""
    digest = hashlib.sha256("".join(mandatory).encode()).digest()
    return SelectiveDocument(options_digest(claim, "sha256"), statements_key, digest)


def as_signed(found: Labelled, proof: DerivedProof) -> list[str] | None:
    """The statements under the labels that were signed (section 3.5.9, createVerifyData); none where the proof knows
    more blank nodes, or fewer."""
    if len(found.labels) != len(proof.labels):
        return None
    labels = {node: _label(proof.labels[int(label[4:])]) for node, label in found.labels.items()}
    return relabelled(found.statements, labels)


def _value(header: bytes, parts: list[Any]) -> str:
    """Raises `Malformed` for a proof that nobody could read again."""
    value = "u" + base64url_encode(header + cbor.write(parts))
    if len(value) > MAX_BYTES:
        raise Malformed.saying("reading.too_large", limit=MAX_BYTES // 1024)
    return value


def _parts(value: str) -> tuple[bytes, list[Any]]:
    """The header, and the five parts behind it."""
    if len(value) > MAX_BYTES or not value.startswith("u"):
        raise Malformed.saying("selective.no_proof_value")
    data = base64url_decode(value[1:])
    header, parts = data[:3], cbor.read_shortest(data[3:]) if data[:3] in (BASE, DERIVED) else None
    if not isinstance(parts, list) or len(parts) != 5:
        raise Malformed.saying("selective.no_proof_value")
    return header, parts


def _common(proof: BaseProof | DerivedProof) -> bool:
    """The signature, the key of the statements, and their signatures."""
    if not (_is_bytes(proof.signature, 64) and _is_bytes(proof.key, _KEY) and _is_list(proof.signatures, bytes)):
        return False
    return proof.key.startswith(_P256.multicodec) and all(len(each) == 64 for each in proof.signatures)


def _is_bytes(value: Any, length: int) -> bool:
    return isinstance(value, bytes) and len(value) == length


def _is_list(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(type(item) is kind for item in value)


def _different(items: Iterable[Any]) -> bool:
    every = list(items)
    return len(set(every)) == len(every)


def _require(sound: bool) -> None:
    if not sound:
        raise Malformed.saying("selective.no_proof_value")
