"""Institutions in SQL: rows, keys, rights, and who signs beside them. The tables are in `registry.ledger`.

Of keys, persons and rules an end (`retired_at`, `compromised_from`, `valid_until`) is set; a right gets a new version.
Nothing else of an institution is changed, and nothing is removed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from keys.did import method_id
from registry.issuers import AccreditationBody, Institution, IssuerKey, ResponsiblePerson, SignatureRule, SignedRight
from registry.ledger import (
    accreditation_bodies,
    federation,
    institutions,
    issuer_keys,
    responsible_persons,
    revisions,
    rights,
    signature_rules,
    writing,
)
from registry.trust import Roots, judged
from schemas.credential import sha256_hex
from schemas.errors import Refused
from schemas.kinds.table import ACCREDITATION
from schemas.languages import LANGUAGES, Text
from schemas.rights import Right


@dataclass(frozen=True, slots=True)
class Said:
    """What the register says to verifiers elsewhere: a list, or a signed statement about the subject `name`."""

    name: str
    content: bytes
    digest: str
    """Of what is stated, without its times."""
    signer: str
    valid_until: datetime


@dataclass
class _Kept:
    """The institutions that were asked for, as they were read at one revision of the roll."""

    state: tuple[int, dict[tuple[int, str], Institution]] = (0, {})

    def at(self, revision: int) -> dict[tuple[int, str], Institution]:
        """Those of `revision`, by query and name; none yet where it is another than before."""
        if self.state[0] != revision:
            self.state = (revision, {})
        return self.state[1]


@dataclass(frozen=True)
class Roll:
    """The institutions of a register, each with the accreditations that lead up to `roots`."""

    engine: Engine
    roots: Roots = frozenset()
    _kept: _Kept = field(default_factory=_Kept, init=False, repr=False, compare=False)

    def institution(self, did: str) -> Institution | None:
        """By any of its DIDs."""
        return self._institution(_BY_DID, did) or self._institution(_BY_KEY, _method_of(did))

    def institution_called(self, slug: str) -> Institution | None:
        """By its slug."""
        return self._institution(_BY_SLUG, slug)

    def _institution(self, query: sa.Select[Any], name: str) -> Institution | None:
        """Read once for each revision, since every verification asks."""
        with self.engine.connect() as connection:
            kept = self._kept.at(connection.execute(_REVISION).scalar() or 0)
            if (id(query), name) in kept:
                return kept[id(query), name]
            row = connection.execute(query, {"of": name}).mappings().first()
            if row is None:
                return None
            its = [connection.execute(each, {"of": row["did"]}).mappings().all() for each in _PARTS]
        found = kept[id(query), name] = judged(_read_institution(row, *its), self.roots)
        return found

    def institutions(self) -> Sequence[Institution]:
        """All, by slug."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(institutions).order_by(institutions.c.slug)).mappings().all()
            entered, *own = [_grouped(connection, query) for query in _EVERYBODYS]
        found = [
            _read_institution(row, _leading_up(entered, row["did"]), *(part[row["did"]] for part in own))
            for row in rows
        ]
        return [judged(institution, self.roots) for institution in found]

    def bodies(self) -> Sequence[AccreditationBody]:
        """The bodies that accredit, as this register knows them, by slug."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(accreditation_bodies).order_by(accreditation_bodies.c.slug)).mappings()
            return [
                AccreditationBody(row["slug"], row["did"], _text(row, "name"), row["bin"], row["test"]) for row in rows
            ]

    def rights_of(self, holder: str) -> tuple[SignedRight, ...]:
        """What was given to an institution or body, in the order of entering, and what lets the givers give it."""
        with self.engine.connect() as connection:
            return _signed(connection.execute(_RIGHTS, {"of": holder}).mappings())

    def said(self) -> Sequence[Said]:
        """All that the register says to verifiers elsewhere."""
        with self.engine.connect() as connection:
            return [Said(**row) for row in connection.execute(sa.select(federation)).mappings()]

    def said_of(self, name: str) -> bytes | None:
        """The list, or the statement about that subject."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(federation.c.content).where(federation.c.name == name)).scalar()

    # What is entered

    def say(self, fresh: Iterable[Said], gone: Iterable[str]) -> None:
        """In the place of what was said before; of the subjects `gone` nothing is said any more."""
        rows = [{name: getattr(each, name) for name in Said.__slots__} for each in fresh]
        names = [*gone, *(row["name"] for row in rows)]
        with writing(self.engine) as connection:
            connection.execute(sa.delete(federation).where(federation.c.name.in_(names)))
            connection.execute(federation.insert(), rows)

    @contextmanager
    def _entering(self) -> Iterator[Connection]:
        """A transaction that makes the next revision, so that nobody goes by what was read before."""
        with writing(self.engine) as connection:
            yield connection
            connection.execute(revisions.insert())

    def add_institution(self, institution: Institution) -> None:
        """A new issuer with its keys; once it is there, nothing is changed."""
        with self._entering() as connection:
            if connection.execute(sa.select(institutions.c.did).where(institutions.c.slug == institution.slug)).first():
                return
            connection.execute(institutions.insert(), _institution_row(institution))
            for key in institution.keys:
                connection.execute(issuer_keys.insert(), _key_row(institution.did, key))

    def change_keys(self, did: str, new: Iterable[IssuerKey], ended: Iterable[IssuerKey]) -> None:
        """Enters new keys of an institution, and sets the ends of others, in one transaction."""
        with self._entering() as connection:
            for key in ended:
                ends = {name: getattr(key, name) for name in ("retired_at", "compromised_from")}
                connection.execute(sa.update(issuer_keys).where(issuer_keys.c.id == key.id).values(**ends))
            for key in new:
                connection.execute(issuer_keys.insert(), _key_row(did, key))

    def add_body(self, body: AccreditationBody) -> None:
        """A new body; one that is there stays as it is."""
        plain = {name: getattr(body, name) for name in ("slug", "did", "bin", "test")}
        with self._entering() as connection:
            there = sa.select(accreditation_bodies.c.did).where(accreditation_bodies.c.slug == body.slug)
            if connection.execute(there).first() is None:
                connection.execute(accreditation_bodies.insert(), plain | _columns("name", body.name))

    def enter_right(self, right: Right, document: bytes, holder: str, at: datetime) -> None:
        """A right that was given to `holder`. Again changes nothing; other bytes under the same number and version
        are refused."""
        digest, version = sha256_hex(document), (right.giver.did, right.terms.number, right.version)
        same = [column == value for column, value in zip(_VERSION, version, strict=True)]
        row = {"kind": right.terms.kind.name, "digest": digest, "document": document, "entered_at": at}
        named = {column.name: value for column, value in zip(_VERSION, version, strict=True)}
        with self._entering() as connection:
            there = connection.execute(sa.select(rights.c.digest).where(rights.c.kind == row["kind"], *same)).scalar()
            if there is None:
                connection.execute(rights.insert(), row | named | {"holder": holder})
            elif there != digest:
                raise Refused.saying("rights.version_taken", number=right.terms.number, version=right.version)

    def add_cosigners(self, did: str, people: Iterable[ResponsiblePerson], rules: Iterable[SignatureRule]) -> None:
        """Enters persons and rules of an institution; of those that are there, sets the ends that they have now."""
        with self._entering() as connection:
            for person in people:
                _enter(connection, responsible_persons, _person_row(did, person), _PERSON_ENDS)
            for rule in rules:
                _enter(connection, signature_rules, _rule_row(did, rule), _RULE_ENDS)


