"""A credential against its JSON Schema: the three outcomes as the public suite asks for them, and schemas that would
reach out, go on for ever, or cannot be followed."""

import hashlib
import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from schemas.contexts import VC_2
from schemas.evaluations import MAX_EVALUATIONS, MAX_PATTERN_CHARACTERS, Cost
from schemas.reading import MAX_BYTES, Json
from schemas.validation import DRAFTS, SCHEMA_TYPES, Result, SchemaType, Validated, validate
from tanu.cli import run
from tests.world_facts import drafted

NOW = "https://json-schema.org/draft/2020-12/schema"
SPELLED = ["https://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2019-09/schema"]
DIALECTS = [*SPELLED, "http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft-07/schema#"]
ADDRESS = "https://schemas.example/email.json"
HOLDING = "https://schemas.example/credentials/7"
OPEN_BADGES = Path("tests/vectors/openbadges-3.0/schema/ob_v3p0_achievementcredential_schema.json")
EMAIL: dict[str, Json] = {
    "type": "object",
    "properties": {
        "credentialSubject": {"required": ["email"], "properties": {"email": {"type": "string", "format": "email"}}}
    },
}
GONE = "gone"
"""In a row: the member is left out."""


def schema(dialect: Json = NOW, address: Json = ADDRESS, **members: Json) -> dict[str, Json]:
    """A schema of e-mail addresses, or of what `members` say."""
    return without({"$id": address, "$schema": dialect, **(members or EMAIL)})


def without(document: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in document.items() if value != GONE}


def held(inner: Json, **members: Json) -> dict[str, Json]:
    """A `JsonSchemaCredential` with a schema inside."""
    return without(
        {
            "@context": [VC_2],
            "id": HOLDING,
            "type": ["VerifiableCredential", "JsonSchemaCredential"],
            "issuer": "https://schemas.example/issuer",
            "credentialSchema": {
                "id": "https://www.w3.org/ns/credentials/json-schema/v2.json",
                "type": "JsonSchema",
                "digestSRI": "sha384-S57yQDg1MTzF56Oi9DbSQ14u7jBy0RDdx0YbeV7shwhCS88G8SCXeFq82PafhCrW",
            },
            "credentialSubject": {"id": ADDRESS, "type": "JsonSchema", "jsonSchema": inner},
            **members,
        }
    )


def credential(kind: SchemaType = "JsonSchema", subject: Json = None, **entry: Json) -> dict[str, Json]:
    """One that names the schema."""
    named = {"id": ADDRESS if kind == "JsonSchema" else HOLDING, "type": kind, **entry}
    subject = {"id": "did:example:7", "email": "aigerim@example.kz"} if subject is None else subject
    return {
        "@context": [VC_2],
        "type": ["VerifiableCredential"],
        "credentialSubject": subject,
        "credentialSchema": named,
    }


def outcome(kind: SchemaType, document: Json, value: Json = None) -> Validated:
    return validate(kind, json.dumps(document).encode(), json.dumps(value or credential(kind)).encode())


def about(kind: SchemaType, inner: dict[str, Json]) -> dict[str, Json]:
    """The schema, or the credential that holds it."""
    return inner if kind == "JsonSchema" else held(inner)


kinds = pytest.mark.parametrize("kind", SCHEMA_TYPES)
dialects = pytest.mark.parametrize("dialect", DIALECTS)


@kinds
@dialects
def test_a_credential_that_fits_succeeds_in_each_draft(kind: SchemaType, dialect: str) -> None:
    assert outcome(kind, about(kind, schema(dialect))).result == "success"


@kinds
@dialects
@pytest.mark.parametrize("subject", [{"id": "did:example:7"}, {"email": 7}, {"email": "not an email"}], ids=str)
def test_a_credential_that_does_not_fit_fails(kind: SchemaType, dialect: str, subject: Json) -> None:
    found = outcome(kind, about(kind, schema(dialect)), credential(kind, subject))
    assert found.result == "failure"
    assert all("credentialSubject" in sentence for _, sentence in found.because)


SCHEMAS: list[tuple[dict[str, Json], Result]] = [
    (schema(GONE), "failure"),
    (schema(7), "failure"),
    (schema("https://json-schema.org/draft/unknown/schema"), "indeterminate"),
    (schema("http://json-schema.org/draft-04/schema#"), "indeterminate"),
    (schema("ftp://json-schema.org/draft/2020-12/schema"), "indeterminate"),
    (schema(address=GONE), "failure"),
    (schema(address="not-a-uri"), "failure"),
    (schema(address=7), "failure"),
    (schema(type="objekt"), "failure"),
    (schema(properties=7), "failure"),
    (schema(required={"a": 1}), "failure"),
    ({**schema(), "$ref": "#/$defs/none"}, "failure"),
    ({**schema(), "$ref": "#none"}, "failure"),
]


