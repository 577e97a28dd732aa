"""What the doors of registry, verifier and issuer refuse, and the HTTP status of each refusal.

`tanu.problems` joins this table to its own; the answers are written in one place, `registry.routes.refusal`.
"""

from schemas.errors import Refused


class TooLarge(Refused):
    """More than the cap of what it is."""


class Empty(Refused):
    """Nothing was handed in."""


class NotAForm(Refused):
    """A form that cannot be read."""


class UnknownPolicy(Refused):
    """Neither `product` nor `open`."""


class BadMoment(Refused):
    """What was to be checked as of some time names no day and no instant, or one that has not come."""


class CrossSite(Refused):
    """A form that another site has sent."""


class NotPublished(Refused):
    """There is no such public record, or it is not public: nobody can tell which (docs/attacks.md E6)."""


STATUS: tuple[tuple[type[Refused], int], ...] = (
    (TooLarge, 413),
    (Empty, 400),
    (NotAForm, 400),
    (UnknownPolicy, 400),
    (BadMoment, 400),
    (CrossSite, 403),
    (NotPublished, 404),
)
