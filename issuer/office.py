"""The office: what the acts of an issuer need, put together once by `tanu`."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from issuer.clock import Steady
from issuer.lint import Digest, Parallel, linted, one_by_one
from issuer.mail import Post
from issuer.store import IssuerStore, Writing
from keys.ring import KeyRing
from keys.signer import Signer
from registry.issuers import Institution, IssuerKey, Purpose
from registry.store import RegistryStore
from schemas.errors import Refused
from schemas.languages import KAZAKHSTAN


def system_clock() -> datetime:
    """UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Office:
    """Stores, keys, clock and chance. `operator` is who works here; it stands in the audit."""

    store: IssuerStore
    registry: RegistryStore
    ring: KeyRing
    public_url: str
    link_key: bytes
    operator: str
    post: Post
    now: Callable[[], datetime] = system_clock
    random: Callable[[int], int] = secrets.randbelow
    parallel: Parallel = one_by_one
    linter: Digest = linted
    """Of drafts; `linted_on_paper` where papers are drawn at once."""
    steady: Steady = field(default_factory=Steady)
    appeal_days: int = 30
    """How long a holder may appeal, as notices say."""

    def today(self) -> date:
        """The civil date in Kazakhstan."""
        return self.now().astimezone(KAZAKHSTAN).date()

    def check_clock(self, record: Writing | IssuerStore) -> None:
        """Raises `issuer.clock.WrongClock` while nothing may be signed."""
        self.steady.check(self.now(), record.newest_signature())

    def institution(self, slug: str) -> Institution:
        """The registry's row; raises `Refused` naming those that there are."""
        found = self.registry.institution_called(slug)
        if found is None:
            known = ", ".join(row.slug for row in self.registry.institutions())
            raise Refused.saying("issue.no_institution", slug=slug, known=known or "–")
        return found

    def signing_key(self, institution: Institution, purpose: Purpose) -> tuple[IssuerKey, Signer]:
        """The institution's current key for `purpose`, opened."""
        key = institution.current_key(purpose, self.now())
        if key is None:
            raise Refused.saying("issue.no_key", slug=institution.slug)
        return key, self.ring.signer(key.multibase)

    def check_passphrase(self) -> None:
        """Opens one key, so that a wrong passphrase is told before anything is recorded."""
        for institution in self.registry.institutions()[:1]:
            self.signing_key(institution, "documents")

    def page_url(self, code: str) -> str:
        """Where the QR leads, and the credential's id."""
        return f"{self.public_url}/c/{code}"
