"""The command `tanu`: one verb a function, each calling what the web's doors call too."""

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from issuer import federation, holder, status
from registry.client import Registry
from registry.fetch import Fetcher
from registry.remote import RemoteRegistry
from schemas.contexts import ChangedFile
from schemas.errors import Refused, Unavailable
from schemas.kinds.table import KINDS, Kind, kind_named
from schemas.languages import Text, say
from tanu import (
    annulling,
    batches,
    cosigning,
    demonstration,
    ends,
    entitling,
    flagging,
    jose,
    keeping,
    published,
    record,
    schema,
    serving,
    telling,
    watching,
)
from tanu.accrediting import add_bodies, add_mandates
from tanu.database import Unrecorded, unrecorded
from tanu.home import initialise, read_roots
from tanu.institutions import RegisterFile, add_institutions, read_institutions
from tanu.output import unread
from tanu.session import HomeOption, JsonOption, Session, language_of, operator, passphrase
from verifier.moment import read_moment
from verifier.report import Policy

UNREADABLE = 3
USAGE_ERROR = 64
REFUSED = 65
UNAVAILABLE = 69

UsageError: type[Exception] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "UsageError")
"""What typer raises for a wrong command line; it has no public name there."""

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.add_typer(ends.app, name="status")
app.add_typer(annulling.app, name="annulment")
app.add_typer(jose.app, name="jose")
app.add_typer(schema.app, name="schema")
app.add_typer(keeping.app, name="register")
app.command(name="hand-over")(keeping.hand_over)
app.command()(keeping.withhold)
entitling.add_commands(app)
app.command()(record.numbers)
app.command()(record.clock)

KindOption = Annotated[str, typer.Option("--kind", help=f"One of: {', '.join(KINDS)}")]
NoServeOption = Annotated[bool, typer.Option("--no-serve", help="Only issue.")]
PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help="The port on 127.0.0.1.")]


def _session(home: Path | None, as_json: bool = False) -> Session:
    return Session.begun(home, as_json)


@app.command()
def demo(
    home: HomeOption = None, port: PortOption = 8000, no_serve: NoServeOption = False, as_json: JsonOption = False
) -> None:
    """A specimen university, recognition centre, college and training provider; issues the shipped files; serves."""
    session = _session(home, as_json)
    if not no_serve:
        serving.check_port(port)
    office = demonstration.prepare(session)
    handed = demonstration.issue_all(session, office)
    telling.demo(session, handed)
    if not no_serve:
        serving.serve(session, office, serving.PARTS, port)


@app.command()
def init(
    home: HomeOption = None,
    institutions: Annotated[Path | None, typer.Option(help="A JSON file of bodies and institutions to enter.")] = None,
) -> None:
    """Makes a home; its public address (TANU_PUBLIC_URL) is fixed from then on."""
    session = _session(home)
    file = read_institutions(institutions) if institutions else RegisterFile()
    words = passphrase(session.settings, session.settings.home)
    made = initialise(session.settings)
    office = made.office(words, operator())
    office.check_passphrase()
    office = add_bodies(made, office, file.bodies)
    add_institutions(office, file.institutions)
    add_mandates(office, file.mandates)
    federation.renew(office)
    telling.initialised(session, made, office)


@app.command()
def serve(
    home: HomeOption = None,
    parts: Annotated[str, typer.Option(help="Which of issuer,registry,verifier.")] = ",".join(serving.PARTS),
    port: PortOption = 8000,
) -> None:
    """Serves the pages and the API on 127.0.0.1."""
    session = _session(home)
    chosen = _parts(parts)
    serving.check_port(port)
    office = session.office if "issuer" in chosen else session.desk
    serving.serve(session, office, chosen, port)


@app.command()
def conformance(
    port: PortOption = 8000,
    certificate: Annotated[Path | None, typer.Option(help="A PEM file with certificate and key, to serve TLS.")] = None,
) -> None:
    """The standard doors of the VC-API on 127.0.0.1, with throw-away keys, for the public suites of the W3C."""
    session = _session(None)
    serving.check_port(port)
    serving.serve_conformance(session, port, certificate)


def _parts(named: str) -> tuple[str, ...]:
    try:
        return serving.read_parts(named)
    except Refused as refused:
        raise typer.BadParameter(refused.because[language_of(os.environ)], param_hint="--parts") from None


