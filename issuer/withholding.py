"""Where a holder asks for it, the public is shown state, number and issuer alone (docs/attacks.md E22).

Its supplements go with it. The register keeps the document, since it is the record of what was issued; so do its state
and its digest. Who has the file or a link of the holder still sees what it says. A wrong name is corrected otherwise:
by a new document and `issuer.status`, which replaces the old one.
"""

from issuer.intents import Intent
from issuer.office import Office
from issuer.status import signed_document
from schemas.errors import Refused


def withhold(office: Office, number: str, basis: str, by: str) -> Intent:
    """Records it with its audit row; `issuer.outbox.deliver` takes it to the register. Raises `Refused`: unknown
    document, no basis, nobody who enters it, or withheld already."""
    intent = signed_document(office, number)
    for field, text in (("basis", basis), ("entered_by", by)):
        if not text.strip():
            raise Refused.saying("office.missing_text", field=field)
    entry = office.registry.entry(intent.code)
    if entry is not None and entry.withheld:
        raise Refused.saying("office.withheld", number=intent.number)
    said = {"basis": basis.strip(), "entered_by": by.strip()}
    with office.store.writing() as writing:
        for each in (intent, *writing.supplements_of(intent.number)):
            writing.audit(office.now(), office.operator, "withhold", each.number, **said)
            writing.send("withhold", each.code, office.now())
    return intent
