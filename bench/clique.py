"""A poisoned graph: eight blank nodes that all name one another, in some 1,200 bytes (docs/attacks.md A11).

Nobody can tell such nodes apart without trying their orders; without a limit on work that takes more than half a
minute. No peer stands beside it, since none answers in time.
"""

import json
import time
from collections.abc import Iterator

from bench.office import Workplace
from bench.table import Goal, Row
from bench.timing import median
from bench.visitor import Visitor
from schemas.contexts import VC_2

NODES, TIMES = 8, 9


def document() -> bytes:
    """The clique as a credential, unsigned: its canonical form is asked for before its proof."""
    names = [f"_:holder{n}" for n in range(NODES)]
    value = {
        "@context": [VC_2, {"knows": {"@id": "https://schema.org/knows", "@type": "@id"}}],
        "type": ["VerifiableCredential"],
        "issuer": "https://issuer.example/",
        "credentialSubject": [{"id": name, "knows": [other for other in names if other != name]} for name in names],
    }
    return json.dumps(value).encode()


def rows(place: Workplace) -> Iterator[Row]:
    """The answer of `POST /api/verify` under policy `open`, which alone lets such a document as far as its graph."""
    data = document()
    with Visitor(place.office) as visitor:
        taken = [_answer(visitor, data) for _ in range(TIMES)]
    work = f"POST /api/verify?policy=open, a clique of {NODES} blank nodes in {len(data):,} bytes: malformed"
    yield Row(work, median(taken), "ms", Goal(200))


def _answer(visitor: Visitor, data: bytes) -> float:
    begun = time.perf_counter()
    answer = visitor.post("/api/verify?policy=open", data)
    taken = (time.perf_counter() - begun) * 1000
    if answer.json()["verdict"] != "malformed":
        raise AssertionError(answer.text)
    return taken
