"""Status lists of the institutions: built from the record, signed, published; again on change and on time."""

from datetime import datetime, timedelta

from issuer.office import Office
from keys.proof import proof_options, secure
from registry.issuers import Institution
from registry.statuses import bits, state_at
from registry.store import PublishedList
from schemas.canonical import rdfc
from schemas.credential import utc, written
from schemas.statuslist import encode_bitstring, list_document

GOOD_FOR = timedelta(hours=24)
"""How long a list may be relied on (docs/attacks.md C3)."""
RENEWED_BEFORE = timedelta(hours=18)
"""A list with less time left is signed again."""


def renew(office: Office, institution: Institution, url: str, purpose: str) -> None:
    """Publishes the next version of one list, as of now."""
    published = False
    while not published:
        now = office.now()
        version = office.registry.list_version(url) + 1
        document = _signed_list(office, institution, url, purpose, now)
        newest = PublishedList(url, version, institution.did, purpose, now, now + GOOD_FOR, document)
        published = office.registry.put_list(newest)


def _signed_list(office: Office, institution: Institution, url: str, purpose: str, now: datetime) -> bytes:
    changed = office.registry.slots_of(url)
    encoded = encode_bitstring(slot.index for slot in changed if bits(state_at(slot.history, now), purpose))
    value = list_document(url, institution.did, purpose, encoded, utc(now), utc(now + GOOD_FOR))
    key, signer = office.signing_key(institution, "lists")
    with office.store.writing() as writing:
        writing.audit(now, office.operator, "sign_list", url, valid_until=utc(now + GOOD_FOR))
    return written(secure(value, rdfc(value), proof_options(key.id, now), signer))


def renew_due(office: Office) -> int:
    """Renews the lists that nobody has published yet, that end soon, or in which a change has taken effect since."""
    now = office.now()
    due = {url for url, _, _ in office.registry.lists_until(now + RENEWED_BEFORE)}
    renewed = 0
    for url, slug, purpose in office.store.lists():
        if url in due or office.registry.list_version(url) == 0 or office.registry.took_effect(url, now):
            renew(office, office.institution(slug), url, purpose)
            renewed += 1
    return renewed
