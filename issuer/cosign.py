"""Responsible persons sign too, between stations 5 and 6 of docs/journey.md: a document that the institution has signed
waits until as many of them have signed as the register asks for, and is published then.

Each co-signature goes through stations 4 and 5 itself: an audit row first, durable; then the signature over the
recorded bytes; compared before it is kept. The last that is needed is kept together with the final document and its
errand, in one transaction, so a crash leaves a document that waits or one that is signed, and nothing between.

What has been kept counts by what the register says of its key when the document is looked at again. What counts no
more stays in the record, goes into no document, and is to be made anew; once it is seen, the audit says why.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import NoReturn

from issuer.entitled import check_entitled
from issuer.intents import Intent
from issuer.lint import reread
from issuer.office import Office
from issuer.store import Writing
from keys.proof import add_proof, check, proof_options, proofs_of
from keys.public import PublicKey
from keys.signer import Signer, WrongPassphrase
from registry.cosigners import (
    CLOCK_SKEW,
    Cosigner,
    Partners,
    cosigner,
    everybody,
    is_awaited,
    lacking,
    mistimed,
    named_partners,
    unmet,
)
from registry.issuers import Institution, SignatureRule
from schemas.canonical import Recorded
from schemas.credential import written
from schemas.errors import Refused
from schemas.kinds.document import read_proof
from schemas.kinds.table import kind_named
from schemas.languages import Text, say
from schemas.numbers import read_number
from schemas.reading import Json, read_object, shown
from schemas.statuslist import read_instant


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A kept signature that counts no more."""

    proof: Mapping[str, Json]
    who: Cosigner | None
    words: Text
    """Whose it is."""
    because: Text

    @property
    def created(self) -> datetime:
        return read_instant(self.proof["created"])

    def told(self, number: str) -> Text:
        """That, why, and who has to sign."""
        return say("cosign.lapsed", number=number, who=self.words, created=self.created, because=self.because)


@dataclass(frozen=True)
class Waiting:
    """A document that its institution has signed and others have to sign too."""

    intent: Intent
    institution: Institution
    partners: Partners
    rules: tuple[SignatureRule, ...]
    kept: tuple[dict[str, Json], ...]
    """All that the record has: the institution's, then those beside it."""
    read_at: datetime = field(compare=False)
    """When the register was read: what it says of a key may have changed since."""

    @cached_property
    def lapsed(self) -> tuple[Lapsed, ...]:
        """Those beside the institution's that count no more."""
        return tuple(found for each in self.kept[1:] if (found := self._lapsed(each)))

    def _lapsed(self, proof: dict[str, Json]) -> Lapsed | None:
        """By the register: a key that was out of use when it signed, or is in other hands before the document is
        published (docs/decisions/0022)."""
        method, signed = str(proof["verificationMethod"]), read_instant(proof["created"])
        who = self.whose(method)
        if who is None:
            nobody = say("cosign.not_named", method=shown(method, 120))
            return Lapsed(proof, None, say("verify.signature.unnamed"), nobody)
        stolen = who.key.was_stolen(self.read_at)
        lost = say("cosign.key_lost", instant=who.key.compromised_from) if stolen else None
        because = lost or mistimed(who, signed, self.signed_at)
        return Lapsed(proof, who, who.words, because) if because else None

    @property
    def own_lapsed(self) -> Text | None:
        """Why the institution's own signature would not count if the document were published now."""
        key = self.institution.key(str(self.kept[0]["verificationMethod"]))
        if key is None or not key.good_at(self.signed_at):
            return say("verify.key_time.failed", instant=self.signed_at)
        return say("cosign.key_lost", instant=key.compromised_from) if key.was_stolen(self.read_at) else None

    @cached_property
    def proofs(self) -> tuple[dict[str, Json], ...]:
        """The institution's, then those that count."""
        gone = [each.proof for each in self.lapsed]
        return tuple(proof for proof in self.kept if proof not in gone)

    @cached_property
    def signers(self) -> tuple[Cosigner, ...]:
        """Who has signed beside the institution."""
        return tuple(who for proof in self.proofs[1:] if (who := self.whose(str(proof["verificationMethod"]))))

    def whose(self, method: str) -> Cosigner | None:
        """Who may sign with that key beside the institution, as the register says."""
        return cosigner(method, self.institution, self.partners)

    @property
    def lacking(self) -> tuple[Text, ...]:
        """What each rule asks for that is not met; nothing: it waits no more."""
        return tuple(lacking(rule, self.signers) for rule in unmet(self.rules, self.signers))

    @property
    def document(self) -> dict[str, Json]:
        """As it is signed so far."""
        proof: Json = list(self.proofs) if len(self.proofs) > 1 else self.proofs[0]
        return {**json.loads(self.intent.document), "proof": proof}

    @property
    def signed_at(self) -> datetime:
        """The time of the institution's proof."""
        return read_instant(self.kept[0]["created"])

    @property
    def follows(self) -> Json:
        """In a chain the id of the institution's proof, which every co-signature names."""
        return self.kept[0].get("id")

    def options(self, who: Cosigner, now: datetime) -> dict[str, Json]:
        """The proof options of a co-signature."""
        return proof_options(who.method, now) | ({"previousProof": self.follows} if self.follows else {})