@kinds
@pytest.mark.parametrize(("inner", "result"), SCHEMAS, ids=str)
def test_a_schema_that_is_none_fails_and_an_unknown_draft_is_indeterminate(
    kind: SchemaType, inner: dict[str, Json], result: Result
) -> None:
    assert outcome(kind, about(kind, inner)).result == result


@kinds
@pytest.mark.parametrize(
    "entry",
    [
        {"id": "https://schemas.example/other.json"},
        {"type": "NotJsonSchema"},
        {"type": "1EdTechJsonSchemaValidator2019"},
    ],
    ids=str,
)
def test_a_credential_that_names_another_schema_fails(kind: SchemaType, entry: dict[str, Json]) -> None:
    assert outcome(kind, about(kind, schema()), credential(kind, **entry)).result == "failure"


def test_a_credential_may_name_several_schemas_and_has_to_name_one() -> None:
    several = credential() | {
        "credentialSchema": [{"id": "urn:x", "type": "JsonSchema"}, credential()["credentialSchema"]]
    }
    assert outcome("JsonSchema", schema(), several).result == "success"
    assert outcome("JsonSchema", schema(), several | {"credentialSchema": []}).result == "failure"
    assert outcome("JsonSchema", schema(), several | {"credentialSchema": "urn:x"}).result == "failure"
    assert outcome("JsonSchema", schema(), without(several | {"credentialSchema": GONE})).result == "failure"


@pytest.mark.parametrize(
    "members",
    [
        {"id": "https://schemas.example/credentials/8"},
        {"type": ["VerifiableCredential"]},
        {"issuer": GONE},
        {"credentialSubject": {"id": ADDRESS, "jsonSchema": schema()}},
        {"credentialSubject": {"id": ADDRESS, "type": "NotJsonSchema", "jsonSchema": schema()}},
        {"credentialSubject": {"id": ADDRESS, "type": "JsonSchema"}},
        {"credentialSubject": {"id": "no address", "type": "JsonSchema", "jsonSchema": schema()}},
        {"credentialSubject": {"id": ADDRESS, "type": "JsonSchema", "jsonSchema": True}},
        {"credentialSubject": [{"id": ADDRESS, "type": "JsonSchema", "jsonSchema": schema()}]},
        {"credentialSchema": GONE},
        {"credentialSchema": {"id": "urn:x", "type": "JsonSchema", "digestSRI": "sha384-x"}},
        {"credentialSchema": {"id": "https://www.w3.org/ns/credentials/json-schema/v2.json", "type": "JsonSchema"}},
    ],
    ids=lambda members: str(members)[:80],
)
def test_a_credential_that_holds_no_schema_by_the_standard_fails(members: dict[str, Json]) -> None:
    assert outcome("JsonSchemaCredential", held(schema(), **members)).result == "failure"


def test_the_digest_of_a_schema_is_checked_before_it_counts() -> None:
    data = json.dumps(schema()).encode()
    right = "sha384-" + b64encode(hashlib.sha384(data).digest()).decode()
    for digest, result in ((right, "success"), ("sha384-x", "failure"), (7, "failure")):
        named = json.dumps(credential(digestSRI=digest)).encode()
        assert validate("JsonSchema", data, named).result == result


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b"\xff", b'{"a":1,"a":2}', b'{"a":' * 40 + b"1" + b"}" * 40, b" " * MAX_BYTES + b"{}"]
)
def test_a_schema_that_cannot_be_read_is_indeterminate_and_such_a_credential_fails(data: bytes) -> None:
    assert validate("JsonSchema", data, json.dumps(credential()).encode()).result != "success"
    assert validate("JsonSchema", json.dumps(schema()).encode(), data).result == "failure"


def test_the_schema_of_open_badges_is_evaluated() -> None:
    badge = dict(drafted("MicroCredentialCertificate").value)
    published = json.loads(OPEN_BADGES.read_bytes())
    badge["credentialSchema"] = {"id": published["$id"], "type": "JsonSchema"}
    found = outcome("JsonSchema", published, badge)
    assert (found.result, found.because.en) == ("success", "The credential fits its JSON Schema.")
    assert Cost(published).evaluations(badge) < MAX_EVALUATIONS / 100


