"""The documentation names what there is, and what it says of the code is so.

`python -m tests.docs --write` fills the generated parts and renews the examples.
"""

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

from issuer import issue
from issuer.office import Office
from keys.did import read_document
from keys.multibase import base64url_decode
from keys.proof import check, proofs_of
from keys.public import PublicKey
from registry.wire import read_entry, read_history, read_institution
from schemas.kinds.table import KINDS
from schemas.numbers import Number, new_code
from schemas.reading import Json
from schemas.statuslist import INVALID, bit_at, decode_statuses, read_list_document, status_at
from tanu import institutions
from tanu.asgi import everything
from tanu.cli import app
from tests.docs import citations, parts, specimens
from tests.world import World
from verifier.checks import NAMES
from verifier.report import VERDICTS

STEPS = [(str(number), name) for number, name in enumerate(issue.STEPS, start=1)]
PAGES = (*parts.PAGES, Path("CONTRIBUTING.md"), Path("CHANGELOG.md"), Path("SECURITY.md"))
TEXTS = {page: page.read_text("utf-8") for page in PAGES}
ALL = "\n".join(TEXTS.values())
WRITE = "run: python -m tests.docs --write"
pages = pytest.mark.parametrize("page", PAGES, ids=str)


@pytest.fixture(scope="module")
def office(world: World) -> Office:
    return world.office


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """What the demonstration publishes today."""
    return specimens.specimens(tmp_path_factory.mktemp("specimens"))


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


# ---------------------------------------------------------------- everything is named


@pytest.mark.parametrize("words", [" ".join(words) for words, _ in parts.every_command()])
def test_every_command_is_documented(words: str) -> None:
    assert f"tanu {words}" in ALL


def test_every_option_is_documented() -> None:
    for words, command in parts.every_command():
        for option in (p for p in command.params if p.param_type_name == "option"):
            assert all(f"`{name}`" in ALL for name in option.opts), (words, option.opts)


def test_every_setting_is_documented() -> None:
    code = "\n".join(path.read_text("utf-8") for path in Path("tanu").glob("*.py"))
    names = set(re.findall(r"\bTANU_[A-Z_]+", code)) | {"LC_ALL", "LANG"}
    operating = TEXTS[Path("docs/operating.md")]
    assert len(names) > 5
    assert [name for name in names if f"`{name}`" not in operating] == []


def test_every_address_is_documented(office: Office) -> None:
    served = {route.path for route in parts.every_route(everything(office))}
    assert len(served) > 15
    assert [path for path in served if f" {path}`" not in TEXTS[Path("docs/formats.md")]] == []


@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_is_documented(verdict: str) -> None:
    assert f"`{verdict}`" in TEXTS[Path("docs/journey.md")]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_documented(kind: str) -> None:
    assert f"`{kind}`" in TEXTS[Path("docs/formats.md")]


def test_every_target_of_make_is_documented() -> None:
    targets = re.findall(r"^([a-z]+):", Path("Makefile").read_text("utf-8"), re.MULTILINE)
    assert [target for target in targets if f"make {target}" not in ALL] == []


# ---------------------------------------------------------------- what is said is so


def test_the_steps_have_their_numbers_and_names() -> None:
    rows = re.findall(r"^\| (\d) \| `(\w+)` \| [^|]+\? \|", TEXTS[Path("docs/journey.md")], re.MULTILINE)
    assert {int(n): name for n, name in rows} == NAMES


