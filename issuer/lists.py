"""Status lists of the institutions: built from the record, signed, published; again on change and on time.

A list states one purpose by one bit. The tokens of a revocation list state all of a document's state by two bits in the
same slot, because what a wallet holds names one list only (docs/decisions/0016). All are one version, published in one
row.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from issuer.office import Office
from keys import cose, jose
from keys.proof import proof_options, secure
from keys.statustoken import StatusToken
from registry.issuers import Institution
from registry.statuses import State, bits, token_status
from registry.store import PublishedList
from schemas.canonical import rdfc
from schemas.credential import utc, written
from schemas.reading import Json
from schemas.statuslist import MIN_SLOTS, TTL, encode_bitstring, encode_statuses, list_document

GOOD_FOR = timedelta(hours=24)
"""How long a list may be relied on (docs/attacks.md C3)."""
RENEWED_BEFORE = timedelta(hours=18)
"""A list with less time left is signed again."""


def renew(office: Office, institution: Institution, url: str, purpose: str) -> None:
    """Publishes the next version of one list, as of now."""
    published = False
    while not published:
        now = office.now()
        version = office.registry.list_version(url) + 1  # before the states are read: what comes in between counts
        newest = PublishedList(url, version, institution.did, purpose, now, now + GOOD_FOR, b"")
        published = office.registry.put_list(_signed(office, institution, newest))


def renew_all(office: Office, institution: Institution) -> None:
    """Every list of an institution, as after a change of its keys."""
    for url, slug, purpose in office.store.lists():
        if slug == institution.slug:
            renew(office, institution, url, purpose)


def _signed(office: Office, institution: Institution, newest: PublishedList) -> PublishedList:
    """With its document and tokens, under one row of the audit."""
    key, signer = office.signing_key(institution, "lists")
    states = dict(office.registry.states_of(newest.url, newest.signed_at))
    slots = max(office.store.list_size(newest.url), MIN_SLOTS)  # never shorter (docs/attacks.md C7)
    with office.store.writing() as writing:
        until, version = utc(newest.valid_until), str(newest.version)
        writing.audit(newest.signed_at, office.operator, "sign_list", newest.url, valid_until=until, version=version)
    document = _document(newest, key.did, states, slots)
    proven = written(secure(document, rdfc(document), proof_options(key.id, newest.signed_at), signer))
    if newest.purpose != "revocation":
        return replace(newest, document=proven)
    token = _token(newest, key.did, states, slots)
    jwt = jose.seal_list(replace(token, uri=f"{newest.url}.jwt"), signer, key.id).encode()
    cwt = cose.seal_list(replace(token, uri=f"{newest.url}.cwt"), signer, key.id)
    return replace(newest, document=proven, jwt=jwt, cwt=cwt)


def _document(newest: PublishedList, issuer: str, states: Mapping[int, State], slots: int) -> dict[str, Json]:
    encoded = encode_bitstring((slot for slot, state in states.items() if bits(state, newest.purpose)), slots)
    begins, ends = utc(newest.signed_at), utc(newest.valid_until)
    return list_document(newest.url, issuer, newest.purpose, encoded, begins, ends, newest.version)


def _token(newest: PublishedList, issuer: str, states: Mapping[int, State], slots: int) -> StatusToken:
    statuses = ((slot, token_status(state)) for slot, state in states.items())
    return StatusToken(
        uri=newest.url,
        issuer=issuer,
        version=newest.version,
        issued_at=newest.signed_at,
        expires_at=newest.valid_until,
        ttl=TTL,
        width=2,
        compressed=encode_statuses(statuses, slots),
    )


def renew_due(office: Office) -> int:
    """Renews the lists that nobody has published yet, that end soon, or in which a change has taken effect since."""
    now = office.now()
    good = office.registry.lists_in_force(now, now + RENEWED_BEFORE)
    due = [row for row in office.store.lists() if row[0] not in good]
    for url, slug, purpose in due:
        renew(office, office.institution(slug), url, purpose)
    return len(due)
