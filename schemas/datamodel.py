"""The shape of any W3C credential and presentation: Verifiable Credentials Data Model 2.0, and 1.1 where the first
context says so.

One table for each: member → rule; sections in docstrings are those of 2.0. Terms and types that no context defines,
relative addresses at other places and redefined terms are found by `schemas.canonical`; proofs belong to `keys.proof`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from schemas.canonical import ABSOLUTE
from schemas.contexts import VC_1, VC_2
from schemas.errors import Malformed
from schemas.reading import Json
from schemas.resources import check_digests
from schemas.statuslist import read_instant

MAX_CREDENTIALS = 20
"""In one presentation: each costs a whole verification."""
CREDENTIAL = "VerifiableCredential"
PRESENTATION = "VerifiablePresentation"
ENVELOPED = "EnvelopedVerifiableCredential"

Rule = Callable[[Json, str], None]
"""(value, the place where it stands); raises `Malformed`."""


@dataclass(frozen=True, slots=True)
class Member:
    """What the standard asks of a member."""

    rule: Rule
    required: bool = False


def check_credential(value: Mapping[str, Json]) -> None:
    """Raises `Malformed` naming the first member that is missing or of another shape, and how to mend it."""
    if _is_1_1(value):
        _check_members(value, CREDENTIAL_1_1)
        _check_period(value, "issuanceDate", "expirationDate")
    else:
        _check_members(value, CREDENTIAL_2_0)
        _check_period(value, "validFrom", "validUntil")
        check_related_resources(value)


def check_presentation(value: Mapping[str, Json]) -> None:
    """The same for a presentation. The credentials in it are only told apart: each is judged by itself."""
    _check_members(value, PRESENTATION_1_1 if _is_1_1(value) else PRESENTATION_2_0)


def check_related_resources(value: Mapping[str, Json]) -> None:
    """Section 5.3, once the shape is right: each resource once, and the right digest wherever the resource is bundled.
    Of others nothing can be said, since nothing is fetched."""
    named: set[str] = set()
    for place, resource in _each(value.get("relatedResource", []), "relatedResource"):
        if not {"digestSRI", "digestMultibase"} & set(resource):
            raise Malformed.saying("model.no_digest", member=place)
        if resource["id"] in named:
            raise Malformed.saying("model.repeated", member=f"{place}/id")
        named.add(resource["id"])
        check_digests(resource, place)


def is_enveloped(value: Json) -> bool:
    """Is this an enveloped credential (section 4.13.1)?"""
    return isinstance(value, dict) and ENVELOPED in _items(value.get("type"))


def _is_1_1(value: Mapping[str, Json]) -> bool:
    return _items(value.get("@context"))[:1] == [VC_1]


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _each(value: Json, place: str) -> list[tuple[str, Json]]:
    """One value, or each of several, with its place."""
    if isinstance(value, list):
        return [(f"{place}/{n}", item) for n, item in enumerate(value)]
    return [(place, value)]


def _check_members(value: Mapping[str, Json], members: Mapping[str, Member], inside: str = "") -> None:
    for name, member in members.items():
        if name in value:
            member.rule(value[name], inside + name)
        elif member.required:
            raise Malformed.saying("model.missing", member=inside + name)


def _check_period(value: Mapping[str, Json], begins: str, ends: str) -> None:
    """Section 4.9: neither of the two has to be there, and both may lie in the future."""
    if begins in value and ends in value and read_instant(value[begins]) > read_instant(value[ends]):
        raise Malformed.saying("model.reversed", member=begins, end=ends)


# ---------------------------------------------------------------- rules


def _one_or_more(rule: Rule) -> Rule:
    """One value, or an array with at least one."""

    def check(value: Json, place: str) -> None:
        if value == []:
            raise Malformed.saying("model.empty", member=place)
        for at, item in _each(value, place):
            rule(item, at)

    return check


def _object(members: Mapping[str, Member]) -> Rule:
    """An object that says something."""

    def check(value: Json, place: str) -> None:
        if not isinstance(value, dict) or not value:
            raise Malformed.saying("model.object", member=place)
        _check_members(value, members, f"{place}/")

    return check


def _url(value: Json, place: str) -> None:
    if not isinstance(value, str) or not ABSOLUTE.fullmatch(value):
        raise Malformed.saying("model.url", member=place)


def _url_or(rule: Rule) -> Rule:
    """An address, or an object for which `rule` holds."""
    return lambda value, place: (rule if isinstance(value, dict) else _url)(value, place)


def _contexts(base: str) -> Rule:
    """An array that begins with `base`; addresses and objects after it."""

    def check(value: Json, place: str) -> None:
        if not isinstance(value, list) or value[:1] != [base]:
            raise Malformed.saying("model.context", member=place, url=base)
        for n, item in enumerate(value):
            _url_or(lambda *_: None)(item, f"{place}/{n}")

    return check


def _type(value: Json, place: str) -> None:
    """Terms or absolute addresses; that the contexts define them is seen when they are expanded."""
    types = _items(value)
    if not types or not all(isinstance(name, str) and name for name in types):
        raise Malformed.saying("model.type", member=place)


def _type_with(required: str) -> Rule:
    def check(value: Json, place: str) -> None:
        _type(value, place)
        if required not in _items(value):
            raise Malformed.saying("model.type_with", member=place, type=required)

    return check


def _text(value: Json, place: str) -> None:
    """A string or a language value object (sections 4.6 and 11.1)."""
    if isinstance(value, dict):
        strings = isinstance(value.get("@value"), str) and isinstance(value.get("@language", ""), str)
        if strings and set(value) <= {"@value", "@language", "@direction"}:
            return
    if not isinstance(value, str):
        raise Malformed.saying("model.text", member=place)


def _string(value: Json, place: str) -> None:
    if not isinstance(value, str):
        raise Malformed.saying("model.string", member=place)


def _instant(value: Json, place: str) -> None:
    try:
        read_instant(value)
    except Malformed:
        raise Malformed.saying("model.instant", member=place) from None


def _in_presentation(value: Json, place: str) -> None:
    """An object by itself: an embedded credential, or an enveloped one (section 4.13.1)."""
    if not isinstance(value, dict):
        raise Malformed.saying("model.object", member=place)
    if is_enveloped(value):
        _check_members(value, ENVELOPE, f"{place}/")
    else:
        _type_with(CREDENTIAL)(value.get("type"), f"{place}/type")


def _credentials(value: Json, place: str) -> None:
    if isinstance(value, list) and len(value) > MAX_CREDENTIALS:
        raise Malformed.saying("model.too_many", member=place, limit=MAX_CREDENTIALS)
    _one_or_more(_in_presentation)(value, place)


def _envelope(value: Json, place: str) -> None:
    if not isinstance(value, str) or not value.startswith("data:"):
        raise Malformed.saying("model.envelope", member=place)


def _envelope_contexts(value: Json, place: str) -> None:
    """Of an envelope, the one context may stand alone."""
    _contexts(VC_2)(_items(value), place)


# ---------------------------------------------------------------- tables, with the sections of the standards

_ID = Member(_url)  # 4.4
_IDENTIFIED = {"id": Member(_url, required=True)}
_TYPE = {"type": Member(_type, required=True)}  # 4.5
_NAMED = {"name": Member(_one_or_more(_text)), "description": Member(_one_or_more(_text))}  # 4.6
_DIGESTS = {"digestSRI": Member(_one_or_more(_string)), "digestMultibase": Member(_one_or_more(_string))}
_TYPED = Member(_one_or_more(_object({"id": _ID, **_TYPE})))

_COMMON = {
    "id": _ID,
    "credentialSubject": Member(_one_or_more(_object({"id": _ID})), required=True),  # 4.8; 1.1: 4.4
    "credentialStatus": _TYPED,  # 4.10; 1.1: 4.9
    "credentialSchema": Member(_one_or_more(_object({**_IDENTIFIED, **_TYPE}))),  # 4.11; 1.1: 5.4
    "refreshService": _TYPED,  # 5.4; 1.1: 5.5
    "termsOfUse": _TYPED,  # 5.5; 1.1: 5.6
    "evidence": _TYPED,  # 5.6; 1.1: 5.7
}
CREDENTIAL_2_0: Mapping[str, Member] = {
    "@context": Member(_contexts(VC_2), required=True),  # 4.3
    "type": Member(_type_with(CREDENTIAL), required=True),  # 4.5
    **_NAMED,
    "issuer": Member(_url_or(_object({**_IDENTIFIED, **_NAMED})), required=True),  # 4.7
    "validFrom": Member(_instant),  # 4.9
    "validUntil": Member(_instant),  # 4.9
    **_COMMON,
    "relatedResource": Member(_one_or_more(_object({**_IDENTIFIED, **_DIGESTS}))),  # 5.3
}
CREDENTIAL_1_1: Mapping[str, Member] = {
    "@context": Member(_contexts(VC_1), required=True),  # 4.1
    "type": Member(_type_with(CREDENTIAL), required=True),  # 4.3
    "issuer": Member(_url_or(_object(_IDENTIFIED)), required=True),  # 4.5
    "issuanceDate": Member(_instant, required=True),  # 4.6
    "expirationDate": Member(_instant),  # 4.8
    **_COMMON,
}
PRESENTATION_2_0: Mapping[str, Member] = {
    "@context": Member(_contexts(VC_2), required=True),  # 4.3
    "type": Member(_type_with(PRESENTATION), required=True),  # 4.5
    "id": _ID,
    "holder": Member(_url_or(_object(_IDENTIFIED))),  # 4.13
    "verifiableCredential": Member(_credentials),  # 4.13
    "termsOfUse": _TYPED,  # 5.5
}
PRESENTATION_1_1: Mapping[str, Member] = {
    **PRESENTATION_2_0,
    "@context": Member(_contexts(VC_1), required=True),  # 4.1
}
ENVELOPE: Mapping[str, Member] = {
    "@context": Member(_envelope_contexts, required=True),  # 4.13.1
    "id": Member(_envelope, required=True),
    "type": Member(_type_with(ENVELOPED), required=True),
}
