"""The certificate on paper: how long drawing one takes, and how many bytes it has."""

from collections.abc import Iterator, Sequence
from functools import partial

from bench.office import Workplace
from bench.table import Row
from bench.timing import median, timed
from issuer.documents.certificate import Print, render
from schemas.credential import Credential, read_credential

WARM_UP = 2
"""Fonts are read once a process."""


def rows(place: Workplace, documents: Sequence[bytes]) -> Iterator[Row]:
    """Each of `documents` drawn once."""
    taken = [timed(partial(_draw, place, read_credential(document))) for document in documents]
    work = f"one certificate drawn, median of {len(taken) - WARM_UP}"
    yield Row(work, median(milliseconds for milliseconds, _ in taken[WARM_UP:]), "ms")
    yield Row("one certificate: PDF with the signed JSON inside", median(len(pdf) for _, pdf in taken) / 1000, "KB")


def _draw(place: Workplace, credential: Credential) -> bytes:
    printed = Print(1, place.office.today())
    return render(credential, page_url=place.office.page_url(credential.code), printed=printed)
