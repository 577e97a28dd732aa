"""Station 7 as the office records it: a document was handed over, when, to whom, on paper or electronically (MC-14)."""

import unicodedata
from datetime import date

from issuer.office import Office
from issuer.register.store import Form, HandOver, handed_over, record
from issuer.status import signed_document
from schemas.errors import Refused
from schemas.languages import KAZAKHSTAN
from schemas.reading import shown

LONGEST = 200
"""Characters of a name."""


def hand_over(office: Office, number: str, to: str, on: date, form: Form, by: str) -> HandOver:
    """Records it with its audit row; the same again changes nothing. Raises `Refused`: a document that is unknown or
    not in the register yet (MC-15), a day to come or before the day of issue, a name that is none."""
    intent = signed_document(office, number)
    if office.registry.entry(intent.code) is None:
        raise Refused.saying("register.not_yet", number=intent.number)
    issued_on = intent.created_at.astimezone(KAZAKHSTAN).date()
    if not issued_on <= on <= office.today():
        raise Refused.saying("register.bad_day", day=on, issued=issued_on, today=office.today())
    given = HandOver(on, _name(to, "to"), form, _name(by, "by"))
    with office.store.writing() as writing:
        known = handed_over(writing.connection, intent.code)
        if (given.on, given.to, given.form) not in {(each.on, each.to, each.form) for each in known}:
            said = {"on": on.isoformat(), "form": form, "by": given.by}
            writing.audit(office.now(), office.operator, "hand_over", intent.number, **said)
            record(writing.connection, intent.code, given, office.now())
    return given


def _name(spelled: str, option: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", spelled).split())
    if not name or len(name) > LONGEST or not name.isprintable():
        raise Refused.saying("register.bad_name", option=option, name=shown(spelled))
    return name
