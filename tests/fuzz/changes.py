"""How documents are changed: a step is a name and two numbers, so that Hypothesis can take it apart again.

Steps on the JSON value know its structure (members, contexts, proofs); steps on the bytes know nothing of it.
"""

import base64
import copy
import io
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pikepdf

from schemas.contexts import VC_2
from schemas.reading import Json

Place = tuple[str | int, ...]
OnValue = Callable[[dict[str, Json], int, int], object]
OnBytes = Callable[[bytes, int, int], bytes]

VALUES: Sequence[Json] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2**53,
        0.5,
        "",
        " ",
        "x",
        "valid",
        "PhD",
        [],
        {},
        [[]],
        [{}],
        [None],
        ["x"],
        {"id": []},
    ),
    *("urn:x", "_:b0", "relative", "#x", "//h/x", "did:key:z6Mk", "https://127.0.0.1/", "file:///etc/passwd"),
    *("2999-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2026-11-21", "\u202eabc", "\u0000", "a" * 5000, "@type", "@id"),
    *({"@value": "x"}, {"@value": "x", "@type": "@json"}, {"@id": "urn:x"}, {"id": "urn:x", "type": "urn:y"}),
    *(
        {"@list": ["x"]},
        {"@set": ["x"]},
        {"@graph": [{"@id": "urn:x"}]},
        {"kk": "x"},
        {"@language": "kk", "@value": "x"},
    ),
    *("assertionMethod", "authentication", "DataIntegrityProof", "eddsa-jcs-2022", "ecdsa-sd-2023", "bbs-2023"),
)
NAMES: Sequence[str] = (
    *("@context", "@id", "@type", "@graph", "@included", "@reverse", "@nest", "@index", "@value", "@language", "@none"),
    *(
        "@base",
        "@vocab",
        "@import",
        "@direction",
        "@json",
        "@list",
        "@set",
        "@propagate",
        "@protected",
        "@version",
        "@",
    ),
    *(
        "id",
        "type",
        "name",
        "description",
        "issuer",
        "credentialSubject",
        "credentialStatus",
        "validFrom",
        "validUntil",
    ),
    *(
        "proof",
        "proofPurpose",
        "proofValue",
        "created",
        "expires",
        "verificationMethod",
        "cryptosuite",
        "previousProof",
    ),
    *("domain", "challenge", "nonce", "holder", "verifiableCredential", "evidence", "termsOfUse", "relatedResource"),
    *(
        "credentialSchema",
        "refreshService",
        "renderMethod",
        "issuanceDate",
        "expirationDate",
        "jwt",
        "unknown",
        "",
        "de",
    ),
    *(
        "https://www.w3.org/2018/credentials#validUntil",
        "https://w3id.org/security#expiration",
        "urn:x",
        "test",
        "number",
    ),
)
CONTEXTS: Sequence[Json] = (
    *(VC_2, "https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2", None, {}, [], 5),
    *("https://attacker.example/c", "file:///etc/passwd", VC_2 + "/", "https://www.w3.org/ns/credentials/examples/v2"),
    *({"@vocab": "urn:v:"}, {"@vocab": ""}, {"@base": "urn:b:"}, {"@language": "kk"}, {"@direction": "rtl"}),
    *({"@import": VC_2}, {"@propagate": False}, {"@version": 1.1}, {"@protected": True, "degree": "urn:d"}),
    *({"unknown": "@index"}, {"unknown": "@nest"}, {"unknown": "@graph"}, {"unknown": "@type"}, {"unknown": None}),
    *({"unknown": {"@reverse": "urn:r"}}, {"unknown": {"@id": "urn:u", "@container": "@index"}}, {"unknown": "urn:u"}),
    *({"unknown": {"@id": "urn:u", "@type": "@json"}}, {"unknown": {"@id": "urn:u", "@container": ["@graph", "@id"]}}),
    *({"unknown": {"@id": "urn:u", "@context": {"@vocab": "urn:v:"}}}, {"validUntil": "urn:x"}, {"name": "urn:x"}),
    *(
        {"issuer": None},
        {"course": "urn:x"},
        {"vc": "https://www.w3.org/2018/credentials#"},
        {"id": "@id", "type": "@type"},
    ),
)


def places(value: Json, place: Place = ()) -> Iterator[Place]:
    """The places of every value inside `value`, its own too."""
    yield place
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        yield from places(member, (*place, step))


def reach(value: Json, place: Place) -> Any:
    """What stands there."""
    for step in place:
        value = value[step]
    return value


def _chosen(value: Json, a: int, fits: Callable[[Json], bool]) -> Any:
    """The `a`-th of the values inside `value` that fit, or `value` itself."""
    found = [place for place in places(value) if fits(reach(value, place))]
    return reach(value, found[a % len(found)]) if found else value


