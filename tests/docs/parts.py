"""The parts of the documentation that the code writes: tables of kinds, marks, verdicts, commands, doors, statuses.

A part stands between `<!-- generated: NAME -->` and `<!-- end: NAME -->`; `python -m tests.docs --write` fills them.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

import typer

from issuer.ends.cases import MOVES, step_text
from issuer.office import Office
from registry.fetch import Fetcher
from registry.issuers import PERSONS, role_text
from registry.statuses import REASONS, TERMINAL
from schemas.display import marked
from schemas.kinds.facts import Mark, Names, Node, Trilingual
from schemas.kinds.table import KINDS
from schemas.languages import LANGUAGES, say
from tanu import asgi, problems
from tanu.cli import app
from tanu.conformance.instances import ROWS
from tanu.telling import EXIT
from tests.docs import citations
from verifier.report import REVEALS, VERDICTS
from verifier.verify import HERE

EXAMPLES = Path("docs/examples")
PAGES = (Path("README.md"), *sorted(Path("docs").rglob("*.md")))
_PART = re.compile(r"(<!-- generated: (?P<name>[A-Za-z-]+) -->\n).*?(<!-- end: (?P=name) -->)", re.DOTALL)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


# ---------------------------------------------------------------- kinds


def kinds() -> str:
    """Every kind: its name, its letters, what Open Badges makes of it, its status entries."""
    rows = [
        (f"`{kind.name}`", kind.letters, kind.title.en, "yes" if kind.badge else "no", ", ".join(kind.status_purposes))
        for kind in KINDS.values()
    ]
    return table(("kind", "letters", "document", "Open Badges 3.0", "status entries"), rows)


def published() -> str:
    """Where the files of each kind lie."""
    folder = "../schemas/published/kinds"
    rows = []
    for kind in KINDS.values():
        stem = f"{kind.name}-{kind.version}"
        files = [f"[{part}]({folder}/{stem}.{part}.json)" for part in ("context", "schema")]
        rows.append((f"[{kind.name}.json](examples/{kind.name}.json)", *files, f"`{kind.generate_schema()['$id']}`"))
    return table(("whole example", "inline context", "JSON Schema 2020-12", "`$id`"), rows)


_ORDER: tuple[Mark, ...] = get_args(Mark)


def public() -> str:
    """Who sees which field of which kind: a field is as hidden as the most hidden of those around it."""
    rows = []
    for kind in KINDS.values():
        found: dict[Mark, list[str]] = {mark: [] for mark in _ORDER}
        for name, mark in _marks(kind.facts, "code"):
            found[mark].append(f"`{name}`")
        rows += [(f"`{kind.name}`" if mark == "code" else "", mark, ", ".join(found[mark]) or "–") for mark in _ORDER]
    return table(("kind", "mark", "members of `credentialSubject`"), rows)


def _marks(model: type[Node], around: Mark) -> Iterator[tuple[str, Mark]]:
    """Member → mark; a whole branch under one mark is one member."""
    for name, note in marked(model):
        field = model.model_fields[name]
        mark = max(around, note.mark, key=_ORDER.index)
        inner = [pair for node in nodes_in(field.annotation) for pair in _marks(node, mark)]
        if all(below == mark for _, below in inner):
            yield field.alias or name, mark
        else:
            yield from ((f"{field.alias or name}.{below}", its) for below, its in inner)


def nodes_in(annotation: Any) -> Iterator[type[Node]]:
    """The models with fields of their own inside Optional, Annotated and tuple."""
    if isinstance(annotation, type) and issubclass(annotation, Node) and not issubclass(annotation, Trilingual | Names):
        yield annotation
    for argument in get_args(annotation):
        yield from nodes_in(argument)


# ---------------------------------------------------------------- verdicts and states


def verdicts() -> str:
    """Every verdict in its order: the later one wins."""
    rows = [
        (str(at), f"`{verdict}`", *say(f"pages.verdict.{verdict}").as_json().values(), _words(REVEALS[verdict]))
        for at, verdict in enumerate(VERDICTS, start=1)
    ]
    return table(("", "verdict", *LANGUAGES, "what is shown"), rows)


_REVEALED = {
    "everything": "all that the reader may see",
    "title_and_number": "title, number, issuer, history; no holder, no content",
    "claimed_name": "the name that the document claims, in quotation marks",
    "nothing": "nothing",
}


def _words(reveal: str) -> str:
    return _REVEALED[reveal]


def exits() -> str:
    """The exit code of `tanu verify` by verdict."""
    codes: dict[int, list[str]] = {}
    for verdict in VERDICTS:
        if verdict != "not_found":
            codes.setdefault(EXIT.get(verdict, 1), []).append(f"`{verdict}`")
    return table(("exit code", "verdict"), [(str(code), ", ".join(names)) for code, names in sorted(codes.items())])


def reasons() -> str:
    """The reason classes of a change, in words."""
    rows = [(f"`{reason}`", *say(f"status.reason.{reason}").as_json().values()) for reason in REASONS]
    return table(("class", *LANGUAGES), rows)


def states() -> str:
    """The states and their words."""
    rows = [
        (f"`{state}`", *say(f"status.state.{state}").as_json().values(), "for good" if state in TERMINAL else "")
        for state in ("valid", "suspended", "revoked", "annulled", "replaced")
    ]
    return table(("state", *LANGUAGES, ""), rows)


def annulment() -> str:
    """The steps of a case of annulment: from which states, to which, by whom."""
    rights = {"enter": "one who may enter", "confirm": "another, who may confirm"}
    rows = [
        (
            f"`{step}`",
            step_text(step).en,
            ", ".join(f"`{state}`" for state in move.after) or "–",
            f"`{move.to}`" if move.to else "as before",
            rights[move.may],
        )
        for step, move in MOVES.items()
    ]
    return table(("step", "", "from", "to", "officer"), rows)


def roles() -> str:
    """The roles of responsible persons, in words."""
    rows = [(f"`{role}`", *role_text(role).as_json().values()) for role in PERSONS]
    return table(("role", *LANGUAGES), rows)


# ---------------------------------------------------------------- commands


def commands() -> str:
    """Every command with its arguments and options; those that share all their options stand together."""
    described = list(_commands())
    together = [list(group) for _, group in groupby(described, key=lambda each: each[2])]
    return "\n".join(
        "\n".join(f"#### {heading}\n\n{text}\n" for heading, text, _ in group) + f"\n{group[0][2]}"
        for group in together
    )


def _commands() -> Iterator[tuple[str, str, str]]:
    for words, command in every_command():
        given = [p for p in command.params if p.name != "help"]
        arguments = [str(p.metavar or str(p.name).upper()) for p in given if p.param_type_name == "argument"]
        rows = [_option(p) for p in given if p.param_type_name == "option"]
        options = table(("option", "", "default"), rows)
        yield f"`{' '.join(['tanu', *words, *arguments])}`", " ".join(str(command.help).split()), options


def every_command() -> Iterator[tuple[list[str], Any]]:
    """The words of each command, and what typer makes of it."""

    def below(group: Any, words: list[str]) -> Iterator[tuple[list[str], Any]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from below(command, [*words, name])
            else:
                yield [*words, name], command

    return below(typer.main.get_command(app), [])


def _option(option: Any) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if option.required:
        return names, str(option.help or ""), "must be given"
    default = option.default
    said = "" if default is None or default is False or default is True else f"`{default}`"
    if option.secondary_opts:
        said = f"`{option.opts[0] if default else option.secondary_opts[0]}`"
    return names, str(option.help or ""), said


# ---------------------------------------------------------------- doors


def doors(office: Office) -> str:
    """Every address that is served, by part."""
    looking = asgi.Verifier.over(office, lambda _token: None, Fetcher(), HERE)
    parts = {
        "verifier": looking.routes(),
        "registry": asgi.registry_routes(office.registry, office.public_url),
        "issuer": asgi.issuer_routes(office),
    }
    rows = [
        (f"`{' '.join(sorted(route.methods - {'HEAD'}))} {route.path}`", part, first_sentence(route.endpoint))
        for part, router in parts.items()
        for route in every_route(router)
    ]
    return table(("address", "part", ""), rows)


# ---------------------------------------------------------------- conformance


def standard_doors() -> str:
    """The addresses of the VC-API."""
    routes = every_route(asgi.conformance_routes("https://verify.example.kz", HERE))
    rows = [(f"`{min(route.methods)} {route.path}`", first_sentence(route.endpoint)) for route in routes]
    return table(("address", ""), rows)


def instances() -> str:
    """The instances of `tanu conformance`."""
    return table(("instance", "suite", "key"), [(f"`{row.name}`", f"`{row.suite}`", row.key) for row in ROWS])


# ---------------------------------------------------------------- of all doors


def every_route(router: Any) -> Iterator[Any]:
    """The routes of a router or an application, of those included in it too."""
    for route in router.routes:
        if hasattr(route, "path"):
            yield route
        else:
            yield from every_route(route.original_router)


def first_sentence(function: Callable[..., object]) -> str:
    """Of its docstring."""
    return " ".join(
        (inspect.getdoc(function) or "The first page: type a code, hand in a file.").split("\n\n")[0].split()
    )


def statuses() -> str:
    """Error class → HTTP status."""
    rows = [(str(status), f"`{error.__name__}`", first_sentence(error)) for error, status in problems.STATUS]
    return table(("status", "class", "when"), rows)


# ---------------------------------------------------------------- attacks and rules


def attacks() -> str:
    """Every attack that tests or code name, with the tests that show it."""
    return table(citations.ATTACK_HEAD, citations.attack_rows())


def rules() -> str:
    """Every rule that the code names, with its place and its tests."""
    return table(citations.RULE_HEAD, citations.rule_rows())


def groups() -> str:
    """Every group of rules, with the number of those that the code names."""
    return table(citations.GROUP_HEAD, citations.group_rows())


# ---------------------------------------------------------------- examples


def examples() -> Iterator[tuple[str, str]]:
    """The examples, whole, as they lie in their folder."""
    for path in sorted(EXAMPLES.glob("*.json")):
        yield f"example-{path.stem}", f"```json\n{path.read_text('utf-8')}```\n"


def parts(office: Office) -> Mapping[str, str]:
    """Every part by its name."""
    plain = (
        kinds,
        published,
        public,
        verdicts,
        exits,
        reasons,
        states,
        annulment,
        roles,
        commands,
        statuses,
        attacks,
        rules,
        groups,
        instances,
    )
    asked = {"doors": doors(office), "standard-doors": standard_doors()}
    return {part.__name__: part() for part in plain} | asked | dict(examples())


def filled(text: str, made: Mapping[str, str]) -> str:
    """A page with its parts as the code writes them."""
    return _PART.sub(lambda found: f"{found[1]}{made[found['name']]}{found[3]}", text)


def named(text: str) -> list[str]:
    """The parts that a page has."""
    return [found["name"] for found in _PART.finditer(text)]
