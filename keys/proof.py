"""Data Integrity proofs: securing and checking side by side (VC Data Integrity 1.0, EdDSA Cryptosuites 1.0).

A suite is a row of `SUITES`. Which key may sign for whom is decided by the verifier's steps 4 and 5, not here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from keys.multibase import multibase_decode, multibase_encode
from keys.public import PublicKey
from keys.signer import HashedDocument, Signer
from schemas.canonical import Canonical, Digested, rdfc
from schemas.credential import utc
from schemas.errors import DataLoss, Malformed, Unsupported
from schemas.reading import Json, shown


@dataclass(frozen=True, slots=True)
class Suite:
    """How a document becomes the digest that is signed."""

    name: str
    transform: Callable[[Json], Canonical]


SUITES: Mapping[str, Suite] = {suite.name: suite for suite in (Suite("eddsa-rdfc-2022", rdfc),)}
_MEMBERS = frozenset(
    {"id", "type", "cryptosuite", "created", "expires", "verificationMethod", "proofPurpose", "proofValue"}
    | {"domain", "challenge", "nonce", "previousProof"}
)
"""Of a proof (Data Integrity 1.0, section 2.1). In another spelling, such as a full IRI, the same statement would be
signed and yet not seen: an `expires`, for one."""
PRODUCT_SUITE = "eddsa-rdfc-2022"


def proof_options(method: str, created: datetime) -> dict[str, Json]:
    """The proof of our documents before its value; recorded with the bytes, before the key is used."""
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": PRODUCT_SUITE,
        "created": utc(created),
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }


def secure(
    document: Mapping[str, Json], canonical: Digested, options: Mapping[str, Json], signer: Signer
) -> dict[str, Json]:
    """`document` with its proof (section 4.2 "Add Proof"); `canonical` is the form of exactly that document."""
    hashed = HashedDocument(_options_digest(document["@context"], options), canonical.digest)
    return {**document, "proof": {**options, "proofValue": multibase_encode(signer.sign(hashed))}}


def check(
    document: Mapping[str, Json], proof: Mapping[str, Json], multibase: str, canonical: Digested | None = None
) -> bool:
    """Does the signature fit the canonical bytes and the key? (section 4.4 "Verify Proof")

    Says nothing of whose key it is. Raises `Malformed`, `DataLoss` or `Unsupported` for a proof that is no proof.
    """
    suite = suite_of(proof)
    if strange := next((name for name in proof if name not in _MEMBERS), None):
        raise DataLoss.saying("verify.proof.wrong_shape", member=shown(strange))
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    digest = (canonical or suite.transform(unsigned)).digest
    hashed = HashedDocument(_options_digest(document["@context"], options), digest)
    return PublicKey.from_multibase(multibase).holds(_signature(proof), hashed.message)


def suite_of(proof: Mapping[str, Json]) -> Suite:
    """The suite that a proof names; raises `Unsupported`."""
    name = proof.get("cryptosuite")
    if proof.get("type") != "DataIntegrityProof" or not isinstance(name, str) or name not in SUITES:
        raise Unsupported.saying("verify.proof.unknown_suite", suite=shown(str(name or proof.get("type"))))
    return SUITES[name]


def _signature(proof: Mapping[str, Json]) -> bytes:
    value = proof.get("proofValue")
    if not isinstance(value, str):
        raise Malformed.saying("verify.proof.wrong_shape", member="proofValue")
    signature = multibase_decode(value)
    if len(signature) != 64:
        raise Malformed.saying("verify.proof.wrong_shape", member="proofValue")
    return signature


def _options_digest(context: Json, options: Mapping[str, Any]) -> bytes:
    """Of the canonical proof configuration (EdDSA section 3.2.5): the options under the document's contexts.

    Documents of ours have string-valued options and a context that is constant for their kind, and a batch shares
    both, so the last few are kept.
    """
    if all(isinstance(value, str) for value in options.values()):
        return _cached_digest(_Frozen(context), tuple(options.items()))
    return rdfc({"@context": context, **options}).digest


class _Frozen:
    """A context as a key of the cache: equal when its JSON is equal."""

    def __init__(self, context: Json) -> None:
        self.context = context

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and self.context == other.context

    def __hash__(self) -> int:
        return hash(repr(self.context))


@lru_cache(maxsize=64)
def _cached_digest(context: _Frozen, options: tuple[tuple[str, str], ...]) -> bytes:
    return rdfc({"@context": context.context, **dict(options)}).digest
