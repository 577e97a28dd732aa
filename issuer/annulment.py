"""An annulment (Regulation 9.2, MC-20): a violation is recorded, the holder is told and may answer, it is decided with
minutes and holds once another person has confirmed it; an appeal is recorded, and its outcome.

The steps and who may take them are the table `issuer.ends.cases.MOVES`. The document may be on hold meanwhile. Nothing
of the case is public. An annulled document is never restored: where an appeal succeeds, a new one is issued.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from issuer import status
from issuer.ends import notices
from issuer.ends.cases import MOVES, OPEN, Case, Step, Taken
from issuer.ends.notices import Said
from issuer.ends.steps import note, take
from issuer.ends.store import Ends, looking
from issuer.intents import Intent, Order, Proposal
from issuer.office import Office
from issuer.store import new_event
from registry.statuses import check_follows
from schemas.errors import Refused
from schemas.languages import Text, say
from schemas.reading import shown

ANSWER_DAYS = 10
"""How long a holder has to answer, unless the office gives more or less; the acts name no term."""
MAX_TEXT = 10_000

Outcome = Literal["upheld", "rejected"]
_BY_OUTCOME: dict[Outcome, Step] = {"upheld": "uphold", "rejected": "reject"}


def open_case(office: Office, number: str, ground: str, by: str, found_on: date | None = None) -> Case:
    """Records a violation. Raises `Refused` for a document that has ended or has an open case already."""
    intent = status.signed_document(office, number)
    by, day = _officer(office, intent, "open", by), _past(office, found_on)
    said = {"ground": _text("ground", ground), "found_on": day.isoformat()}
    with office.store.writing() as writing:
        ends = Ends(writing.connection)
        check_follows(writing.history(intent.code), "annulled", intent.number)
        if (there := ends.case_of(intent.code)) and there.state in OPEN:
            raise Refused.saying("annulment.open", number=intent.number, name=there.name)
        name = ends.open_case(intent.code, intent.number, office.now())
        ends.step(name, "recorded", Taken("open", office.now(), by, said))
        case = ends.case(name) or _no_case(number)
        note(office, writing, case, "open", by, said)
    return case


def inform(office: Office, number: str, by: str, answer_by: date | None = None) -> Case:
    """Tells the holder of the case, and until when an answer is awaited."""
    case, intent = _case_and_document(office, number)
    last = answer_by or office.today() + timedelta(days=ANSWER_DAYS)
    if last <= office.today():
        raise Refused.saying("annulment.too_soon", day=last)
    by = _officer(office, intent, "inform", by)
    ground = next(taken.said["ground"] for taken in case.steps if taken.step == "open")
    institution = office.institution(intent.institution)
    asked = {"day": last, "institution": institution.name, "city": institution.city}
    violation = say("notice.case.violation", ground=shown(ground, notices.TEXT))
    said = _said("informed", violation, say("notice.case.answer", **asked))
    return _step(office, case, "inform", by, {"answer_by": last.isoformat()}, said)


def answer(office: Office, number: str, text: str, by: str, on: date | None = None) -> Case:
    """Records what the holder has answered; one that comes late is recorded as late."""
    case, intent = _case_and_document(office, number)
    by, day = _officer(office, intent, "answer", by), _past(office, on)
    late = {"late": "yes"} if case.answer_by and day > case.answer_by else {}
    return _step(office, case, "answer", by, {"text": _text("text", text), "on": day.isoformat(), **late})


def decide(office: Office, number: str, order: Order) -> Proposal:
    """Proposes the annulment, for another person to confirm. Raises `Refused` before the holder has been heard: told,
    and answered or had the time to."""
    case, _ = _case_and_document(office, number)
    if case.state in MOVES["decide"].after and not case.heard(office.today()):
        raise Refused.saying("annulment.not_heard", number=case.number, day=case.answer_by)
    return status.propose(office, number, order, case)


def close(office: Office, number: str, minutes: str, text: str, by: str) -> Case:
    """Ends a case without an annulment, and tells the holder, who knows of it."""
    case, intent = _case_and_document(office, number)
    by, words = _officer(office, intent, "close", by), _text("minutes", minutes)
    told = any(taken.step == "inform" for taken in case.steps)
    said = _said("closed", say("notice.case.closed", minutes=shown(words, notices.TEXT))) if told else None
    return _step(office, case, "close", by, {"minutes": words, "text": _text("text", text)}, said)


def appeal(office: Office, number: str, text: str, by: str, on: date | None = None) -> Case:
    """Records an appeal against an annulment; it changes nothing until it is decided."""
    case, intent = _case_and_document(office, number)
    by, day = _officer(office, intent, "appeal", by), _past(office, on)
    return _step(office, case, "appeal", by, {"text": _text("text", text), "on": day.isoformat()})


def outcome(office: Office, number: str, found: Outcome, minutes: str, text: str, by: str) -> Case:
    """Records how an appeal was decided, and tells the holder. The document stays annulled in either case."""
    case, intent = _case_and_document(office, number)
    by, words = _officer(office, intent, _BY_OUTCOME[found], by), _text("minutes", minutes)
    said = _said(found, say(f"notice.case.{found}", minutes=shown(words, notices.TEXT)))
    return _step(office, case, _BY_OUTCOME[found], by, {"minutes": words, "text": _text("text", text)}, said)


def cases(office: Office) -> Sequence[Case]:
    """Every case, newest first."""
    with looking(office.store) as ends:
        return ends.cases()


def case_of(office: Office, number: str) -> Case:
    """The newest case of a document; raises `Refused` where there is none."""
    return _case_and_document(office, number)[0]


def _case_and_document(office: Office, number: str) -> tuple[Case, Intent]:
    intent = status.signed_document(office, number)
    with looking(office.store) as ends:
        case = ends.case_of(intent.code)
    return case or _no_case(intent.number), intent


def _no_case(number: str) -> Case:
    raise Refused.saying("annulment.none", number=number)


def _officer(office: Office, intent: Intent, step: Step, by: str) -> str:
    """The name of the officer, as the list has it."""
    return status.entitled_to(office, intent.institution, by, MOVES[step].may).name


def _step(office: Office, case: Case, step: Step, by: str, said: Mapping[str, str], tell: Said | None = None) -> Case:
    """Takes it, and records what the holder is told of it."""
    with office.store.writing() as writing:
        take(office, writing, case, step, by, **said)
        if tell is not None:
            notices.tell(office, writing, status.signed_document(office, case.number), new_event(), tell)
        return Ends(writing.connection).case(case.name) or case


def _said(about: str, *paragraphs: Text) -> Said:
    return Said(about, say("notice.case.subject"), paragraphs)


def _text(field: str, text: str) -> str:
    if not text.strip():
        raise Refused.saying("office.missing_text", field=field)
    if len(text) > MAX_TEXT:
        raise Refused.saying("annulment.too_long", field=field, limit=MAX_TEXT)
    return text.strip()


def _past(office: Office, day: date | None) -> date:
    """A day that has come."""
    day = day or office.today()
    if day > office.today():
        raise Refused.saying("annulment.to_come", day=day)
    return day