@dataclass(frozen=True, slots=True)
class Cosigned:
    """One co-signature that has been kept."""

    number: str
    who: Text
    lacking: tuple[Text, ...]
    """What the document still waits for; nothing: it is signed, and its errand waits to be delivered."""
    lapsed: tuple[Text, ...] = ()
    """Of what was signed before and counts no more, while the document waits: why, and who has to sign."""


def asked(institution: Institution, kind: str, document: bytes, created: datetime) -> tuple[SignatureRule, ...]:
    """Whose signatures a document needs that the institution signs at `created`."""
    if not institution.rules:
        return ()
    return institution.rules_for(kind, kind_named(kind).programme_code(json.loads(document)), created)


def keep(writing: Writing, intent: Intent, institution: Institution, signed: bytes, at: datetime) -> None:
    """Station 5, kept: the final document or, where others have to sign, the institution's proof."""
    if not _rules(institution, intent):
        writing.record_final(intent.code, signed, at)
    elif not writing.proofs(intent.code):  # else another process was first: with the same proof
        writing.record_proof(intent.code, json.loads(signed)["proof"], at)


def _rules(institution: Institution, intent: Intent) -> tuple[SignatureRule, ...]:
    return asked(institution, intent.kind, intent.document, read_instant(intent.options["created"]))


def waiting(office: Office) -> list[Waiting]:
    """Every document that waits, in the order of preparing."""
    every = office.store.waiting()
    known = {slug: office.institution(slug) for slug in {intent.institution for intent in every}}
    return [_waiting(office, known[each.institution], each, office.store.proofs(each.code)) for each in every]


def waiting_numbered(office: Office, number: str) -> Waiting:
    """The waiting document with that number; raises `Refused` where there is none, or where it waits no more."""
    intent = office.store.intent_numbered(read_number(number))
    proofs = office.store.proofs(intent.code) if intent else ()
    if intent is None or intent.state == "void" or (intent.state == "intended" and not proofs):
        raise Refused.saying("office.no_document", number=number)
    if intent.state == "final":
        raise Refused.saying("cosign.published", number=intent.number)
    return _waiting(office, office.institution(intent.institution), intent, proofs)


def _waiting(office: Office, institution: Institution, intent: Intent, kept: tuple[dict[str, Json], ...]) -> Waiting:
    rules = _rules(institution, intent)
    partners = {did: row for did in named_partners(rules) if (row := office.registry.institution(did))}
    return Waiting(intent, institution, partners, rules, kept, office.now())


def _to_sign(office: Office, number: str) -> Waiting:
    """The waiting document with that number, which somebody may sign; raises `Refused` also where its institution's
    own signature counts no more."""
    found = waiting_numbered(office, number)
    _check_own(office, found)
    return found


def _check_own(office: Office, found: Waiting) -> None:
    """The institution's own signature counts still, and so does its right to issue."""
    if because := found.own_lapsed:
        raise Refused.saying("cosign.own_lapsed", number=found.intent.number, because=because)
    check_entitled(office, found.institution, found.intent)


