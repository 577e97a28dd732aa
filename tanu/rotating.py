"""`tanu keys`: the keys of institutions: list them, add one, put one in another's place, end one that was stolen."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, get_args

import typer
from rich.console import Console

from issuer import federation, rotation
from issuer.intents import Order
from issuer.office import Office
from issuer.outbox import deliver
from issuer.resigning import Resigned, resign
from issuer.rotation import Used
from registry.issuers import Institution, IssuerKey, Purpose
from schemas.credential import utc
from schemas.errors import Refused
from schemas.languages import Text, say
from tanu.session import HomeOption, JsonOption, Session
from verifier.moment import read_moment

app = typer.Typer(no_args_is_help=True, help="The keys of institutions: list, add, rotate, compromise.")

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="Its DID URL or publicKeyMultibase.")]
FromOption = Annotated[str | None, typer.Option("--from", help="A day or an instant; else now.")]


@app.command(name="list")
def list_(
    institution: Annotated[str | None, typer.Argument(help="A short name; left out: all.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """The keys that there are, with their purposes and days."""
    session = Session.begun(home, as_json)
    desk = session.desk
    rows = [desk.institution(institution)] if institution else desk.registry.institutions()
    _tell_keys(session, [(row, key) for row in rows for key in row.keys])


@app.command()
def add(
    institution: Annotated[str, typer.Argument(help="A short name.")],
    purpose: Annotated[str, typer.Option(help="documents or lists")] = "documents",
    since: FromOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Makes one key more, which signs from then on; the others stay good."""
    session = Session.begun(home, as_json)
    office, chosen = session.office, _purpose(purpose)
    row = office.institution(institution)
    key = rotation.add(office, row, chosen, _moment(since))
    _published(office)
    _tell_keys(session, [(row, key)])


@app.command()
def rotate(key: KeyArgument, since: FromOption = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Retires a key and puts a new one in its place; what it has signed stays good."""
    session = Session.begun(home, as_json)
    office = session.office
    institution, _ = rotation.key_named(office, key)
    old, new = rotation.rotate(office, key, _moment(since))
    _published(office)
    _tell_keys(session, [(institution, old), (institution, new)])


@app.command()
def compromise(
    key: KeyArgument,
    since: FromOption = None,
    re_sign: Annotated[
        bool, typer.Option("--re-sign", help="Issue again, with the new key, what the register had too late.")
    ] = False,
    authority: Annotated[str | None, typer.Option(help="With --re-sign: who decided.")] = None,
    basis: Annotated[str | None, typer.Option(help="With --re-sign: the legal ground.")] = None,
    minutes: Annotated[str | None, typer.Option(help="With --re-sign: the number of the minutes or order.")] = None,
    by: Annotated[str | None, typer.Option(help="With --re-sign: who enters the replacements.")] = None,
    confirmed_by: Annotated[
        str | None, typer.Option(help="With --re-sign: a second person, who confirms them.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """A key was in other hands from then on: only what the register had before counts. Lists what it has signed."""
    session = Session.begun(home, as_json)
    order = _order(authority, basis, minutes, by) if re_sign else None
    office = session.office
    institution, known = rotation.key_named(office, key)
    again = known.compromised_from is not None and since is None  # a run that goes on
    stolen, new = (known, None) if again else rotation.compromise(office, key, _moment(since))
    _published(office)
    used = rotation.used(office, stolen)
    lost = [each for each in used if each.fate == "lost"]
    done = list(resign(office, lost, order, confirmed_by)) if order else []
    _tell_compromise(session, [(institution, each) for each in (stolen, new) if each], used, done)


def _purpose(name: str) -> Purpose:
    purposes: dict[str, Purpose] = {purpose: purpose for purpose in get_args(Purpose)}
    if name not in purposes:
        raise typer.BadParameter(" | ".join(purposes), param_hint="--purpose")
    return purposes[name]


def _moment(spelled: str | None) -> datetime | None:
    try:
        return read_moment(spelled) if spelled else None
    except Refused as refused:
        raise typer.BadParameter(refused.because.en, param_hint="--from") from None


def _order(authority: str | None, basis: str | None, minutes: str | None, by: str | None) -> Order:
    if not (authority and basis and minutes and by):
        raise typer.BadParameter("--re-sign --authority --basis --minutes --by")
    return Order("replaced", "key_compromised", authority, basis, minutes, by)


def _published(office: Office) -> None:
    deliver(office)
    federation.renew(office)


Owned = Sequence[tuple[Institution, IssuerKey]]


def _tell_keys(session: Session, owned: Owned) -> None:
    if session.as_json:
        _json([_key(*each) for each in owned])
        return
    for institution, key in owned:
        _print(session, _words(institution, key))


def _key(institution: Institution, key: IssuerKey) -> dict[str, Any]:
    times = {name: getattr(key, name) and utc(getattr(key, name)) for name in _TIMES}
    return {"institution": institution.slug, "id": key.id, "purposes": list(key.purposes), **times}


_TIMES = ("valid_from", "retired_at", "compromised_from")


def _words(institution: Institution, key: IssuerKey) -> Text:
    purposes = ", ".join(key.purposes)
    named = {"slug": institution.slug, "id": key.id, "purposes": purposes, "since": key.valid_from}
    if key.compromised_from:
        return say("rotation.key_stolen", **named, until=key.compromised_from)
    return (
        say("rotation.key_retired", **named, until=key.retired_at) if key.retired_at else say("rotation.key", **named)
    )


def _tell_compromise(session: Session, owned: Owned, used: Sequence[Used], done: Sequence[Resigned]) -> None:
    if session.as_json:
        rows = [{**_document(each), "registered_at": utc(each.registered_at)} for each in used]
        again = [{"number": e.number, "successor": e.successor, "because": e.because.as_json()} for e in done]
        _json({"keys": [_key(*each) for each in owned], "documents": rows, "re_signed": again})
        return
    _tell_keys(session, owned)
    for each in used:
        _print(session, say(f"rotation.fate_{each.fate}", number=each.number, instant=each.registered_at))
    for told in done:
        _print(session, say("rotation.again", number=told.number, new=told.successor or "–", because=told.because))
    lost = sum(each.fate == "lost" for each in used)
    _print(session, say("rotation.count", stays=len(used) - lost, lost=lost))


def _document(used: Used) -> dict[str, Any]:
    return {name: getattr(used, name) for name in ("number", "code", "kind", "state", "fate", "recorded")}


def _json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _print(session: Session, text: Text) -> None:
    Console(highlight=False, markup=False, emoji=False, soft_wrap=True).print(text[session.language])
