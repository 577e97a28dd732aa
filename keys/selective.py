"""ecdsa-sd-2023: an issuer signs a document so that its holder can show parts of it (VC Data Integrity ECDSA
Cryptosuites 1.0, sections 3.6.1 and 3.6.6).

Whoever verifies sees parts only: `keys.proof.check`. How such proofs are made of keys stands in `keys.disclosure`.
"""

from collections.abc import Mapping, Sequence

from keys.disclosure import BaseProof, Issuing, Randomness, SelectiveDisclosure, derived
from keys.proof import proofs_of, proven, suite_of
from keys.signer import Signer
from keys.suite import Claim
from schemas.errors import Malformed, Unsupported
from schemas.forms import Forms
from schemas.reading import Json

_DECIDING = (
    *("issuer", "validFrom", "validUntil", "issuanceDate", "expirationDate"),
    *("credentialStatus", "credentialSchema", "termsOfUse", "test"),
)


def deciding(document: Mapping[str, Json]) -> list[str]:
    """Pointers to what of a credential decides a verdict. An issuer makes at least these mandatory: left to the
    holder's choice, an end or a revocation could be hidden from whoever verifies."""
    return [f"/{member}" for member in _DECIDING if member in document]


def secure_selective(
    document: Mapping[str, Json],
    options: Mapping[str, Json],
    signer: Signer,
    mandatory: Sequence[str],
    random: Randomness,
) -> dict[str, Json]:
    """`document` with a base proof, for its holder alone; `mandatory` are JSON pointers to what every part that the
    holder shows will contain.

    Raises `Malformed` for a pointer that points nowhere, `Unsupported` for another suite, another key than P-256, and
    a document with an ordered list, and like `schemas.canonical.rdfc`.
    """
    _require_suite(options)
    suite = SelectiveDisclosure(Issuing(mandatory, random))
    return {**document, "proof": proven(Claim(Forms(document), options), suite, signer)}


def derive(secured: Mapping[str, Json], selective: Sequence[str]) -> dict[str, Json]:
    """The mandatory part of a document with a base proof, and what `selective`, JSON pointers, choose of the rest; with
    the derived proof alone, as no other proof fits a part.

    Raises `Malformed` for a pointer that points nowhere, for a base proof that is none or is about another document,
    and where nothing would be shown; `Unsupported` for a document without a base proof.
    """
    proofs = [proof for proof in proofs_of(secured) if _is_selective(proof)]
    if len(proofs) != 1 or "previousProof" in proofs[0]:
        raise Unsupported.saying("selective.no_base_proof")
    value = proofs[0].get("proofValue")
    if not isinstance(value, str):
        raise Malformed.saying("verify.proof.wrong_shape", member="proofValue")
    unsigned = {name: member for name, member in secured.items() if name != "proof"}
    part, proof = derived(unsigned, BaseProof.read(value), selective)
    return {**part, "proof": {**proofs[0], "proofValue": proof.value}}


def _is_selective(proof: Mapping[str, Json]) -> bool:
    try:
        return isinstance(suite_of(proof), SelectiveDisclosure)
    except Unsupported:
        return False


def _require_suite(options: Mapping[str, Json]) -> None:
    if not _is_selective(options):
        raise Unsupported.saying("selective.other_suite")
