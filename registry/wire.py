"""What a registry says over HTTP: institutions, entries and changes as JSON, written and read side by side.

What is read comes from another machine: a member that is missing or of another shape raises `KeyError`, `TypeError`
or `ValueError`, and is never guessed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar, cast, get_args

from registry.entry import Entry
from registry.issuers import (
    Accreditation,
    AccreditationBody,
    Form,
    Institution,
    IssuerKey,
    Purpose,
    ResponsiblePerson,
    Role,
    SignatureRule,
    SignedRight,
)
from registry.statuses import REASONS, Act, Change, Reason
from schemas.credential import Slot, utc, written
from schemas.languages import Text
from schemas.reading import Json, read_object
from schemas.statuslist import read_instant

T = TypeVar("T")


def write_institution(institution: Institution) -> dict[str, Json]:
    """The answer of `/api/issuers/{did}`."""
    return {
        "slug": institution.slug,
        "did": institution.did,
        "letters": institution.letters,
        "organisation": institution.organisation,
        "name": institution.name.as_json(),
        "bin": institution.bin,
        "country": institution.country,
        "city": institution.city.as_json(),
        "address": institution.address and institution.address.as_json(),
        "homepage": institution.homepage,
        "test": institution.test,
        "accreditations": [_write_accreditation(right) for right in institution.accreditations],
        "rights": [_write_right(right) for right in institution.rights],
        "keys": [_write_key(key) for key in institution.keys],
        "responsible_persons": [_write_person(person) for person in institution.persons],
        "signature_rules": [_write_rule(rule) for rule in institution.rules],
    }


def read_institution(value: Mapping[str, Json]) -> Institution:
    """The other way round, but for the accreditations: `registry.trust.judged` says which of the rights prove one."""
    return Institution(
        slug=_string(value["slug"]),
        did=_string(value["did"]),
        letters=_string(value["letters"]),
        organisation=_string(value["organisation"]),
        name=_text(value["name"]),
        bin=_string(value["bin"]),
        country=_string(value["country"]),
        city=_text(value["city"]),
        test=_boolean(value["test"]),
        accreditations=(),
        keys=tuple(_read_key(key) for key in _list(value["keys"])),
        persons=tuple(_read_person(person) for person in _list(value["responsible_persons"])),
        rules=tuple(_read_rule(rule) for rule in _list(value["signature_rules"])),
        address=_optional(value["address"], _text),
        homepage=_optional(value["homepage"], _string),
        rights=tuple(_read_right(right) for right in _list(value["rights"])),
    )


def write_body(body: AccreditationBody, rights: Sequence[SignedRight]) -> dict[str, Json]:
    """A body that accredits, with what lets it."""
    named: dict[str, Json] = {"slug": body.slug, "did": body.did, "name": body.name.as_json(), "bin": body.bin}
    return {**named, "test": body.test, "rights": [_write_right(right) for right in rights]}


def _write_right(right: SignedRight) -> dict[str, Json]:
    return {"entered_at": utc(right.entered_at), "document": read_object(right.document)}


def _read_right(value: Mapping[str, Json]) -> SignedRight:
    """Its document as the register keeps it: written by this product."""
    return SignedRight(written(_one(value["document"], dict)), _instant(value["entered_at"]))


def _write_accreditation(right: Accreditation) -> dict[str, Json]:
    return {
        "kinds": list(right.kinds),
        "body": right.body.as_json(),
        "number": right.number,
        "valid_from": right.valid_from.isoformat(),
        "valid_until": right.valid_until and right.valid_until.isoformat(),
        "professions": list(right.professions),
    }


def _write_key(key: IssuerKey) -> dict[str, Json]:
    return {
        "id": key.id,
        "multibase": key.multibase,
        "purposes": list(key.purposes),
        "valid_from": utc(key.valid_from),
        "retired_at": key.retired_at and utc(key.retired_at),
        "compromised_from": key.compromised_from and utc(key.compromised_from),
    }


def _read_key(value: Mapping[str, Json]) -> IssuerKey:
    return IssuerKey(
        id=_string(value["id"]),
        multibase=_string(value["multibase"]),
        purposes=tuple(cast(Purpose, _one_of(purpose, get_args(Purpose))) for purpose in _list(value["purposes"])),
        valid_from=_instant(value["valid_from"]),
        retired_at=_optional(value["retired_at"], _instant),
        compromised_from=_optional(value["compromised_from"], _instant),
    )


def _write_person(person: ResponsiblePerson) -> dict[str, Json]:
    return {
        "person": person.person,
        "name": person.name,
        "position": person.position.as_json(),
        "role": person.role,
        "method": person.method,
        "multibase": person.multibase,
        "valid_from": utc(person.valid_from),
        "retired_at": person.retired_at and utc(person.retired_at),
        "compromised_from": person.compromised_from and utc(person.compromised_from),
    }


def _read_person(value: Mapping[str, Json]) -> ResponsiblePerson:
    return ResponsiblePerson(
        person=_string(value["person"]),
        name=_string(value["name"]),
        position=_text(value["position"]),
        role=_role(value["role"]),
        multibase=_string(value["multibase"]),
        valid_from=_instant(value["valid_from"]),
        retired_at=_optional(value["retired_at"], _instant),
        compromised_from=_optional(value["compromised_from"], _instant),
    )


def _write_rule(rule: SignatureRule) -> dict[str, Json]:
    return {
        "kind": rule.kind,
        "programme": rule.programme,
        "needed": rule.needed,
        "roles": list(rule.roles),
        "partners": list(rule.partners),
        "form": rule.form,
        "valid_from": rule.valid_from.isoformat(),
        "valid_until": rule.valid_until and rule.valid_until.isoformat(),
    }


def _read_rule(value: Mapping[str, Json]) -> SignatureRule:
    return SignatureRule(
        kind=_string(value["kind"]),
        programme=_optional(value["programme"], _string),
        needed=_whole(value["needed"]),
        roles=tuple(_role(role) for role in _list(value["roles"])),
        partners=tuple(_string(did) for did in _list(value["partners"])),
        form=cast(Form, _one_of(value["form"], get_args(Form))),
        valid_from=_day(value["valid_from"]),
        valid_until=_optional(value["valid_until"], _day),
    )


def _role(value: Json) -> Role:
    return cast(Role, _one_of(value, get_args(Role)))


def write_entry(
    entry: Entry, history: Sequence[Change], parent_history: Sequence[Change] | None, successor: str | None
) -> dict[str, Json]:
    """The answer of `/api/entries/{code}`: nothing of the holder is in it."""
    return {
        "code": entry.code,
        "number": entry.number,
        "kind": entry.kind,
        "issuer": entry.issuer,
        "digest": entry.digest,
        "registered_at": utc(entry.registered_at),
        "slots": [{"list": slot.list_url, "index": slot.index, "purpose": slot.purpose} for slot in entry.slots],
        "parent": entry.parent,
        "withheld": entry.withheld,
        "history": _write_changes(history),
        "parent_history": None if parent_history is None else _write_changes(parent_history),
        "successor": successor,
    }


def read_entry(value: Mapping[str, Json]) -> Entry:
    """The other way round: the entry."""
    return Entry(
        **{name: _string(value[name]) for name in ("code", "number", "kind", "issuer", "digest")},
        registered_at=_instant(value["registered_at"]),
        slots=tuple(
            Slot(_string(slot["list"]), _whole(slot["index"]), _string(slot["purpose"]))
            for slot in _list(value["slots"])
        ),
        parent=_optional(value["parent"], _string),
        withheld=_boolean(value["withheld"]),
    )


def read_history(value: Mapping[str, Json]) -> tuple[Change, ...]:
    """The other way round: the changes of state, in the order in which they were recorded."""
    return _read_changes(value["history"])


def read_parent_history(value: Mapping[str, Json]) -> tuple[Change, ...] | None:
    """The other way round: those of the document that it supplements."""
    return _optional(value["parent_history"], _read_changes)


def read_successor(value: Mapping[str, Json]) -> str | None:
    """The other way round: the public code of the document that took its place."""
    return _optional(value["successor"], _string)


def _write_changes(history: Sequence[Change]) -> list[Json]:
    return [_write_change(change) for change in history]


def _read_changes(value: Json) -> tuple[Change, ...]:
    return tuple(_read_change(change) for change in _list(value))


def _write_change(change: Change) -> dict[str, Json]:
    return {
        "act": change.act,
        "reason": change.reason,
        "authority": change.authority,
        "basis": change.basis,
        "effective_on": change.effective_on.isoformat(),
        "recorded_at": utc(change.recorded_at),
        "successor": change.successor,
        "decided_on": change.decided_on and change.decided_on.isoformat(),
        "from_beginning": change.from_beginning,
    }


def _read_change(value: Mapping[str, Json]) -> Change:
    return Change(
        act=cast(Act, _one_of(value["act"], get_args(Act))),
        reason=cast(Reason, _one_of(value["reason"], REASONS)),
        authority=_string(value["authority"]),
        basis=_string(value["basis"]),
        effective_on=_day(value["effective_on"]),
        recorded_at=_instant(value["recorded_at"]),
        successor=_optional(value["successor"], _string),
        decided_on=_optional(value["decided_on"], _day),
        from_beginning=_boolean(value["from_beginning"]),
    )


def _string(value: Json) -> str:
    return str(_one(value, str))


def _boolean(value: Json) -> bool:
    return bool(_one(value, bool))


def _list(value: Json) -> list[Json]:
    return list(_one(value, list))


def _whole(value: Json) -> int:
    if isinstance(value, bool):
        raise TypeError("a whole number is expected")
    return int(_one(value, int))


def _text(value: Json) -> Text:
    return Text(**{str(language): _string(words) for language, words in _one(value, dict).items()})


def _day(value: Json) -> date:
    return date.fromisoformat(_string(value))


def _instant(value: Json) -> datetime:
    return read_instant(_string(value))


def _one(value: Json, kind: type) -> Json:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} is expected")
    return value


def _one_of(value: Json, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise ValueError(f"{value!r} is not one of {', '.join(allowed)}")
    return str(value)


def _optional(value: Json, reading: Callable[[Json], T]) -> T | None:
    return None if value is None else reading(value)
