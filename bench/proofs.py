"""Checking and signing one credential, beside @digitalbazaar/vc on the same credentials, in turns, in the same run.

Every credential is signed at its own second, and there are more of them than the product's caches hold, so that no
proof is looked at twice from memory. A status list is one for all, here as in life: ours keeps its canonical form
between documents and checks its signature each time, the peer does both each time.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bench import peer
from bench.office import Workplace
from bench.table import AS_FAST, Goal, Peer, Row
from bench.timing import median, milliseconds
from issuer.clock import Steady
from issuer.issue import Approval, Issued, issue
from issuer.outbox import deliver
from keys.proof import check, proof_options, secure
from keys.public import PublicKey
from keys.signer import FileSigner
from schemas.canonical import rdfc
from schemas.closed import read_closed
from schemas.credential import check_shape, utc, written
from schemas.reading import Json, read_object
from verifier.verify import verify

ROUNDS, WARM_UP = 3, 4
"""Node.js settles after some 400 calls."""


@dataclass(frozen=True)
class Signed:
    """Credentials of ours, published, and when they may be judged."""

    place: Workplace
    documents: tuple[bytes, ...]
    now: datetime

    @property
    def texts(self) -> list[str]:
        return [document.decode() for document in self.documents]

    @property
    def lists(self) -> dict[str, Json]:
        """The status lists that the documents name, as published."""
        entries = (read_object(document)["credentialStatus"] for document in self.documents)
        urls = {str(entry["statusListCredential"]) for entry in entries}
        return {url: json.loads(self.place.office.registry.status_list(url) or b"") for url in urls}


def issued(place: Workplace, approvals: Sequence[Approval]) -> Signed:
    """The documents, each with another second in its proof."""
    begun = max(place.office.now(), place.office.store.newest_signature() or place.office.now())
    documents: list[bytes] = []
    for at, approval in enumerate(approvals):
        later = replace(place.office, now=partial(begun.__add__, timedelta(seconds=at)), steady=Steady())
        finished = issue(later, [approval], lambda _office: None)
        documents += [each.document for each in finished if isinstance(each, Issued)]
    deliver(place.office)
    return Signed(place, tuple(documents), begun + timedelta(seconds=len(documents)))


def rows(brief: Signed, signed: Signed) -> Iterator[Row]:
    """All nine steps, of documents as small as ours get and of usual ones; then of the usual ones the proof alone, and
    signing; median milliseconds of each side."""
    with peer.peer() as other:
        for each in (brief, signed):
            yield _row(
                f"one credential ({_size(each.documents[0])}) verified from its bytes: nine steps with limits, schema, "
                "accreditation, key, proof, dates, history, signed list, register (SQLite)",
                [partial(_verify, each, document) for document in each.documents],
                other,
                {"do": "verify", "texts": each.texts, "status": each.lists, "now": utc(each.now)},
                "parse, fields, dates, proof, signed list and its proof",
                AS_FAST,
            )
        yield _row(
            "the proof of one credential checked from its bytes: read, schema, canonical form, signature",
            [partial(_check_proof, document) for document in signed.documents],
            other,
            {"do": "proof", "texts": signed.texts, "now": utc(signed.now)},
            "parse, fields, dates, proof",
        )
        yield _signing(signed, other)


def _size(document: bytes) -> str:
    """How large it is, and how much of that is the context that travels with it."""
    inline = read_object(document)["@context"][-1]
    return f"{len(document):,} bytes, of which its inline context is {len(written(inline)):,}"


def _verify(signed: Signed, document: bytes) -> None:
    report = verify(document, signed.place.office.registry, signed.now)
    if report.verdict != "valid":
        raise AssertionError(report.as_json())


def _check_proof(document: bytes) -> None:
    credential = check_shape(document, read_object(document), read_closed)
    value, proof = credential.value, credential.value["proof"]
    key = PublicKey.from_multibase(proof["verificationMethod"].rpartition("#")[2])
    if not check(value, proof, key, credential.canonical):
        raise AssertionError("the proof does not hold")


def _sign(text: str, signer: FileSigner, created: datetime) -> dict[str, Json]:
    value = read_object(text.encode())
    method = f"did:key:{signer.multibase}#{signer.multibase}"
    return secure(value, rdfc(value), proof_options(method, created), signer)


def _signing(signed: Signed, other: peer.Peer | None) -> Row:
    """The same key, the same times: both sides make the same signature, which is looked at."""
    seed = secrets.token_bytes(32)
    signer = FileSigner.from_seed(seed)
    texts = [_unsigned(document, f"did:key:{signer.multibase}") for document in signed.documents]
    created = [signed.now + timedelta(seconds=at) for at in range(len(texts))]
    request = {"do": "sign", "seed": seed.hex(), "texts": texts, "created": [utc(each) for each in created]}
    ours = [partial(_sign, text, signer, instant) for text, instant in zip(texts, created, strict=True)]
    work = "one credential signed from its bytes: read, canonical form, signature"
    row = _row(work, ours, other, request, "parse, fields, canonical form, signature")
    if other and other.ask(**request)["last"]["proof"]["proofValue"] != ours[-1]()["proof"]["proofValue"]:
        raise AssertionError("the two sides do not sign the same bytes")
    return row


def _unsigned(document: bytes, issuer: str) -> str:
    value = read_object(document)
    del value["proof"]
    return json.dumps(value | {"issuer": value["issuer"] | {"id": issuer}}, ensure_ascii=False)


def _row(
    work: str,
    ours: Sequence[Callable[[], object]],
    other: peer.Peer | None,
    request: dict[str, Json],
    does: str,
    goal: Goal | None = None,
) -> Row:
    """Both sides in turns, the first turns of each not counted."""
    milliseconds(ours)
    for _ in range(WARM_UP if other else 0):
        _asked(other, request)
    own, theirs = [], []
    for _ in range(ROUNDS):
        own += milliseconds(ours)
        theirs += _asked(other, request)
    against = Peer(other.name, median(theirs), does) if other else None
    return Row(work, median(own), "ms", goal, against)


def _asked(other: peer.Peer | None, request: dict[str, Json]) -> list[float]:
    return list(other.ask(**request)["ms"]) if other else []
