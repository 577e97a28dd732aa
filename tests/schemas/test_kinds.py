"""Every kind: what its model states comes out of the document again, and the published files are what it makes."""

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import pytest
from pydantic import BaseModel

from schemas import contexts
from schemas.canonical import rdfc
from schemas.contexts import OPEN_BADGES_3, VC_2
from schemas.credential import Credential, check_shape
from schemas.display import PAPER, lines
from schemas.errors import Malformed, Refused
from schemas.kinds.table import KINDS, Kind
from schemas.kinds.vocabulary import STANDARD
from schemas.publish import PUBLISHED, generated
from schemas.reading import Json
from tests.world_facts import drafted, facts_of

OPEN_BADGES = Path("tests/vectors/openbadges-3.0/schema/ob_v3p0_achievementcredential_schema.json")
kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@cache
def specimen(kind: Kind) -> Credential:
    """The specimen of `kind`, written, read and checked."""
    written = drafted(kind.name)
    return check_shape(written.data, written.value)


@kinds
def test_what_the_office_states_is_what_is_read_back(kind: Kind) -> None:
    assert specimen(kind).kind is kind
    assert specimen(kind).facts == facts_of(kind)


@kinds
def test_every_kind_can_be_shown(kind: Kind) -> None:
    facts = specimen(kind).facts
    assert lines(facts, PAPER)
    assert facts.title.kk
    assert isinstance(facts.decided_on, date)


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.badge], ids=lambda kind: kind.name)
def test_badges_pass_the_schema_of_1edtech(kind: Kind) -> None:
    schema = json.loads(OPEN_BADGES.read_bytes())
    jsonschema_rs.Draft201909Validator(schema).validate(specimen(kind).value)


@kinds
def test_an_unknown_member_anywhere_is_refused(kind: Kind) -> None:
    for place in objects(drafted(kind.name).value):
        document = drafted(kind.name).value
        reach(document, place)["unknownMember"] = "x"
        with pytest.raises(Refused):
            check_shape(b"", document)


def objects(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of all JSON objects, those of the contexts excepted."""
    if isinstance(value, dict):
        yield place
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        if step != "@context":
            yield from objects(member, (*place, step))


def reach(value: Any, place: tuple[str | int, ...]) -> Any:
    """What stands at `place`."""
    for step in place:
        value = value[step]
    return value


def test_the_published_files_are_what_the_kinds_make() -> None:
    for path, data in generated().items():
        assert (PUBLISHED / path).read_bytes() == data, f"{path}: run python -m schemas.publish"


def test_letters_and_names_of_kinds_are_their_own() -> None:
    assert len({kind.letters for kind in KINDS.values()}) == len(KINDS)


@kinds
def test_own_terms_stand_beside_those_of_the_standards(kind: Kind) -> None:
    """Where VC 2.0 or Open Badges define a term, an own one of that name would be an error or would be hidden."""
    taken = {term for url in (VC_2, OPEN_BADGES_3) for term in terms(contexts.bundled()[url]["@context"])}
    assert not (taken - ELSEWHERE) & set(kind.published_context)


ELSEWHERE = frozenset({"familyName", "givenName", "patronymicName", "fieldOfStudy", "points"})
"""Open Badges define them inside Profile, Achievement and RubricCriterionLevel only, where none of ours stands."""


def terms(context: dict[str, Any]) -> Iterator[str]:
    """The terms that a context defines, also those for inside a type or a property."""
    for term, definition in context.items():
        if not term.startswith("@"):
            yield term
            yield from terms(definition.get("@context") or {} if isinstance(definition, dict) else {})


@kinds
def test_a_term_means_one_thing_throughout_a_kind(kind: Kind) -> None:
    seen: dict[str, bool] = {}
    for model in models(kind.document):
        for name, field in model.model_fields.items():
            term = field.alias or name
            spoken = any(set(inner.model_fields) == {"kk", "ru", "en"} for inner in nested(field.annotation))
            assert term in STANDARD or seen.setdefault(term, spoken) == spoken, term


@kinds
def test_every_own_member_is_signed_under_its_own_address(kind: Kind) -> None:
    signed = {line.split(" ")[1] for line in rdfc(specimen(kind).unsigned).nquads.splitlines()}
    for term in own_members(specimen(kind).value, set(kind.published_context)):
        definition = kind.published_context[term]
        address = definition["@id"] if isinstance(definition, dict) else definition
        assert f"<{address}>" in signed, term


def own_members(value: Any, own: set[str]) -> Iterator[str]:
    """The names of all own members of a document."""
    for place in objects(value):
        yield from own & set(reach(value, place))


@kinds
def test_no_iin_has_a_place_in_a_document(kind: Kind) -> None:
    assert not {"iin", "ИИН"} & {name for model in models(kind.document) for name in model.model_fields}


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """`model` and all models inside it."""
    yield model
    for field in model.model_fields.values():
        for inner in nested(field.annotation):
            yield from models(inner)


def nested(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from nested(argument)


class FirstOnly:
    """The validator of a schema, with nothing but the question that ends at the first error."""

    def __init__(self, schema: Json) -> None:
        self.validate = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate


MANY: dict[str, Json] = {
    "objects": [{"a": n} for n in range(18_000)],
    "the same object": [{"a": [1]}] * 18_000,
    "numbers": list(range(40_000)),
    "lists": [[[[[[n]]]]] for n in range(15_000)],
}


@pytest.mark.parametrize("items", MANY)
@pytest.mark.parametrize("place", ["modules", "learningOutcomes", "languageOfStudy"])
def test_A18_F23_a_long_list_of_errors_is_not_made(items: str, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It took up to three seconds of a processor, in which nobody else was answered: nothing is asked for but the
    first."""
    kind = KINDS["MicroCredentialCertificate"]
    document = drafted(kind.name).value
    document["credentialSubject"]["programme"][place] = MANY[items]
    monkeypatch.setitem(vars(kind), "_validator", FirstOnly(kind.published_schema))
    with pytest.raises(Malformed):
        kind.check_schema(document)
