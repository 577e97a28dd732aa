"""KINDS: one row per kind of document. Everything that depends on the kind is looked up here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any, TypeVar

import jsonschema_rs
from pydantic import Field, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from schemas import contexts
from schemas.contexts import ChangedFile
from schemas.errors import Malformed, Unsupported
from schemas.kinds import decision, microcredential, qualification, rights, supplement, training
from schemas.kinds.document import BadgeSubject, Envelope, StatusEntry
from schemas.kinds.facts import Facts, Node
from schemas.kinds.vocabulary import inline_context
from schemas.languages import Language, Text, say
from schemas.reading import Json, shown

Badge = Callable[[Any, Language], dict[str, Json]]
"""(facts, first language) → the members of an Open Badges Achievement, without id and type."""


class Published:
    """A signed document whose shape is closed and published: `name` is its type in JSON-LD."""

    name: str
    version: int

    @property
    def title(self) -> Text:
        """Its name for people."""
        return say(f"kind.{self.name}.title")

    @property
    def types(self) -> tuple[str, ...]:
        """The `type` member, in order."""
        return ("VerifiableCredential", self.name)

    @property
    def context_urls(self) -> tuple[str, ...]:
        """What stands before the inline object in `@context`."""
        return (contexts.VC_2,)

    @property
    def context(self) -> list[Json]:
        """The `@context` member, in order, its inline object last."""
        return [*self.context_urls, self.published_context]

    @property
    def document(self) -> type[Node]:
        """The model of the whole signed document; its JSON Schema is made from it."""
        raise NotImplementedError

    def _with(self, base: type[Node], **fields: Any) -> type[Node]:
        """The model with context and types as they are for this name."""
        contexts_in_all = len(self.context_urls) + 1
        model: Any = create_model(
            f"{self.name}Document",
            __base__=base,
            context=(list[Any], Field(alias="@context", min_length=contexts_in_all, max_length=contexts_in_all)),
            type=(tuple[str, ...], Field(json_schema_extra={"const": list(self.types)})),
            **fields,
        )
        return model  # type: ignore[no-any-return]

    def generate_schema(self) -> dict[str, Json]:
        """JSON Schema 2020-12 of the document, as published (VC JSON Schema asks for `$id` and `$schema`)."""
        schema = self.document.model_json_schema(by_alias=True, schema_generator=_Closed)
        head = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:tanu:schema:{self.name}:{self.version}",
        }
        return head | schema | {"title": self.title.en}

    def generate_context(self) -> dict[str, Json]:
        """The inline context, as published."""
        return inline_context(self.name, self.document)

    @cached_property
    def published_schema(self) -> dict[str, Json]:
        return published(f"kinds/{self.name}-{self.version}.schema.json")

    @cached_property
    def published_context(self) -> dict[str, Json]:
        return published(f"kinds/{self.name}-{self.version}.context.json")

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(self.published_schema, validate_formats=True)

    def check_schema(self, document: Json) -> None:
        """Raises `Malformed` naming the first place where `document` differs from the published schema.

        Nothing is looked at after that: to list every error of a document of 256 KB takes seconds, and Python's lock
        (docs/attacks.md A18).
        """
        try:
            self._validator.validate(document)
        except jsonschema_rs.ValidationError as error:
            place = "/".join(str(step) for step in error.instance_path) or "/"
            problem = shown(error.message, 160)
            raise Malformed.saying("kinds.schema", place=shown(place, 100), problem=problem) from None


@dataclass(frozen=True)
class Kind(Published):
    """A kind of document: `letters` stand in its registration numbers."""

    name: str
    letters: str
    facts: type[Facts]
    badge: Badge | None = None
    programme: str | None = None
    """The member of `credentialSubject` that names the programme by its code."""
    profession: str | None = None
    """The member of `credentialSubject` that names the profession by its code."""
    level: tuple[str, ...] = ()
    """The way to the level of the National Qualifications Framework in `credentialSubject`."""
    version: int = 1

    @property
    def legal_basis(self) -> Text:
        """The act and clause under which it is issued."""
        return say(f"kind.{self.name}.legal_basis")

    @property
    def status_purposes(self) -> tuple[str, ...]:
        """Open Badges allows one status entry; the others carry revocation first, suspension second."""
        return ("revocation",) if self.badge else ("revocation", "suspension")

    @property
    def types(self) -> tuple[str, ...]:
        """The `type` member, in order."""
        return ("VerifiableCredential", *(("AchievementCredential",) if self.badge else ()), self.name)

    @property
    def context_urls(self) -> tuple[str, ...]:
        return (*super().context_urls, *([contexts.OPEN_BADGES_3] if self.badge else []))

    @cached_property
    def document(self) -> type[Node]:
        bases = (BadgeSubject, self.facts) if self.badge else (self.facts,)
        subject: Any = create_model(f"{self.name}Subject", __base__=bases)
        entry: Any = StatusEntry if self.badge else tuple[StatusEntry, StatusEntry]
        return self._with(Envelope, credential_subject=(subject, ...), credential_status=(entry, ...))

    def read_facts(self, document: Mapping[str, Json]) -> Facts:
        """The facts of a document whose shape has been checked."""
        subject = document["credentialSubject"]
        own = {name: value for name, value in subject.items() if not (self.badge and name in _BADGE_MEMBERS)}
        return self.facts.model_validate(own)

    def level_of(self, document: Mapping[str, Json]) -> int | None:
        """The level that a document of this kind states."""
        found: Any = document
        for step in ("credentialSubject", *self.level):
            found = found.get(step) or {}
        return found if isinstance(found, int) else None

    def programme_code(self, document: Mapping[str, Json]) -> str | None:
        """The code of the programme in a document whose shape has been checked, where it states one."""
        programme = document["credentialSubject"].get(self.programme) if self.programme else None
        return programme.get("programmeCode") if programme else None

    def profession_code(self, document: Mapping[str, Json]) -> str | None:
        """The code of the profession that a document recognises, where its kind does."""
        return str(document["credentialSubject"][self.profession]["code"]) if self.profession else None


@dataclass(frozen=True)
class RightKind(Published):
    """A kind of document that gives an organisation a right."""

    name: str
    model: type[rights.RightDocument]
    version: int = 1

    @cached_property
    def document(self) -> type[Node]:
        return self._with(self.model)


_BADGE_MEMBERS = frozenset(field.alias or name for name, field in BadgeSubject.model_fields.items())


class _Closed(GenerateJsonSchema):
    """Absent members are absent, never null; lists hold no item twice (their order and repetition are unsigned)."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Without the model's docstring: what is published does not change with a comment."""
        return {name: value for name, value in super().model_schema(schema).items() if name != "description"}

    def tuple_schema(self, schema: core_schema.TupleSchema) -> JsonSchemaValue:
        return super().tuple_schema(schema) | {"uniqueItems": True}


