"""`tanu flags`: the decisions of recognition commissions that rest on a document which has ended (QR-15)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from issuer.ends import flags
from issuer.ends.store import Flag
from schemas.credential import utc
from schemas.errors import Refused
from schemas.languages import Text, say
from schemas.reading import shown
from tanu.ends import tell, write
from tanu.session import Session


@dataclass(frozen=True)
class Order:
    """What the person at the desk asks for; nothing: what is flagged."""

    number: str | None = None
    minutes: str | None = None
    conclusion: str | None = None
    by: str | None = None
    every: bool = False


def run(session: Session, order: Order) -> None:
    """Lists what is flagged, or records what the commission has found of one decision."""
    given = [value for value in (order.number, order.minutes, order.conclusion, order.by) if value is not None]
    if given:
        if len(given) < 4 or order.every:
            raise Refused.saying("flags.how")
        flags.review(session.desk, *map(str, (order.number, order.by, order.minutes, order.conclusion)))
    found = flags.flagged(session.desk, waiting=not order.every)
    if session.as_json:
        write([_as_json(flag) for flag in found])
        return
    for text in _lines(found):
        tell(session, text, None)
    if not found:
        tell(session, say("flags.nothing"), None)


def _lines(found: Sequence[Flag]) -> Iterator[Text]:
    for flag in found:
        about = {"number": flag.number, "cited": flag.cited, "act": say(f"status.act.{flag.act}")}
        if flag.reviewed_at is None:
            yield say("flags.line", instant=flag.flagged_at, **about)
        else:
            reviewed = {"minutes": shown(flag.minutes or "", 120), "conclusion": shown(flag.conclusion or "", 400)}
            yield say("flags.reviewed", **about, **reviewed)


def _as_json(flag: Flag) -> dict[str, Any]:
    return {
        "number": flag.number,
        "institution": flag.institution,
        "rests_on": flag.cited,
        "act": flag.act,
        "event": flag.event,
        "flagged_at": utc(flag.flagged_at),
        "reviewed_at": flag.reviewed_at and utc(flag.reviewed_at),
        "reviewed_by": flag.reviewed_by,
        "minutes": flag.minutes,
        "conclusion": flag.conclusion,
    }
