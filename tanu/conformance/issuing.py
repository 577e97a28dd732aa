"""What `credentials/issue` signs, what it refuses to sign, and what `credentials/derive` makes of it."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

from keys import enveloped, jose
from keys.payload import CREDENTIAL, Unsecured
from keys.proof import proof_options, secure
from keys.selective import deciding, derive, secure_selective
from schemas.canonical import Digested
from schemas.contexts import DATA_INTEGRITY_2, STATUS_1, VC_1
from schemas.credential import written
from schemas.datamodel import check_credential
from schemas.errors import Malformed, Refused
from schemas.reading import Json, shown
from tanu.conformance.instances import JOSE, SELECTIVE, Instance
from verifier.canonizer import Canonizer
from verifier.foreign import shape

Securing = Callable[[Instance, dict[str, Json], Digested, Mapping[str, Json], datetime], dict[str, Json]]
"""(who, the document, its canonical form, the request's options, now) → the secured credential."""


def issue(instance: Instance, body: Mapping[str, Json], now: datetime, canonizer: Canonizer) -> dict[str, Json]:
    """The credential in `body`, secured by the instance; raises `Refused`, also for what a suite would sign and policy
    `open` would not accept, such as a member that no context defines."""
    credential = member_of(body, "credential")
    check_credential(credential)
    _check_issuer(credential, instance)
    if "proof" in credential:
        raise Refused.saying("conformance.has_proof")
    document = _with_status(_with_contexts(credential, instance), instance)
    canonical = shape(document, canonizer, instance.leniency).stated.canonical
    secured = _SECURING.get(instance.row.suite, _whole)
    return secured(instance, document, canonical, _options(body), now)


def derived(body: Mapping[str, Json]) -> dict[str, Json]:
    """The part of the credential in `body` that its `options.selectivePointers` choose; raises `Refused`."""
    return derive(member_of(body, "verifiableCredential"), _pointers(_options(body), "selectivePointers"))


def member_of(body: Mapping[str, Json], name: str) -> dict[str, Json]:
    """The object that a request has under `name`; raises `Malformed`."""
    found = body.get(name)
    if not isinstance(found, dict):
        raise Malformed.saying("conformance.not_an_object", member=name)
    return found


def _options(body: Mapping[str, Json]) -> dict[str, Json]:
    return member_of(body, "options") if "options" in body else {}


def _pointers(options: Mapping[str, Json], name: str) -> list[str]:
    found = options.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Malformed.saying("conformance.bad_member", member=name)
    return found


def _check_issuer(credential: Mapping[str, Json], instance: Instance) -> None:
    """A key signs for its own issuer only."""
    issuer = credential.get("issuer")
    named = issuer.get("id") if isinstance(issuer, dict) else issuer
    if named != instance.did:
        raise Refused.saying("conformance.foreign_issuer", id=instance.did, named=shown(str(named)))


def _with_contexts(credential: dict[str, Json], instance: Instance) -> dict[str, Json]:
    """The context of VC 1.1 does not define what is added here, the proof and the status; that of 2.0 does."""
    contexts = credential["@context"]
    if contexts[0] != VC_1:
        return credential
    needed = (DATA_INTEGRITY_2, STATUS_1) if instance.statuses else (DATA_INTEGRITY_2,)
    return {**credential, "@context": [*contexts, *(url for url in needed if url not in contexts)]}


def _with_status(document: dict[str, Json], instance: Instance) -> dict[str, Json]:
    """With the entry that an instance adds which keeps the status of what it issues."""
    if instance.statuses is None:
        return document
    if "credentialStatus" in document:
        raise Refused.saying("conformance.has_status")
    return {**document, "credentialStatus": instance.statuses.entry(document.get("id"))}


def _whole(
    instance: Instance, document: dict[str, Json], canonical: Digested, _options: Mapping[str, Json], now: datetime
) -> dict[str, Json]:
    """By a suite that signs the document as a whole."""
    return secure(document, canonical, proof_options(instance.method, now, instance.row.suite), instance.signer)


def _selectively(
    instance: Instance, document: dict[str, Json], _canonical: Digested, options: Mapping[str, Json], now: datetime
) -> dict[str, Json]:
    """With a base proof; beside the pointers that are asked for, what decides a verdict is mandatory."""
    mandatory = dict.fromkeys([*_pointers(options, "mandatoryPointers"), *deciding(document)])
    signed = proof_options(instance.method, now, instance.row.suite)
    return secure_selective(document, signed, instance.signer, list(mandatory), secrets.token_bytes)


def _in_envelope(
    instance: Instance, document: dict[str, Json], _canonical: Digested, _options: Mapping[str, Json], _now: datetime
) -> dict[str, Json]:
    """As a JWS in an enveloped credential (VC 2.0, section 4.13.1)."""
    token = jose.seal(Unsecured(CREDENTIAL, written(document)), instance.signer, instance.method)
    return enveloped.of_jose(token, CREDENTIAL)


_SECURING: Mapping[str, Securing] = {SELECTIVE: _selectively, JOSE: _in_envelope}
