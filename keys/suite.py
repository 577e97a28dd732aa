"""How a cryptosuite makes and checks one proof: transform, hash, sign, verify. The rows stand in `keys.proof.SUITES`.

Here are the suites that sign a document as a whole (VC DI EdDSA 1.0, sections 3.2 and 3.3; VC DI ECDSA 1.0, sections
3.2 and 3.3).
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from keys.multibase import multibase_decode, multibase_encode
from keys.public import KeyName, PublicKey
from keys.signer import HashedDocument, Signer
from schemas.canonical import Canonical, canonical_form, expand, jcs, statements_of
from schemas.closed import options_form
from schemas.errors import DataLoss, Malformed, Unsupported
from schemas.forms import Forms
from schemas.reading import Json

_SECURITY = "https://w3id.org/security#"
_PROPERTIES = {
    "id": "@id",
    "type": "@type",
    "created": "http://purl.org/dc/terms/created",
    "expires": f"{_SECURITY}expiration",
}
"""Members of a proof that are not named like their properties."""
_PURPOSES = {
    name: f"{name}Method" for name in ("authentication", "keyAgreement", "capabilityInvocation", "capabilityDelegation")
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What one proof is about."""

    forms: Forms
    """Of the document without its proofs, but for those that this one follows."""
    options: Mapping[str, Json]
    """The proof without its value."""

    @property
    def document(self) -> Mapping[str, Json]:
        return self.forms.document


class Suite(Protocol):
    """A row of the table of suites."""

    @property
    def name(self) -> str:
        """The `cryptosuite`, or the `type` of a proof that is its own suite."""

    @property
    def type(self) -> str:
        """The `type` of its proofs."""

    @property
    def keys(self) -> frozenset[KeyName]:
        """The types of keys that it is for."""

    def prove(self, claim: Claim, signer: Signer) -> dict[str, Json]:
        """The proof, with its value; raises `Unsupported` where the suite is for verifying only."""

    def holds(self, claim: Claim, value: str, key: PublicKey) -> bool:
        """Does the `proofValue` fit the claim and the key, which is of the suite's types?"""


Hashing = Callable[[Claim, str], HashedDocument]
"""Transformation, proof configuration and hashing (sections 3.2.3–3.2.5, 3.3.3–3.3.5), with a hash by its name."""


@dataclass(frozen=True, slots=True)
class WholeDocument:
    """A suite that signs two digests, of the options and of the document, by the hash that goes with the key."""

    name: str
    keys: frozenset[KeyName]
    hashed: Hashing
    signed: Callable[[Claim], Claim] | None
    """The claim as its suite signs it; none where it is for verifying only."""
    type: str = "DataIntegrityProof"

    def prove(self, claim: Claim, signer: Signer) -> dict[str, Json]:
        if self.signed is None:
            raise Unsupported.saying("verify.proof.unknown_suite", suite=self.name)
        claim = self.signed(claim)
        signature = signer.sign(self.hashed(claim, signer.public.type.digest))
        return {**claim.options, "proofValue": multibase_encode(signature)}

    def holds(self, claim: Claim, value: str, key: PublicKey) -> bool:
        return key.holds(multibase_decode(value), self.hashed(claim, key.type.digest).message)


def as_given(claim: Claim) -> Claim:
    """An RDFC suite reads the options under the document's contexts, which need not be written twice."""
    return claim


def with_context(claim: Claim) -> Claim:
    """A JCS suite keeps a copy of the document's contexts among the options (section 3.3.1, step 2)."""
    if "@context" not in claim.document:
        return claim
    return Claim(claim.forms, {**claim.options, "@context": claim.document["@context"]})


def by_rdfc(claim: Claim, hash_name: str) -> HashedDocument:
    """RDFC-1.0 with the hash of the key (VC DI ECDSA 1.0, section 3.2.3): for P-384, SHA-384 labels blank nodes too."""
    return HashedDocument(options_digest(claim, hash_name), claim.forms.digest(hash_name))


