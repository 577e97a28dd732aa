"""What a reader of JSON sees and no signature would cover is refused, in whatever way JSON-LD would have dropped it."""

import contextlib

import pytest

from schemas.canonical import expand, rdfc
from schemas.contexts import VC_2
from schemas.errors import Malformed, Refused
from schemas.reading import Json

TERMS: dict[str, Json] = {
    "failedCourses": "urn:failed",
    "titles": {"@id": "urn:titles", "@container": "@language"},
    "steps": {"@id": "urn:steps", "@container": "@list"},
    "byName": {"@id": "urn:by", "@container": "@id"},
    "graph": {"@id": "urn:graph", "@container": "@graph"},
    "data": {"@id": "urn:data", "@type": "@json"},
}


def credential(context: dict[str, Json] | None = None, **more: Json) -> dict[str, Json]:
    """A signed credential, with what somebody adds to its subject."""
    return {
        "@context": [VC_2, TERMS | (context or {})],
        "id": "urn:c",
        "type": ["VerifiableCredential"],
        "issuer": "did:example:1",
        "credentialSubject": {"id": "did:example:2", "failedCourses": "Algebra"} | more,
    }


NOTHING: dict[str, list[Json]] = {
    "failedCourses": [None, [], [None], [[]], ["Algebra", None], ["Algebra", []], {"@set": []}],
    "titles": [None, [], {}, {"kk": None}, {"kk": []}, {"kk": ["x", None]}],
    "steps": [None, [None], ["x", None], [[None]]],
    "byName": [None, [], {}, {"urn:x": None}, {"urn:x": []}],
    "graph": [None, [], {}, [{}], ["x"]],
    "type": [None, []],
    "@type": [None, []],
    "@id": [None, []],
    "@index": [None, []],
    "@included": [None, [], {}],
    "@reverse": [None, [], {}],
    "@nest": [None, [], {}],
}


@pytest.mark.parametrize("member", NOTHING)
def test_A1_what_is_empty_is_not_left_unsigned(member: str) -> None:
    for value in NOTHING[member]:
        with pytest.raises(Refused):
            rdfc(credential(**{member: value}))


@pytest.mark.parametrize("keyword", ["@value", "@set", "@list", "@language", "@direction", "@type", "@index"])
def test_A1_nor_in_a_value_that_is_written_out(keyword: str) -> None:
    for value in ({keyword: None}, {keyword: [None]}, {"@value": "Algebra", keyword: None}):
        with pytest.raises(Refused):
            rdfc(credential(failedCourses=value))


@pytest.mark.parametrize("member", ["evidence", "name", "validUntil", "credentialStatus", "termsOfUse"])
@pytest.mark.parametrize("value", [None, [], [None]])
def test_A1_nor_under_a_member_of_the_standard(member: str, value: Json) -> None:
    with pytest.raises(Malformed) as refused:
        rdfc(credential() | {member: value})
    assert member in refused.value.because.en


@pytest.mark.parametrize(
    "value",
    [
        {"@language": "kk"},
        {"@direction": "rtl"},
        {"id": "urn:x", "@language": "kk"},
        {"@language": "kk", "titles": {"kk": "x"}},
    ],
)
def test_A1_a_language_or_direction_of_nothing_is_refused(value: Json) -> None:
    with pytest.raises(Refused):
        rdfc(credential(failedCourses=value))


@pytest.mark.parametrize("beside", ["PhD", {"@value": "PhD"}, {"id": "urn:degree"}, {"@list": ["PhD"]}])
@pytest.mark.parametrize("inside", [True, False])
def test_A4_nothing_floats_free_in_a_graph(beside: Json, inside: bool) -> None:
    whole = credential()
    context = whole.pop("@context")
    node = {"id": "urn:n", "failedCourses": "Algebra"}
    for graph in ([beside], [node, beside], [node], []):
        document = whole | {"@graph": graph} if inside else {"@graph": [whole, *graph]}
        with pytest.raises(Refused):
            rdfc({"@context": context, **document})


KEYWORDS = ["@graph", "@language", "@included", "@nest", "@reverse", "@index", "@value", "@id", "@type", "id", "type"]


@pytest.mark.parametrize("keyword", KEYWORDS)
@pytest.mark.parametrize("nested", [True, False])
def test_A4_no_keyword_has_another_name(keyword: str, nested: bool) -> None:
    for term in ({"other": keyword}, {"other": {"@id": keyword}}):
        context = {"inner": {"@id": "urn:inner", "@context": [VC_2, term]}} if nested else term
        with pytest.raises(Malformed):
            rdfc(credential(context))


@pytest.mark.parametrize("nest", ["", "x", "@", "@id", 1, [], None])
def test_A4_a_term_that_nests_in_nothing_is_refused_or_means_nothing(nest: Json) -> None:
    plain = rdfc(credential())
    with contextlib.suppress(Refused):
        assert rdfc(credential({"x": {"@id": "urn:x", "@nest": nest}})) == plain


KEYWORDS = [
    "@base",
    "@container",
    "@default",
    "@embed",
    "@import",
    "@json",
    "@none",
    "@propagate",
    "@protected",
    "@set",
]


@pytest.mark.parametrize("keyword", [*KEYWORDS, "@version", "@vocab", "@index", "@PhD", "@", "@1"])
@pytest.mark.parametrize("value", ["PhD", 1, {"failedCourses": "x"}, ["PhD"], {}], ids=str)
def test_A4_no_keyword_is_a_member(keyword: str, value: Json) -> None:
    with pytest.raises(Refused):
        rdfc(credential(**{keyword: value}))


@pytest.mark.parametrize("name", ["@PhD", "@id", "@json", "@none"])
def test_A2_no_keyword_is_an_address(name: str) -> None:
    for added in ({"id": name}, {"type": name}, {"failedCourses": {"id": name}}):
        with pytest.raises(Refused):
            expand(credential(**added))


KEPT: dict[str, list[Json]] = {
    "data": [None, [], {}, [None, [{}]], {"a": None, "b": [], "c": {}, "@graph": [], "@language": "kk"}],
    "failedCourses": [{}, [{}, {"@list": []}], {"@type": "@json", "@value": []}],
    "steps": [[], [[]], [{}], ["x", {}]],
}


@pytest.mark.parametrize("member", KEPT)
def test_what_is_empty_and_still_a_value_is_signed(member: str) -> None:
    plain = rdfc(credential()).nquads
    for value in KEPT[member]:
        assert rdfc(credential(**{member: value})).nquads not in ("", plain)