def note_lapsed(office: Office) -> None:
    """Writes down of every signature that counts no more why that is, once."""
    for found in (each for each in waiting(office) if each.lapsed):
        with office.store.writing() as writing:
            _note_lapsed(office, writing, found)


def cosign(office: Office, number: str, name: str) -> Cosigned:
    """Signs with a key of this home, as the person, role or partner institution of that name.

    Raises `Refused`: nobody of that name may sign now, no rule waits for them; the document does not wait.
    """
    found = _to_sign(office, number)
    who = named(found, name, office.now())
    signer, options = _signer(office, number, who), found.options(who, office.now())
    with office.store.writing() as writing:
        _note(office, writing, "cosign", found, who, options)
    canonical = Recorded(bytes.fromhex(found.intent.canonical_sha256))
    signed = add_proof(found.document, options, signer, canonical)
    return _keep(office, found, who, signed["proof"][-1])


def _signer(office: Office, number: str, who: Cosigner) -> Signer:
    """The signer of somebody whose key is in this home."""
    try:
        return office.ring.signer(who.key.multibase)
    except WrongPassphrase:
        raise
    except Refused:
        raise Refused.saying("cosign.key_elsewhere", number=number, who=who.words, name=who.called) from None


def request(office: Office, number: str, name: str) -> dict[str, Json]:
    """For a person who keeps the key: the document to be signed, with the proofs that the signature follows, and the
    proof without its value."""
    found = _to_sign(office, number)
    options = found.options(named(found, name, office.now()), office.now())
    unsigned = json.loads(found.intent.document)
    return {"document": unsigned | ({"proof": found.proofs[0]} if found.follows else {}), "proof": options}


def accept(office: Office, number: str, handed_in: bytes) -> Cosigned:
    """Takes a finished co-signature: the proof, or the document with it. Raises `Refused` where it is not what was
    asked for: another document, another form, a key of nobody, a wrong time, or a signature that does not hold."""
    found = _to_sign(office, number)
    proof = _proof_in(found, read_object(handed_in))
    stated = read_proof(proof)
    if stated.id or stated.previous_proof != found.follows:
        raise Refused.saying("cosign.other_form", form=say(f"cosign.form.{'chain' if found.follows else 'set'}"))
    who = found.whose(stated.verification_method)
    if who is None:
        raise Refused.saying("cosign.not_named", method=shown(stated.verification_method, 120))
    lost = who.key.compromised_from
    if lost is not None and lost <= office.now():  # a thief dates back; what was signed in time is signed again
        raise Refused.saying("cosign.no_key", name=who.called, day=office.now())
    return _keep(office, found, who, proof, noted="cosign_received")


def _proof_in(found: Waiting, handed_in: dict[str, Json]) -> dict[str, Json]:
    """The new proof in what a person's own tool gives back."""
    if "proof" not in handed_in:
        return handed_in
    if {name: member for name, member in handed_in.items() if name != "proof"} != json.loads(found.intent.document):
        raise Refused.saying("cosign.other_document", number=found.intent.number)
    new = [dict(proof) for proof in proofs_of(handed_in) if proof not in found.kept]
    if len(new) != 1:
        raise Refused.saying("cosign.one_proof", number=found.intent.number)
    return new[0]


def _keep(office: Office, found: Waiting, who: Cosigner, proof: dict[str, Json], noted: str | None = None) -> Cosigned:
    """Compares, and keeps the co-signature; with the last that is needed the document is final."""
    signed = read_instant(proof["created"])
    if signed > office.now() + CLOCK_SKEW:
        raise Refused.saying("verify.dates.signed_later", instant=signed)
    if wrong := mistimed(who, signed, found.signed_at):
        raise Refused(wrong)
    _compare(found, who, proof)
    code, number = found.intent.code, found.intent.number
    with office.store.writing() as writing:
        if not writing.is_open(code):
            raise Refused.saying("cosign.published", number=number)
        institution = office.institution(found.intent.institution)
        found = _waiting(office, institution, found.intent, writing.proofs(code))  # others may have signed meanwhile
        _check_own(office, found)
        _note_lapsed(office, writing, found)
        if not is_awaited(found.rules, who, found.signers):
            raise _not_awaited(found, who)
        if noted:
            _note(office, writing, noted, found, who, proof)
        writing.record_proof(code, proof, office.now())
        found = replace(found, kept=writing.proofs(code))
        if not found.lacking:
            writing.record_final(code, written(found.document), office.now())
    told = tuple(each.told(number) for each in found.lapsed) if found.lacking else ()
    return Cosigned(number, who.words, found.lacking, told)


