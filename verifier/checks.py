"""Steps 3–9 of a verification under policy `product`: (document, evidence, now) → Check, without I/O.

The numbers are those of docs/journey.md, "Nine questions". A step that cannot be decided is *unknown*, never *passed*.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from keys.proof import check as proof_holds
from keys.proof import proofs_of
from keys.public import PublicKey
from registry.entitlement import Behalf, Entitlement, Lacking, Wanted, entitlement
from registry.issuers import Institution, IssuerKey
from registry.statuses import Change, bits, changes_at, state_at
from schemas.credential import Credential, start_of
from schemas.errors import Refused, Unavailable
from schemas.languages import KAZAKHSTAN, Text, joined, say
from schemas.reading import shown
from schemas.statuslist import bit_at, read_instant
from verifier.evidence import NOTHING_ASKED, Answer, SignedList, Standing, read_list
from verifier.moment import CLOCK_SKEW, Moment
from verifier.report import Check, Outcome, Unasked, Verdict

NAMES = {
    1: "readable",
    2: "shape",
    3: "issuer",
    4: "key",
    5: "key_time",
    6: "proof",
    7: "dates",
    8: "status",
    9: "register",
}


def said(n: int, outcome: Outcome, because: Text, verdict: Verdict | None = None) -> Check:
    """The check of step `n`."""
    return Check(n, NAMES[n], outcome, because, verdict)


def unanswered(n: int, because: Text, *sources: Unasked) -> Check:
    """The check of a step that needed what these sources would have said."""
    return replace(said(n, "unknown", because), unasked=sources)


def no_document(silence: Unavailable) -> Check:
    """9, where the document itself was to come from the register."""
    return _register_silent(9, say("verify.source.entry"), silence)


def _register_silent(n: int, what: Text, silence: Unavailable) -> Check:
    because = say("verify.register.unreachable", source=silence.because)
    return unanswered(n, because, Unasked(what, silence.because))


def not_looked_at(*steps: int) -> list[Check]:
    """The steps that did not run, since what they need is not there."""
    return [said(n, "unknown", say("verify.register.not_looked_up")) for n in steps]


def issuer(
    credential: Credential,
    answer: Answer[Institution],
    mandator: Answer[Institution] = NOTHING_ASKED,
    registered: datetime | None = None,
) -> Check:
    """3: the issuer is published, and was accredited for this kind on the day of signing, and when the register took
    the document: what it signs later under an earlier date gains nothing. Or whoever it names in its stead was, and had
    given it a mandate."""
    if answer.silence:
        return _register_silent(3, about_issuer(credential.issuer_id), answer.silence)
    if answer.value is None:
        return said(3, "failed", say("verify.issuer.unknown", id=shown(credential.issuer_id, 120)), "unknown_issuer")
    if (named := credential.on_behalf_of) and mandator.value is None:
        if mandator.silence:
            return _register_silent(3, about_issuer(named[0]), mandator.silence)
        return said(3, "failed", say("mandate.unknown", id=shown(named[0], 120)), "not_accredited")
    signed = read_instant(credential.proof.created)
    then = entitled_at(credential, answer.value, mandator.value, signed)
    if isinstance(then, Lacking):
        return _not_entitled(say("verify.issuer.not_accredited", name=answer.value.name, day=_civil(signed)), then)
    later = entitled_at(credential, answer.value, mandator.value, registered) if registered else then
    if isinstance(later, Lacking) and registered:
        days = {"day": _civil(signed), "later": _civil(registered)}
        return _not_entitled(say("verify.issuer.registered_later", name=answer.value.name, **days), later)
    return said(3, "passed", _entitled(answer.value, then))


def entitled_at(
    credential: Credential, institution: Institution, mandator: Institution | None, instant: datetime
) -> Entitlement | Lacking:
    """By what right the document could be issued at `instant`."""
    named = credential.on_behalf_of
    behalf = Behalf(mandator, named[1]) if named and mandator else None
    wanted = Wanted(credential.kind.name, credential.profession_code)
    return entitlement(institution, behalf, wanted, instant)


def _not_entitled(because: Text, lacking: Lacking) -> Check:
    """With what more there is to say; unknown where no root was named."""
    if not lacking.is_settled and lacking.because:
        return said(3, "unknown", lacking.because)
    return said(3, "failed", joined(because, lacking.because) if lacking.because else because, "not_accredited")


def _entitled(institution: Institution, by: Entitlement) -> Text:
    told = {"body": by.accreditation.body, "number": shown(by.accreditation.number, 60), "name": institution.name}
    if by.behalf is None:
        return say("verify.issuer.passed", **told)
    return say("mandate.passed", mandator=by.behalf.mandator.name, mandate=shown(by.behalf.number or "", 60), **told)


def _civil(instant: datetime) -> date:
    return instant.astimezone(KAZAKHSTAN).date()


def key(credential: Credential, answer: Answer[Institution]) -> Check:
    """4: the key belongs to that issuer, for this purpose."""
    if answer.silence:
        return _register_silent(4, about_issuer(credential.issuer_id), answer.silence)
    if answer.value is None:
        return said(4, "unknown", say("verify.key.not_published"))
    method = credential.proof.verification_method
    found = answer.value.key(method)
    if found is None or method.partition("#")[0] != credential.issuer_id:
        return said(4, "failed", say("verify.key.foreign"), "tampered")
    if "documents" not in found.purposes:
        return said(4, "failed", say("verify.key.wrong_purpose"), "tampered")
    return said(4, "passed", say("verify.key.passed"))


def key_time(
    credential: Credential, found: IssuerKey | None, registered: datetime | None = None, successor: str | None = None
) -> Check:
    """5: the key was good at the time of the proof; and in nobody else's hands before the register had the document,
    for whoever has stolen a key dates its signatures as they like."""
    if found is None:
        return said(5, "unknown", say("verify.proof.not_checked"))
    signed = read_instant(credential.proof.created)
    if registered and found.was_stolen(max(signed, registered)):
        because = say("verify.key_time.stolen", instant=registered)
        instead = say("verify.key_time.instead", number=shown(successor, 60)) if successor else None
        return said(5, "failed", joined(because, instead) if instead else because, "tampered")
    if not found.good_at(signed):
        return said(5, "failed", say("verify.key_time.failed", instant=signed), "tampered")
    return said(5, "passed", say("verify.key_time.passed", instant=signed))


def proof(credential: Credential, found: IssuerKey | None) -> Check:
    """6: the institution's proof holds over the canonical bytes; others are in `verifier.cosignatures`."""
    if found is None:
        return said(6, "unknown", say("verify.proof.not_checked"))
    value = credential.value
    try:
        holds = proof_holds(value, proofs_of(value)[0], PublicKey.from_multibase(found.multibase), credential.canonical)
    except Refused as refused:
        return said(6, "failed", refused.because, "tampered")
    if not holds:
        return said(6, "failed", say("verify.proof.failed"), "tampered")
    return said(6, "passed", say("verify.proof.passed"))


