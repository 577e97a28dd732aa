"""What a holder hands over: a presentation with proofs of its own, or one in an envelope (VC Data Model 2.0, section
4.13), as `verifier.presentation` looks at it.

Both say from whom they claim to be and by which keys, before anything is proven; what they say of themselves counts
once a key has proven it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keys import enveloped, jose
from keys.did import Method
from keys.payload import CREDENTIAL, PRESENTATION, Opened, Sealed, Unproven, speaker_id
from keys.proof import proofs_of, suite_of
from registry.fetch import Fetcher
from schemas.datamodel import check_presentation, is_enveloped
from schemas.errors import DataLoss, Malformed, Refused, Unavailable
from schemas.reading import Json, read_object
from schemas.stated import VC
from schemas.statuslist import read_instant
from verifier.canonizer import Canonizer
from verifier.enveloped import names_of
from verifier.foreign import check_keywords
from verifier.proofs import methods_of

_DECIDING = ("holder", "verifiableCredential")
"""The members that a verdict follows from: each is stated under its own name or not at all (docs/attacks.md A5)."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one proof or one envelope says of itself: which question it answers, for whom, and when."""

    challenge: Json
    domains: frozenset[str]
    created: datetime | None
    begins: datetime | None
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Proven:
    """A presentation that the holder's keys have proven, with what each of them says."""

    document: Mapping[str, Json]
    spoken: tuple[Spoken, ...]

    @property
    def credentials(self) -> tuple[Mapping[str, Json], ...]:
        """As they stand in it; each still to be judged."""
        return tuple(_items(self.document.get("verifiableCredential")))


@dataclass(frozen=True)
class Presented:
    """A presentation as it was handed over."""

    claimed_holder: str
    """Unproven; empty where it names none."""
    methods: tuple[str | None, ...]
    """The verification method of each proof; None where an envelope names none."""
    prove: Callable[[Sequence[Method]], Proven]
    """By the methods' keys, one for each proof. Raises `keys.payload.Unproven` or another `schemas.errors.Refused`."""


def read_presentation(data: bytes, canonizer: Canonizer) -> Presented:
    """The presentation in `data`: JSON, or a compact JWS. Raises `Malformed`, `DataLoss` or `Unsupported`."""
    if data.lstrip()[:3] == b"eyJ":
        return _sealed(jose.read(data.decode("utf-8", "replace").strip(), PRESENTATION), canonizer)
    value = read_object(data)
    if "EnvelopedVerifiablePresentation" in _items(value.get("type")):
        return _sealed(enveloped.read(value, PRESENTATION), canonizer)
    return _embedded(value, canonizer)


def _embedded(value: Mapping[str, Json], canonizer: Canonizer) -> Presented:
    """With proofs inside; every one of them counts."""
    _check(value, canonizer)
    proofs = proofs_of(value)
    spoken = tuple(_spoken_by(proof) for proof in proofs)

    def prove(methods: Sequence[Method]) -> Proven:
        keyed = [(proof, method.key) for proof, method in zip(proofs, methods, strict=True)]
        outcomes = canonizer.holds(value, keyed)
        if refused := next((each for each in outcomes if isinstance(each, Refused)), None):
            raise refused
        if not all(outcomes):
            raise Unproven.saying("presentation.proof.failed")
        return Proven(value, spoken)

    named = (proof["verificationMethod"] for proof in proofs)
    return Presented(speaker_id(value, PRESENTATION), tuple(named), prove)


def _sealed(sealed: Sealed, canonizer: Canonizer) -> Presented:
    """In an envelope, which nobody looks into before a key has opened it (docs/attacks.md B6)."""

    def prove(methods: Sequence[Method]) -> Proven:
        opened = Opened(sealed, methods[0].key)
        _check(opened.document, canonizer)
        claims = opened.claims
        spoken = Spoken(claims.nonce, frozenset(claims.audience), claims.issued, claims.not_before, claims.expires)
        return Proven(opened.document, (spoken,))

    return Presented(sealed.claimed_speaker, (sealed.kid,), prove)


def _check(value: Mapping[str, Json], canonizer: Canonizer) -> None:
    """Of the right shape, with no member that has no meaning or another one than it seems to have.

    The credentials are left out: each is judged by itself, and a canonical form of all together is made only where the
    holder's suite signs that. Two documents with equal parts in one graph can cost more than anybody has time for.
    """
    check_presentation(value)
    unsigned = {name: member for name, member in value.items() if name != "proof"}
    check_keywords(unsigned)
    around = {name: member for name, member in unsigned.items() if name != "verifiableCredential"}
    stated = canonizer.stated(around)
    for name in _DECIDING:
        if stated.properties[VC + name] != int(name in around):
            raise Malformed.saying("verify.shape.other_name", member=name)


def _spoken_by(proof: Mapping[str, Json]) -> Spoken:
    suite_of(proof)
    if not isinstance(proof.get("verificationMethod"), str) or not isinstance(proof.get("proofPurpose"), str):
        raise DataLoss.saying("verify.proof.wrong_shape", member="proofPurpose, verificationMethod")
    if proof["proofPurpose"] != "authentication":  # B3: a signature under something else is no answer
        raise DataLoss.saying("presentation.proof.other_purpose")
    domains = _items(proof.get("domain"))
    if not all(isinstance(domain, str) for domain in domains):
        raise Malformed.saying("verify.proof.wrong_shape", member="domain")
    created, ends = (read_instant(proof[name]) if name in proof else None for name in ("created", "expires"))
    return Spoken(proof.get("challenge"), frozenset(domains), created, None, ends)


def subjects_of(credential: Mapping[str, Json], fetcher: Fetcher) -> list[Json]:
    """Whom a credential that has been judged is about; of an enveloped one, by what its issuer's key opens (B6)."""
    if not is_enveloped(credential):
        return _items(credential.get("credentialSubject"))
    try:
        sealed = enveloped.read(credential, CREDENTIAL)
        keys = (m.key for m in methods_of(sealed.claimed_speaker, fetcher) if sealed.kid in names_of(m))
        return _items(Opened(sealed, next(keys)).document.get("credentialSubject"))
    except (Refused, Unavailable, StopIteration):
        return []


def _items(member: Json) -> list[Json]:
    if member is None:
        return []
    return member if isinstance(member, list) else [member]
