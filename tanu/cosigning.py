"""`tanu cosign`: what waits for whom, and the signatures of those who sign beside an institution."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from issuer import cosign
from issuer.cosign import Cosigned, Waiting
from issuer.office import Office
from issuer.outbox import deliver
from issuer.signing import resume
from schemas.errors import Refused
from schemas.languages import Text, say
from tanu.session import Session


@dataclass(frozen=True)
class Order:
    """What the person at the desk asks for; nothing: what waits."""

    number: str | None = None
    name: str | None = None
    """As whom: a role, or the short name of a person or partner."""
    every: bool = False
    to_sign: bool = False
    proof: Path | None = None
    withdraw: str | None = None


@dataclass(frozen=True)
class Act:
    """What the command can do, and whether that needs a document's number and a signer's name."""

    number: bool
    name: bool
    do: Callable[[Session, Order], None]


def run(session: Session, order: Order) -> None:
    """Does the one thing that is asked for; raises `Refused` for half of one, or for two."""
    chosen = [act for option, act in ACTS.items() if getattr(order, option)]
    act = chosen[0] if chosen else SIGN if order.number or order.name else LIST
    if len(chosen) > 1 or (bool(order.number), bool(order.name)) != (act.number, act.name):
        raise Refused.saying("cosign.how")
    act.do(session, order)


def sign_all(office: Office, name: str) -> Iterator[Cosigned]:
    """Signs, as the person, role or partner of that name, every document that waits for it; raises `Refused` where
    documents wait and none of them for that name."""
    every = cosign.waiting(office)
    theirs = [found for found in every if cosign.waits_for(found, name, office.now())]
    if every and not theirs:
        cosign.named(every[0], name, office.now())
    for found in theirs:
        yield cosign.cosign(office, found.intent.number, name)


def _list(session: Session, _order: Order) -> None:
    cosign.note_lapsed(session.desk)
    every = cosign.waiting(session.desk)
    if session.as_json:
        _json([as_json(found) | {"lapsed": _texts(troubles(found))} for found in every])
        return
    for found in every:
        _tell(line(session, found))
        for told in troubles(found):
            _tell(f"  ! {told[session.language]}")
    if not every:
        _tell(say("cosign.nothing_waits")[session.language])


def _sign(session: Session, order: Order) -> None:
    resume(session.office)
    cosign.note_lapsed(session.office)
    _finish(session, [cosign.cosign(session.office, order.number or "", order.name or "")])


def _sign_all(session: Session, order: Order) -> None:
    resume(session.office)
    cosign.note_lapsed(session.office)
    _finish(session, sign_all(session.office, order.name or ""))


def _request(session: Session, order: Order) -> None:
    _json(cosign.request(session.desk, order.number or "", order.name or ""))


def _accept(session: Session, order: Order) -> None:
    try:
        data = order.proof.read_bytes() if order.proof else b""
    except OSError as error:
        raise Refused.saying("home.bad_file", path=order.proof, problem=error.strerror or "") from None
    _finish(session, [cosign.accept(session.office, order.number or "", data)])


def _withdraw(session: Session, order: Order) -> None:
    cosign.withdraw(session.desk, order.number or "", order.withdraw or "")
    if session.as_json:
        _json({"number": order.number, "withdrawn": order.withdraw})
    else:
        _tell(say("cosign.withdrawn", number=order.number, reason=order.withdraw)[session.language])


SIGN, LIST = Act(True, True, _sign), Act(False, False, _list)
ACTS: Mapping[str, Act] = {
    "every": Act(False, True, _sign_all),
    "to_sign": Act(True, True, _request),
    "proof": Act(True, False, _accept),
    "withdraw": Act(True, False, _withdraw),
}
"""By the option that asks for it."""


def _finish(session: Session, signed: Iterable[Cosigned]) -> None:
    """Delivers what is signed by all, and says what each document waits for still."""
    try:
        done = list(signed)
    finally:
        deliver(session.office)
    if session.as_json:
        _json([_cosigned_json(each) for each in done])
        return
    for each in done:
        left = each.lacking[0] if each.lacking else say("cosign.complete")
        _tell(f"✓ {each.number}  {each.who[session.language]}  {left[session.language]}")
        for told in each.lapsed:
            _tell(f"  ! {told[session.language]}")
    published = sum(not each.lacking for each in done)
    _tell(say("cosign.signed", signed=len(done), published=published)[session.language])


def _cosigned_json(done: Cosigned) -> dict[str, Any]:
    plain = {"number": done.number, "signed": done.who.as_json(), "waits_for": _texts(done.lacking)}
    return plain | {"lapsed": _texts(done.lapsed)}


def as_json(found: Waiting) -> dict[str, Any]:
    """A waiting document for machines."""
    intent = found.intent
    plain = {"case": intent.case, "kind": intent.kind, "number": intent.number, "institution": intent.institution}
    signed = [who.words.as_json() for who in found.signers]
    return {**plain, "signed": signed, "waits_for": _texts(found.lacking)}


def troubles(found: Waiting) -> tuple[Text, ...]:
    """Of what has been signed and counts no more: why, and who has to sign or what to do."""
    number = found.intent.number
    if because := found.own_lapsed:
        return (say("cosign.own_lapsed", number=number, because=because),)
    return tuple(each.told(number) for each in found.lapsed)


def line(session: Session, found: Waiting) -> str:
    """A waiting document for people."""
    return f"… {found.intent.case}  {found.intent.number}  {found.lacking[0][session.language]}"


def _texts(texts: Iterable[Any]) -> list[dict[str, str]]:
    return [text.as_json() for text in texts]


def _json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _tell(text: str) -> None:
    Console(highlight=False, markup=False, emoji=False, soft_wrap=True).print(text)