def _compare(found: Waiting, who: Cosigner, proof: dict[str, Json]) -> None:
    """As in station 5: the recorded bytes, read by the other reader of JSON-LD, are what was signed."""
    digest = reread(found.intent.document)
    document = read_object(written({**found.document, "proof": [*found.proofs, proof]}))
    key, canonical = PublicKey.from_multibase(who.key.multibase), Recorded(bytes.fromhex(digest))
    if digest != found.intent.canonical_sha256 or not check(document, document["proof"][-1], key, canonical):
        raise Refused.saying("cosign.does_not_hold", number=found.intent.number, who=who.words)


def _note(
    office: Office, writing: Writing, act: str, found: Waiting, who: Cosigner, options: Mapping[str, Json]
) -> None:
    """The audit row of a co-signature."""
    stated = {"method": who.method, "created": str(options["created"]), "bytes": found.intent.canonical_sha256}
    writing.audit(office.now(), office.operator, act, found.intent.number, who=who.who, role=who.role, **stated)


def _note_lapsed(office: Office, writing: Writing, found: Waiting) -> None:
    """The audit row of each signature that counts no more; one each."""
    number = found.intent.number
    for each in found.lapsed:
        stated = {"method": str(each.proof["verificationMethod"]), "created": str(each.proof["created"])}
        if not writing.is_audited("cosign_lapsed", number, **stated):
            whose = {"who": each.who.who, "role": each.who.role} if each.who else {}
            because = each.because.en
            writing.audit(office.now(), office.operator, "cosign_lapsed", number, **whose, **stated, because=because)


def named(found: Waiting, name: str, now: datetime) -> Cosigner:
    """Who is meant by a short name or a role; raises `Refused` where that is nobody, or more than one."""
    awaited = _awaited(found, name, now)
    if len({who.who for who in awaited}) > 1:
        raise Refused.saying("cosign.several", name=name, people=", ".join(sorted(who.called for who in awaited)))
    return awaited[-1] if awaited else _refuse(found, name, now)


def waits_for(found: Waiting, name: str, now: datetime) -> bool:
    """Does the document wait for somebody who is called so, and can it be published?"""
    return found.own_lapsed is None and bool(_awaited(found, name, now))


def _awaited(found: Waiting, name: str, now: datetime) -> list[Cosigner]:
    good = [who for who in _called(found, name) if who.key.good_at(now)]
    return [who for who in good if is_awaited(found.rules, who, found.signers)]


def _called(found: Waiting, name: str) -> list[Cosigner]:
    return [who for who in everybody(found.institution, found.partners) if name in (who.called, who.who, who.role)]


def _refuse(found: Waiting, name: str, now: datetime) -> NoReturn:
    """Says why nobody of that name may sign."""
    if not (meant := _called(found, name)):
        people = sorted({who.called for who in everybody(found.institution, found.partners)})
        raise Refused.saying("cosign.nobody", name=name, people=", ".join(people) or "–")
    if not (good := [who for who in meant if who.key.good_at(now)]):
        raise Refused.saying("cosign.no_key", name=name, day=now)
    raise _not_awaited(found, good[-1])


def _not_awaited(found: Waiting, who: Cosigner) -> Refused:
    if any(who.who == each.who for each in found.signers):
        return Refused.saying("cosign.twice")
    return Refused.saying("cosign.no_seat", number=found.intent.number, who=who.words)


def withdraw(office: Office, number: str, reason: str) -> None:
    """Ends a document that waits: its number stays taken, with the reason, and its case can be issued anew."""
    if not reason.strip():
        raise Refused.saying("office.missing_text", field="withdraw")
    found = waiting_numbered(office, number)
    with office.store.writing() as writing:
        if not writing.is_open(found.intent.code):
            raise Refused.saying("cosign.published", number=found.intent.number)
        writing.void(found.intent, office.now(), reason.strip(), office.operator)
