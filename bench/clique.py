"""A poisoned graph: eight blank nodes that all name one another, in some 1,200 bytes (docs/attacks.md A11).

Nobody can tell such nodes apart without trying their orders; without a limit on work that takes more than half a
minute. No peer stands beside it, since none answers in time.
"""

import json
import time
from collections.abc import Iterator, Sequence

import httpx

from bench.office import Workplace
from bench.table import Goal, Row
from bench.timing import median, percentile
from bench.visitor import Visitor
from schemas.contexts import VC_2

NODES, TIMES = 8, 9
VALUES, LOOK_UPS = 9_000, 60


def document() -> bytes:
    """The clique as a credential, unsigned: its canonical form is asked for before its proof."""
    names = [f"_:person{n}" for n in range(NODES)]
    value = {
        "@context": [VC_2, {"knows": {"@id": "https://schema.org/knows", "@type": "@id"}}],
        "type": ["VerifiableCredential"],
        "issuer": "https://issuer.example/",
        "credentialSubject": {
            "knows": [{"id": name, "knows": [other for other in names if other != name]} for name in names],
        },
    }
    return json.dumps(value).encode()


def costly() -> bytes:
    """A document that takes as much work as one may, and is refused at the end of it."""
    subject = [{"x": [f"v{at}" for at in range(VALUES)]} for _ in range(2)]
    value = {
        "@context": [VC_2, {"x": "https://schema.org/name"}],
        "type": ["VerifiableCredential"],
        "issuer": "https://issuer.example/",
        "credentialSubject": subject,
    }
    return json.dumps(value).encode()


def rows(place: Workplace, codes: Sequence[str]) -> Iterator[Row]:
    """The answer of `POST /api/verify` under policy `open`, which alone lets such a document as far as its graph; and
    what another visitor notices who looks up `codes` meanwhile."""
    data, heavy = document(), costly()
    work = f"POST /api/verify?policy=open, a clique of {NODES} blank nodes in {len(data):,} bytes"
    with Visitor(place.office) as visitor:
        taken = [_answer(visitor, data) for _ in range(TIMES)]
        yield Row(f"{work}: malformed", median(taken), "ms", Goal(200))
        paths = [f"/c/{codes[at % len(codes)]}" for at in range(LOOK_UPS)]
        yield Row("/c/{code} for another visitor, while nobody posts: p95", _looked_up(visitor, paths), "ms")
        yield _meanwhile(visitor, data, paths, "one clique after the other is posted")
        what = f"documents of {len(heavy) // 1000} KB that cost all they may are posted"
        yield _meanwhile(visitor, heavy, paths, what)


def _looked_up(visitor: Visitor, paths: Sequence[str]) -> float:
    return percentile([visitor.look_up(path) for path in paths], 95)


def _meanwhile(visitor: Visitor, data: bytes, paths: Sequence[str], what: str) -> Row:
    answers, taken = visitor.beside(data, "/api/verify?policy=open", paths)
    for answer in answers:
        _check(answer)
    return Row(f"the same, while {what} ({len(answers)} answers): p95", percentile(taken, 95), "ms", Goal(300))


def _answer(visitor: Visitor, data: bytes) -> float:
    begun = time.perf_counter()
    answer = visitor.post("/api/verify?policy=open", data)
    taken = (time.perf_counter() - begun) * 1000
    _check(answer)
    return taken


def _check(answer: httpx.Response) -> None:
    if answer.json()["verdict"] not in ("malformed", "tampered"):
        raise AssertionError(answer.text)
