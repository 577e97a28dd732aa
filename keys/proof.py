"""Data Integrity proofs: securing and checking side by side (VC Data Integrity 1.0, section 4), alone, in a set, or in
a chain.

A suite is a row of `SUITES`. Which key may sign for whom, and how many proofs a document needs, is decided by the
verifier, not here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeAlias

from keys.disclosure import SelectiveDisclosure
from keys.public import KeyName, PublicKey
from keys.signer import Signer
from keys.suite import Claim, Suite, WholeDocument, as_given, by_jcs, by_rdfc, by_rdfc_2020, with_context
from schemas.canonical import Digested
from schemas.credential import utc
from schemas.errors import DataLoss, Malformed, Refused, Unsupported
from schemas.forms import Forms
from schemas.reading import Json, shown

_ED25519: frozenset[KeyName] = frozenset({"Ed25519"})
_NIST: frozenset[KeyName] = frozenset({"P-256", "P-384"})

SUITES: Mapping[str, Suite] = {
    suite.name: suite
    for suite in (
        WholeDocument("eddsa-rdfc-2022", _ED25519, by_rdfc, as_given),
        WholeDocument("eddsa-jcs-2022", _ED25519, by_jcs, with_context),
        WholeDocument("ecdsa-rdfc-2019", _NIST, by_rdfc, as_given),
        WholeDocument("ecdsa-jcs-2019", _NIST, by_jcs, with_context),
        WholeDocument("Ed25519Signature2020", _ED25519, by_rdfc_2020, None, type="Ed25519Signature2020"),
        SelectiveDisclosure(),
    )
}
_MEMBERS = frozenset(
    {"id", "type", "cryptosuite", "created", "expires", "verificationMethod", "proofPurpose", "proofValue"}
    | {"domain", "challenge", "nonce", "previousProof", "@context"}
)
"""Of a proof (Data Integrity 1.0, section 2.1). In another spelling, such as a full IRI, the same statement would be
signed and yet not seen: an `expires`, for one."""
_LISTS = frozenset({"domain", "previousProof"})
"""May be lists of strings; the other members are strings. No RDFC suite would sign a null or an empty list."""
MAX_PROOFS = 20
"""Of one document."""
PRODUCT_SUITE = "eddsa-rdfc-2022"
Keyed: TypeAlias = tuple[Mapping[str, Json], PublicKey]
"""A proof, and the key that it is to fit."""


def proof_options(method: str, created: datetime, suite: str = PRODUCT_SUITE) -> dict[str, Json]:
    """The proof of a document before its value; of ours, recorded with the bytes before the key is used."""
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": utc(created),
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }


def secure(
    document: Mapping[str, Json], canonical: Digested | None, options: Mapping[str, Json], signer: Signer
) -> dict[str, Json]:
    """`document` with its proof (section 4.2 "Add Proof"); `canonical` is the form of exactly that document."""
    _check_order([options])
    return {**document, "proof": proven(Claim(Forms(document, canonical), options), suite_of(options), signer)}


def add_proof(
    secured: Mapping[str, Json], options: Mapping[str, Json], signer: Signer, canonical: Digested | None = None
) -> dict[str, Json]:
    """`secured` with one proof more (section 4.3 "Add Proof Set/Chain"): beside the others or, where the options name
    a `previousProof`, over the document with those. `canonical` is the form of the document without proofs."""
    proofs = proofs_of(secured)
    _check_order([*proofs, options])
    claim = _Contents(secured, proofs, canonical).claim(options)
    return {**secured, "proof": [*proofs, proven(claim, suite_of(options), signer)]}


def proven(claim: Claim, suite: Suite, signer: Signer) -> dict[str, Json]:
    """A proof by the suite that the options name; raises `Unsupported` for a key that it is not for."""
    _check_members(claim.options)
    if signer.public.name not in suite.keys:
        raise Unsupported.saying("verify.proof.other_key", suite=suite.name, type=signer.public.name)
    return suite.prove(claim, signer)


def check(
    document: Mapping[str, Json], proof: Mapping[str, Json], key: PublicKey, canonical: Digested | None = None
) -> bool:
    """Does this proof of `document` hold with this key? (section 4.4 "Verify Proof", 4.5 "Verify Proof Set/Chain")

    `canonical` is the form of the document without proofs. Says nothing of whose key it is, nor of other proofs, also
    not of those that this one follows. Raises `Malformed`, `DataLoss` or `Unsupported` for a proof that is no proof.
    """
    return _holds(_Contents(document, proofs_of(document), canonical), proof, key)


def check_all(
    document: Mapping[str, Json], keyed: Sequence[Keyed], canonical: Digested | None = None
) -> list[bool | Refused]:
    """`check` of several proofs, each with its key: whether it holds, or why it is no proof. A canonical form that
    several of them need is made once."""
    contents = _Contents(document, proofs_of(document), canonical)
    return [_outcome(contents, proof, key) for proof, key in keyed]


def _outcome(contents: "_Contents", proof: Mapping[str, Json], key: PublicKey) -> bool | Refused:
    try:
        return _holds(contents, proof, key)
    except Refused as refused:
        return refused


def _holds(contents: "_Contents", proof: Mapping[str, Json], key: PublicKey) -> bool:
    suite = suite_of(proof)
    _check_members(proof)
    if "proofValue" not in proof:
        raise Malformed.saying("verify.proof.wrong_shape", member="proofValue")
    claim = contents.claim({name: value for name, value in proof.items() if name != "proofValue"})
    return key.name in suite.keys and suite.holds(claim, proof["proofValue"], key)  # docs/attacks.md B12


def suite_of(proof: Mapping[str, Json]) -> Suite:
    """The suite that a proof names; raises `Unsupported`."""
    name = proof.get("cryptosuite", proof.get("type"))
    suite = SUITES.get(name) if isinstance(name, str) else None
    if suite is None or proof.get("type") != suite.type:
        raise Unsupported.saying("verify.proof.unknown_suite", suite=shown(str(name or proof.get("type"))))
    return suite


def _check_members(proof: Mapping[str, Json]) -> None:
    for name, value in proof.items():
        if name not in _MEMBERS:
            raise DataLoss.saying("verify.proof.wrong_shape", member=shown(name))
        texts = value if isinstance(value, list) and name in _LISTS else [value]
        if name != "@context" and not (texts and all(isinstance(text, str) for text in texts)):
            raise Malformed.saying("verify.proof.wrong_shape", member=name)


def proofs_of(document: Mapping[str, Json]) -> tuple[Mapping[str, Json], ...]:
    """The proofs of a document, of which each that follows another finds it there.

    Raises `DataLoss` where there is none, `Malformed` for what is no proof, for more than `MAX_PROOFS`, for two under
    one `id`, and for a `previousProof` that leads nowhere or in a circle.
    """
    if not (given := document.get("proof")):
        raise DataLoss.saying("verify.proof.missing")
    proofs: list[Any] = given if isinstance(given, list) else [given]
    if not all(proof and isinstance(proof, dict) for proof in proofs):
        raise Malformed.saying("verify.proof.wrong_shape", member="proof")
    _check_order(proofs)
    return tuple(proofs)


def _check_order(proofs: Sequence[Mapping[str, Json]]) -> None:
    ids = [proof["id"] for proof in proofs if "id" in proof]
    if len(proofs) > MAX_PROOFS:
        raise Malformed.saying("verify.proof.too_many", most=MAX_PROOFS)
    if not all(isinstance(each, str) for each in ids) or len(set(ids)) < len(ids):
        raise Malformed.saying("verify.proof.wrong_shape", member="proof.id")
    follows = {proof.get("id", place): _previous(proof) for place, proof in enumerate(proofs)}
    _check_found(frozenset().union(*follows.values()), proofs)
    try:
        TopologicalSorter(follows).prepare()
    except CycleError as circle:
        raise Malformed.saying("verify.proof.no_previous", id=shown(str(circle.args[1][0]), 120)) from None


def _previous(proof: Mapping[str, Json]) -> frozenset[str]:
    """The `id`s that a proof names as `previousProof`: one, or a list of them."""
    if "previousProof" not in proof:
        return frozenset()
    given = proof["previousProof"]
    names = given if isinstance(given, list) else [given]
    if not names or not all(isinstance(name, str) for name in names):
        raise Malformed.saying("verify.proof.wrong_shape", member="previousProof")
    return frozenset(names)


class _Contents:
    """What the proofs of a document are about: the document, with the proofs that they follow in the order in which
    they stand (sections 4.3, step 4, and 4.5, step 4). Each content is there once."""

    def __init__(
        self, document: Mapping[str, Json], proofs: Sequence[Mapping[str, Json]], canonical: Digested | None
    ) -> None:
        self.unsigned = {name: member for name, member in document.items() if name != "proof"}
        self.proofs = proofs
        self._forms = {frozenset[str](): Forms(self.unsigned, canonical)}

    def claim(self, options: Mapping[str, Json]) -> Claim:
        """Of a proof with these options."""
        named = _previous(options)
        if named not in self._forms:
            _check_found(named, self.proofs)
            followed = [proof for proof in self.proofs if proof.get("id") in named]
            self._forms[named] = Forms({**self.unsigned, "proof": followed})
        return Claim(self._forms[named], options)


def _check_found(named: frozenset[str], proofs: Sequence[Mapping[str, Json]]) -> None:
    if astray := named - {proof.get("id") for proof in proofs}:
        raise Malformed.saying("verify.proof.no_previous", id=shown(min(astray), 120))