def _signed_at(credential: Credential) -> datetime:
    """When everybody had signed who has."""
    return max(read_instant(proof.created) for proof in credential.proofs)


def signed_later(signed: datetime, moment: Moment) -> Text:
    """Of a signature after the instant that is asked about."""
    return say("verify.dates.signed_after" if moment.is_past else "verify.dates.signed_later", instant=signed)


def dates(credential: Credential, moment: Moment) -> Check:
    """7: signed by then, by everybody; issued by then, and valid from its beginning until its end, both inclusive."""
    value = credential.value
    signed = _signed_at(credential)
    begins = max(read_instant(value["validFrom"]), start_of(credential.issued_on))
    ends = read_instant(value["validUntil"]) if "validUntil" in value else None
    if signed > moment.latest:
        return said(7, "failed", signed_later(signed, moment), "not_yet_valid")
    if ends and begins > ends:
        return said(7, "failed", say("verify.dates.reversed"), "malformed")
    if begins > moment.latest:
        return said(7, "failed", say("verify.dates.not_yet", instant=begins), "not_yet_valid")
    if ends and moment.instant > ends:
        return said(7, "failed", say("verify.dates.expired", instant=ends), "expired")
    until = (
        say("verify.dates.passed_until", instant=ends) if ends else say("verify.dates.passed", day=credential.issued_on)
    )
    return said(7, "passed", until)


def status(credential: Credential, standing: Standing | None, institution: Institution | None, moment: Moment) -> Check:
    """8: the state is authentic, fresh and clear: by the register's record and by the issuer's signed lists.

    The lists tell only today. Of the past the record decides, and they have to agree with it about today.
    """
    if standing is None or institution is None:
        return said(8, "unknown", say("verify.status.not_asked"))
    if moment.is_past and _signed_at(credential) > moment.instant:
        return said(8, "not_applicable", say("verify.status.before"))
    if silent := _silent_about_state(standing):
        return unanswered(8, say("verify.status.unreachable", source=silent[0].because), *silent)
    if ended := _ended(standing.history.value or (), moment.instant):
        return said(8, "failed", _telling("ended", ended), ended.state)
    parent = credential.parent_number
    if parent and standing.parent_history.value is None:
        return said(8, "unknown", say("verify.status.no_parent", number=parent))
    if parent and (ended := _ended(standing.parent_history.value or (), moment.instant)):
        because = say("verify.status.ended_parent", number=parent, act=ended.act_text)
        return said(8, "failed", because, ended.state)
    return _by_lists(credential, standing, institution, moment)


def _silent_about_state(standing: Standing) -> tuple[Unasked, ...]:
    asked: tuple[tuple[str, Answer[Any]], ...] = (
        ("state", standing.history),
        ("parent_state", standing.parent_history),
    )
    silent = ((what, answer.silence) for what, answer in asked if answer.silence)
    return tuple(Unasked(say(f"verify.source.{what}"), silence.because) for what, silence in silent)


