"""Delivers what waits: documents to the registry, notices to holders, then changes of state, and the status lists that
they touch. A holder is told before the public is, as far as the post takes the notice.

The same function by day and after a crash. Each delivery is idempotent: published twice is published once.
"""

import json
from collections.abc import Mapping, Sequence

from issuer.ends import flags, notices
from issuer.intents import Errand
from issuer.lists import renew, renew_due
from issuer.office import Office
from registry.entry import Entry
from schemas.canonical import jcs_digest


def deliver(office: Office) -> int:
    """Everything that waits, oldest first; how many errands were done."""
    done = 0
    while errands := office.store.errands():
        _publish(office, [errand.subject for errand in errands if errand.errand == "publish"])
        notices.send(office)
        _record(office, [errand for errand in errands if errand.errand == "change"])
        for code in (errand.subject for errand in errands if errand.errand == "withhold"):
            office.registry.withhold(code, office.now())
        office.store.delivered([errand.id for errand in errands], office.now())
        done += len(errands)
    notices.send(office)
    renew_due(office)
    return done


def _publish(office: Office, codes: Sequence[str]) -> None:
    dids = {row.slug: row.did for row in office.registry.institutions()} if codes else {}
    published = [_published(office, code, dids) for code in codes]
    office.registry.publish(published)
    flags.note(office, [entry for entry, _ in published])


def _published(office: Office, code: str, dids: Mapping[str, str]) -> tuple[Entry, bytes]:
    intent, document = office.store.intent_coded(code), office.store.final(code)
    if intent is None or document is None:
        raise LookupError(f"outbox names {code}, which is not signed")
    unsigned = {name: member for name, member in json.loads(document).items() if name != "proof"}
    entry = Entry(
        code=code,
        number=intent.number,
        kind=intent.kind,
        issuer=dids[intent.institution],
        digest=jcs_digest(unsigned),
        registered_at=office.now(),
        slots=office.store.slots_of(code),
        parent=intent.parent,
    )
    return entry, document


def _record(office: Office, errands: Sequence[Errand]) -> None:
    touched: dict[str, tuple[str, str]] = {}
    for errand in errands:
        event, code = errand.subject.split(":")
        decided, intent = office.store.decided(event, code), office.store.intent_coded(code)
        if decided is None or intent is None:
            raise LookupError(f"outbox names {errand.subject}, which is not recorded")
        office.registry.record(event, code, decided.change)
        flags.raise_for(office, decided)
        touched |= {slot.list_url: (intent.institution, slot.purpose) for slot in office.store.slots_of(code)}
    for url, (slug, purpose) in touched.items():
        renew(office, office.institution(slug), url, purpose)
