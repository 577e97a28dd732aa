"""Bad input of all kinds, each within the cap of 256 KB: how long the slowest answer takes, and how much memory
(docs/attacks.md A11, A17, A18; the limits that the tests hold are counts).

No peer stands beside it: other libraries have no such limits.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.clique import costly, document
from bench.office import Workplace
from bench.table import Goal, Row
from bench.visitor import Visitor
from schemas.contexts import VC_2
from schemas.reading import MAX_BYTES

POLICIES = ("product", "open")


def _credential(subject: Any, *contexts: Any) -> bytes:
    """Unsigned."""
    value = {"@context": [VC_2, {"x": "urn:x"}, *contexts], "type": ["VerifiableCredential"], "issuer": "urn:i"}
    return json.dumps(value | {"credentialSubject": subject}).encode()[:MAX_BYTES]


def inputs() -> Mapping[str, bytes]:
    """By what is bad in them."""
    return {
        "a clique": document(),
        "alike nodes": costly(),
        "a text that never ends": b'{"a":"' + b'\\"' * (MAX_BYTES // 2 - 4),
        "brackets": b"[" * MAX_BYTES,
        "objects in objects": (b'{"a":' * MAX_BYTES)[:MAX_BYTES],
        "members": b"{" + b",".join(b'"%d":1' % n for n in range(25_000)) + b"}",
        "items": b"[" + b"1," * 120_000 + b"1]",
        "digits": b'{"a":' + b"9" * (MAX_BYTES - 6) + b"}",
        "one text": b'{"a":"' + b"x" * (MAX_BYTES - 8) + b'"}',
        "texts": _credential({"x": [f"v{at}" for at in range(20_000)]}),
        "contexts": _credential({"x": "a"}, *[{f"t{at}": "urn:t"} for at in range(9_000)]),
        "the same context again": _credential({"x": "a"}, *[VC_2] * 6_000),
        "a context in each node": _credential([{"@context": VC_2, "id": f"urn:{at}"} for at in range(3_500)]),
        "types": _credential({"type": ["VerifiableCredential"] * 9_000}),
        "a token": b"eyJhbGciOiJFUzI1NiJ9." + b"A" * (MAX_BYTES - 100) + b".AA",
        "bytes": bytes(range(256)) * (MAX_BYTES // 256),
    }


def rows(place: Workplace) -> Iterator[Row]:
    """The slowest answer, and the memory that all of them took."""
    bad = inputs()
    with Visitor(place.office) as visitor:
        for policy in POLICIES:
            visitor.post(f"/api/verify?policy={policy}", b"{}")  # its workers are there
        before = held()
        taken = {name: max(_answer(visitor, data, policy) for policy in POLICIES) for name, data in bad.items()}
        after = held()
    slowest = max(taken, key=lambda name: taken[name])
    yield Row(f"POST /api/verify, the slowest of {len(bad)} bad inputs: {slowest}", taken[slowest], "ms", Goal(2000))
    yield Row("memory at its peak meanwhile, beyond what it was", max(0.0, after - before), "MB", Goal(256))


def _answer(visitor: Visitor, data: bytes, policy: str) -> float:
    begun = time.perf_counter()
    answer = visitor.post(f"/api/verify?policy={policy}", data)
    taken = (time.perf_counter() - begun) * 1000
    if answer.status_code not in (200, 413) or b'"valid"' in answer.content:
        raise AssertionError(answer.text)
    return taken


def held() -> float:
    """MB that this process and its children held at their peaks."""
    found, left = 0, [os.getpid()]
    while left:
        pid = left.pop()
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        found += next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
        left += [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found / 1024
