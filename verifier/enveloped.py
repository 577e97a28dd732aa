"""Policy `open` for credentials in envelopes of JOSE and COSE: the same steps as in `verifier.foreign`, with the
envelope's signature as step 6.

Nothing of the content is looked at before its signature holds but who claims to have issued it; and what is looked at
and shown afterwards is what was signed (docs/attacks.md B6). The header says which of the issuer's keys it was, and
nothing else of a key (B9).
"""

from datetime import datetime

from keys import cose, enveloped, jose
from keys.did import Method
from keys.payload import CREDENTIAL, Opened, Sealed, Unproven
from registry.fetch import Fetcher, once
from schemas.credential import utc
from schemas.datamodel import is_enveloped
from schemas.errors import DataLoss, Malformed, Refused, Unavailable, Unsupported
from schemas.languages import say
from schemas.reading import read_object
from verifier.canonizer import Canonizer
from verifier.checks import about_keys, not_looked_at, said, unanswered
from verifier.foreign import dates, issuer_id, report_of, shape, verdict_of
from verifier.intake import is_binary_envelope, is_token
from verifier.listed import status
from verifier.moment import Moment
from verifier.proofs import Means, key_time, methods_of
from verifier.report import Check, Report, Unasked


def is_envelope(data: bytes) -> bool:
    """Is this a compact JWS, a COSE_Sign1, or an object around one of them?"""
    if is_token(data) or is_binary_envelope(data):
        return True
    if b"EnvelopedVerifiable" not in data:
        return False
    try:
        return is_enveloped(read_object(data))
    except Malformed:
        return False


def verify_enveloped(
    data: bytes, now: datetime, fetcher: Fetcher, canonizer: Canonizer, *, at: datetime | None = None
) -> Report:
    """The report under policy `open` on what `is_envelope`; with `at`, of that time by what is known now."""
    moment, fetcher, canonizer = Moment(now, at), once(fetcher), canonizer.shared()
    readable = said(1, "passed", say("verify.readable.passed"))
    try:
        sealed = _sealed(data)
        issuer = sealed.claimed_speaker
    except Unproven as refused:
        return report_of([readable, _forged(6, refused), *not_looked_at(2, 4, 5, 7, 8)], now)
    except DataLoss as refused:
        return report_of([readable, _forged(2, refused), *not_looked_at(4, 5, 6, 7, 8)], now)
    except Refused as refused:
        unreadable = said(1, "failed", refused.because, verdict_of(refused))
        return report_of([unreadable, *not_looked_at(2, 4, 5, 6, 7, 8)], now)
    key, method = _key(sealed, issuer, fetcher)
    if method is None:
        return report_of([readable, key, *not_looked_at(2, 5, 6, 7, 8)], now)
    signature = [readable, key, said(5, "not_applicable", say("verify.key_time.no_history"))]
    try:
        opened = Opened(sealed, method.key)
    except Unproven as refused:
        return report_of([*signature, _forged(6, refused), *not_looked_at(2, 7, 8)], now)
    except Refused as refused:
        contradicts = said(2, "failed", refused.because, verdict_of(refused))
        return report_of([*signature, contradicts, *not_looked_at(6, 7, 8)], now)
    signature[2] = key_time(method, opened.claims.issued, now)
    signature.append(said(6, "passed", say("verify.proof.passed")))
    return _opened(opened, signature, moment, fetcher, canonizer)


def _sealed(data: bytes) -> Sealed:
    if is_binary_envelope(data):
        return cose.read(data, CREDENTIAL)
    if is_token(data):
        try:
            return jose.read(data.decode("ascii").strip(), CREDENTIAL)
        except UnicodeDecodeError:
            raise Malformed.saying("keys.envelope.not_a_token") from None
    return enveloped.read(read_object(data), CREDENTIAL)


def _key(sealed: Sealed, issuer: str, fetcher: Fetcher) -> tuple[Check, Method | None]:
    """Step 4: the issuer's own key that the header names, for assertion."""
    try:
        methods = methods_of(issuer, fetcher)
    except Unavailable as silence:
        return unanswered(4, silence.because, Unasked(about_keys(issuer), silence.because)), None
    except Refused as refused:
        return _forged(4, refused), None
    named = [m for m in methods if m.controller == issuer and sealed.kid in names_of(m)]
    found = next((m for m in named if "assertionMethod" in m.purposes), None)
    if found is None:
        because = say("verify.key.wrong_purpose") if named else say("verify.key.foreign")
        return said(4, "failed", because, "tampered"), None
    return said(4, "passed", say("verify.key.passed")), found


def names_of(method: Method) -> tuple[str, ...]:
    """How a `kid` may name it: by its DID URL, whole or from the `#` on, or by the key's thumbprint (VC-JOSE-COSE 1.0,
    sections 4.1.1 and 4.3)."""
    return method.id, f"#{method.id.partition('#')[2]}", method.key.thumbprint


def _opened(opened: Opened, signature: list[Check], moment: Moment, fetcher: Fetcher, canonizer: Canonizer) -> Report:
    """Steps 2, 7 and 8 of the document that was signed."""
    document, claims = opened.document, opened.claims
    try:
        if "proof" in document:  # a second signature, which nobody would look at
            raise Unsupported.saying("verify.proof.several")
        read = shape(document, canonizer)
    except Refused as refused:
        bad = said(2, "failed", refused.because, verdict_of(refused))
        return report_of([*signature, bad, *not_looked_at(7, 8)], moment.now)
    named = {"created": claims.issued, "expires": claims.expires}
    dated = dates(read.stated, [{name: utc(instant) for name, instant in named.items() if instant}], moment)
    if claims.not_before and claims.not_before > moment.latest and dated.outcome == "passed":
        dated = said(7, "failed", say("verify.dates.not_yet", instant=claims.not_before), "not_yet_valid")
    good = said(2, "passed", say("verify.shape.passed_open"))
    if not all(step.outcome in ("passed", "not_applicable") for step in signature):
        return report_of([*signature, good, dated, *not_looked_at(8)], moment.now)
    state = status(read.stated, issuer_id(document), moment, Means(fetcher, canonizer))
    return report_of([*signature, good, dated, state], moment.now, read)


def _forged(n: int, refused: Refused) -> Check:
    return said(n, "failed", refused.because, "tampered")
