"""What a holder is told before the public is: of a change of state, with its reason, its authority and how to appeal.

A notice is written and recorded in the transaction of what it tells, and sent before that is published. A post that
does not take it holds nothing up: it is tried again, each time later, and in the end laid down as a letter; the office
sees what has not gone (`tanu notices`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from issuer.ends.store import Ends, Notice
from issuer.intents import Decided, Intent
from issuer.mail import Outcome, Sheet, written
from issuer.office import Office
from issuer.store import Writing
from schemas.credential import Credential, stored_credential
from schemas.languages import LANGUAGES, Language, Text, say
from schemas.reading import shown

ROUND = 100
AGAIN = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
"""After each try that has failed; after the last of them a notice becomes a letter."""
_IN_HAND = timedelta(minutes=5)
"""For so long a try belongs to the process that has begun it."""
TEXT = 600
"""Characters of what an officer has typed."""


@dataclass(frozen=True)
class Said:
    """What a notice says: a subject, and the paragraphs between greeting and address of the page."""

    about: str
    subject: Text
    paragraphs: Sequence[Text]


def of_change(office: Office, intent: Intent, decided: Decided, supplements: Sequence[Intent]) -> Said:
    """What is said of a change of state."""
    return Said(decided.change.act, decided.change.act_text, tuple(_of_change(office, intent, decided, supplements)))


def _of_change(office: Office, intent: Intent, decided: Decided, supplements: Sequence[Intent]) -> Iterator[Text]:
    change = decided.change
    minutes = {"minutes": shown(decided.minutes, TEXT), "day": change.decided_on or change.effective_on}
    yield say("notice.change", act=change.act_text, when=change.when, reason=change.reason_text)
    yield say("notice.decided", authority=shown(change.authority, TEXT), **minutes)
    yield say("notice.basis", basis=shown(change.basis, TEXT))
    yield say(f"notice.means.{change.act}")
    if supplements:
        yield say("notice.supplements", numbers=", ".join(each.number for each in supplements))
    if change.successor:
        yield say("notice.successor", number=change.successor)
    yield how_to_appeal(office, intent)


def how_to_appeal(office: Office, intent: Intent) -> Text:
    """To whom, and until when."""
    institution = office.institution(intent.institution)
    return say("notice.appeal", days=office.appeal_days, institution=institution.name, city=institution.city)


def tell(office: Office, writing: Writing, intent: Intent, event: str, said: Said) -> None:
    """Records the notice to the holder of a signed document; `send` sends it."""
    document = office.store.final(intent.code)
    if document is None:
        raise LookupError(f"a notice about {intent.number}, which is not signed")
    ends, credential = Ends(writing.connection), stored_credential(document)
    name = f"{intent.number}-{said.about}-{event[:8]}"
    letter = written(name, _sheet(office, intent, credential, said, ends.address(intent.code)), office.now())
    ends.add_notice(letter, intent.code, said.about, office.now())


def _sheet(office: Office, intent: Intent, credential: Credential, said: Said, address: str | None) -> Sheet:
    first: Language = next(lang for lang in LANGUAGES if lang == credential.value["firstLanguage"])
    order = (first, *(language for language in LANGUAGES if language != first))
    return Sheet(
        sender=office.post.sender,
        from_name=office.institution(intent.institution).name[first],
        to_name=credential.facts.holder_text[first],
        address=address,
        subject=f"{intent.number}: {said.subject[first]}",
        text="\n\n* * *\n\n".join(_body(office, intent, credential, said)[language] for language in order),
        language=", ".join(order),
    )


def _body(office: Office, intent: Intent, credential: Credential, said: Said) -> Text:
    issuer, page = office.institution(intent.institution).name, office.page_url(intent.code)
    about = {"title": credential.title, "number": intent.number, "day": credential.issued_on, "institution": issuer}
    paragraphs = (
        say("notice.greeting", holder=credential.facts.holder_text),
        say("notice.about", **about),
        *said.paragraphs,
        say("notice.page", page=page),
    )
    return Text(*("\n\n".join(paragraph[language] for paragraph in paragraphs) for language in LANGUAGES))


def send(office: Office) -> int:
    """Tries what is due, once; how many notices went. Nothing that happens to them is raised."""
    now = office.now()
    with office.store.engine.connect() as connection:
        due = Ends(connection).due_notices(now, ROUND)
    if not due:
        return 0
    with office.store.writing() as writing:
        ends = Ends(writing.connection)
        ours = [notice for notice in due if ends.claim(notice, now + _IN_HAND)]
    outcomes = office.post.take([notice.letter for notice in ours])
    with office.store.writing() as writing:
        for notice, outcome in zip(ours, outcomes, strict=True):
            _settle(office, writing, notice, _or_letter(office, notice, outcome))
    return sum(outcome.way is not None for outcome in outcomes)


def _or_letter(office: Office, notice: Notice, outcome: Outcome) -> Outcome:
    """What no server takes, or has not taken so often, goes as a letter."""
    if outcome.way or not (outcome.for_good or notice.tries >= len(AGAIN)):
        return outcome
    laid = office.post.lay_down(notice.letter)
    return Outcome(laid.way, "; ".join(problem for problem in (outcome.problem, laid.problem) if problem))


def _settle(office: Office, writing: Writing, notice: Notice, outcome: Outcome) -> None:
    now, ends = office.now(), Ends(writing.connection)
    again = None if outcome.way else now + AGAIN[min(notice.tries, len(AGAIN) - 1)]
    ends.settle(notice, outcome.way, now, outcome.problem, again)
    told = {"name": notice.letter.name, "problem": outcome.problem}
    act = "told" if outcome.way else "not_told"
    writing.audit(now, office.operator, act, notice.number, way=outcome.way or "", **told)
