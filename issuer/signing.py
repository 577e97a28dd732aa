"""Steps 5–8 of issuing (`issuer.issue`): audit, sign, compare, final; by day, and for what a crash has left.

The types hold the order: a signature is made of what is `Audited`, and that is made by writing the audit rows.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from issuer.cosign import keep
from issuer.entitled import check_entitled
from issuer.intents import Intent
from issuer.lint import Digest, linted, reread
from issuer.office import Office
from keys.proof import check, secure
from keys.public import PublicKey
from keys.signer import Signer, WrongPassphrase
from registry.issuers import Institution
from schemas.canonical import Recorded
from schemas.credential import Draft, written
from schemas.errors import Refused
from schemas.kinds.table import kind_named
from schemas.languages import KAZAKHSTAN
from schemas.reading import read_object
from schemas.statuslist import read_instant


@dataclass(frozen=True)
class Prepared:
    """A recorded intent with the draft that it holds: steps 1–4 are done."""

    intent: Intent
    draft: Draft


@dataclass(frozen=True)
class Audited:
    """An intent whose audit row is durable (step 5): what a signature is made of, and nothing else."""

    intent: Intent


class ComparisonFailed(Refused):
    """What was signed, or would be, is not what was recorded."""


def sign(office: Office, prepared: Sequence[Prepared], readers: Sequence[Digest] = (reread,)) -> None:
    """Steps 5–8: audit rows first, durable; then the signatures; each is compared before it is kept. What `readers`
    find in the recorded bytes must be what was recorded; else the number ends here, with the reason."""
    if not prepared:
        return
    slugs = {each.intent.institution for each in prepared}
    institutions = {slug: office.institution(slug) for slug in slugs}
    audited = _audited(office, prepared)  # 5
    found = [_read_again(office, reader, audited) for reader in readers]
    signed = [  # 6 and 7
        _signed_or_void(office, institutions[each.intent.institution], each, digests)
        for each, *digests in zip(audited, *found, strict=True)
    ]
    _keep(office, audited, signed, institutions)  # 8


def _audited(office: Office, prepared: Sequence[Prepared]) -> list[Audited]:
    with office.store.writing() as writing:
        office.check_clock(writing)
        for each in prepared:
            intent = each.intent
            writing.audit(office.now(), intent.operator, "sign", intent.number, bytes=intent.canonical_sha256)
    return [Audited(each.intent) for each in prepared]


Found = str | Refused
"""The digest of a canonical form, or why there is none."""


def _read_again(office: Office, reader: Digest, audited: Sequence[Audited]) -> list[Found]:
    """One that cannot be read ends by itself, and holds up no other."""
    documents = [each.intent.document for each in audited]
    try:
        return list(office.parallel(reader, documents))
    except Refused:
        return [_read_alone(reader, document) for document in documents]


def _read_alone(reader: Digest, document: bytes) -> Found:
    try:
        return reader(document)
    except Refused as refused:
        return refused


def _keep(
    office: Office,
    audited: Sequence[Audited],
    signed: Sequence[bytes | Refused],
    institutions: Mapping[str, Institution],
) -> None:
    with office.store.writing() as writing:
        for each, outcome in zip(audited, signed, strict=True):
            if not writing.is_open(each.intent.code):
                continue  # another process has finished it meanwhile: with the same bytes, as signatures are equal
            if isinstance(outcome, Refused):
                writing.void(each.intent, office.now(), outcome.because.en, each.intent.operator)
            else:
                keep(writing, each.intent, institutions[each.intent.institution], outcome, office.now())


def _signed_or_void(
    office: Office, institution: Institution, audited: Audited, found: Sequence[Found]
) -> bytes | Refused:
    """The signed document, or why this number ends here; a gap in the numbers is kept with its reason."""
    intent = audited.intent
    signer = office.ring.signer(_key_of(intent))
    try:
        _check_recorded(intent, institution, found)
        if office.today() > intent.created_at.astimezone(KAZAKHSTAN).date():
            check_entitled(office, institution, intent)
        return _signed(audited, signer)
    except Refused as refused:
        return refused


def _check_recorded(intent: Intent, institution: Institution, found: Sequence[Found]) -> None:
    """What was recorded is what is read now, and its key was good at the time that the proof will name."""
    for digest in found:
        if isinstance(digest, Refused):
            raise Refused.saying("issue.no_longer_fits", profile=intent.profile, problem=digest.because)
        if digest != intent.canonical_sha256:
            raise ComparisonFailed.saying("issue.comparison_failed", number=intent.number)
    key = institution.key(str(intent.options["verificationMethod"]))
    if key is None or not key.good_at(read_instant(intent.options["created"])):
        raise Refused.saying("issue.key_ended", number=intent.number, day=read_instant(intent.options["created"]))


def _signed(audited: Audited, signer: Signer) -> bytes:
    """The recorded document with its proof (6), after the comparison (7)."""
    intent = audited.intent
    canonical = Recorded(bytes.fromhex(intent.canonical_sha256))
    document = written(secure(json.loads(intent.document), canonical, intent.options, signer))
    published = read_object(document)
    unsigned = {name: member for name, member in published.items() if name != "proof"}
    key = PublicKey.from_multibase(_key_of(intent))
    if written(unsigned) != intent.document or not check(published, published["proof"], key, canonical):
        raise ComparisonFailed.saying("issue.comparison_failed", number=intent.number)
    return document


def resume(office: Office, cases: Collection[tuple[str, str, str]] | None = None) -> int:
    """Finishes what was recorded but not signed, of these cases or of all: the same bytes, the same options, so the
    same document.

    It is linted again: what this version of the kind, template or rules does not pass any more ends void, with the
    reason. What was recorded for a key whose file is gone waits until it is back; a wrong passphrase is told.
    """
    unfinished = [each for each in office.store.unfinished() if cases is None or each.case_of in cases]
    left = [intent for intent in unfinished if _has_key(office, intent)]
    again = [Prepared(intent, Draft(kind_named(intent.kind), intent.document)) for intent in left]
    sign(office, again, (linted, reread))
    return len(left)


def _has_key(office: Office, intent: Intent) -> bool:
    try:
        office.ring.signer(_key_of(intent))
    except WrongPassphrase:
        raise
    except Refused:
        return False
    return True


def _key_of(intent: Intent) -> str:
    """The public key that the recorded options name."""
    return str(intent.options["verificationMethod"]).rpartition("#")[2]
