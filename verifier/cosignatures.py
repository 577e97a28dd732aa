"""Step 6 where more than the institution signs: one line for each proof, and one for each rule that asks for more.

(document, what the register says of the institution and its partners, now) → checks, without I/O. Who may sign beside
an institution, and how many have to, is the register's word on the day of the institution's proof, never the document's
(docs/attacks.md B5). A good first proof never hides a bad later one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from keys.proof import Keyed, proofs_of
from keys.public import PublicKey
from registry.cosigners import Cosigner, cosigner, lacking, mistimed, unmet
from registry.issuers import Institution, SignatureRule
from schemas.credential import Credential
from schemas.errors import Refused
from schemas.languages import Text, say
from schemas.reading import Json, shown
from schemas.statuslist import read_instant
from verifier.canonizer import Canonizer
from verifier.checks import about_issuer, said
from verifier.evidence import Answer, rules_of
from verifier.moment import CLOCK_SKEW
from verifier.report import Check, Outcome, Signature, Unasked, Verdict

INSTITUTION = "institution"
"""The role of the first proof."""
Partners = Mapping[str, Answer[Institution]]
"""By DID: what the register says of the institutions that are asked to sign."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What one co-signature turned out to be."""

    outcome: Outcome
    because: Text
    who: Cosigner | None = None
    verdict: Verdict | None = None
    unasked: tuple[Unasked, ...] = ()


def cosignatures(
    credential: Credential, institution: Institution | None, partners: Partners, now: datetime, canonizer: Canonizer
) -> tuple[Check, ...]:
    """The lines after the institution's own; none where nobody else signs and nobody else has to."""
    if institution is None:
        nobody = _Found("unknown", say("verify.proof.not_checked"))
        return tuple(_line(credential, place, nobody) for place in range(1, len(credential.proofs)))
    found: list[_Found] = []
    for place in range(1, len(credential.proofs)):
        found.append(_look_at(credential, place, institution, partners, found))
    found = _held(credential, found, now, canonizer)
    lines = tuple(_line(credential, place, each) for place, each in enumerate(found, start=1))
    return lines + tuple(_missing(rules_of(credential, institution), found))


def _look_at(
    credential: Credential, place: int, institution: Institution, partners: Partners, before: Sequence[_Found]
) -> _Found:
    """Whose it is, and whether that key may sign at that time; what passes here is still to be held."""
    proof = credential.proofs[place]
    asked = partners.get(proof.verification_method.partition("#")[0])
    if asked and asked.silence:
        source = Unasked(about_issuer(proof.verification_method.partition("#")[0]), asked.silence.because)
        because = say("verify.register.unreachable", source=source.because)
        return _Found("unknown", because, unasked=(source,))
    known = {did: answer.value for did, answer in partners.items() if answer.value}
    who = cosigner(proof.verification_method, institution, known)
    if who is None:
        because = say("verify.cosignature.nobody", name=institution.name, method=shown(proof.verification_method, 120))
        return _Found("failed", because, None, "tampered")
    if any(each.who and each.who.who == who.who for each in before):
        return _Found("failed", say("cosign.twice"), who, "tampered")
    signed, first = (read_instant(credential.proofs[n].created) for n in (place, 0))
    if wrong := mistimed(who, signed, first):
        return _Found("failed", wrong, who, "tampered")
    return _Found("passed", say("verify.proof.passed"), who)


def _held(credential: Credential, found: Sequence[_Found], now: datetime, canonizer: Canonizer) -> list[_Found]:
    """The same once each signature has been checked that may count: all in one piece of work, for in a chain that is
    over another document than the institution's, which nobody need have signed (docs/attacks.md A11)."""
    proofs: Sequence[Mapping[str, Json]] = credential.value["proof"] if found else []
    keyed = {
        place: (proofs[place], PublicKey.from_multibase(each.who.key.multibase))
        for place, each in enumerate(found, start=1)
        if each.who and each.outcome == "passed"
    }
    outcomes, verdict = _outcomes(credential, list(keyed.values()), canonizer)
    held = dict(zip(keyed, outcomes, strict=True))
    return [
        _settled(each, held[place], verdict, read_instant(credential.proofs[place].created), now)
        if place in held
        else each
        for place, each in enumerate(found, start=1)
    ]


