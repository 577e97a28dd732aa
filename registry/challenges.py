"""What the verifier has to remember: the challenges that holders were asked with, each for one answer in one session
(docs/attacks.md B20).

Only hashes are kept. A row stays longer than its challenge lives, so that whoever comes again is told why, and no
clock that is behind finds an old one fresh.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry.ledger import challenges, writing
from schemas.errors import Unavailable

LIFETIME = timedelta(minutes=5)
KEPT = timedelta(minutes=15)
"""After its end; more than clocks may differ by."""
MAX_OPEN = 10_000
"""Challenges at once; whoever asks for one more is told to come back."""

Taken = Literal["taken", "used", "ended", "unknown"]


@dataclass(frozen=True)
class Challenges:
    """Challenges in the registry's database."""

    engine: Engine

    def ask(self, challenge: str, session: str, now: datetime) -> datetime:
        """Remembers a new challenge of a session; the instant of its end. Raises `Unavailable` while too many are
        open."""
        row = {"challenge": _hash(challenge), "session": _hash(session), "ends_at": now + LIFETIME}
        with writing(self.engine) as connection:
            _sweep(connection, now)
            still = sa.select(sa.func.count()).where(challenges.c.used_at.is_(None), challenges.c.ends_at > now)
            if (connection.execute(still).scalar() or 0) >= MAX_OPEN:
                raise Unavailable.saying("registry.too_many_challenges")
            connection.execute(challenges.insert(), row)
        return now + LIFETIME

    def take(self, challenge: str, session: str, now: datetime) -> Taken:
        """Uses a challenge up, if it is open and of this session. One statement decides, so of many who come at the
        same time one has it."""
        its = (challenges.c.challenge == _hash(challenge)) & (challenges.c.session == _hash(session))
        fresh = its & challenges.c.used_at.is_(None) & (challenges.c.ends_at > now)
        with writing(self.engine) as connection:
            if connection.execute(sa.update(challenges).where(fresh).values(used_at=now)).rowcount == 1:
                return "taken"
            row = connection.execute(sa.select(challenges.c.used_at).where(its)).first()
        if row is None:
            return "unknown"
        return "used" if row[0] else "ended"


def _sweep(connection: Connection, now: datetime) -> None:
    connection.execute(sa.delete(challenges).where(challenges.c.ends_at < now - KEPT))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
