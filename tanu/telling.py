"""What the commands say: for a person in their language, or as JSON."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from issuer.batch import Checked, Handed
from issuer.cosign import Waiting, waiting_numbered
from issuer.ends.store import looking
from issuer.holder import Links
from issuer.intents import Decided
from issuer.office import Office, system_clock
from issuer.sheets import Problem
from issuer.sheets import template as empty_sheet
from registry.client import Registry
from registry.fetch import Fetcher
from registry.statuses import changes_at, state_at
from schemas.credential import stored_credential, utc
from schemas.errors import Refused
from schemas.kinds.table import Kind, kind_named
from schemas.languages import Text, say
from schemas.numbers import grouped, read_code, read_number
from tanu import cosigning
from tanu.home import Home
from tanu.session import Session
from verifier.checks import not_looked_at, said
from verifier.intake import handed_in
from verifier.report import Policy, Report, Verdict
from verifier.verify import verify
from verifier.worker import Workers

Advance = Callable[[], None]

EXIT: dict[Verdict, int] = {
    "valid": 0,
    "indeterminate": 2,
    "malformed": 3,
    "unsupported": 3,
}
"""The exit code of `tanu verify`; 1 for every other verdict."""

_TEST = Text(kk="ТЕСТ", ru="ТЕСТ", en="TEST")
_SIGNS = {"passed": "✓", "failed": "✗", "unknown": "?", "not_applicable": "–"}


def _console() -> Console:
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def _json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def verified(
    session: Session, file: Path, registry: Registry, policy: Policy, fetcher: Fetcher, at: datetime | None
) -> int:
    """`tanu verify`."""
    report = _verify(_content(file), registry, policy, fetcher, at)
    if session.as_json:
        _json(report.as_json())
    else:
        _tell_report(session, report)
    return EXIT.get(report.verdict, 1)


def _content(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UnreadableFile(say("home.bad_file", path=file, problem=error.strerror or "")) from None


class UnreadableFile(Refused):
    """A file that `tanu verify` cannot open: exit code 3, as for a document that cannot be read."""


def _verify(data: bytes, registry: Registry, policy: Policy, fetcher: Fetcher, at: datetime | None) -> Report:
    try:
        document = handed_in(data)
    except Refused as refused:
        verdict: Verdict = "unsupported" if type(refused).__name__ == "Unsupported" else "malformed"
        steps = (said(1, "failed", refused.because, verdict), *not_looked_at(2, 3, 4, 5, 6, 7, 8, 9))
        return Report(steps, system_clock(), policy, test=False, document=None, at=at)
    with Workers(children=1) as workers:
        return verify(document, registry, system_clock(), policy=policy, fetcher=fetcher, canonizer=workers, at=at)


def _tell_report(session: Session, report: Report) -> None:
    console, language = _console(), session.language
    console.print(
        say(f"pages.verdict.{report.verdict}")[language].upper() + (f" · {_TEST[language]}" if report.test else "")
    )
    if report.at:
        console.print(f"  {say('pages.report.at', instant=report.at)[language]}")
    for each in report.later:
        console.print(f"  {each.because[language]}")
    for text in _headlines(report):
        console.print(f"  {text[language]}")
    for check in report.checks:
        console.print(f"{_SIGNS[check.outcome]} {check.n} {check.title[language]}: {check.because[language]}")
    for source in report.unasked:
        console.print(f"  {source.told[language]}")


def _headlines(report: Report) -> Iterator[Text]:
    """What, whose, by whom, which number; an issuer that nobody confirms only in quotes."""
    if (document := report.document) is None:
        return
    signer = document.issuer
    yield from (text for text in (document.title, document.holder) if text)
    yield signer.name if signer.confirmed else say("cli.unconfirmed", name=signer.name, id=signer.id)
    if document.number:
        yield Text.same(document.number)


def batch(
    session: Session,
    checked: Checked,
    handed: Sequence[Handed],
    waiting: Sequence[Waiting] = (),
    *,
    dry_run: bool,
    out: Path | None = None,
) -> None:
    """`tanu issue`."""
    if session.as_json:
        _json(
            {
                "issued": [each.as_json() for each in handed],
                "waiting": [cosigning.as_json(found) for found in waiting],
                "problems": [_problem_json(p) for p in checked.problems],
                "notes": [_problem_json(p) for p in checked.notes],
                "dry_run": dry_run,
            }
        )
        return
    console, language = _console(), session.language
    for note in checked.notes:
        console.print(f"· {_at(session, note)}")
    for problem in checked.problems:
        console.print(f"✗ {_at(session, problem)}")
    for each in handed:
        console.print(f"✓ {each.case}  {each.number}  {each.page}" + (say("cli.again")[language] if each.again else ""))
    for found in waiting:
        console.print(cosigning.line(session, found))
    if waiting:
        console.print(say("cosign.waiting", count=len(waiting))[language])
    counts = {"rows": len(checked.approvals), "problems": len(checked.problems), "issued": len(handed)}
    key = "cli.dry_run" if dry_run else "cli.issued" if handed or waiting else "cli.nothing_issued"
    console.print(say(key, out=out or "–", **counts)[language])


def _problem_json(problem: Problem) -> dict[str, Any]:
    place = {"sheet": problem.place.sheet, "row": problem.place.row, "column": problem.place.column}
    return {"place": place, "because": problem.because.as_json()}


def _at(session: Session, problem: Problem) -> str:
    place = problem.place
    where = say("cli.place", sheet=place.sheet, row=place.row, column=place.column or "–")
    return f"{where[session.language]}: {problem.because[session.language]}"


def demo(session: Session, handed: Sequence[Handed]) -> None:
    """`tanu demo`: everything it has issued."""
    if session.as_json:
        names = ("kind", "number", "code", "page", "json", "pdf", "holder_page")
        _json([{name: each.as_json()[name] for name in names} for each in handed])
        return
    console, language = _console(), session.language
    shown: set[str] = set()
    for each in handed:
        if each.kind not in shown:
            shown.add(each.kind)
            console.print(f"{kind_named(each.kind).title[language]}  {each.number}")
            console.print(f"  {say('cli.page')[language]}: {each.page}")
            console.print(f"  {say('cli.holder_page')[language]}: {each.holder_page}")
    folder = next((each.json.parent.parent for each in handed if each.json), session.home.out)
    console.print(say("cli.demo", count=len(handed), out=folder)[language])
    console.print(say("home.demo_passphrase", path=session.home.folder / "passphrase")[language])


def initialised(session: Session, home: Home, office: Office) -> None:
    """`tanu init`."""
    names = ", ".join(row.slug for row in office.registry.institutions()) or "–"
    _console().print(say("cli.initialised", path=home.folder, url=home.public_url, names=names)[session.language])


def record(session: Session, name: str) -> None:
    """`tanu show`."""
    office = session.desk
    intent = office.store.intent_numbered(_number_or(name)) or office.store.intent_coded(_code_or(name))
    document = office.store.final(intent.code) if intent else None
    if intent is not None and document is None:
        lacking = waiting_numbered(office, intent.number).lacking
        raise Refused.saying("cosign.waits", number=intent.number, lacking=lacking[0])
    if intent is None or document is None:
        raise Refused.saying("office.no_document", number=name)
    credential = stored_credential(document)
    history = office.registry.history(intent.code)
    with looking(office.store) as ends:
        known, proposal, case = (
            ends.decisions(intent.code),
            ends.open_proposal_of(intent.code),
            ends.case_of(intent.code),
        )
    found = {
        "number": intent.number,
        "code": intent.code,
        "kind": intent.kind,
        "title": credential.title.as_json(),
        "holder": credential.facts.holder_text.as_json(),
        "institution": intent.institution,
        "case": intent.case,
        "state": state_at(history, office.now()),
        "issued_on": credential.issued_on.isoformat(),
        "page": office.page_url(intent.code),
        "holder_page": Links(office).holder_url(intent.code) if office.store.open_link(intent.code, "holder") else None,
        "prints": (office.store.last_print(intent.code) or (0, None))[0],
        "lists": [{"list": s.list_url, "index": s.index, "purpose": s.purpose} for s in credential.slots],
        "history": [_decided(each) for each in known],
        "proposed": proposal and proposal.event,
        "annulment": case and case.state,
        "in_effect": len(changes_at(history, office.now())),
    }
    if session.as_json:
        _json(found)
    else:
        _tell_record(session, found, known)
        if proposal:
            act, event = say(f"status.act.{proposal.order.act}"), proposal.event
            _console().print("  " + say("ends.proposed", number=intent.number, act=act, event=event)[session.language])


def _number_or(name: str) -> str:
    try:
        return read_number(name)
    except Refused:
        return ""


def _code_or(name: str) -> str:
    try:
        return read_code(name.rsplit("/", 1)[-1])
    except Refused as refused:
        raise (
            refused if "-" not in name or len(name) < 20 else Refused.saying("office.no_document", number=name)
        ) from None


def _decided(decided: Decided) -> dict[str, Any]:
    """A change with what only the office knows of it."""
    change = decided.change
    private = {name: getattr(decided, name) for name in ("event", "minutes", "entered_by", "confirmed_by")}
    return {
        **private,
        "act": change.act,
        "reason": change.reason,
        "authority": change.authority,
        "basis": change.basis,
        "effective_on": change.effective_on.isoformat(),
        "recorded_at": utc(change.recorded_at),
        "successor": change.successor,
        "decided_on": change.decided_on and change.decided_on.isoformat(),
        "from_beginning": change.from_beginning,
    }


def _tell_record(session: Session, found: dict[str, Any], known: Sequence[Decided]) -> None:
    console, language = _console(), session.language
    console.print(f"{found['number']}  {grouped(found['code'])}  {say('status.state.' + found['state'])[language]}")
    for label in ("title", "holder"):
        console.print(f"  {found[label][language]}")
    for label in ("page", "holder_page"):
        console.print(f"  {say('cli.' + label)[language]}: {found[label] or '–'}")
    for decided in known:
        change, persons = decided.change, f"{decided.entered_by} → {decided.confirmed_by or '–'}"
        words = say(
            "verify.status.ended",
            act=change.act_text,
            when=change.when,
            authority=change.authority,
            reason=change.reason_text,
        )
        console.print(f"  {words[language]} ({change.basis}; {decided.minutes}; {persons})")


def printed(session: Session, number: str, again: int, path: Path) -> None:
    """`tanu print`."""
    if session.as_json:
        _json({"number": number, "print": again, "pdf": str(path)})
        return
    _console().print(say("cli.printed", number=number, again=again, path=path)[session.language])


def withheld(session: Session, number: str) -> None:
    """`tanu withhold`."""
    if session.as_json:
        _json({"number": number, "withheld": True})
        return
    _console().print(say("cli.withheld", number=number)[session.language])


def linked(session: Session, number: str, url: str) -> None:
    """`tanu link`."""
    if session.as_json:
        _json({"number": number, "holder_page": url})
        return
    _console().print(say("cli.linked", number=number, url=url)[session.language])


def template(session: Session, kind: Kind, out: Path | None) -> None:
    """`tanu template`."""
    path = out or Path(f"{kind.name}.xlsx")
    path.write_bytes(empty_sheet(kind, session.language))
    _console().print(str(path))