def _method_of(did: str) -> str:
    """The only verification method of a did:key."""
    return method_id(did, did.removeprefix("did:key:"))


_VERSION = (rights.c.giver, rights.c.number, rights.c.version)

# What every verification asks, built once: that costs more than SQLite's answer. `of` is what is asked about.
_REVISION = sa.select(sa.func.max(revisions.c.revision))
_OF: sa.BindParameter[str] = sa.bindparam("of")
_BY_DID, _BY_SLUG = (sa.select(institutions).where(c == _OF) for c in institutions.c["did", "slug"])
_BY_KEY = (
    sa.select(institutions).join(issuer_keys, issuer_keys.c.did == institutions.c.did).where(issuer_keys.c.id == _OF)
)
_OWN = (
    sa.select(issuer_keys).order_by(issuer_keys.c.valid_from),
    sa.select(responsible_persons).order_by(*responsible_persons.c["valid_from", "person", "role"]),
    sa.select(signature_rules).order_by(signature_rules.c.id),
)


def _upward() -> sa.Select[Any]:
    """The rights of a holder, of those who accredited it, and so on."""
    chain = sa.select(_OF.label("did")).cte("chain", recursive=True)
    given = rights.alias()
    above = sa.select(given.c.giver).join(chain, given.c.holder == chain.c.did)
    chain = chain.union(above.where(given.c.kind == ACCREDITATION.name))
    found = sa.select(rights.c.document, rights.c.entered_at).join(chain, rights.c.holder == chain.c.did)
    return found.order_by(rights.c.id)


