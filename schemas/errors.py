"""The two roots of every refusal in Tanu: "it is bad" and "we could not tell".

Both carry one sentence in Kazakh, Russian and English. Room-specific children live where they are raised; HTTP
problem documents are made from them only at the edge (`tanu.problems`).
"""

from schemas.languages import Text, say


class Refused(ValueError):
    """What was handed in is wrong. `because` says what is wrong and how to mend it, in three languages."""

    def __init__(self, because: Text) -> None:
        super().__init__(because.en)
        self.because = because

    @classmethod
    def saying(cls, key: str, **values: object) -> "Refused":
        """The refusal whose sentence stands in the word list under `key`."""
        return cls(say(key, **values))


class Malformed(Refused):
    """The bytes are no document that can be read (limits, JSON, JSON-LD keywords, shape)."""


class Unsupported(Refused):
    """Readable, but of a kind, suite or version that this verifier does not know."""


class DataLoss(Refused):
    """A member that the contexts do not define, so that no signature covers it (`DATA_LOSS_DETECTION_ERROR`,
    Verifiable Credential Data Integrity 1.0, section 4.4)."""


class Unavailable(Exception):
    """Something that had to be asked did not answer: nothing is known, in neither direction."""

    def __init__(self, because: Text) -> None:
        super().__init__(because.en)
        self.because = because

    @classmethod
    def saying(cls, key: str, **values: object) -> "Unavailable":
        """The fault whose sentence stands in the word list under `key`."""
        return cls(say(key, **values))
