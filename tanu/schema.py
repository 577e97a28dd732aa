"""`tanu schema validate`: a credential against a JSON Schema from a file, as the suite of VC JSON Schema calls it."""

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from schemas.reading import MAX_BYTES
from schemas.validation import Result, validate
from tanu.session import language_of

app = typer.Typer(no_args_is_help=True, help="JSON Schemas of credentials.")

EXIT: dict[Result, int] = {"success": 0, "failure": 1, "indeterminate": 2}


class SchemaFormat(StrEnum):
    """The types of `credentialSchema` on the command line."""

    JsonSchema = "JsonSchema"
    JsonSchemaCredential = "JsonSchemaCredential"


@app.callback()
def schemas() -> None:
    """A group, though it has one command so far."""


@app.command(name="validate")
def validate_(
    schema_file: Annotated[Path, typer.Option("--schema", help="The schema, or the credential that holds it.")],
    credential: Annotated[Path, typer.Option(help="The credential that names the schema.")],
    output: Annotated[Path, typer.Option(help="The .json to write the result to.")],
    kind: Annotated[SchemaFormat, typer.Option("--format", help="What the schema is.")] = SchemaFormat.JsonSchema,
) -> None:
    """Does a credential fit its schema? Nothing is fetched. Exit: 0 success, 1 failure, 2 indeterminate."""
    validated = validate(kind.value, _content(schema_file), _content(credential))
    answer = {"result": validated.result, "because": validated.because.as_json()}
    output.write_text(json.dumps(answer, ensure_ascii=False, indent=1) + "\n", "utf-8")
    typer.echo(f"{validated.result}: {validated.because[language_of(os.environ)]}")
    raise typer.Exit(EXIT[validated.result])


def _content(path: Path) -> bytes:
    """Up to one byte more than can be read: a file that is too large is said to be so."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
