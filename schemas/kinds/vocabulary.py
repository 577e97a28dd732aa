"""The inline context of a kind: our terms, mapped to existing vocabularies, a `urn:` where none fits.

It travels inside each document, so nobody ever has to fetch it (docs/decisions/0009).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel

from schemas.kinds.facts import Names, Trilingual

OWN = "urn:tanu:v1:"
ELM = "http://data.europa.eu/snb/model/elm/"
DCT = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"

TERMS: Mapping[str, str] = {
    "familyName": FOAF + "familyName",
    "givenName": FOAF + "givenName",
    "patronymicName": "http://www.w3.org/ns/person#patronymicName",
    "birthDate": "https://schema.org/birthDate",
    "title": DCT + "title",
    "issuedOn": DCT + "issued",
    "legalName": "http://www.w3.org/ns/regorg#legalName",
    "country": "https://schema.org/addressCountry",
    "city": "https://schema.org/addressLocality",
    "eqfLevel": ELM + "EQFLevel",
    "nqfLevel": ELM + "NQFLevel",
    "learningOutcomes": ELM + "learningOutcome",
    "ects": ELM + "creditPoint",
    "hours": ELM + "volumeOfLearning",
    "fieldOfStudy": ELM + "ISCEDFCode",
    "participation": ELM + "mode",
    "entryRequirements": ELM + "entryRequirement",
    "supervision": ELM + "idVerification",
    "grade": ELM + "grade",
    "accreditation": ELM + "accreditation",
    "onBehalfOf": "http://www.w3.org/ns/prov#actedOnBehalfOf",
}
"""Terms with a home in the European Learning Model, Dublin Core, FOAF, the Core Vocabularies, PROV or schema.org."""

_OF_VC = """
    id type name description issuer validFrom validUntil credentialSubject credentialSchema credentialStatus proof
    cryptosuite created verificationMethod proofPurpose proofValue previousProof statusPurpose statusListIndex
    statusListCredential
"""
_OF_OPEN_BADGES = """
    identifier hashed identityHash identityType achievement achievementType criteria narrative inLanguage humanCode
    creditsAvailable creditsEarned licenseNumber alignment targetName targetUrl targetFramework
"""
STANDARD = frozenset(_OF_VC.split() + _OF_OPEN_BADGES.split())
"""Members that VC 2.0, Open Badges 3.0 and Data Integrity define."""


def inline_context(kind: str, document: type[BaseModel]) -> dict[str, Any]:
    """The context object for `kind`: its type and every own term that `document` can hold, in alphabetical order."""
    terms = dict(_terms(document, set()))
    return {kind: OWN + kind} | {name: terms[name] for name in sorted(terms)}


def _terms(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[tuple[str, Any]]:
    if model in seen:
        return
    seen.add(model)
    for field_name, field in model.model_fields.items():
        term = field.alias or field_name
        inner = set(_types(field.annotation))
        if term not in STANDARD and not term.startswith("@"):
            yield term, _definition(term, inner)
        for nested in inner:
            if issubclass(nested, BaseModel) and not issubclass(nested, Trilingual | Names):
                yield from _terms(nested, seen)


def _definition(term: str, inner: set[type]) -> Any:
    iri = TERMS.get(term, OWN + term)
    if any(issubclass(held, Trilingual | Names) for held in inner):
        return {"@id": iri, "@container": "@language"}
    if date in inner:
        return {"@id": iri, "@type": "http://www.w3.org/2001/XMLSchema#date"}
    return iri


def _types(annotation: Any) -> Iterator[type]:
    """The classes inside Optional, Annotated and tuple."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from _types(argument)