def test_the_steps_of_issuing_have_their_numbers_and_names() -> None:
    """In the page, in the docstring of the main path, and in its table."""
    section = TEXTS[Path("docs/journey.md")].partition("### Nine steps of issuing")[2].partition("\n### ")[0]
    assert re.findall(r"^\| (\d) \| (\w+) \|", section, re.MULTILINE) == STEPS
    assert re.findall(r"^(\d)\. (\w+):", issue.__doc__ or "", re.MULTILINE) == STEPS


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:schemas|keys|registry|issuer|verifier)\.[\w.]+)`", ALL))))
def test_a_function_that_is_named_exists(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    try:
        found: Any = import_module(module)
    except ModuleNotFoundError:
        module, _, owner = module.rpartition(".")
        found = getattr(import_module(module), owner)
    assert hasattr(found, attribute)


@pages
def test_no_link_is_dead(page: Path) -> None:
    for target in re.findall(r"(?:\]\(|src=\")([^)\"\s]+)[)\"]", TEXTS[page]):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there.read_text("utf-8")), target


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def command_lines() -> Iterator[tuple[str, str]]:
    """(page, line) of every command line in a ```sh block."""
    for page, text in TEXTS.items():
        for block in blocks(text, "sh"):
            yield from ((str(page), line) for line in block.splitlines() if line.strip())


@pytest.mark.parametrize(("page", "line"), list(command_lines()))
def test_a_command_line_can_be_run(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    words = [word for word in words if not re.fullmatch(r"[A-Z_]+=\S*", word)]
    if words[0] == "make":
        assert re.search(rf"^{words[1]}:", Path("Makefile").read_text("utf-8"), re.MULTILINE)
    elif words[0] == ".venv/bin/tanu":
        parse(typer.main.get_command(app), words[1:])
    else:
        assert words[0] in ("sqlite3", "cp", "chmod"), f"{page} has a program that nobody installs"


def parse(command: Any, words: list[str]) -> None:
    """Reads a command line as typer does, and runs nothing; raises for a wrong one."""
    context = command.make_context("tanu", list(words), resilient_parsing=hasattr(command, "commands"))
    if hasattr(command, "commands"):
        assert words[0] in command.commands
        parse(command.commands[words[0]], words[1:])
    else:
        assert context.params is not None


def test_the_check_characters_can_be_made_by_a_stranger() -> None:
    made: dict[str, Any] = {}
    (recipe,) = blocks(TEXTS[Path("docs/formats.md")], "python")
    exec(recipe, made)
    for serial in range(1, 300):
        code, number = new_code(), str(Number("SPUNI", "MC", 2026, serial * 7919))
        assert made["code_check"](code[:-1]) == code[-1]
        assert f"{number[:-3]}-{made['number_check'](number[:-3])}" == number


def test_the_institutions_file_can_be_read(tmp_path: Path) -> None:
    (content,) = blocks(TEXTS[Path("docs/operating.md")], "json")
    (tmp_path / "institutions.json").write_text(content, "utf-8")
    file = institutions.read_institutions(tmp_path / "institutions.json")
    assert file.bodies
    for row in (*file.bodies, *file.institutions):
        for name in type(row).model_fields:
            assert f'"{name}"' in content


# ---------------------------------------------------------------- attacks, rules, and what else is cited


def rows(page: str) -> dict[str, str]:
    """Id → the rest of its row, of a page's table of attacks or rules."""
    return dict(re.findall(r"^\| ([A-Z]{1,2}-?\d+) \| (.*) \|$", TEXTS[Path(page)], re.MULTILINE))


def shown_by(row: str) -> set[str]:
    """The tests that the last column of a row names."""
    return set(re.findall(r"`(tests/[^`]+)`", row))


@pytest.mark.parametrize(
    ("page", "named", "shown"),
    [
        ("docs/attacks.md", citations.named_attacks(), citations.attack_tests()),
        ("docs/rules.md", citations.named_rules(), citations.rule_tests()),
    ],
    ids=["attacks", "rules"],
)
def test_what_is_named_is_listed_with_the_tests_that_name_it(
    page: str, named: list[str], shown: dict[str, list[str]]
) -> None:
    listed = rows(page)
    assert list(listed) == named, WRITE
    for each, row in listed.items():
        assert shown_by(row) == set(shown.get(each, [])), f"{each}: {WRITE}"


def test_an_attack_is_listed_only_with_a_test() -> None:
    assert [attack for attack, row in rows("docs/attacks.md").items() if not shown_by(row)] == []


