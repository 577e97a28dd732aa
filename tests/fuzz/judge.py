"""What a changed document must never be: valid, unless it says the same. Judged without the verifier's own code."""

import base64
import io
import json
import re
from collections.abc import Iterator, Mapping

import cbor2
import pikepdf
from pyld import jsonld

from schemas import contexts
from schemas.reading import Json

FREE = frozenset({"@id", "@type", "@value", "@language", "@list", "@set", "@direction", "id", "type"})
"""Other ways to write what is said."""


def same_json(one: Json, other: Json) -> bool:
    """Equal as JSON values; true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return set(one) == set(other) and all(same_json(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return float(one) == float(other)
    return type(one) is type(other) and bool(one == other)


def signed_in(data: bytes) -> bytes:
    """The signed document in what is handed in: itself, a PDF's attached file, or the payload of an envelope; empty
    where there is none."""
    try:
        if b"%PDF-" in data[:1024]:
            with pikepdf.open(io.BytesIO(data)) as pdf:
                found = [each.get_file().read_bytes() for each in pdf.attachments.values()]
            return found[0] if len(found) == 1 else b""
        if data[:1] == b"\xd2":
            return bytes(cbor2.loads(data).value[2])
        if found := re.findall(rb"eyJ[\w-]*\.([\w-]*)\.", re.sub(rb"\\[tnr]", b"", data)):
            return base64.urlsafe_b64decode(found[0] + b"==")
    except (pikepdf.PdfError, ValueError, LookupError, TypeError, AttributeError):
        return b""
    return data


def says_the_same(changed: bytes, original: bytes, *, strictly: bool) -> bool:
    """Does the changed document say what the original says?

    Strictly: the same JSON value. Else what its suite signs: the same statements to a reader of JSON-LD that is not
    ours, and no member or text that the original does not have, which that reader may have dropped without a word.
    """
    try:
        one, other = json.loads(changed), json.loads(original)
    except ValueError:
        return False
    if same_json(one, other):
        return True
    return not strictly and isinstance(one, dict) and _no_more(one, other) and _normal(one) == _normal(other)


def _normal(document: Mapping[str, Json]) -> str:
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": contexts.load}
    return str(jsonld.normalize(unsigned, options))


def _no_more(one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    """Is every member and text of the one in the other? A set of proofs may be smaller, contexts may be others. A
    member may have another name of its own contexts, where nothing has come in beside it."""
    words, known = list(words_of(one)), list(words_of(other))
    strange = {word for word in words if word not in known and word not in FREE and ":" not in word}
    return not strange or (strange <= _terms(one) and len(words) == len(known))


def _terms(document: Mapping[str, Json]) -> set[str]:
    """What the document's own contexts give an address to."""
    given = document.get("@context")
    own = [each for each in (given if isinstance(given, list) else [given]) if isinstance(each, dict)]
    return {term for each in own for term, meant in each.items() if isinstance(meant, str) and ":" in meant}


def words_of(value: Json) -> Iterator[str]:
    """Every name and value, contexts excepted; the case of a language tag says nothing (RDF 1.1, section 3.3)."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name != "@context":
                yield name.lower() if len(name) == 2 else name
                yield from words_of(member.lower() if name == "@language" and isinstance(member, str) else member)
    elif isinstance(value, list):
        for item in value:
            yield from words_of(item)
    else:
        yield "null" if value is None else str(value)
