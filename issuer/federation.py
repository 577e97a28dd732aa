"""What the register says of its issuers to verifiers elsewhere: signed with a key of the register's own, for a day, and
again where something has changed."""

import json
from collections.abc import Iterable
from datetime import timedelta

from issuer.office import Office
from keys import jose
from keys.entity import EntityStatement
from keys.signer import Signer, WrongPassphrase
from registry.federation import LIST, entitled, listed, statements
from registry.institutions import Said
from schemas.canonical import jcs_digest
from schemas.credential import written
from schemas.errors import Refused

GOOD_FOR = timedelta(hours=24)
RENEWED_BEFORE = timedelta(hours=12)
"""A statement with less time left is signed again."""


def renew(office: Office) -> int:
    """Publishes what is new, or ends soon, and takes back what is said of those who may issue no more; how many were
    published."""
    now, url = office.now(), office.public_url
    there = {said.name: said for said in office.registry.said()}
    signer = _signer(office, there.get(url))
    institutions = entitled(office.registry.institutions(), now)
    everything = list(statements(institutions, url, signer.public, now))
    due = [each for each in everything if _is_due(office, each, signer, there.get(each.subject))]
    if due:
        _audit(office, due)
    fresh = [_said(office, each, signer) for each in due]
    document = written(listed(institutions, url))
    fresh.append(Said(LIST, document, jcs_digest(json.loads(document)), signer.multibase, now + GOOD_FOR))
    names = {LIST, *(each.subject for each in everything)}
    office.registry.say(fresh, gone=there.keys() - names)
    return len(due)


def _signer(office: Office, configuration: Said | None) -> Signer:
    """The register's own key; a new one where there is none in this home."""
    if configuration is not None:
        try:
            return office.ring.signer(configuration.signer)
        except WrongPassphrase:
            raise
        except Refused:
            pass  # its file is gone
    return office.ring.signer(office.ring.new_key())


def _is_due(office: Office, statement: EntityStatement, signer: Signer, there: Said | None) -> bool:
    same = there is not None and (there.digest, there.signer) == (_digest(statement), signer.multibase)
    return not same or there is None or there.valid_until < office.now() + RENEWED_BEFORE


def _digest(statement: EntityStatement) -> str:
    """Of what is stated, whenever it is."""
    keys = [key.multibase for key in statement.keys]
    return jcs_digest([statement.issuer, statement.subject, keys, dict(statement.metadata)])


def _audit(office: Office, due: Iterable[EntityStatement]) -> None:
    with office.store.writing() as writing:
        stated = jcs_digest([[each.subject, _digest(each)] for each in due])
        writing.audit(office.now(), office.operator, "sign_statements", office.public_url, sha256=stated)


def _said(office: Office, statement: EntityStatement, signer: Signer) -> Said:
    now = office.now()
    token = jose.seal_statement(statement, now, now + GOOD_FOR, signer)
    return Said(statement.subject, token.encode(), _digest(statement), signer.multibase, now + GOOD_FOR)