@pytest.mark.parametrize("page", ["docs/attacks.md", "docs/rules.md"])
def test_a_test_that_is_named_exists(page: str) -> None:
    for name in set().union(*map(shown_by, rows(page).values())):
        path, _, function = name.partition("::")
        assert f"\ndef {function}(" in Path(path).read_text("utf-8") if function else Path(path).exists(), name


def test_words_stand_for_what_is_named_and_nothing_else() -> None:
    groups = citations.known("rules").values()
    assert set(citations.known("attacks")) == set(citations.named_attacks())
    assert {name for group in groups for name in group if "-" in name} == set(citations.named_rules())


def test_the_threat_model_cites_listed_attacks() -> None:
    cited = set(re.findall(r"\b[A-F]\d+\b", TEXTS[Path("docs/threat-model.md")]))
    assert len(cited) > 20
    assert cited <= set(rows("docs/attacks.md"))


def test_a_page_or_heading_that_code_cites_exists() -> None:
    files = [*citations.code_files(), *Path("tests").rglob("*.py")]
    for path in (path for path in files if "node_modules" not in path.parts):
        text = re.sub(r"\s+", " ", path.read_text("utf-8"))
        for page, heading in re.findall(r"\b(docs/[a-z-]+\.md)(?:, \"([^\"]+)\")?", text):
            assert Path(page).exists(), f"{path}: {page}"
            assert not heading or heading.lower().replace(" ", "-") in anchors(TEXTS[Path(page)]), f"{path}: {heading}"
        for number in re.findall(r"\bdocs/decisions/(\d{4})", text):
            assert list(Path("docs/decisions").glob(f"{number}-*.md")), f"{path}: {number}"


# ---------------------------------------------------------------- generated parts and examples


def test_every_part_has_its_place(office: Office) -> None:
    names = [name for text in TEXTS.values() for name in parts.named(text)]
    made = {name for name in parts.parts(office) if not name.startswith("example-")}
    assert len(names) == len(set(names))
    assert made <= set(names)


@pages
def test_a_generated_part_is_what_the_code_says(page: Path, office: Office) -> None:
    assert parts.filled(TEXTS[page], parts.parts(office)) == TEXTS[page], WRITE


def test_the_examples_have_the_members_that_are_published_today(fresh: dict[str, Json]) -> None:
    assert {path.name for path in parts.EXAMPLES.glob("*.json")} == set(fresh), WRITE
    for name, value in fresh.items():
        assert specimens.member_names(example(name)) == specimens.member_names(value), f"{name}: {WRITE}"


def example(name: str) -> Json:
    return specimens.read(parts.EXAMPLES / name)


@pytest.mark.parametrize("name", [f"{kind}.json" for kind in KINDS])
def test_an_example_is_a_document_with_its_shape(name: str) -> None:
    KINDS[name.removesuffix(".json")].check_schema(example(name))


def test_the_examples_are_signed_by_the_keys_of_the_examples() -> None:
    did = example("did.json")
    methods = {method.id: method for method in read_document(did, did["id"])}
    for name in ("MicroCredentialCertificate.json", "CertificateSupplement.json", "status-list.json"):
        document = example(name)
        first, *others = proofs_of(document)
        assert check(document, first, methods[str(first["verificationMethod"])].key)
        people = {person["method"]: person["multibase"] for person in example("issuer.json")["responsible_persons"]}
        for proof in others:
            assert check(document, proof, PublicKey.from_multibase(people[str(proof["verificationMethod"])]))
    assert len(proofs_of(example("CertificateSupplement.json"))) == 3


def test_the_examples_of_the_registry_are_read_as_they_were_written() -> None:
    entry, institution = read_entry(example("entry.json")), read_institution(example("issuer.json"))
    (change,) = read_history(example("entry.json"))
    published = read_list_document(example("status-list.json"))
    assert entry.issuer == institution.did == published.issuer
    assert change.act == "annulled"
    assert bit_at(published.bits, entry.slots[0].index)
    claims = example("status-token.json")["claims"]
    packed = decode_statuses(base64url_decode(claims["status_list"]["lst"]))
    assert (claims["sub"], status_at(packed, entry.slots[0].index)) == (f"{published.url}.jwt", INVALID)