_RIGHTS = _upward()
_PARTS = (_RIGHTS, *(query.where(query.selected_columns.did == _OF) for query in _OWN))
_EVERYBODYS = (sa.select(rights, rights.c.holder.label("did")).order_by(rights.c.id), *_OWN)
_Rows = Sequence[sa.RowMapping]


def _grouped(connection: Connection, query: sa.Select[Any]) -> Mapping[str, _Rows]:
    """The rows of everybody, by whose they are."""
    found: dict[str, list[sa.RowMapping]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[row["did"]].append(row)
    return found


def _leading_up(given: Mapping[str, _Rows], did: str) -> _Rows:
    """What `_RIGHTS` finds, of rows that have been read already."""
    seen, left = set(), {did}
    while left:
        seen |= left
        rows = (row for holder in left for row in given[holder] if row["kind"] == ACCREDITATION.name)
        left = {row["giver"] for row in rows} - seen
    return sorted((row for holder in seen for row in given[holder]), key=lambda row: int(row["id"]))


def _text(row: sa.RowMapping, name: str) -> Text:
    return Text(row[f"{name}_kk"], row[f"{name}_ru"], row[f"{name}_en"])


def _columns(name: str, text: Text | None) -> dict[str, str | None]:
    return {f"{name}_{language}": text[language] if text else None for language in LANGUAGES}


_PLAIN = ("slug", "did", "letters", "organisation", "bin", "country", "test", "homepage")


def _read_institution(row: sa.RowMapping, signed: _Rows, keys: _Rows, persons: _Rows, rules: _Rows) -> Institution:
    return Institution(
        **{name: row[name] for name in _PLAIN},
        name=_text(row, "name"),
        city=_text(row, "city"),
        address=_text(row, "address") if row["address_kk"] else None,
        accreditations=(),
        keys=tuple(_read_key(key) for key in keys),
        persons=tuple(_read_person(p) for p in persons),
        rules=tuple(_read_rule(rule) for rule in rules),
        rights=_signed(signed),
    )


def _signed(rows: Iterable[sa.RowMapping]) -> tuple[SignedRight, ...]:
    return tuple(SignedRight(row["document"], row["entered_at"]) for row in rows)


def _institution_row(institution: Institution) -> dict[str, Any]:
    texts = {"name": institution.name, "city": institution.city, "address": institution.address}
    plain = {name: getattr(institution, name) for name in _PLAIN}
    return plain | {column: words for name in texts for column, words in _columns(name, texts[name]).items()}


def _read_key(row: sa.RowMapping) -> IssuerKey:
    times = (row["valid_from"], row["retired_at"], row["compromised_from"])
    return IssuerKey(row["id"], row["multibase"], tuple(row["purposes"]), *times)


def _key_row(did: str, key: IssuerKey) -> dict[str, Any]:
    names = ("id", "multibase", "valid_from", "retired_at", "compromised_from")
    return {"did": did, "purposes": list(key.purposes)} | {name: getattr(key, name) for name in names}


_PERSON = ("person", "name", "role", "multibase", "valid_from", "retired_at", "compromised_from")
_PERSON_ENDS = ("retired_at", "compromised_from")
_RULE = ("kind", "programme", "needed", "form", "valid_from", "valid_until")
_RULE_ENDS = ("valid_until",)


def _enter(connection: Connection, table: sa.Table, row: dict[str, Any], ends: Sequence[str]) -> None:
    """A row that is there already is known by all but its ends; these are set where they are new."""
    of_it = connection.execute(sa.select(table).where(table.c.did == row["did"])).mappings()
    same = [name for name in row if name not in ends]
    there = next((each for each in of_it if all(each[name] == row[name] for name in same)), None)
    if there is None:
        connection.execute(table.insert(), row)
    elif new := {name: row[name] for name in ends if there[name] is None and row[name] is not None}:
        (key,) = table.primary_key
        connection.execute(sa.update(table).where(key == there[key.name]).values(**new))


def _read_person(row: sa.RowMapping) -> ResponsiblePerson:
    return ResponsiblePerson(**{name: row[name] for name in _PERSON}, position=_text(row, "position"))


def _person_row(did: str, person: ResponsiblePerson) -> dict[str, Any]:
    plain = {name: getattr(person, name) for name in _PERSON}
    return {"did": did} | plain | _columns("position", person.position)


def _read_rule(row: sa.RowMapping) -> SignatureRule:
    plain = {name: row[name] for name in _RULE}
    return SignatureRule(**plain, roles=tuple(row["roles"]), partners=tuple(row["partners"]))


def _rule_row(did: str, rule: SignatureRule) -> dict[str, Any]:
    seats = {"roles": list(rule.roles), "partners": list(rule.partners)}
    return {"did": did} | {name: getattr(rule, name) for name in _RULE} | seats
