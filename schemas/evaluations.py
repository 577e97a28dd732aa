"""What a JSON Schema costs on one instance, counted before it is evaluated.

A schema of a kilobyte whose references double at each step asks for more evaluations than anybody can wait for. They
are counted here, each pair of subschema and place once, so that counting itself stays cheap; the count is never below
what an evaluation needs. On the way it finds whatever would have to be had from elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from schemas.errors import Malformed, Unsupported
from schemas.reading import Json, shown

MAX_EVALUATIONS = 5_000_000
"""A third of a second of jsonschema-rs; what Open Badges and its like need is a few hundred."""
MAX_PATTERN_CHARACTERS = 100_000
"""That patterns are held against, all together: each of the worst pattern costs some ten microseconds."""
_MAX_PAIRS = 50_000
_MAX_NESTING = 150
"""Of references and subschemas within one another."""

_HERE = frozenset({"not", "if", "then", "else", "contentSchema"})
_HERE_EACH = frozenset({"allOf", "anyOf", "oneOf"})
_HERE_NAMED = frozenset({"dependentSchemas", "dependencies"})
_PARTS = frozenset({"additionalProperties", "unevaluatedProperties"})
_ITEMS = frozenset({"items", "additionalItems", "unevaluatedItems", "contains", "prefixItems"})
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_ANCHORS = ("$anchor", "$dynamicAnchor")


@dataclass
class Cost:
    """Of `schema` on one instance. Raises `Unsupported` for what is not held here or costs too much, `Malformed` for a
    reference that leads nowhere."""

    schema: Mapping[str, Json]
    pattern_characters: int = 0
    _counted: dict[tuple[int, int], int | None] = field(default_factory=dict)
    _anchors: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in _objects(self.schema):
            if part is not self.schema and isinstance(part.get("$id"), str):
                raise Unsupported.saying("validation.parts", id=shown(part["$id"], 120))
            for anchor in {part[name] for name in _ANCHORS if isinstance(part.get(name), str)}:
                if anchor in self._anchors:
                    raise Unsupported.saying("validation.parts", id=shown(anchor, 120))
                self._anchors[anchor] = part

    def evaluations(self, instance: Json) -> int:
        """How many evaluations of a subschema at a place, at most."""
        count = self._count(self.schema, instance, 0)
        if count > MAX_EVALUATIONS or self.pattern_characters > MAX_PATTERN_CHARACTERS:
            raise Unsupported.saying("validation.too_much_work")
        return count

    def _count(self, schema: Json, instance: Json, nesting: int) -> int:
        if not isinstance(schema, dict):
            return 1
        if nesting > _MAX_NESTING or len(self._counted) > _MAX_PAIRS:
            raise Unsupported.saying("validation.too_much_work")
        pair = id(schema), id(instance)
        if pair not in self._counted:
            self._counted[pair] = None
            self._counted[pair] = self._count_object(schema, instance, nesting + 1)
        count = self._counted[pair]
        if count is None:  # it applies itself, at the same place
            raise Unsupported.saying("validation.too_much_work")
        return count

    def _count_object(self, schema: dict[str, Json], instance: Json, nesting: int) -> int:
        own = 1 + sum(len(value) for value in schema.values() if isinstance(value, list | dict))
        if isinstance(instance, str) and ("pattern" in schema or "format" in schema):
            self.pattern_characters += len(instance)
        inner = sum(self._count(sub, at, nesting) for sub, at in self._applied(schema, instance))
        # what is not yet evaluated is found out by evaluating all the rest again
        again = 2 if {"unevaluatedProperties", "unevaluatedItems"} & schema.keys() else 1
        return own + again * inner

    def _applied(self, schema: dict[str, Json], instance: Json) -> Iterator[tuple[Json, Json]]:
        """The subschemas that `schema` applies, and where."""
        for keyword, value in schema.items():
            if keyword in _REFERENCES and isinstance(value, str):
                yield self._referred(value), instance
            elif keyword in _HERE:
                yield value, instance
            elif keyword in _HERE_EACH and isinstance(value, list):
                yield from ((sub, instance) for sub in value)
            elif keyword in _HERE_NAMED and isinstance(value, dict):
                yield from ((sub, instance) for sub in value.values())
            elif isinstance(instance, dict):
                yield from self._in_object(keyword, value, instance)
            elif isinstance(instance, list) and keyword in _ITEMS:
                yield from ((sub, item) for sub in (value if isinstance(value, list) else [value]) for item in instance)

    def _in_object(self, keyword: str, value: Json, instance: dict[str, Json]) -> Iterator[tuple[Json, Json]]:
        if keyword == "properties" and isinstance(value, dict):
            yield from ((value[name], instance[name]) for name in instance if name in value)
        elif keyword == "patternProperties" and isinstance(value, dict):
            self.pattern_characters += len(value) * sum(len(name) for name in instance)
            yield from ((sub, each) for sub in value.values() for each in instance.values())
        elif keyword in _PARTS:
            yield from ((value, each) for each in instance.values())
        elif keyword == "propertyNames":
            yield from ((value, name) for name in instance)

    def _referred(self, reference: str) -> Json:
        """What a reference within the schema names (RFC 6901; JSON Schema 2020-12, section 8.2)."""
        address, _, fragment = reference.partition("#")
        if address not in ("", str(self.schema.get("$id", "")).partition("#")[0]):
            raise Unsupported.saying("validation.elsewhere", reference=shown(reference, 120))
        if fragment and not fragment.startswith("/"):
            return self._found(self._anchors.get(fragment), reference)
        place: Any = self.schema
        for step in unquote(fragment).split("/")[1:]:
            place = self._found(_inside(place, step.replace("~1", "/").replace("~0", "~")), reference)
        return place

    def _found(self, part: Json, reference: str) -> Json:
        if part is None:
            raise Malformed.saying("validation.nowhere", reference=shown(reference, 120))
        return part


def _inside(place: Json, step: str) -> Json:
    if isinstance(place, list):
        return place[int(step)] if step.isdecimal() and int(step) < len(place) else None
    return place.get(step) if isinstance(place, dict) else None


def _objects(value: Json) -> Iterator[dict[str, Json]]:
    """Every object at any depth."""
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            yield part
            left += part.values()
        elif isinstance(part, list):
            left += part
