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
from bench.table import Peer, Row
from bench.timing import median, milliseconds
from issuer.issue import Issued, issue
from issuer.outbox import deliver
from keys.proof import check, proof_options, secure
from keys.public import PublicKey
from keys.signer import FileSigner
from schemas.canonical import rdfc
from schemas.credential import utc
from schemas.reading import Json, read_object
from verifier.verify import verify

CREDENTIALS, ROUNDS, WARM_UP = 100, 3, 4
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


def issued(place: Workplace) -> Signed:
    """`CREDENTIALS` documents, each with another second in its proof."""
    begun = place.office.now()
    documents: list[bytes] = []
    for at, approval in enumerate(place.approvals("proofs", CREDENTIALS)):
        later = replace(place.office, now=partial(begun.__add__, timedelta(seconds=at)))
        finished = issue(later, [approval], lambda _office: None)
        documents += [each.document for each in finished if isinstance(each, Issued)]
    deliver(place.office)
    return Signed(place, tuple(documents), begun + timedelta(seconds=CREDENTIALS))


def rows(signed: Signed) -> Iterator[Row]:
    """All nine steps, the proof alone, and signing; median milliseconds of each side."""
    with peer.peer() as other:
        yield _row(
            "one credential verified from its bytes: nine steps with limits, schema, accreditation, key, proof, dates, "
            "history, signed list, register (SQLite)",
            [partial(_verify, signed, document) for document in signed.documents],
            other,
            {"do": "verify", "texts": signed.texts, "status": signed.lists, "now": utc(signed.now)},
            "parse, fields, dates, proof, signed list and its proof",
        )
        yield _row(
            "the proof of one credential checked from its bytes: read, canonical form, signature",
            [partial(_check_proof, document) for document in signed.documents],
            other,
            {"do": "proof", "texts": signed.texts, "now": utc(signed.now)},
            "parse, fields, dates, proof",
        )
        yield _signing(signed, other)


def _verify(signed: Signed, document: bytes) -> None:
    report = verify(document, signed.place.office.registry, signed.now)
    if report.verdict != "valid":
        raise AssertionError(report.as_json())


def _check_proof(document: bytes) -> None:
    value = read_object(document)
    key = PublicKey.from_multibase(value["proof"]["verificationMethod"].rpartition("#")[2])
    if not check(value, value["proof"], key):
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
    work: str, ours: Sequence[Callable[[], object]], other: peer.Peer | None, request: dict[str, Json], does: str
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
    return Row(work, median(own), "ms", peer=against)


def _asked(other: peer.Peer | None, request: dict[str, Json]) -> list[float]:
    return list(other.ask(**request)["ms"]) if other else []
