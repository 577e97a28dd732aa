"""What `credentials/issue` signs, and what it refuses to sign."""

from collections.abc import Mapping
from datetime import datetime

from keys.proof import proof_options, secure
from schemas.contexts import DATA_INTEGRITY_2, STATUS_1, VC_1
from schemas.datamodel import check_credential
from schemas.errors import Malformed, Refused
from schemas.reading import Json, shown
from tanu.conformance.instances import Instance
from verifier.canonizer import Canonizer


def issue(instance: Instance, body: Mapping[str, Json], now: datetime, canonizer: Canonizer) -> dict[str, Json]:
    """The credential in `body`, secured by the instance; raises `Refused`, also for members that a suite would sign
    although no context defines them."""
    credential = member_of(body, "credential")
    check_credential(credential)
    _check_issuer(credential, instance)
    document = _with_status(_with_contexts(credential, instance), instance)
    canonical = canonizer.stated(document).canonical
    return secure(document, canonical, proof_options(instance.method, now, instance.row.suite), instance.signer)


def member_of(body: Mapping[str, Json], name: str) -> dict[str, Json]:
    """The object that a request has under `name`; raises `Malformed`."""
    found = body.get(name)
    if not isinstance(found, dict):
        raise Malformed.saying("conformance.not_an_object", member=name)
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