def _outcomes(
    credential: Credential, keyed: Sequence[Keyed], canonizer: Canonizer
) -> tuple[Sequence[bool | Refused], Verdict]:
    """Whether each holds, and what it makes of the document where one does not; what takes too long says nothing of
    who has signed."""
    if not keyed:
        return (), "tampered"
    try:
        proofs_of(credential.value)
    except Refused as refused:
        return [refused] * len(keyed), "tampered"
    try:
        return canonizer.holds(credential.value, keyed, credential.canonical), "tampered"
    except Refused as refused:
        return [refused] * len(keyed), "malformed"


def _settled(found: _Found, held: bool | Refused, verdict: Verdict, signed: datetime, now: datetime) -> _Found:
    if held is True and signed > now + CLOCK_SKEW:
        return _Found("failed", say("verify.dates.signed_later", instant=signed), found.who, "not_yet_valid")
    if held is True:
        return found
    because = held.because if isinstance(held, Refused) else say("verify.proof.failed")
    return _Found("failed", because, found.who, verdict)


def _line(credential: Credential, place: int, found: _Found) -> Check:
    """One co-signature as people read it."""
    who, proof = found.who, credential.proofs[place]
    signature = Signature(
        role=who.role if who else None,
        name=who.name if who else None,
        position=who.position if who else None,
        method=proof.verification_method,
        created=read_instant(proof.created),
        outcome=found.outcome,
        because=found.because,
    )
    because = say("verify.signature.of", place=place + 1, who=_words(found), because=found.because)
    return replace(said(6, found.outcome, because, found.verdict), signature=signature, unasked=found.unasked)


def _words(found: _Found) -> Text:
    return found.who.words if found.who else say("verify.signature.unnamed")


def _missing(rules: Sequence[SignatureRule], found: Sequence[_Found]) -> Iterator[Check]:
    """What the register asks for and is not there; a source that is silent is no missing signature, nor is too much
    work."""
    if any(each.outcome == "unknown" or each.verdict == "malformed" for each in found):
        return
    signers = [each.who for each in found if each.who and each.verdict in (None, "not_yet_valid")]
    for rule in unmet(rules, signers):
        yield said(6, "failed", lacking(rule, signers), "tampered")


def after_theft(
    lines: Sequence[Check], institution: Institution | None, partners: Partners, registered: datetime | None
) -> tuple[Check, ...]:
    """The same, once it is known when the register took the document: a co-signature by a key that was in other hands
    by then is no word of its owner."""
    if institution is None or registered is None:
        return tuple(lines)
    known = {did: answer.value for did, answer in partners.items() if answer.value}
    checked = []
    for place, line in enumerate(lines, start=2):
        who = cosigner(line.signature.method, institution, known) if line.signature else None
        stolen = who is not None and who.key.was_stolen(registered)
        checked.append(_stolen(line, place, who, registered) if stolen and who else line)
    return tuple(checked)


def _stolen(line: Check, place: int, who: Cosigner, registered: datetime) -> Check:
    because = say("verify.key_time.stolen", instant=registered)
    told = say("verify.signature.of", place=place, who=who.words, because=because)
    signature = line.signature and replace(line.signature, outcome="failed", because=because)
    return replace(line, outcome="failed", because=told, verdict="tampered", signature=signature)


def institution_line(
    credential: Credential, institution: Institution | None, steps: tuple[Check, Check, Check]
) -> Check:
    """The line of the institution's own proof, from steps 4, 5 and 6: named where others sign too."""
    decisive = max(reversed(steps), key=lambda step: _GRAVITY.index(step.outcome))
    proof, holds = credential.proof, steps[-1]
    signature = Signature(
        role=INSTITUTION,
        name=institution.name if institution else None,
        position=None,
        method=proof.verification_method,
        created=read_instant(proof.created),
        outcome=decisive.outcome,
        because=decisive.because,
    )
    if institution is not None and len(credential.proofs) > 1:
        because = say("verify.signature.of", place=1, who=institution.name, because=holds.because)
        holds = replace(holds, because=because)
    return replace(holds, signature=signature)


_GRAVITY: Sequence[Outcome] = ("not_applicable", "passed", "unknown", "failed")
