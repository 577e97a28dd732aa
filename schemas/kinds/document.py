"""The whole document as signed: the VC 2.0 envelope around the facts of a kind (docs/formats.md, "A credential").

Kinds with a `Badge` are Open Badges 3.0 AchievementCredentials as well; what Open Badges lacks, our own terms say.
"""

from typing import Annotated, Literal

from pydantic import Field, ValidationError

from schemas.errors import DataLoss, Malformed
from schemas.kinds.facts import Code, Day, Line, Name, Node, Trilingual
from schemas.numbers import NUMBER_PATTERN
from schemas.reading import shown

Uri = Annotated[str, Field(pattern=r"^[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+$", max_length=400)]
_INSTANT = r"^[1-9]\d{3}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ$"
Instant = Annotated[str, Field(pattern=_INSTANT, json_schema_extra={"format": "date-time"})]
"""UTC with `Z`, whole seconds (docs/formats.md, "A credential")."""
Bin = Annotated[str, Field(pattern=r"^[0-9]{12}$")]


class Accreditation(Node):
    """The issuer's right to issue this kind (Joint Order cl. 2(3); Law on professional qualifications, art. 23)."""

    accreditation_body: Trilingual
    accreditation_number: Code
    accredited_from: Day
    accredited_until: Day | None = None


class Mandator(Node):
    """In whose name an institution issues by mandate, and the accreditation that it lends."""

    id: Uri
    legal_name: Trilingual
    bin: Bin
    mandate_number: Code
    accreditation: Accreditation | None = None


class Issuer(Node):
    """The organisation that issues, as its registry row says on the day of issue."""

    id: Uri
    type: tuple[Literal["Profile"]] | None = None
    name: Line
    legal_name: Trilingual
    bin: Bin
    country: Literal["KZ"]
    city: Trilingual
    accreditation: Accreditation | None = None
    on_behalf_of: Mandator | None = None


class Signatory(Node):
    """A responsible person (Regulation cl. 6)."""

    signatory_name: Name
    position: Trilingual


class SchemaReference(Node):
    """VC JSON Schema, section 3.1."""

    id: Uri
    type: Literal["JsonSchema"]


class StatusEntry(Node):
    """Bitstring Status List 1.0, section 2.1."""

    type: Literal["BitstringStatusListEntry"]
    status_purpose: Literal["revocation", "suspension"]
    status_list_index: Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,9})$")]
    status_list_credential: Uri


ProofId = Annotated[str, Field(pattern=r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
MAX_COSIGNATURES = 10
"""As many as there may be signatories."""


class DataIntegrityProof(Node):
    """Data Integrity 1.0, section 2.1, as this product writes it. `id` is the institution's only, for the co-signatures
    that name it as their `previousProof`."""

    id: ProofId | None = None
    type: Literal["DataIntegrityProof"]
    cryptosuite: Literal["eddsa-rdfc-2022"]
    created: Instant
    verification_method: Uri
    proof_purpose: Literal["assertionMethod"]
    previous_proof: ProofId | None = None
    proof_value: Annotated[str, Field(pattern=r"^z[1-9A-HJ-NP-Za-km-z]{80,100}$")]


def read_proofs(value: object) -> tuple[DataIntegrityProof, ...]:
    """The proofs of a document: the institution's, alone or first, and the co-signatures. Raises as `read_proof`."""
    if not isinstance(value, list):
        return (_first(read_proof(value)),)
    if not 2 <= len(value) <= 1 + MAX_COSIGNATURES:
        raise DataLoss.saying("verify.proof.wrong_shape", member="proof")
    first, *others = (read_proof(each) for each in value)
    if any(other.id for other in others):
        raise DataLoss.saying("verify.proof.wrong_shape", member="id")
    return _first(first), *others


def _first(proof: DataIntegrityProof) -> DataIntegrityProof:
    """The institution's proof covers the document alone, so that a reader who knows no chains can check it."""
    if proof.previous_proof:
        raise DataLoss.saying("verify.proof.wrong_shape", member="previousProof")
    return proof


def read_proof(value: object) -> DataIntegrityProof:
    """One proof as this product writes it. Another one, or one more member, is a change of the document
    (docs/attacks.md A1, A23): raises `DataLoss`, and `Malformed` for a time in another spelling."""
    try:
        return DataIntegrityProof.model_validate(value)
    except ValidationError as error:
        place = str(next(iter(error.errors()[0]["loc"]), "proof"))
        refusal = Malformed if place == "created" else DataLoss
        raise refusal.saying("verify.proof.wrong_shape", member=shown(place)) from None


class Identity(Node):
    """Open Badges IdentityObject: the holder's name in the document's first language."""

    type: Literal["IdentityObject"]
    hashed: Literal[False]
    identity_hash: Line
    identity_type: Literal["name"]


class Criteria(Node):
    """Open Badges Criteria."""

    narrative: Annotated[str, Field(min_length=1, max_length=4000)]


class Alignment(Node):
    """Open Badges Alignment."""

    type: tuple[Literal["Alignment"]]
    target_name: Line
    target_url: Uri
    target_framework: Line


class Achievement(Node):
    """Open Badges Achievement."""

    id: Uri
    type: tuple[Literal["Achievement"]]
    achievement_type: Literal["MicroCredential", "Certification", "Certificate", "CertificateOfCompletion"]
    name: Line
    description: Annotated[str, Field(min_length=1, max_length=4000)]
    criteria: Criteria
    in_language: Literal["kk", "ru", "en"]
    human_code: Code | None = None
    credits_available: Annotated[float, Field(gt=0, le=1000, multiple_of=0.01)] | None = None
    alignment: Annotated[tuple[Alignment, ...], Field(min_length=1, max_length=10)] | None = None


class BadgeSubject(Node):
    """What an Open Badges AchievementSubject needs beside our facts."""

    type: tuple[Literal["AchievementSubject"]]
    identifier: tuple[Identity]
    achievement: Achievement
    credits_earned: Annotated[float, Field(gt=0, le=1000, multiple_of=0.01)] | None = None
    license_number: Annotated[str, Field(pattern=f"^{NUMBER_PATTERN}$")]


class Envelope(Node):
    """What every kind has around its facts; `@context`, `type` and `credentialSubject` are set by the kind."""

    id: Uri
    name: Line
    issuer: Issuer
    valid_from: Instant
    valid_until: Instant | None = None
    number: Annotated[str, Field(pattern=f"^{NUMBER_PATTERN}$")]
    issued_on: Day
    first_language: Literal["kk", "ru", "en"]
    legal_basis: Trilingual
    rule_set: Code
    signatories: Annotated[tuple[Signatory, ...], Field(min_length=1, max_length=10)]
    test: Literal[True] | None = None
    credential_schema: SchemaReference
    proof: (
        DataIntegrityProof
        | Annotated[tuple[DataIntegrityProof, ...], Field(min_length=2, max_length=1 + MAX_COSIGNATURES)]
        | None
    ) = None
