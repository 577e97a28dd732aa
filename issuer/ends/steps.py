"""Takes a step of a case: once, in the transaction of what it belongs to, with a row of the audit."""

from issuer.ends.cases import Case, Step, Taken
from issuer.ends.store import Ends
from issuer.office import Office
from issuer.store import Writing

_TEXTS = frozenset({"ground", "text"})
"""What stands in the case alone."""


def take(office: Office, writing: Writing, case: Case, step: Step, by: str, **said: str) -> None:
    """Raises `Refused` where the case, as it stands now, is not in a state from which the step leads on."""
    ends = Ends(writing.connection)
    current = ends.case(case.name) or case
    ends.step(case.name, current.after(step), Taken(step, office.now(), by, said))
    note(office, writing, case, step, by, said)


def note(office: Office, writing: Writing, case: Case, step: Step, by: str, said: dict[str, str]) -> None:
    """The row of a step."""
    brief = {key: words for key, words in said.items() if key not in _TEXTS}
    writing.audit(office.now(), office.operator, f"annulment_{step}", case.number, case=case.name, by=by, **brief)