def by_rdfc_2020(claim: Claim, hash_name: str) -> HashedDocument:
    """The suite of 2020 hashes alike, but a proof of it says when it was made (docs/attacks.md B16)."""
    if "created" not in claim.options:
        raise Malformed.saying("verify.proof.wrong_shape", member="created")
    return by_rdfc(claim, hash_name)


def by_jcs(claim: Claim, hash_name: str) -> HashedDocument:
    """RFC 8785. The contexts that the proof names have to begin the document's, and are those that were signed
    (section 3.3.2, step 4): a context that a later proof needs may stand behind them, if it changes nothing of what the
    document says (docs/attacks.md A6)."""
    document = claim.document
    if "@context" in claim.options:
        signed, given = (_items(of.get("@context")) for of in (claim.options, document))
        if jcs(signed) != jcs(given[: len(signed)]):
            raise Malformed.saying("verify.proof.wrong_shape", member="@context")
        context, forms = claim.options["@context"], claim.forms
        if len(given) > len(signed) and forms.digest_under(context) != forms.digest("sha256"):
            raise DataLoss.saying("verify.proof.wrong_shape", member="@context")
        document = {**document, "@context": context}
    return HashedDocument(*(hashlib.new(hash_name, jcs(dict(part))).digest() for part in (claim.options, document)))


def _items(member: Json) -> list[Json]:
    return member if isinstance(member, list) else [member]


def options_digest(claim: Claim, hash_name: str) -> bytes:
    """Of the canonical proof configuration (section 3.2.5): the options under the document's contexts, which they do
    not name themselves.

    Documents of ours have string-valued options and a context that is constant for their kind, and a batch shares
    both, so the last few are kept.
    """
    context, options = claim.document.get("@context"), claim.options
    if "@context" in options:
        raise DataLoss.saying("verify.proof.wrong_shape", member="@context")
    if all(isinstance(value, str) for value in options.values()):
        return _cached_digest(_Frozen(context), tuple(options.items()), hash_name)
    return _configuration(context, options, hash_name).digest


class _Frozen:
    """A context as a key of the cache, beside the options: equal when its JSON is equal."""

    def __init__(self, context: Json) -> None:
        self.context = context

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and self.context == other.context

    def __hash__(self) -> int:
        return 0  # the options tell entries apart, at no cost that grows with the context


@lru_cache(maxsize=64)
def _cached_digest(context: _Frozen, options: tuple[tuple[str, str], ...], hash_name: str) -> bytes:
    if hash_name == "sha256" and (closed := options_form(context.context, dict(options))):
        return closed.digest
    return _configuration(context.context, dict(options), hash_name).digest


def _configuration(context: Json, options: Mapping[str, Json], hash_name: str) -> Canonical:
    """Raises `Malformed` where the document's contexts let the options say what their names do not: an `expires` under
    the name of `nonce`, an authentication under that of an assertion (docs/attacks.md A5)."""
    expanded = expand({"@context": context, **options})
    if _said(expanded[0]) != _meant(options):
        raise Malformed.saying("verify.proof.wrong_shape", member="@context")
    return canonical_form(statements_of(expanded), hash_name)


def _said(node: Mapping[str, Json]) -> dict[str, list[Json]]:
    """Property → values, of a node in expanded JSON-LD."""
    values = {name: _items(member) for name, member in node.items()}
    return {name: [_text(value) for value in given] for name, given in values.items()}


def _text(value: Json) -> Json:
    return value.get("@id", value.get("@value")) if isinstance(value, dict) else value


def _meant(options: Mapping[str, Json]) -> dict[str, list[Json]]:
    """The same as the vocabulary has it (Security Vocabulary, "Properties")."""
    meant = {_PROPERTIES.get(name, _SECURITY + name): _items(member) for name, member in options.items()}
    for name in meant.keys() & {"@type", f"{_SECURITY}proofPurpose"}:
        meant[name] = [_SECURITY + _PURPOSES.get(text := str(each), text) for each in meant[name]]
    return meant
