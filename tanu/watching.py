"""`tanu dids`: whether what stands at each institution's own address is what the register has."""

import json
import sys

from rich.console import Console

from issuer.office import system_clock
from registry.fetch import Fetcher
from registry.watch import Watched, hosts_of, of_the_web, watched
from schemas.languages import say
from tanu.session import Session

EXIT = {"same": 0, "other": 1, "silent": 2}
_SIGNS = {"same": "✓", "other": "✗", "silent": "?"}


def run(session: Session) -> int:
    """Asks each institution's own host, tells, and returns the exit code: 1 where one says something else, else 2
    where one does not answer."""
    institutions = of_the_web(tuple(session.home.registry.institutions()))
    fetcher = Fetcher(hosts=hosts_of(institutions))
    found = [watched(institution, fetcher, system_clock()) for institution in institutions]
    _tell(session, found)
    outcomes = {each.outcome for each in found}
    return next((EXIT[outcome] for outcome in ("other", "silent") if outcome in outcomes), 0)


def _tell(session: Session, found: list[Watched]) -> None:
    if session.as_json:
        sys.stdout.write(json.dumps([each.as_json() for each in found], ensure_ascii=False, indent=1) + "\n")
        return
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not found:
        console.print(say("registry.watch.nobody")[session.language])
    for each in found:
        name = each.institution.name[session.language]
        console.print(f"{_SIGNS[each.outcome]} {name}: {each.because[session.language]}")
