"""JSON pointers select a part of a document, and the statements of that part."""

from typing import Any

import pytest

from keys.disclosure import under
from schemas.contexts import VC_2
from schemas.errors import DataLoss, Malformed, Refused, Unsupported
from schemas.reading import Json
from schemas.selection import MAX_POINTERS, Grouped, group, paths, select

RFC_6901: dict[str, Json] = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}
"""The document of RFC 6901, section 5."""


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("/foo", "foo"),
        ("/", ""),
        ("/a~1b", "a/b"),
        ("/c%d", "c%d"),
        ("/e^f", "e^f"),
        ("/g|h", "g|h"),
        ("/i\\j", "i\\j"),
        ('/k"l', 'k"l'),
        ("/ ", " "),
        ("/m~0n", "m~n"),
    ],
)
def test_the_pointers_of_rfc_6901(pointer: str, name: str) -> None:
    document = {"@context": VC_2, **RFC_6901}
    assert select(document, [pointer]) == {"@context": VC_2, name: RFC_6901[name]}


def test_a_pointer_into_an_array_selects_that_item_alone() -> None:
    assert select({"@context": VC_2, **RFC_6901}, ["/foo/1"]) == {"@context": VC_2, "foo": ["baz"]}
    assert paths("/foo/0") == ["foo", "0"]


def test_escapes_are_read_once() -> None:
    assert paths("/~01/~10") == ["~1", "/0"]


def test_the_empty_pointer_selects_everything() -> None:
    document = {"@context": VC_2, "a": {"b": 1}}
    assert select(document, ["/a", ""]) == document


def test_no_pointers_select_nothing() -> None:
    assert select({"@context": VC_2, "a": 1}, []) is None


PERSON: dict[str, Json] = {"id": "urn:p", "type": ["Person"], "name": "A", "born": {"id": "_:x", "year": 1, "month": 2}}
DOCUMENT: dict[str, Json] = {
    "@context": [VC_2],
    "id": "urn:d",
    "type": "T",
    "of": [PERSON, {"name": "B"}, "urn:q"],
    "n": 0,
}


def test_with_each_object_on_the_way_go_its_id_and_types() -> None:
    assert select(DOCUMENT, ["/of/0/born/year", "/of/1"]) == {
        "@context": [VC_2],
        "id": "urn:d",
        "type": "T",
        "of": [{"id": "urn:p", "type": ["Person"], "born": {"year": 1}}, {"name": "B"}],
    }


@pytest.mark.parametrize(
    "pointers",
    [["/of/0/name", "/of/0"], ["/of/0", "/of/0/name"], ["/of/0", "/of/0"], ["/of/0/id", "/of/0", "/of/0/born"]],
)
def test_what_is_selected_as_a_whole_stays_whole(pointers: list[str]) -> None:
    selection: Any = select(DOCUMENT, pointers)
    assert selection["of"] == [PERSON]


def test_items_keep_their_order_whatever_that_of_the_pointers() -> None:
    many = {"@context": [VC_2], "of": list(range(12))}
    assert select(many, ["/of/11", "/of/2", "/of/10"]) == {"@context": [VC_2], "of": [2, 10, 11]}


def test_contexts_and_types_are_never_cut() -> None:
    two = {"@context": [VC_2, {"a": "urn:a"}], "type": ["S", "T"], "a": "1"}
    assert select(two, ["/@context/1", "/type/0"]) == {"@context": two["@context"], "type": ["S", "T"]}


NOWHERE = [
    "/x",
    "/of/3",
    "/of/-",
    "/of/-1",
    "/of/01",
    "/of/1.0",
    "/of/+1",
    "/of/٣",
    "/of/ 1",
    "/of/1e0",
    "/of/" + "9" * 30,
]
NOWHERE += ["/of/0/born/day", "/id/0", "/n/x", "/of/2/id", "/of//", "//", "/of/0/name/0", "/ID", "/of/a"]


@pytest.mark.parametrize("pointer", NOWHERE)
def test_a_pointer_that_points_nowhere_is_refused_by_name(pointer: str) -> None:
    with pytest.raises(Malformed) as refusal:
        select(DOCUMENT, ["/id", pointer])
    assert pointer[:60] in str(refusal.value)


