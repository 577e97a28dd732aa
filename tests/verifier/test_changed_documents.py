"""A signed document that anybody has changed is never valid, wherever and however little it was changed."""

import json
import random
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.canonical import rdfc
from schemas.errors import DataLoss, Refused
from schemas.kinds.table import KINDS
from schemas.reading import Json
from tests.schemas.test_kinds import objects, reach
from tests.world import MICRO, World, loosely, named_key, value_of

kinds = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def signed(world: World) -> Callable[[str], bytes]:
    """The signed specimen of a kind."""
    return cache(lambda kind: world.issue(kind).document)


@kinds
def test_what_nobody_has_changed_is_valid(kind: str, world: World, signed: Callable[[str], bytes]) -> None:
    report = world.verify(signed(kind))
    assert report.verdict == "valid"
    assert [(check.n, check.outcome) for check in report.checks] == [(n, "passed") for n in range(1, 10)]


@kinds
def test_white_space_escapes_and_the_order_of_keys_may_change(
    kind: str, world: World, signed: Callable[[str], bytes]
) -> None:
    value = value_of(signed(kind))
    backwards = json.loads(signed(kind), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert list(backwards["credentialSubject"]) != list(value["credentialSubject"])
    for document in (value, backwards):
        for how in ({"indent": 4}, {"ensure_ascii": False}, {"separators": (" , ", " :\t")}):
            assert world.verify(loosely(document, **how)).verdict == "valid"


# One byte


def same_value(one: bytes, other: bytes) -> bool:
    """Do both say the same, once read?"""

    def written(data: bytes) -> str:
        return json.dumps(json.loads(data), sort_keys=True)

    return written(one) == written(other)


@pytest.mark.parametrize("sample", range(4))
def test_B1_a_byte_more_or_less_does_not_either(sample: int, world: World, signed: Callable[[str], bytes]) -> None:
    document = signed(MICRO)
    chance = random.Random(sample)
    for _ in range(60):
        place = chance.randrange(len(document))
        for changed in (document[:place] + document[place + 1 :], document[:place] + b"1" + document[place:]):
            assert world.verify(changed).verdict != "valid" or same_value(changed, document)
    assert world.verify(document[: len(document) // 2]).verdict == "malformed"
    assert world.verify(document + document).verdict == "malformed"
    assert world.verify(document + b" ").verdict == "valid"


# One member


def leaves(value: Json, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of all plain values, those of the contexts excepted."""
    if not isinstance(value, dict | list):
        yield place
        return
    for step, member in value.items() if isinstance(value, dict) else enumerate(value):
        if step != "@context":
            yield from leaves(member, (*place, step))


def another(value: Json) -> Json:
    """A value like it, but not it."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return value[:-1] + ("x" if value[-1:] != "x" else "y")


@kinds
def test_B1_a_changed_value_is_told_from_a_badly_made_document(
    kind: str, world: World, signed: Callable[[str], bytes]
) -> None:
    """Where the changed value still has the shape of its kind, the verdict says that somebody has changed it."""
    for place in leaves(value_of(signed(kind))):
        changed = value_of(signed(kind))
        reach(changed, place[:-1])[place[-1]] = another(reach(changed, place))
        verdict = world.verify(changed).verdict
        assert verdict in ("tampered", "malformed", "unknown_issuer"), place
        if place[-1] in ("kk", "ru", "en", "identityHash", "narrative"):
            assert verdict == "tampered", place


def test_B1_a_better_grade_is_a_changed_document(world: World, signed: Callable[[str], bytes]) -> None:
    """Also where it breaks a rule of its kind: letter and points no longer agree."""
    changed = value_of(signed(MICRO))
    changed["credentialSubject"]["grade"]["letter"] = "A"
    report = world.verify(changed)
    assert report.verdict == "tampered"
    assert report.document is None


@kinds
def test_B1_a_value_left_out_or_said_twice_is_noticed(kind: str, world: World, signed: Callable[[str], bytes]) -> None:
    for place in objects(value_of(signed(kind))):
        for name in reach(value_of(signed(kind)), place):
            changed = value_of(signed(kind))
            del reach(changed, place)[name]
            assert world.verify(changed).verdict in ("tampered", "malformed"), (*place, name)


@kinds
def test_the_order_and_repetition_of_items_are_covered_although_the_signature_does_not_cover_them(
    kind: str, world: World, signed: Callable[[str], bytes]
) -> None:
    """RDFC leaves both unsigned; step 9 compares with what was registered."""
    found = 0
    for place in lists(value_of(signed(kind))):
        items = reach(value_of(signed(kind)), place)
        for other in (items[::-1], [*items, items[0]]):
            if other != items:
                changed = value_of(signed(kind))
                reach(changed, place[:-1])[place[-1]] = other
                assert world.verify(changed).verdict in ("tampered", "malformed"), place
                found += 1
    assert found > 2


def lists(value: Json, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of all lists that hold something, those of the contexts excepted."""
    if isinstance(value, list) and value:
        yield place
    for step, member in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        if step != "@context":
            yield from lists(member, (*place, step))


TEXT = frozenset({"kk", "ru", "en"})


@kinds
def test_A1_an_unknown_member_at_any_level_is_a_change(kind: str, world: World, signed: Callable[[str], bytes]) -> None:
    chance = random.Random(kind)
    values: list[Json] = ["PhD", 1, True, ["PhD"], {"degree": "PhD"}, {"id": "urn:x"}]
    for place in objects(value_of(signed(kind))):
        changed = value_of(signed(kind))
        name = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=12))
        reach(changed, place)[name] = chance.choice(values)
        verdict = world.verify(changed).verdict
        spoken = set(reach(value_of(signed(kind)), place)) <= TEXT  # there a name is a language, whose value is a text
        assert verdict == "tampered" or (spoken and verdict == "malformed"), (*place, name)


@kinds
def test_A1_nothing_at_all_may_be_added_either(kind: str, world: World, signed: Callable[[str], bytes]) -> None:
    """Null, an empty list, a language that no text has: RDF does not even see the first two."""
    for place in objects(value_of(signed(kind))):
        for name, value in (("degree", None), ("degree", []), ("degree", {}), ("de", "Titel"), ("", "x")):
            changed = value_of(signed(kind))
            reach(changed, place)[name] = value
            assert world.verify(changed).verdict in ("tampered", "malformed"), (*place, name)


def test_A1_a_member_that_the_contexts_define_is_not_free_either(world: World, signed: Callable[[str], bytes]) -> None:
    for name, value in {
        "description": "more",
        "evidence": [],
        "termsOfUse": {"type": "x"},
        "credentialSchema": [],
        "image": "https://a.example/x.png",
        "validUntil": "2999-01-01T00:00:00Z",
        "stackability": {"kk": "x", "ru": "x", "en": "x"},
    }.items():
        changed = value_of(signed(MICRO)) | {name: value}
        assert world.verify(changed).verdict in ("tampered", "malformed"), name


def test_A1_no_office_signs_an_undefined_member(world: World) -> None:
    document = value_of(world.issue().document) | {"degree": "PhD"}
    with pytest.raises(Refused):
        world.signed_again(document)


@pytest.mark.parametrize("iri", ["relative/2", "", "#x", "//h/x", "?q", "../x", "EvilDiploma"])
def test_A2_a_relative_address_anywhere_is_malformed(iri: str, world: World, signed: Callable[[str], bytes]) -> None:
    found = 0
    for place in objects(value_of(signed(MICRO))):
        for name in ("id", "type"):
            if "proof" in place or name not in reach(value_of(signed(MICRO)), place):
                continue
            changed = value_of(signed(MICRO))
            node = reach(changed, place)
            types = node[name] if isinstance(node[name], list) else [node[name]]
            node[name] = iri if name == "id" else [*types, iri]
            assert world.verify(changed).verdict == "malformed", (*place, name)
            found += 1
    assert found > 8


@pytest.mark.parametrize("iri", ["relative/2", "", "#x", "//h/x"])
def test_A2_an_address_added_to_any_object_is_never_valid(
    iri: str, world: World, signed: Callable[[str], bytes]
) -> None:
    for place in objects(value_of(signed(MICRO))):
        for name in ("id", "type"):
            changed = value_of(signed(MICRO))
            if name not in reach(changed, place):
                reach(changed, place)[name] = iri
                assert world.verify(changed).verdict in ("malformed", "tampered"), (*place, name)


EVIL = [
    *("EvilDiploma", "evil", "microcredentialcertificate", "MicroCredentialCertificate ", "MicroСredentialCertificate"),
    *(
        "MicroCredentialCertificаte",
        "MicroCredentialCertificate\u200b",
        "Micro-CredentialCertificate",
        "",
        " ",
        "Diploma",
    ),
    *("urn:tanu:v1:MicroCredentialCertificate", "https://evil.example/Diploma", "_:b0", "VerifiableCredential2"),
    *("VerifiablePresentation", "BitstringStatusListCredential", "OpenBadgeCredential", "ShortTermTrainingCertificate"),
    *("CertificateSupplement",),
]


@pytest.mark.parametrize("name", EVIL)
def test_A3_an_unknown_type_is_malformed(name: str, world: World, signed: Callable[[str], bytes]) -> None:
    usual = ["VerifiableCredential", "AchievementCredential", MICRO]
    for types in ([*usual, name], [*usual[:2], name], [name, *usual], [name], name, [*usual[1:], name]):
        assert world.verify(value_of(signed(MICRO)) | {"type": types}).verdict == "malformed"


@pytest.mark.parametrize(
    "types", [None, [], "VerifiableCredential", [MICRO], ["VerifiableCredential", MICRO, MICRO], [[MICRO]], [{}], 5]
)
def test_A3_types_in_another_form_are_malformed(types: Json, world: World, signed: Callable[[str], bytes]) -> None:
    assert world.verify(value_of(signed(MICRO)) | {"type": types}).verdict == "malformed"


KEYWORDS = [
    *("@base", "@container", "@context", "@direction", "@graph", "@id", "@import", "@included", "@index", "@json"),
    *("@language", "@list", "@nest", "@none", "@prefix", "@propagate", "@protected", "@reverse", "@set", "@type"),
    *("@value", "@version", "@vocab", "@annotation", "@"),
]


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_A4_a_keyword_of_json_ld_anywhere_is_malformed(
    keyword: str, world: World, signed: Callable[[str], bytes]
) -> None:
    values: list[Json] = ["x", [{"id": "urn:x"}], {"id": "urn:x"}, None, []]
    for place in objects(value_of(signed(MICRO))):
        for value in values:
            changed = value_of(signed(MICRO))
            if keyword == "@context" and place == ():
                continue
            reach(changed, place)[keyword] = value
            assert world.verify(changed).verdict == "malformed", place


def test_A4_a_free_floating_graph_that_leaves_the_signed_form_as_it_is(
    world: World, signed: Callable[[str], bytes]
) -> None:
    value = value_of(signed(MICRO))
    del value["proof"]
    with_graph = value | {"@included": [{"id": "urn:x"}]}
    with pytest.raises(DataLoss):
        rdfc(with_graph)
    assert world.verify(with_graph | {"proof": value_of(signed(MICRO))["proof"]}).verdict == "malformed"


# The contexts


def test_A5_two_terms_swapped_in_the_context_are_noticed(world: World, signed: Callable[[str], bytes]) -> None:
    """The signed form is the same, and the document would say 30 ECTS and 1 hour."""
    value = value_of(signed(MICRO))
    own = value["@context"][-1]
    own["hours"], own["ects"] = own["ects"], own["hours"]
    for unit in (value["credentialSubject"]["programme"], *value["credentialSubject"]["programme"]["modules"]):
        unit["hours"], unit["ects"] = unit["ects"], unit["hours"]
    unsigned = [{name: m for name, m in v.items() if name != "proof"} for v in (value, value_of(signed(MICRO)))]
    assert rdfc(unsigned[0]) == rdfc(unsigned[1])
    assert world.verify(value).verdict == "malformed"


@kinds
def test_A5_every_change_of_the_inline_context_is_malformed(
    kind: str, world: World, signed: Callable[[str], bytes]
) -> None:
    own = value_of(signed(kind))["@context"][-1]
    for term in own:
        for other in ("urn:x", None, {"@id": "urn:x"}, ...):
            value = value_of(signed(kind))
            if other is ...:
                del value["@context"][-1][term]
            else:
                value["@context"][-1][term] = other
            assert world.verify(value).verdict == "malformed", term
    value = value_of(signed(kind))
    value["@context"][-1]["oneMore"] = "urn:x"
    assert world.verify(value).verdict == "malformed"


@pytest.mark.parametrize(
    "more",
    [
        {"@vocab": "https://x.example/"},
        {"@vocab": ""},
        {"@base": "https://x.example/"},
        {"@language": "kk"},
        {"@direction": "rtl"},
        {"@propagate": False},
        {"@import": "https://www.w3.org/ns/credentials/v2"},
        {"degree": "https://x.example/degree"},
        {},
        None,
        [],
        "https://www.w3.org/ns/credentials/examples/v2",
    ],
)
def test_A6_a_context_that_would_define_more_is_malformed(
    more: Json, world: World, signed: Callable[[str], bytes]
) -> None:
    value = value_of(signed(MICRO))
    contexts = value["@context"]
    value["credentialSubject"]["degree"] = "PhD"
    for changed in ([*contexts, more], [more, *contexts], [*contexts[:-1], more, contexts[-1]]):
        assert world.verify(value | {"@context": changed}).verdict == "malformed"


VC = "https://www.w3.org/ns/credentials/v2"
SPELLINGS = [
    *(
        VC + "/",
        VC + "#",
        VC + "?",
        VC + " ",
        " " + VC,
        VC.replace("https", "http"),
        VC.upper(),
        VC + "/.",
        VC + "\u0000",
    ),
    *(
        VC.replace("www", "WWW"),
        VC.replace("/v2", "%2Fv2"),
        VC.replace("ns", "%6es"),
        VC.replace("w3.org", "w3%2eorg"),
        VC.replace("w3.org", "w3.org."),
    ),
    *(VC.replace("w3.org", "w3.org:443"), VC.replace("www.", ""), VC.replace("v2", "v1"), VC.replace("/ns", "//ns")),
    *(VC.replace("//www", "//x@www"), VC.replace("c", "с"), "", "v2"),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_A8_another_spelling_of_a_context_is_malformed(
    spelling: str, world: World, signed: Callable[[str], bytes]
) -> None:
    first, *others = value_of(signed(MICRO))["@context"]
    assert first == VC
    for changed in ([spelling, *others], [first, spelling, *others], spelling, [spelling]):
        assert world.verify(value_of(signed(MICRO)) | {"@context": changed}).verdict == "malformed"


def test_A8_contexts_in_another_order_or_number_are_malformed(world: World, signed: Callable[[str], bytes]) -> None:
    one, two, own = value_of(signed(MICRO))["@context"]
    for changed in (
        *([two, one, own], [one, own, two], [own, one, two], [one, one, two, own], [one, two, own, own], [two, own]),
        *([one, own], [one, two], [one], [], one, own, None, [one, [two], own], [one, two, [own]], {"@context": one}),
    ):
        assert world.verify(value_of(signed(MICRO)) | {"@context": changed}).verdict == "malformed"


@pytest.mark.parametrize(
    "url",
    ["https://attacker.example/c", "file:///etc/passwd", "data:application/ld+json,{}", "http://169.254.169.254/"],
)
def test_A9_an_unknown_context_is_malformed_and_not_fetched(
    url: str, world: World, signed: Callable[[str], bytes], sockets: list[Any]
) -> None:
    contexts = value_of(signed(MICRO))["@context"]
    for changed in ([*contexts, url], [url], url):
        for policy in ("product", "open"):
            report = world.verify(value_of(signed(MICRO)) | {"@context": changed}, policy=policy)
            assert report.verdict == "malformed"
    assert sockets == []


def test_A12_a_blank_node_by_name_anywhere_is_malformed(world: World, signed: Callable[[str], bytes]) -> None:
    for place in objects(value_of(signed(MICRO))):
        if "proof" not in place:
            changed = value_of(signed(MICRO))
            reach(changed, place)["id"] = "_:b0"
            assert world.verify(changed).verdict == "malformed", place


@kinds
def test_A16_a_member_said_twice_anywhere_is_malformed(kind: str, world: World, signed: Callable[[str], bytes]) -> None:
    """Same value or another one, plainly or in an escaped spelling, before or after."""
    found = 0
    for place in objects(value_of(signed(kind))):
        for name in reach(value_of(signed(kind)), place):
            marked = value_of(signed(kind))
            node = reach(marked, place)
            node["MARK"] = node[name]
            text = json.dumps(marked, ensure_ascii=False)
            escaped = f"\\u{ord(name[0]):04x}{name[1:]}"
            assert world.verify(text.replace('"MARK"', f'"{name}"').encode()).verdict == "malformed"
            assert world.verify(text.replace('"MARK"', f'"{escaped}"').encode()).verdict == "malformed"
            found += 1
    assert found > 80


def test_A17_a_document_nested_too_deep_is_malformed(world: World, signed: Callable[[str], bytes]) -> None:
    for depth in (31, 32, 33, 1000, 60_000):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            deep = opening * depth + "1" + closing * depth
            text = signed(MICRO).decode()[:-1] + f',"deep":{deep}}}'
            assert world.verify(text.encode()).verdict in (("tampered",) if depth < 31 else ("malformed", "tampered"))
            assert world.verify(deep.encode()).verdict == "malformed"


@pytest.mark.parametrize("form", ["NFD", "NFKD"])
def test_A20_another_normal_form_of_a_name_is_a_change(form: Any, world: World) -> None:
    issued = world.issue(family_name__kk="Қожахметова Й", family_name__ru="Кожахметова Й")
    value = value_of(issued.document)
    name = value["credentialSubject"]["familyName"]
    changed = unicodedata.normalize(form, name["ru"])
    assert changed != name["ru"]
    name["ru"] = changed
    assert world.verify(issued.document).verdict == "valid"
    assert world.verify(value).verdict == "tampered"


def test_A20_A21_no_office_signs_a_name_in_another_form_or_with_invisible_characters(world: World) -> None:
    for name in (
        unicodedata.normalize("NFD", "Кожахметова Й"),
        "Асан\u202eов",
        "Асан\u200bов",
        "Асан\u00adов",
        "Асан\ue000",
        "Асан\U000e0041",
        " Асан",
        "",
    ):
        with pytest.raises(ValidationError):
            world.facts(family_name__ru=name)


@pytest.mark.parametrize("suite", ["eddsa-jcs-2022", "ecdsa-rdfc-2019", "bbs-2023", "EDDSA-RDFC-2022", "", None])
def test_A23_another_cryptosuite_is_a_change(suite: Json, world: World, signed: Callable[[str], bytes]) -> None:
    value = value_of(signed(MICRO))
    value["proof"]["cryptosuite"] = suite
    assert world.verify(value).verdict == "tampered"


def test_one_document_under_the_proof_of_another_is_a_change(world: World) -> None:
    one, two = (value_of(issued.document) for issued in world.issue_many(2))
    assert world.verify(one | {"proof": two["proof"]}).verdict == "tampered"


def test_a_document_that_the_office_signed_but_never_registered_is_a_change(world: World) -> None:
    """Whoever has stolen the key still has no entry in the register."""
    value = value_of(world.issue().document)
    value["id"] = value["credentialSubject"]["achievement"]["id"] = "http://127.0.0.1:8000/c/00000000000000"
    report = world.verify(world.signed_again(value))
    assert report.verdict == "tampered"
    assert [check.n for check in report.checks if check.outcome == "failed"] == [9]


def test_a_document_that_the_office_signed_again_with_other_facts_is_a_change(world: World) -> None:
    value = value_of(world.issue().document)
    value["credentialSubject"]["familyName"]["kk"] = "Басқа"
    report = world.verify(world.signed_again(value))
    assert [check.n for check in report.checks if check.outcome == "failed"] == [9]
    assert report.verdict == "tampered"


def test_an_embedded_stranger_key_proves_nothing(world: World, signed: Callable[[str], bytes]) -> None:
    assert world.verify(world.signed_by(named_key("stranger"), value_of(signed(MICRO)))).verdict == "tampered"
