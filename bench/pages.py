"""The public page of a code: its bytes and requests, and how long one look-up takes."""

from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

import httpx

from bench.office import Workplace
from bench.table import Goal, Row
from bench.timing import median, percentile
from bench.visitor import BROWSER, Visitor
from issuer import annulment, status
from issuer.intents import Order
from issuer.outbox import deliver
from schemas.languages import LANGUAGES

WARM_UP, LOOK_UPS = 50, 300
_SOURCES = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}


def rows(place: Workplace, codes: Sequence[str]) -> Iterator[Row]:
    """Pages of `codes`, which are published; the last one is annulled on the way."""
    with Visitor(place.office) as visitor:
        yield from _weights(visitor, codes[0], "valid")
        for code in codes[:WARM_UP]:
            visitor.look_up(f"/c/{code}")
        taken = [visitor.look_up(f"/c/{codes[at % len(codes)]}") for at in range(LOOK_UPS)]
        work = f"/c/{{code}} in process, all nine steps and the page, {LOOK_UPS} look-ups one after the other"
        yield Row(f"{work}: p50", median(taken), "ms")
        yield Row(f"{work}: p95", percentile(taken, 95), "ms")
        _annul(place, codes[-1])
        yield from _weights(visitor, codes[-1], "annulled")


def _weights(visitor: Visitor, code: str, state: str) -> Iterator[Row]:
    """What a browser has to fetch before the page is whole; with headers, not compressed."""
    wholes = [_whole(visitor, code, language) for language in LANGUAGES]
    heaviest = max(wholes, key=lambda answers: sum(map(_bytes, answers)))
    work = f"/c/{{code}}, {state}, in the heaviest of its three languages, not compressed"
    yield Row(f"{work}: bytes in all", sum(map(_bytes, heaviest)) / 1000, "KB", Goal(50))
    yield Row(f"{work}: requests", len(heaviest), "requests", Goal(1))


def _whole(visitor: Visitor, code: str, language: str) -> list[httpx.Response]:
    plain = BROWSER | {"Accept-Language": language, "Accept-Encoding": "identity"}
    page = visitor.get(f"/c/{code}", plain).raise_for_status()
    found = _Sources()
    found.feed(page.text)
    return [page, *(visitor.get(address, plain) for address in found.addresses)]


def _bytes(answer: httpx.Response) -> int:
    """As HTTP/1.1 would send it."""
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    return len("HTTP/1.1 200 OK\r\n\r\n") + head + len(answer.content)


class _Sources(HTMLParser):
    """The addresses that a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(_SOURCES.get(tag, ""))
        if address and not address.startswith("data:"):
            self.addresses.append(address)


def _annul(place: Workplace, code: str) -> None:
    intent = place.office.store.intent_coded(code)
    if intent is None:
        raise LookupError(code)
    order = Order("annulled", "violation", "The rector", "Regulation 9.2", "No. 1", "Ә. Маман")
    annulment.open_case(place.office, intent.number, "A violation", order.entered_by)
    annulment.inform(place.office, intent.number, order.entered_by)
    annulment.answer(place.office, intent.number, "None", order.entered_by)
    status.confirm(place.office, annulment.decide(place.office, intent.number, order).event, "Б. Екінші")
    deliver(place.office)
