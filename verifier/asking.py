"""Asks holders for presentations, and takes each answer once (docs/attacks.md B20).

A challenge is made here, lives five minutes, and belongs to a session: whoever asked for it holds the session's
secret, and only who has both can use it up. That happens before anything of the answer is looked at, so a presentation
that was caught on its way is no use to anybody, and neither is one that was refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast, get_args

from keys.multibase import base64url_encode
from registry.challenges import Challenges, Taken
from registry.client import Registry
from registry.fetch import Fetcher
from schemas.credential import utc, written
from schemas.errors import Malformed
from schemas.languages import Text, say
from schemas.reading import Json, shown
from verifier.canonizer import Canonizer
from verifier.presentation import Binding, PresentationReport, unanswered, verify_presentation
from verifier.report import Policy

_SECRET_BYTES = 24
_MEMBERS = frozenset({"verifiablePresentation", "challenge", "session", "holder", "holderBinding"})


@dataclass(frozen=True)
class Asking:
    """The verifier at `domain`, with challenges of its own."""

    challenges: Challenges
    domain: str
    random: Callable[[int], bytes]

    def challenge(self, now: datetime) -> dict[str, Any]:
        """A new challenge. `session` is a secret between the verifier and whoever asks: it is not for the holder."""
        challenge, session = (f"u{base64url_encode(self.random(_SECRET_BYTES))}" for _ in range(2))
        ends = self.challenges.ask(challenge, session, now)
        return {"challenge": challenge, "domain": self.domain, "session": session, "expires": utc(ends)}

    def answered(
        self,
        body: Mapping[str, Json],
        registry: Registry,
        now: datetime,
        *,
        policy: Policy,
        fetcher: Fetcher,
        canonizer: Canonizer,
    ) -> PresentationReport:
        """The report on an answer; raises `Malformed` where the request itself is none."""
        answer = _read(body)
        taken = self.challenges.take(answer.challenge, answer.session, now)
        if taken != "taken":
            return unanswered(_why(taken), now, policy)
        return verify_presentation(
            answer.presentation,
            registry,
            now,
            challenge=answer.challenge,
            domain=self.domain,
            holder=answer.holder,
            binding=answer.binding,
            policy=policy,
            fetcher=fetcher,
            canonizer=canonizer,
        )


def _why(taken: Taken) -> Text:
    """Why a challenge is not to be answered."""
    return say(f"presentation.challenge.{taken}")


@dataclass(frozen=True, slots=True)
class _Answer:
    presentation: bytes
    challenge: str
    session: str
    holder: str | None
    binding: Binding


def _read(body: Mapping[str, Json]) -> _Answer:
    if strange := next((name for name in body if name not in _MEMBERS), None):
        raise Malformed.saying("presentation.request.strange", member=shown(strange))
    presentation, holder = body.get("verifiablePresentation"), body.get("holder")
    if not presentation or not isinstance(presentation, dict | str):
        raise Malformed.saying("model.missing", member="verifiablePresentation")
    if "holder" in body and not isinstance(holder, str):
        raise Malformed.saying("model.string", member="holder")
    data = presentation.encode() if isinstance(presentation, str) else written(presentation)
    return _Answer(data, _text(body, "challenge"), _text(body, "session"), holder, _binding(body))


def _text(body: Mapping[str, Json], name: str) -> str:
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise Malformed.saying("model.missing", member=name)
    return found


def _binding(body: Mapping[str, Json]) -> Binding:
    asked = body.get("holderBinding", "told")
    if asked not in get_args(Binding):
        raise Malformed.saying("presentation.request.strange", member="holderBinding")
    return cast(Binding, asked)