# ---------------------------------------------------------------- elsewhere


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """An address that would answer, and who asked."""
    asked: list[str] = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"true")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@dialects
def test_what_a_schema_refers_to_is_never_fetched(dialect: str, elsewhere: tuple[str, list[str]]) -> None:
    url, asked = elsewhere
    for inner in (
        {"$ref": f"{url}/a.json"},
        {"allOf": [{"$ref": f"{url}/a.json#/$defs/x"}]},
        {"properties": {"nothing": {"$ref": f"{url}/a.json"}}},
        {"$dynamicRef": f"{url}/a.json#x"},
        {"$recursiveRef": f"{url}/a.json"},
    ):
        assert outcome("JsonSchema", schema(dialect) | inner).result == "indeterminate"
    unused = {"unused": {"$ref": f"{url}/a.json"}}
    outcome("JsonSchema", schema(dialect, **{"$defs": unused, "definitions": unused}))
    assert outcome("JsonSchema", schema(f"{url}/a.json")).result == "indeterminate"
    assert asked == []


@pytest.mark.parametrize(
    "reference",
    ["https://schemas.example/other.json", "other.json", "file:///etc/passwd", "/etc/passwd", "urn:x", "..", "//a/b"],
)
def test_a_reference_to_elsewhere_is_indeterminate(reference: str) -> None:
    assert outcome("JsonSchema", schema() | {"$ref": reference}).result == "indeterminate"


@pytest.mark.parametrize("reference", ["#/$defs/e", "#e", f"{ADDRESS}#/$defs/e", f"{ADDRESS}#e", "#/%24defs/e"])
def test_a_reference_within_the_schema_is_followed(reference: str) -> None:
    inner = schema(**{"$defs": {"e": {"$anchor": "e", **EMAIL}}, "$ref": reference})
    assert outcome("JsonSchema", inner).result == "success"
    assert outcome("JsonSchema", inner, credential(subject={"id": "urn:x"})).result == "failure"


@pytest.mark.parametrize(
    "inner",
    [
        {"$defs": {"x": {"$id": "https://schemas.example/x.json"}}},
        {"$defs": {"x": {"$anchor": "x"}, "y": {"$dynamicAnchor": "x"}}},
    ],
    ids=str,
)
def test_a_schema_with_parts_of_other_names_is_not_evaluated(inner: Json) -> None:
    assert outcome("JsonSchema", schema(**inner)).result == "indeterminate"


# ---------------------------------------------------------------- for ever


def doubling(levels: int, last: Json) -> dict[str, Json]:
    """Each definition refers to the next one twice."""
    names = [f"d{n}" for n in range(levels)]
    twice = {a: {"allOf": [{"$ref": f"#/$defs/{b}"}] * 2} for a, b in zip(names, [*names[1:], "last"], strict=True)}
    return schema(**{"$defs": twice | {"last": last}, "$ref": "#/$defs/d0"})


def nested(levels: int) -> Json:
    value: Json = {}
    for _ in range(levels):
        value = {"x": value}
    return value


def test_references_that_double_are_counted_not_waited_for() -> None:
    assert outcome("JsonSchema", doubling(10, {"type": "object"})).result == "success"
    assert outcome("JsonSchema", doubling(16, {"type": "string"})).result == "failure"
    for levels in (30, 60, 149):
        assert outcome("JsonSchema", doubling(levels, {"type": "string"})).result == "indeterminate"


@pytest.mark.parametrize(
    "keyword", ["properties", "additionalProperties", "unevaluatedProperties", "patternProperties"]
)
def test_a_schema_that_doubles_with_the_depth_of_the_credential_is_counted(keyword: str) -> None:
    twice = {"allOf": [{"$ref": "#"}] * 2}
    named: Json = (
        {"x": twice} if keyword == "properties" else {"^x$": twice} if keyword == "patternProperties" else twice
    )
    inner = schema(**{keyword: named})
    assert Cost(inner).evaluations(nested(4)) > 2**4
    assert outcome("JsonSchema", inner, credential(subject=nested(28)) | {"x": nested(28)}).result == "indeterminate"


