"""`tanu jose issue|verify`: puts a credential or a presentation in a JOSE or COSE envelope, and opens one, with the
key of a file; as the W3C suite for VC-JOSE-COSE calls it.

The key is the caller's choice: whose it is, dates, status and the credentials in a presentation are for `tanu verify`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from keys import cose, enveloped, jose
from keys.payload import CREDENTIAL, PRESENTATION, Content, Opened, Sealed, Unproven, Unsecured, check_document
from keys.public import PublicKey
from keys.signer import FileSigner, Signer
from schemas.errors import Malformed, Refused, Unsupported
from schemas.reading import Json, read_object, shown

REFUSED, NOT_OPENED, UNSUPPORTED = 65, 1, 3
"""Exit codes beside 0: of `issue`, of `verify` (as of `tanu verify`), and of both."""


class Ended(Refused):
    """A run whose output file says that it was no success; carries its exit code."""

    code = REFUSED


@dataclass(frozen=True)
class Feature:
    """A row: what is put in which envelope."""

    content: Content
    seal: Callable[[Unsecured, Signer, str], str]
    read: Callable[[str, Content], Sealed]


def _seal_cose(unsecured: Unsecured, signer: Signer, kid: str) -> str:
    return enveloped.base64_encode(cose.seal(unsecured, signer, kid))


def _read_cose(text: str, content: Content) -> Sealed:
    return cose.read(enveloped.base64_decode(text), content)


FEATURES: Mapping[str, Feature | None] = {
    "credential_jose": Feature(CREDENTIAL, jose.seal, jose.read),
    "presentation_jose": Feature(PRESENTATION, jose.seal, jose.read),
    "credential_cose": Feature(CREDENTIAL, _seal_cose, _read_cose),
    "presentation_cose": Feature(PRESENTATION, _seal_cose, _read_cose),
    "credential_sdjwt": None,
    "presentation_sdjwt": None,
}
"""By the suite's names; None for what is not built."""

app = typer.Typer(no_args_is_help=True, help="Envelopes of JOSE and COSE, made and opened with the key of a file.")

InputOption = Annotated[Path, typer.Option("--input", help="The file to read.")]
KeyOption = Annotated[Path, typer.Option("--key", help="A JsonWebKey verification method, as JSON.")]
FeatureOption = Annotated[str, typer.Option("--feature", help=" | ".join(FEATURES))]
OutputOption = Annotated[Path, typer.Option("--output", help="The JSON file to write.")]
DisclosuresOption = Annotated[str | None, typer.Option("--sd", help="Only for *_sdjwt, which is not built yet.")]


@app.command()
def issue(
    file: InputOption, key: KeyOption, feature: FeatureOption, output: OutputOption, sd: DisclosuresOption = None
) -> None:
    """Signs a credential or presentation; the output file holds the result and the envelope."""
    _answer(_issue, _signer, REFUSED, Order(file, key, _known(feature), output))


@app.command()
def verify(
    file: InputOption, key: KeyOption, feature: FeatureOption, output: OutputOption, sd: DisclosuresOption = None
) -> None:
    """Opens an envelope. Exit: 0 the key opens it, 1 it does not, 3 not supported."""
    _answer(_verify, _public, NOT_OPENED, Order(file, key, _known(feature), output))


@dataclass(frozen=True)
class Order:
    """One run."""

    file: Path
    key: Path
    feature: str
    output: Path

    def write(self, result: str, **more: Json) -> None:
        """Always: what an earlier run left there must not be taken for the answer."""
        self.output.write_text(json.dumps({"result": result, **more}, ensure_ascii=False) + "\n", "utf-8")


def _known(feature: str) -> str:
    if feature not in FEATURES:
        raise typer.BadParameter(" | ".join(FEATURES), param_hint="--feature")
    return feature


Key = TypeVar("Key")
Step = Callable[[Feature, bytes, Key, str], str]
"""(what is wanted, the input, the key, the key's id) → what the output file holds."""


def _answer(step: Step[Key], load: Callable[[Mapping[str, Json]], Key], failed: int, order: Order) -> None:
    """Raises `Ended` where it was no success; anything else that is raised is about the files, not about the
    document."""
    try:
        data, method = order.file.read_bytes(), read_object(order.key.read_bytes())
        key = load(method)
    except (OSError, Refused):
        order.write("error")
        raise
    try:
        feature = FEATURES[order.feature]
        if feature is None:
            raise Unsupported.saying("keys.envelope.sd_jwt")
        made = step(feature, data, key, method["id"])
    except Refused as refused:
        unsupported = isinstance(refused, Unsupported)
        order.write("indeterminate" if unsupported else "failure", because=refused.because.as_json())
        ended = Ended(refused.because)
        ended.code = UNSUPPORTED if unsupported else failed
        raise ended from None
    order.write("success", data=made)


def _issue(feature: Feature, data: bytes, signer: Signer, kid: str) -> str:
    return feature.seal(Unsecured(feature.content, data), signer, kid)


def _verify(feature: Feature, data: bytes, key: PublicKey, kid: str) -> str:
    """The verified document."""
    try:
        sealed = feature.read(data.decode("ascii").strip(), feature.content)
    except UnicodeDecodeError:
        raise Malformed.saying("keys.envelope.not_a_token") from None
    if sealed.kid not in (None, kid, key.thumbprint):
        raise Unproven.saying("keys.envelope.other_kid", kid=shown(sealed.kid or "", 120))
    document = Opened(sealed, key).document
    check_document(document, feature.content)
    return json.dumps(document, ensure_ascii=False)


def _signer(method: Mapping[str, Json]) -> Signer:
    signer = FileSigner.from_jwk(_jwk(method, "secretKeyJwk"))
    if signer.public != _public(method):
        raise Malformed.saying("keys.bad_key")
    return signer


def _public(method: Mapping[str, Json]) -> PublicKey:
    """The public key of a verification method, whose `kid`, where it has one, is the key's thumbprint (VC-JOSE-COSE
    1.0, section 4.3; RFC 7638)."""
    jwk = _jwk(method, "publicKeyJwk")
    key = PublicKey.from_jwk(jwk)
    if jwk.get("kid") not in (None, key.thumbprint):
        raise Malformed.saying("keys.bad_key")
    return key


def _jwk(method: Mapping[str, Json], member: str) -> dict[str, Json]:
    jwk = method.get(member)
    if method.get("type") != "JsonWebKey" or not isinstance(method.get("id"), str) or not isinstance(jwk, dict):
        raise Malformed.saying("keys.bad_key")
    return jwk