@app.command()
def issue(
    file: Annotated[Path, typer.Argument(help="An .xlsx, .csv or .json file.")],
    kind: KindOption,
    institution: Annotated[str, typer.Option(help="The institution's short name.")],
    out: Annotated[Path | None, typer.Option(help="Where to write the documents and the report.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="Draw the paper too.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, issue nothing.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave the wrong rows out.")] = False,
    as_spelled: Annotated[
        list[str] | None, typer.Option("--as-spelled", help="A word of a name that does mix alphabets; recorded.")
    ] = None,
    on_behalf_of: Annotated[
        str | None, typer.Option("--on-behalf-of", help="Another institution, by its mandate: its short name.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Issues a file's rows; nothing at all while a row is wrong, unless --skip-bad."""
    session = _session(home, as_json)
    words = frozenset(as_spelled or ())
    order = batches.Order(file, _kind(kind), institution, out, pdf, dry_run, skip_bad, words, on_behalf_of)
    raise typer.Exit(batches.run(session, order))


def _kind(name: str) -> Kind:
    try:
        return kind_named(name)
    except Refused as refused:
        raise typer.BadParameter(refused.because[language_of(os.environ)], param_hint="--kind") from None


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A .json, .pdf, .jwt or .cose file; - reads standard input.")],
    registry: Annotated[str | None, typer.Option(help="The address of a registry; else the home's own.")] = None,
    policy: Annotated[str, typer.Option(help="product or open")] = "product",
    at: Annotated[str | None, typer.Option(help="A day or an instant in the past: was it valid then?")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Checks a document. Exit: 0 valid, 1 not valid, 2 could not tell, 3 unreadable."""
    session = _session(home, as_json)
    asked, fetcher = _sources(session, registry)
    raise typer.Exit(telling.verified(session, file, asked, _policy(policy), fetcher, _moment(at)))


def _moment(spelled: str | None) -> datetime | None:
    try:
        return read_moment(spelled) if spelled else None
    except Refused as refused:
        raise typer.BadParameter(refused.because[language_of(os.environ)], param_hint="--at") from None


def _sources(session: Session, registry: str | None) -> tuple[Registry, Fetcher]:
    """Whom to ask: the registry at an address, or the home's own with all that it has published."""
    hosts = session.settings.trusted_hosts
    if registry:
        return RemoteRegistry.at(registry, read_roots(session.settings.trust_roots)), Fetcher(hosts=hosts)
    home = session.home
    return home.registry, published.fetcher(home.registry, home.public_url, hosts)


def _policy(name: str) -> Policy:
    policies: dict[str, Policy] = {"product": "product", "open": "open"}
    if name not in policies:
        raise typer.BadParameter("product | open", param_hint="--policy")
    return policies[name]


@app.command()
def cosign(
    number: Annotated[str | None, typer.Argument(help="The document; left out: what waits, for whom.")] = None,
    name: Annotated[
        str | None, typer.Option("--as", help="Who signs: a role, or the short name of a person or partner.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything that waits for them.")] = False,
    to_sign: Annotated[
        bool, typer.Option("--bytes", help="Write what is to be signed, for a key that is not in this home.")
    ] = False,
    proof: Annotated[
        Path | None, typer.Option(help="A finished signature: the proof, or the document with it.")
    ] = None,
    withdraw: Annotated[
        str | None, typer.Option(help="End it unsigned, for this reason; its number stays taken.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Signs beside the institution: a document is published once as many have signed as the register asks for."""
    cosigning.run(_session(home, as_json), cosigning.Order(number, name, every, to_sign, proof, withdraw))


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NUMBER|CODE")], home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """What the office knows of a document: state, history, addresses."""
    session = _session(home, as_json)
    telling.record(session, name)


@app.command(name="print")
def print_(
    number: str,
    out: Annotated[Path, typer.Option(help="The folder for the PDF.")] = Path(),
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prints a lost paper again: a duplicate with the next print number; same document, number and state."""
    session = _session(home, as_json)
    again, document = holder.print_again(session.desk, number)
    path = out / f"{number.strip().upper()}-{again}.pdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(document)
    telling.printed(session, number, again, path)


@app.command()
def link(number: str, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Renews the holder's secret link; the old one is dead from then on."""
    session = _session(home, as_json)
    intent = status.signed_document(session.desk, number)
    telling.linked(session, intent.number, holder.Links(session.desk).renew(intent.code))


@app.command()
def notices(
    every: Annotated[bool, typer.Option("--all", help="Those that have gone, too.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What holders are told and has not gone yet: how often it was tried, and what stood in the way."""
    ends.told(_session(home, as_json), every=every)


@app.command()
def flags(
    number: Annotated[str | None, typer.Argument(help="The decision that the commission has looked at.")] = None,
    minutes: Annotated[str | None, typer.Option(help="The number of the commission's minutes.")] = None,
    conclusion: Annotated[str | None, typer.Option(help="What it has found.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who enters it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that were looked at, too.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decisions of a recognition commission that rest on a document which has ended since; and its review of them."""
    flagging.run(_session(home, as_json), flagging.Order(number, minutes, conclusion, by, every))


@app.command()
def dids(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Compares the DID document at each institution's own address with the register; for a timer.

    Exit: 0 the same, 1 another, 2 no answer.
    """
    raise typer.Exit(watching.run(_session(home, as_json)))


@app.command()
def template(
    kind: Annotated[str, typer.Argument(help=f"One of: {', '.join(KINDS)}")],
    out: Annotated[Path | None, typer.Option(help="The .xlsx to write.")] = None,
) -> None:
    """Writes an empty spreadsheet with the sheets and headings of a kind, in the language of TANU_LANG."""
    telling.template(_session(None), _kind(kind), out)


def main() -> None:
    """The entry point: every refusal is one sentence and an exit code, never a traceback."""
    sys.stdout, sys.stderr = (unread(stream) for stream in (sys.stdout, sys.stderr))
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs a command line; its exit code."""
    try:
        code: Any = app(arguments, prog_name="tanu", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except UsageError as error:
        getattr(error, "show", lambda: None)()
        return USAGE_ERROR
    except typer.Exit as leaving:
        return int(leaving.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except jose.Ended as refused:
        return _refusal(refused.because, refused.code)
    except telling.UnreadableFile as refused:
        return _refusal(refused.because, UNREADABLE)
    except Unrecorded as silence:
        return _refusal(silence.cause, UNAVAILABLE)
    except Unavailable as silence:
        return _refusal(silence.because, UNAVAILABLE)
    except (Refused, ChangedFile) as refused:
        return _refusal(refused.because, REFUSED)
    except OSError as error:
        problem = f"{error.strerror or type(error).__name__} {error.filename or ''}".strip()
        return _refusal(say("cli.os_error", problem=problem), REFUSED)
    except Exception as error:
        if found := unrecorded(error):
            return _refusal(found.cause, UNAVAILABLE)
        raise


def _refusal(because: Text, code: int) -> int:
    language = language_of(os.environ)
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps({"error": because.as_json()}, ensure_ascii=False) + "\n")
    Console(stderr=True, highlight=False, markup=False, emoji=False).print(because[language], soft_wrap=True)
    return code