@pytest.mark.parametrize(
    "pointer", ["x", "of/0", "#/of", "$.of", "/of~", "/~2", "/~", "/a~~0", " /of", "/" * 2000, 1, None, ["/of"]]
)
def test_what_is_no_pointer_is_refused(pointer: Any) -> None:
    with pytest.raises(Malformed):
        select(DOCUMENT, [pointer])


def test_a_pointer_beyond_a_selected_whole_is_looked_at_too() -> None:
    with pytest.raises(Malformed):
        select(DOCUMENT, ["/of", "/of/7"])


def test_ten_thousand_pointers_are_refused() -> None:
    assert select(DOCUMENT, ["/n"] * MAX_POINTERS)
    with pytest.raises(Malformed):
        select(DOCUMENT, ["/n"] * 10_000)


TERMS: dict[str, Json] = {
    "id": "@id",
    "type": "@type",
    "name": "urn:name",
    "about": "urn:about",
    "said": {"@id": "urn:said", "@container": "@language"},
    "order": {"@id": "urn:order", "@container": "@list"},
    "json": {"@id": "urn:json", "@type": "@json"},
    "back": {"@reverse": "urn:forth"},
    "graph": {"@id": "urn:graph", "@container": "@graph"},
    "byId": {"@id": "urn:byId", "@container": "@id"},
    "byType": {"@id": "urn:byType", "@container": "@type"},
    "T": "urn:T",
}


def grouped(document: dict[str, Json], *pointers: str) -> Grouped:
    return group({"@context": TERMS, **document}, under(b"k" * 32), {"shown": pointers})


def shown(document: dict[str, Json], *pointers: str) -> list[str]:
    """The statements that the pointers select."""
    every = grouped(document, *pointers)
    return [every.nquads[index] for index in every.groups["shown"].indexes]


def test_blank_nodes_are_the_same_in_a_part_as_in_the_whole() -> None:
    document = {"about": [{"name": "A", "about": {"name": "A1"}}, {"name": "B", "about": {"name": "B1"}}]}
    one, other = shown(document, "/about/0/about/name"), shown(document, "/about/1/about/name")
    assert [len(one), len(other), len(shown(document, "/about"))] == [3, 3, 8]
    assert not set(one) & set(other)


def test_a_blank_node_with_a_label_keeps_it() -> None:
    document = {"about": [{"id": "_:b1", "name": "A"}, {"name": "B", "about": {"id": "_:b1"}}]}
    assert len(shown(document, "/about/1")) == 3
    assert set(shown(document, "/about/1", "/about/0")) == set(grouped(document).nquads)


def test_languages_and_reverses_can_be_selected_one_by_one() -> None:
    document = {"id": "urn:d", "said": {"kk": "иә", "ru": "да"}, "back": [{"id": "urn:x", "name": "X"}, {"name": "Y"}]}
    assert shown(document, "/said/kk") == ['<urn:d> <urn:said> "иә"@kk .\n']
    assert len(shown(document, "/back")) == 4


def test_a_text_that_looks_like_a_blank_node_is_a_text() -> None:
    document = {"name": "_:b0 and <urn:bnid:b0>", "about": {"name": "_:c14n0"}}
    assert len(shown(document, "/name")) == 1
    assert '"_:b0 and <urn:bnid:b0>"' in shown(document, "/name")[0]


@pytest.mark.parametrize(
    ("document", "pointer", "refusal"),
    [
        ({"order": ["a", "b"]}, "/order", Unsupported),
        ({"about": {"order": []}}, "/about", Unsupported),
        ({"json": {"a": 1, "b": 2}}, "/json/a", Malformed),
        ({"about": {"id": "urn:bnid:b0"}}, "/about", Malformed),
        ({"type": "urn:bnid:b0"}, "/type", Malformed),
        ({"about": {"unknown": 1, "name": "A"}}, "/about", DataLoss),
        ({"about": ["A"], "name": ["x"]}, "/name/0", Malformed),
        ({"graph": {"name": "x"}}, "/graph", Malformed),
    ],
    ids=[
        "a list",
        "an empty list",
        "a part of a literal",
        "a reserved id",
        "a reserved type",
        "unsigned",
        "a list of one",
        "a graph",
    ],
)
def test_what_cannot_be_disclosed_in_parts_is_refused(
    document: dict[str, Json], pointer: str, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        grouped(document, pointer)


def test_a_document_without_contexts_is_refused() -> None:
    with pytest.raises(Refused):
        group({"urn:name": "x"}, under(b"k" * 32), {"shown": ["/urn:name"]})