def _slot(value: Json, a: int) -> tuple[Any, Any]:
    """The `a`-th place below the top: its container and its step there."""
    found = [place for place in places(value) if place]
    place = found[a % len(found)] if found else ()
    return (reach(value, place[:-1]), place[-1]) if place else ({"": None}, "")


def _is_object(value: Json) -> bool:
    return isinstance(value, dict)


def _is_list(value: Json) -> bool:
    return isinstance(value, list)


def _name(value: Json, b: int) -> str:
    """One of the names that mean something, or one that stands in the document."""
    own = sorted({step for place in places(value) for step in place if isinstance(step, str)})
    return (*NAMES, *own)[b % (len(NAMES) + len(own))]


# ---------------------------------------------------------------- steps on the value


def _replace(value: dict[str, Json], a: int, b: int) -> None:
    container, step = _slot(value, a)
    container[step] = copy.deepcopy(VALUES[b % len(VALUES)])


def _remove(value: dict[str, Json], a: int, _b: int) -> None:
    container, step = _slot(value, a)
    del container[step]


def _insert(value: dict[str, Json], a: int, b: int) -> None:
    node = _chosen(value, a, _is_object)
    node[_name(value, b)] = copy.deepcopy(VALUES[(a + b) % len(VALUES)])


def _rename(value: dict[str, Json], a: int, b: int) -> None:
    node = _chosen(value, a, lambda found: isinstance(found, dict) and bool(found))
    if node:
        node[_name(value, b)] = node.pop(sorted(node)[b % len(node)])


def _move(value: dict[str, Json], a: int, b: int) -> None:
    """What stands at one place stands at another too."""
    container, step = _slot(value, a)
    other, there = _slot(value, b)
    other[there] = copy.deepcopy(container[step])


def _spread(value: dict[str, Json], a: int, b: int) -> None:
    """A list's items doubled, turned around, or one left out; of anything else, a list of it."""
    container, step = _slot(value, a)
    items = container[step]
    if isinstance(items, list) and items:
        container[step] = ([*items, *items], items[::-1], items[1:], items[0])[b % 4]
    else:
        container[step] = ([items], [items, items], [[items]], {"@list": [items]}, {"@set": [items]})[b % 5]


def _wrap(value: dict[str, Json], a: int, b: int) -> None:
    container, step = _slot(value, a)
    container[step] = {_name(value, b): container[step]}


_LOOKS = str.maketrans("aeocpxABEKMHOPCTX", "аеосрхАВЕКМНОРСТХ")


def _letters(value: dict[str, Json], a: int, b: int) -> None:
    """A text that looks the same, or nearly."""
    texts = [place for place in places(value) if place and isinstance(reach(value, place), str)]
    if texts:
        place = texts[a % len(texts)]
        text, at = str(reach(value, place)), b % (len(str(reach(value, place))) + 1)
        forms = (
            *(unicodedata.normalize("NFD", text), unicodedata.normalize("NFKC", text), text.translate(_LOOKS)),
            *(text.upper(), text.lower(), text + " ", " " + text, text[:at] + "\u200b" + text[at:], text[:at]),
            *(
                text[:at] + text[at + 1 :],
                text[:at] + "\u202e" + text[at:],
                text + "/",
                text + "#",
                text + "=",
                text[::-1],
            ),
        )
        reach(value, place[:-1])[place[-1]] = forms[b % len(forms)]


def _contexts(value: dict[str, Json], a: int, b: int) -> None:
    """One more context, before, behind, alone, or inside an object."""
    given, more = value.get("@context"), copy.deepcopy(CONTEXTS[b % len(CONTEXTS)])
    known = given if isinstance(given, list) else [given]
    match a % 6:
        case 0:
            value["@context"] = [*known, more]
        case 1:
            value["@context"] = [more, *known]
        case 2:
            value["@context"] = [*known[:1], more, *known[1:]]
        case 3:
            value["@context"] = more
        case 4:
            value["@context"] = known[::-1]
        case _:
            _chosen(value, b, _is_object)["@context"] = more


def _proofs(value: dict[str, Json], a: int, b: int) -> None:
    """A proof beside the proof, under it, instead of it, or without some of its options."""
    proof = value.get("proof")
    one = proof[0] if isinstance(proof, list) and proof else proof
    if not isinstance(one, dict):
        return
    other = copy.deepcopy(one) | {sorted(one)[b % len(one)]: VALUES[a % len(VALUES)]} if one else {}
    choices: Sequence[Json] = (
        *(
            [one, one],
            [one, other],
            [other, one],
            [other],
            other,
            [],
            {},
            None,
            [[one]],
            {"proof": one},
            [one, {}],
            [one, None],
        ),
        *(one | {"previousProof": "urn:x"}, [one | {"id": "urn:1"}, other | {"previousProof": "urn:1"}]),
        *([other | {"id": "urn:1", "previousProof": "urn:1"}], one | {"@context": value.get("@context")}, [one] * 30),
    )
    value["proof"] = choices[b % len(choices)]