def _ended(history: Sequence[Change], now: datetime) -> Change | None:
    """The change that made the document other than valid."""
    state = state_at(history, now)
    return None if state == "valid" else next(c for c in reversed(changes_at(history, now)) if c.state == state)


def _telling(key: str, change: Change) -> Text:
    words = {"act": change.act_text, "authority": shown(change.authority, 120), "reason": change.reason_text}
    return say(f"verify.status.{key}", when=change.when, **words)


def _by_lists(credential: Credential, standing: Standing, institution: Institution, moment: Moment) -> Check:
    """A set bit counts even where another list says nothing; clear is only what every list says is clear. A bit that
    is clear although the record of today says otherwise is no word at all."""
    today = state_at(standing.history.value or (), moment.now)
    recorded = max((change.recorded_at for change in standing.history.value or ()), default=None)
    until: list[datetime] = []
    silent: list[Text] = []
    for slot, answer in zip(credential.slots, standing.lists, strict=True):
        try:
            found = _trusted_list(answer, slot.list_url, slot.purpose, institution, moment.now, recorded)
            if isinstance(found, Text):
                silent.append(found)
            elif (bit := bit_at(found.content.bits, slot.index)) and not bits(today, slot.purpose):
                state: Verdict = "suspended" if slot.purpose == "suspension" else "revoked"
                return said(8, "failed", say("verify.status.bit_set", state=say(f"status.state.{state}")), state)
            elif bit != bits(today, slot.purpose):
                silent.append(say("verify.status.behind", url=shown(slot.list_url, 120)))
            else:
                until.append(found.content.valid_until)
        except Refused as refused:
            silent.append(say("verify.status.unusable", url=shown(slot.list_url, 120), problem=refused.because))
    if silent:
        return unanswered(8, silent[0], *_silent_lists(credential, standing))
    if moment.is_past:
        return said(8, "passed", say("verify.status.passed_then"))
    return said(8, "passed", say("verify.status.passed", instant=min(until)))


def _silent_lists(credential: Credential, standing: Standing) -> Iterator[Unasked]:
    for slot, answer in zip(credential.slots, standing.lists, strict=True):
        if answer.silence:
            yield Unasked(about_list(slot.list_url), answer.silence.because)


def about_issuer(did: str) -> Text:
    """What a register is asked about an institution."""
    return say("verify.source.issuer", id=shown(did, 120))


def about_list(url: str) -> Text:
    """What is asked for at a list's address."""
    return say("verify.source.list", url=shown(url, 120))


def about_keys(did: str) -> Text:
    """What is asked of a DID."""
    return say("verify.source.keys", id=shown(did, 120))


def _trusted_list(
    answer: Answer[bytes], url: str, purpose: str, institution: Institution, now: datetime, recorded: datetime | None
) -> SignedList | Text:
    """The list if it is the issuer's own, authentic, fresh, and not older than the last change that was `recorded`
    for the document (docs/attacks.md C3); else why its word does not count."""
    if answer.silence:
        return say("verify.status.unreachable", source=answer.silence.because)
    if answer.value is None:
        return say("verify.status.missing", url=shown(url, 120))
    found = read_list(answer.value)
    if not _is_authentic(found, url, purpose, institution):
        return say("verify.status.not_authentic", url=shown(url, 120))
    if not found.content.valid_from - CLOCK_SKEW <= now <= found.content.valid_until:
        return say("verify.status.stale", url=shown(url, 120), instant=found.content.valid_until)
    if recorded is not None and found.content.valid_from < recorded:
        return say("verify.status.older", url=shown(url, 120), instant=found.content.valid_from)
    return found


def _is_authentic(found: SignedList, url: str, purpose: str, institution: Institution) -> bool:
    content, its_proof = found.content, found.document.get("proof")
    if not isinstance(its_proof, dict) or its_proof.get("proofPurpose") != "assertionMethod":
        return False
    signer = institution.key(str(its_proof.get("verificationMethod")))
    return (
        (content.url, content.purpose) == (url, purpose)
        and signer is not None
        and content.issuer == signer.did
        and "lists" in signer.purposes
        and signer.good_at(read_instant(its_proof.get("created")))
        and proof_holds(found.document, its_proof, PublicKey.from_multibase(signer.multibase), found.canonical)
    )


def register(credential: Credential, standing: Standing | None, institution: Institution | None) -> Check:
    """9: the registration is there, and for this very document; its issuer is the institution, under whichever of its
    DIDs the register has entered it."""
    if standing is None or institution is None:
        return said(9, "unknown", say("verify.register.not_asked"))
    if standing.entry.silence:
        return _register_silent(9, say("verify.source.entry"), standing.entry.silence)
    entry = standing.entry.value
    if entry is None:
        return said(9, "failed", say("verify.register.missing"), "tampered")
    same = (entry.digest, entry.number, entry.kind, entry.issuer, set(entry.slots))
    if same != (
        credential.digest,
        credential.number,
        credential.kind.name,
        institution.did,
        set(credential.slots),
    ):
        return said(9, "failed", say("verify.register.differs"), "tampered")
    return said(9, "passed", say("verify.register.passed", number=entry.number))
