"""A credential against the schema that it names: Verifiable Credentials JSON Schema 1.0, both types, three outcomes.

Nothing is retrieved: the schema's bytes are handed in, and a reference to anywhere else is *indeterminate*. So is
whatever cannot be evaluated here for certain: an unknown draft, a schema beyond the limits, a pattern that needs
backtracking. *failure* is a credential that does not fit, or a schema that the standard does not allow.

Whether the proof of a `JsonSchemaCredential` holds, and by whose key, is the caller's matter; so is where the schema
came from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import jsonschema_rs

from schemas.canonical import ABSOLUTE
from schemas.datamodel import check_credential
from schemas.errors import Malformed, Refused, Unsupported
from schemas.evaluations import Cost
from schemas.languages import Text, say
from schemas.reading import Json, read_object, shown
from schemas.resources import check_digests_of

SchemaType = Literal["JsonSchema", "JsonSchemaCredential"]
SCHEMA_TYPES: tuple[SchemaType, ...] = get_args(SchemaType)
Result = Literal["success", "failure", "indeterminate"]

DRAFTS: Mapping[str, type[jsonschema_rs.Validator]] = {
    "json-schema.org/draft/2020-12/schema": jsonschema_rs.Draft202012Validator,
    "json-schema.org/draft/2019-09/schema": jsonschema_rs.Draft201909Validator,
    "json-schema.org/draft-07/schema": jsonschema_rs.Draft7Validator,
}
"""`$schema` without scheme and empty fragment → the draft."""
SCHEMA_OF_SCHEMAS = {
    "id": frozenset(
        {
            "https://www.w3.org/ns/credentials/json-schema/v2.json",
            "https://www.w3.org/2022/credentials/v2/json-schema-credential-schema.json",
        }
    ),
    "type": frozenset({"JsonSchema"}),
    "digestSRI": frozenset({"sha384-S57yQDg1MTzF56Oi9DbSQ14u7jBy0RDdx0YbeV7shwhCS88G8SCXeFq82PafhCrW"}),
}
"""What the `credentialSchema` of a `JsonSchemaCredential` has to say (section 2.2), under its present address and that
of the Candidate Recommendation, by which the public suite goes."""

_LINEAR = jsonschema_rs.RegexOptions(size_limit=100_000)
"""An engine without backtracking: no pattern takes longer than its text is long. It knows no look-around."""
_EXPLAINED = 5_000
"""Evaluations up to which a failure's place is looked for: an error costs a thousand times its evaluation."""


@dataclass(frozen=True, slots=True)
class Validated:
    """The outcome (section 4.2), and why."""

    result: Result
    because: Text


def validate(kind: SchemaType, schema: bytes, credential: bytes) -> Validated:
    """Does `credential` fit `schema`, which its `credentialSchema` names with the type `kind`?"""
    try:
        _validate(kind, schema, credential)
    except Unsupported as refused:
        return Validated("indeterminate", refused.because)
    except Refused as refused:
        return Validated("failure", refused.because)
    return Validated("success", say("validation.success"))


def _validate(kind: SchemaType, data: bytes, credential: bytes) -> None:
    value, document = read_object(credential), _read(data)
    identifier = document.get("$id" if kind == "JsonSchema" else "id")
    entry = _entry(value, kind, identifier)
    check_digests_of(data, entry, "credentialSchema")
    check_fits(document if kind == "JsonSchema" else _schema_inside(document), value)


def check_fits(schema: Mapping[str, Json], value: Mapping[str, Json]) -> None:
    """Raises `Malformed` where `value` does not fit, or the schema is none; `Unsupported` where that cannot be told."""
    draft = _draft(schema)
    cost = Cost(schema).evaluations(value)
    validator = _compiled(draft, dict(schema))
    if not validator.is_valid(value):
        raise Malformed.saying("validation.failure", place=_place(validator, value) if cost <= _EXPLAINED else "…")


def _read(data: bytes) -> dict[str, Json]:
    """A schema beyond the limits of reading may still be one."""
    try:
        return read_object(data)
    except Malformed as refused:
        raise Unsupported.saying("validation.unreadable", problem=refused.because) from None


def _entry(value: Mapping[str, Json], kind: str, identifier: Json) -> Mapping[str, Json]:
    """The entry of `credentialSchema` that names this schema (section 2)."""
    entries = value.get("credentialSchema")
    for entry in entries if isinstance(entries, list) else [entries]:
        if isinstance(entry, dict) and (entry.get("type"), entry.get("id")) == (kind, identifier):
            return entry
    raise Malformed.saying("validation.not_named", kind=kind, id=shown(str(identifier), 120))


def _schema_inside(document: dict[str, Json]) -> Mapping[str, Json]:
    """The schema in a `JsonSchemaCredential` (section 2.2), which is a credential of the right shape."""
    check_credential(document)
    if "JsonSchemaCredential" not in document["type"]:
        raise Malformed.saying("model.type_with", member="type", type="JsonSchemaCredential")
    named, subject = document.get("credentialSchema"), document["credentialSubject"]
    for member, allowed in SCHEMA_OF_SCHEMAS.items():
        if not isinstance(named, dict) or named.get(member) not in allowed:
            raise Malformed.saying("validation.schema_of_schemas", member=member, expected=", ".join(sorted(allowed)))
    if not isinstance(subject, dict) or subject.get("type") != "JsonSchema":
        raise Malformed.saying("model.type_with", member="credentialSubject/type", type="JsonSchema")
    if not isinstance(subject.get("jsonSchema"), dict):
        raise Malformed.saying("model.missing", member="credentialSubject/jsonSchema")
    return dict(subject["jsonSchema"])


def _draft(schema: Mapping[str, Json]) -> type[jsonschema_rs.Validator]:
    """Sections 3.1.1, 3.1.2 and 4: both members are there, or the schema is not processed at all."""
    if not isinstance(schema.get("$id"), str) or not ABSOLUTE.fullmatch(schema["$id"]):
        raise Malformed.saying("model.url", member="$id")
    if not isinstance(schema.get("$schema"), str):
        raise Malformed.saying("model.missing", member="$schema")
    name = schema["$schema"].removeprefix("https://").removeprefix("http://").removesuffix("#")
    if name not in DRAFTS:
        raise Unsupported.saying("validation.unknown_draft", draft=shown(schema["$schema"], 120))
    return DRAFTS[name]


def _compiled(draft: type[jsonschema_rs.Validator], schema: dict[str, Json]) -> jsonschema_rs.Validator:
    try:
        return draft(schema, validate_formats=True, pattern_options=_LINEAR, offline=True)
    except jsonschema_rs.ValidationError as error:
        place = "/".join(str(step) for step in error.instance_path) or "/"
        if error.kind.name == "format":  # of a pattern: perhaps one that only backtracking can follow
            raise Unsupported.saying("validation.pattern", place=shown(place, 100)) from None
        if error.kind.name == "$ref":
            raise Unsupported.saying("validation.elsewhere", reference=shown(error.message, 120)) from None
        raise Malformed.saying("validation.no_schema", place=shown(place, 100)) from None
    except ValueError:  # what the compiler gives up on
        raise Unsupported.saying("validation.too_much_work") from None


def _place(validator: jsonschema_rs.Validator, value: Mapping[str, Json]) -> str:
    """Of the first error: to list all of them may take seconds (docs/attacks.md A18)."""
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return shown("/".join(str(step) for step in error.instance_path) or "/", 100)
    return "/"