ON_VALUES: Mapping[str, OnValue] = {
    step.__name__.strip("_"): step
    for step in (_replace, _remove, _insert, _rename, _move, _spread, _wrap, _letters, _contexts, _proofs)
}

# ---------------------------------------------------------------- steps on the bytes

PIECES: Sequence[bytes] = (
    *(
        b'"',
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\\ud800",
        b"\\u0000",
    ),
    *(
        b'"proof":null,',
        b'"issuer":"x",',
        b'"\\u0069d":"x",',
        b"1e999",
        b"-0",
        b"NaN",
        b"9" * 400,
        b"[" * 40,
        b'{"a":' * 40,
    ),
    *(
        b"%PDF-1.7",
        b"endstream",
        b"endobj",
        b"/EmbeddedFiles",
        b"startxref",
        b"eyJ",
        b".",
        b"~",
        b"=",
        b"\r\n",
        b" " * 300,
    ),
)


def _flip(data: bytes, a: int, b: int) -> bytes:
    at = a % len(data)
    return data[:at] + bytes([data[at] ^ (1 << b % 8)]) + data[at + 1 :]


def _put(data: bytes, a: int, b: int) -> bytes:
    at = a % (len(data) + 1)
    return data[:at] + PIECES[b % len(PIECES)] + data[at:]


def _cut(data: bytes, a: int, b: int) -> bytes:
    at = a % len(data)
    return data[:at] + data[at + 1 + b % 40 :]


def _end(data: bytes, a: int, _b: int) -> bytes:
    return data[: a % (len(data) + 1)]


def _again(data: bytes, a: int, b: int) -> bytes:
    """A piece said twice."""
    at, to = sorted((a % len(data), b % len(data)))
    return data[:to] + data[at:to][:4000] + data[to:]


def _shuffle(data: bytes, a: int, b: int) -> bytes:
    at, to = sorted((a % len(data), b % len(data)))
    return data[at:to] + data[:at] + data[to:]


ON_BYTES: Mapping[str, OnBytes] = {
    step.__name__.strip("_"): step for step in (_flip, _put, _cut, _end, _again, _shuffle)
}

# ---------------------------------------------------------------- both


def written(value: Json, style: int) -> bytes:
    """The value in one of the ways in which programs write JSON."""
    how: tuple[dict[str, Any], ...] = (
        {"ensure_ascii": False, "separators": (",", ":")},
        {"ensure_ascii": True},
        {"ensure_ascii": False, "indent": 1},
        {"ensure_ascii": False, "sort_keys": True},
    )
    return json.dumps(value, **how[style % len(how)]).encode("utf-8", "surrogatepass")


def changed(data: bytes, steps: Sequence[tuple[str, int, int]], style: int) -> bytes:
    """The document after these steps: first those on its value, then those on its bytes."""
    on_value = [(ON_VALUES[name], a, b) for name, a, b in steps if name in ON_VALUES]
    if on_value and data[:1] == b"{":
        value = json.loads(data)
        for step, a, b in on_value:
            step(value, a, b)
        data = written(value, style)
    elif on_value and data[:3] == b"eyJ":
        data = _changed_token(data, on_value)
    elif on_value and data[:5] == b"%PDF-":
        data = _changed_paper(data, on_value, style)
    for name, a, b in steps:
        if name in ON_BYTES and data:
            data = ON_BYTES[name](data, a, b)
    return data


def _changed_token(data: bytes, steps: Sequence[tuple[OnValue, int, int]]) -> bytes:
    """A JWS whose header or payload is changed inside."""
    parts = data.split(b".")
    for step, a, b in steps:
        at = a % 2  # header or payload
        value = json.loads(base64.urlsafe_b64decode(parts[at] + b"=="))
        step(value, a // 2, b)
        parts[at] = base64.urlsafe_b64encode(written(value, 0)).rstrip(b"=")
    return b".".join(parts)


def _changed_paper(data: bytes, steps: Sequence[tuple[OnValue, int, int]], style: int) -> bytes:
    """A PDF whose attached document is changed inside."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        (stream,) = (each.get_file().obj for each in pdf.attachments.values())
        value = json.loads(stream.read_bytes())
        for step, a, b in steps:
            step(value, a, b)
        stream.write(written(value, style))
        pdf.save(out)
    return out.getvalue()
