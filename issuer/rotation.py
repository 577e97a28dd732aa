"""The keys of an institution: a new one, one in the place of another, and one that came into other hands.

A change is audited before it is made, and made in one transaction of the register; then the institution's lists are
signed with the key that is good now. Nothing that is published changes (docs/decisions/0022).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from issuer.lists import renew_all
from issuer.office import Office
from keys.did import method_id
from registry.issuers import Institution, IssuerKey, Purpose
from registry.statuses import State, state_at
from schemas.credential import utc
from schemas.errors import Refused
from schemas.languages import KAZAKHSTAN
from schemas.reading import shown

Fate = Literal["stays", "lost"]
"""Of a document whose key came into other hands: the register had it before, or later."""


@dataclass(frozen=True, slots=True)
class Used:
    """A document in force that a key has signed, its institution's or a partner's."""

    code: str
    number: str
    kind: str
    registered_at: datetime
    state: State
    fate: Fate
    recorded: bool
    """Has this office recorded it? What it has not was signed by somebody else."""


def key_named(office: Office, name: str) -> tuple[Institution, IssuerKey]:
    """By its DID URL or its multibase; raises `Refused` where the register has no such key."""
    every = ((institution, key) for institution in office.registry.institutions() for key in institution.keys)
    found = next(((i, key) for i, key in every if name.strip() in (key.id, key.multibase)), None)
    if found is None:
        raise Refused.saying("rotation.no_key", name=shown(name, 120))
    return found


def add(office: Office, institution: Institution, purpose: Purpose, at: datetime | None = None) -> IssuerKey:
    """One key more, which signs from `at` on, since it is the newest."""
    if institution.did.startswith("did:key:"):
        raise Refused.saying("rotation.one_key", slug=institution.slug)
    since = _start(office, at)
    key = _new_key(office, institution, (purpose,), since)
    _change(office, institution, "add_key", key, [key], [], since=since)
    return key


def rotate(office: Office, name: str, at: datetime | None = None) -> tuple[IssuerKey, IssuerKey]:
    """The key as it is retired at `at`, and the one that takes its place: of a did:key a new DID of the institution."""
    institution, key = key_named(office, name)
    if key.retired_at is not None or key.compromised_from is not None:
        raise Refused.saying("rotation.ended", id=shown(key.id, 120))
    since = _start(office, at)
    new, old = _new_key(office, institution, key.purposes, since), replace(key, retired_at=since)
    _change(office, institution, "rotate_key", key, [new], [old], since=since, by=new.id)
    return old, new


def compromise(office: Office, name: str, since: datetime | None = None) -> tuple[IssuerKey, IssuerKey | None]:
    """The key as it is from now on, of which only what the register had before `since` counts; and a new one, where it
    was in use."""
    institution, key = key_named(office, name)
    since = since or office.now()
    if since > office.now():
        raise Refused.saying("rotation.not_yet", instant=since)
    if key.compromised_from is not None and since > key.compromised_from:
        raise Refused.saying("rotation.earlier", id=shown(key.id, 120), instant=key.compromised_from)
    stolen = replace(key, compromised_from=since)
    left = tuple(k for k in institution.keys if k.id != key.id)
    needed = tuple(p for p in key.purposes if replace(institution, keys=left).current_key(p, office.now()) is None)
    new = [_new_key(office, institution, needed, office.now())] if needed else []
    _change(office, institution, "compromise_key", key, new, [stolen], since=since, by=new[0].id if new else "")
    return stolen, new[0] if new else None


def _start(office: Office, at: datetime | None) -> datetime:
    """Today is now, which is the next second: what was signed until then stays signed with a good key."""
    now = office.now()
    if at is None or (at <= now and at.astimezone(KAZAKHSTAN).date() == office.today()):
        return now + timedelta(seconds=1)
    if at <= now:
        raise Refused.saying("rotation.past", instant=at)
    return at


def _new_key(office: Office, institution: Institution, purposes: tuple[Purpose, ...], since: datetime) -> IssuerKey:
    multibase = office.ring.new_key()
    did = f"did:key:{multibase}" if institution.did.startswith("did:key:") else institution.did
    return IssuerKey(method_id(did, multibase), multibase, purposes, valid_from=since)


def _change(
    office: Office,
    institution: Institution,
    act: str,
    key: IssuerKey,
    new: Sequence[IssuerKey],
    ended: Sequence[IssuerKey],
    *,
    since: datetime,
    by: str = "",
) -> None:
    with office.store.writing() as writing:
        named = {"institution": institution.slug, "since": utc(since), **({"by": by} if by else {})}
        writing.audit(office.now(), office.operator, act, key.id, **named)
    office.registry.change_keys(institution.did, new, ended)
    renew_all(office, office.institution(institution.slug))


def used(office: Office, key: IssuerKey) -> list[Used]:
    """The documents in force, or suspended, that a key has signed, by the time of their registration."""
    found = []
    for entry in office.registry.signed_with(key.id):
        state = state_at(office.registry.history(entry.code), office.now())
        if state in ("valid", "suspended"):
            fate: Fate = "lost" if key.was_stolen(entry.registered_at) else "stays"
            recorded = office.store.final(entry.code) is not None
            found.append(Used(entry.code, entry.number, entry.kind, entry.registered_at, state, fate, recorded))
    return sorted(found, key=lambda each: (each.registered_at, each.number))