def published(path: str) -> dict[str, Json]:
    """A file of `schemas/published`, checked against its digest in `index.json` there."""
    folder = resources.files("schemas").joinpath("published")
    data = folder.joinpath(path).read_bytes()
    if hashlib.sha256(data).hexdigest() != json.loads(folder.joinpath("index.json").read_bytes())[path]:
        raise ChangedFile(path)
    return dict(json.loads(data))


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "MicroCredentialCertificate",
            "MC",
            microcredential.MicroCredential,
            microcredential.badge,
            "programme",
            level=("programme", "nqfLevel"),
        ),
        Kind(
            "ProfessionalQualificationRecognition",
            "PQ",
            qualification.ProfessionalQualification,
            qualification.badge,
            "qualificationProgramme",
            "profession",
            level=("nqfLevel",),
        ),
        Kind("LearningRecognitionDecision", "LR", decision.RecognitionDecision, programme="studyProgramme"),
        Kind("ShortTermTrainingCertificate", "ST", training.ShortTermTraining, training.badge, "programme"),
        Kind("CertificateSupplement", "CS", supplement.Supplement),
    )
}

ACCREDITATION = RightKind("AccreditationCertificate", rights.AccreditationCertificate)
MANDATE = RightKind("IssuingMandate", rights.IssuingMandate)
PUBLISHED: Mapping[str, Published] = {**KINDS, ACCREDITATION.name: ACCREDITATION, MANDATE.name: MANDATE}
"""Everything with a published context and schema."""


def check_published() -> None:
    """Every published file is the one that was tested; raises `ChangedFile` (docs/attacks.md A10)."""
    contexts.bundled()
    for kind in PUBLISHED.values():
        _ = kind.published_schema, kind.published_context


def kind_named(name: str) -> Kind:
    """The row of `KINDS`; raises `Unsupported` for a kind that Tanu does not know."""
    try:
        return KINDS[name]
    except KeyError:
        raise Unsupported.saying("kinds.unknown", name=shown(name), known=", ".join(KINDS)) from None


def recognise(document: Mapping[str, Json]) -> Kind:
    """The kind of a document under policy `product`: exactly our types and our published contexts, in order.

    Raises `Malformed` (docs/attacks.md A3–A6, A8).
    """
    return _recognised(document, KINDS)


def recognise_right(document: Mapping[str, Json]) -> RightKind:
    """The same of a document that gives an organisation a right."""
    return _recognised(document, {kind.name: kind for kind in (ACCREDITATION, MANDATE)})


Known = TypeVar("Known", bound=Published)


def _recognised(document: Mapping[str, Json], known: Mapping[str, Known]) -> Known:
    types = document.get("type")
    own = [name for name in types if isinstance(name, str) and name in known] if isinstance(types, list) else []
    if len(own) != 1:
        raise _not_ours(types, known)
    kind = known[own[0]]
    if tuple(types or ()) != kind.types:
        raise Malformed.saying("kinds.types", expected=", ".join(kind.types))
    given = document.get("@context")
    if given != kind.context:  # strings and objects of strings only, so equal values are equal JCS forms
        raise Malformed.saying("kinds.contexts")
    return kind


def _not_ours(types: Json, known: Iterable[str]) -> Malformed:
    if isinstance(types, list) and "VerifiableCredential" in types and all(isinstance(t, str) for t in types):
        return Malformed(say("kinds.unknown", name=shown(", ".join(types)), known=", ".join(known)))
    return Malformed(say("kinds.no_credential"))