@pytest.mark.parametrize(
    "inner",
    [
        {"$ref": "#"},
        {"anyOf": [{"not": {"$ref": "#"}}]},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"if": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"},
        {
            "$defs": {str(n): {"allOf": [{"$ref": f"#/$defs/{m}"} for m in range(9)]} for n in range(9)},
            "$ref": "#/$defs/0",
        },
        {"$defs": {str(n): {"$ref": f"#/$defs/{n + 1}"} for n in range(4000)}, "$ref": "#/$defs/0"},
    ],
    ids=lambda inner: str(inner)[:60],
)
def test_references_that_lead_back_or_go_on_are_indeterminate(inner: Json) -> None:
    assert outcome("JsonSchema", schema(**inner)).result == "indeterminate"


def test_the_count_is_never_below_what_is_evaluated() -> None:
    """Of schemas that apply one part in each way there is."""
    value = {"a": [1, {"b": "c"}], "d": {}}
    for inner, least in (
        ({"properties": {"a": {"items": {"type": "string"}}}}, 4),
        ({"patternProperties": {".": {}, "x": {}}}, 5),
        ({"propertyNames": {"minLength": 1}}, 3),
        ({"dependentSchemas": {"a": {"required": ["d"]}}}, 3),
        ({"if": {"type": "object"}, "then": {}, "else": {}}, 4),
        ({"properties": {"a": {"prefixItems": [{}, {}], "contains": {"type": "object"}}}}, 6),
        ({"unevaluatedProperties": {"type": ["array", "object"]}, "allOf": [{}]}, 5),
    ):
        assert Cost(schema(**inner)).evaluations(value) >= least


# ---------------------------------------------------------------- patterns

LONG = "a" * 90_000
CATASTROPHIC = ["(a+)+$", "(a|a)*b", "(a*)*c", "(.*a){20}$", "^(a?){40}a{40}$", "([a-z]+)*=", "(x+x+)+y"]


def patterned(pattern: str, text: str) -> Validated:
    inner = schema(properties={"credentialSubject": {"properties": {"t": {"pattern": pattern}}}})
    return outcome("JsonSchema", inner, credential(subject={"t": text + "!"}))


@pytest.mark.parametrize("pattern", CATASTROPHIC)
def test_a_pattern_that_would_backtrack_for_ever_is_answered_at_once(pattern: str) -> None:
    """With backtracking it would take years."""
    assert patterned(pattern, LONG).result in ("success", "failure")


@pytest.mark.parametrize("pattern", ["(?=a)a", "(?<!b)a", r"(a)\1", "(?!did:).*", "(a?){3000}", "(", "[z-a]"])
def test_a_pattern_that_only_backtracking_can_follow_is_indeterminate(pattern: str) -> None:
    for inner in (
        {"pattern": pattern},
        {"not": {"pattern": pattern}},
        {"if": {"pattern": pattern}, "then": False},
        {"patternProperties": {pattern: False}},
    ):
        assert outcome("JsonSchema", schema(**inner)).result == "indeterminate"


def test_the_text_that_patterns_are_held_against_is_counted() -> None:
    assert patterned("^a+!$", LONG).result == "success"
    assert patterned("^a+!$", "a" * MAX_PATTERN_CHARACTERS).result == "indeterminate"
    many = schema(allOf=[{"properties": {"t": {"pattern": f"a{n}"}}} for n in range(100)])
    assert outcome("JsonSchema", many, credential() | {"t": "a" * 2_000}).result == "indeterminate"


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("inner", "result", "code"),
    [(schema(), "success", 0), (schema(GONE), "failure", 1), (schema("urn:x"), "indeterminate", 2)],
    ids=["success", "failure", "indeterminate"],
)
@kinds
def test_the_command_writes_the_result_and_ends_with_it(
    kind: SchemaType, inner: dict[str, Json], result: Result, code: int, tmp_path: Path
) -> None:
    files = {"schema": about(kind, inner), "credential": credential(kind)}
    for name, value in files.items():
        (tmp_path / name).write_text(json.dumps(value))
    given = [word for name in files for word in (f"--{name}", str(tmp_path / name))]
    assert run(["schema", "validate", "--format", kind, *given, "--output", str(tmp_path / "out.json")]) == code
    written = json.loads((tmp_path / "out.json").read_text())
    assert written["result"] == result
    assert all(written["because"].values())


def test_the_command_says_what_it_cannot_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    absent, out = str(tmp_path / "absent.json"), str(tmp_path / "out.json")
    assert run(["schema", "validate", "--schema", absent, "--credential", absent, "--output", out]) == 65
    assert "absent.json" in capsys.readouterr().err
    assert run(["schema", "validate", "--format", "Other", "--schema", absent]) == 64


def test_each_draft_is_known_by_one_name() -> None:
    assert len(DRAFTS) == 3
