"""The JSON-LD contexts that Tanu knows: files in `schemas/published/contexts`, pinned by SHA-256.

An unknown URL is an error and nothing is ever fetched (docs/attacks.md A9). With a pinned file that has changed, no
service starts, and a command stops at its first use (docs/attacks.md A10).
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from schemas.errors import Malformed
from schemas.languages import say
from schemas.reading import shown

VC_2 = "https://www.w3.org/ns/credentials/v2"
VC_1 = "https://www.w3.org/2018/credentials/v1"
OPEN_BADGES_3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
DATA_INTEGRITY_2 = "https://w3id.org/security/data-integrity/v2"
STATUS_1 = "https://www.w3.org/ns/credentials/status/v1"

INDEX_SHA256 = "93dbb6601eebd31f17a6d2b51cb77878af4c902ad06c3a9a5abc6f73bdb9ffc6"
"""Of `index.json` there, which holds the digest of each file: whoever changes a context has to change this line."""


class ChangedFile(RuntimeError):
    """A published file no longer has its pinned digest: this installation is not the one that was tested."""

    def __init__(self, file: str) -> None:
        self.because = say("contexts.changed", file=f"schemas/published/{file}")
        super().__init__(self.because.en)


@cache
def bundled() -> Mapping[str, dict[str, Any]]:
    """URL → context document, each checked against its pinned digest."""
    return {url: json.loads(data) for url, data in files().items()}


def files() -> Mapping[str, bytes]:
    """URL → the bytes that are published there."""
    folder = resources.files("schemas").joinpath("published", "contexts")
    index = json.loads(_pinned(folder.joinpath("index.json"), INDEX_SHA256))
    return {row["url"]: _pinned(folder.joinpath(row["file"]), row["sha256"]) for row in index}


def _pinned(file: Traversable, sha256: str) -> bytes:
    data = file.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ChangedFile(f"contexts/{file.name}")
    return data


def load(url: str, _options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """PyLD's document loader over `bundled`; raises `Malformed` for any other address."""
    try:
        document = bundled()[url]
    except KeyError:
        raise Malformed.saying("contexts.unknown", url=shown(url, 120)) from None
    static = {"contentType": "application/ld+json", "contextUrl": None, "tag": "static"}  # so PyLD keeps it processed
    return {**static, "documentUrl": url, "document": document}


def inlined(context: Any) -> Any:
    """A context as an object: what a bundled URL stands for, or the object itself."""
    return load(context)["document"]["@context"] if isinstance(context, str) else context


def pruned(context: Any, names: frozenset[str]) -> Any:
    """An inlined context with only the terms in `names`, those that they refer to, and keywords."""
    if isinstance(context, list):
        return [pruned(item, names) for item in context]
    if not isinstance(context, dict):
        return context
    kept = {term for term in context if term in names or term.startswith("@")}
    while more := {ref for term in kept for ref in _references(context[term]) if ref in context} - kept:
        kept |= more
    return {term: _with_pruned_scope(context[term], names) for term in context if term in kept}


def own_terms(context: Any, types: Collection[str]) -> frozenset[str]:
    """The names that a context defines one by one, by itself or within one of `types`: what only a catch-all
    (`@vocab`) takes in is none of them. For documents that could be expanded."""
    if isinstance(context, str):
        return own_terms(inlined(context), types)
    if isinstance(context, list):
        return frozenset().union(*(own_terms(part, types) for part in context))
    definitions = [context[each] for each in types if isinstance((context or {}).get(each), dict)]
    return frozenset(context or ()).union(*(own_terms(each.get("@context"), types) for each in definitions))


def _references(definition: Any) -> tuple[str, ...]:
    """What a term definition may name by another term."""
    values = (definition.get("@id"), definition.get("@type")) if isinstance(definition, dict) else (definition,)
    return tuple(value for value in values if isinstance(value, str))


def _with_pruned_scope(definition: Any, names: frozenset[str]) -> Any:
    if isinstance(definition, dict) and "@context" in definition:
        return {**definition, "@context": pruned(definition["@context"], names)}
    return definition
