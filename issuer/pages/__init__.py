"""The holder's own page: what the document is for, how to keep it, how to show it with grades, and its state."""

from pathlib import Path

from issuer.holder import Held
from registry.pages import Page, Pages, Reader, Site
from registry.statuses import State
from schemas.languages import say
from schemas.numbers import grouped

_LOOKS: dict[State, tuple[str, str]] = {
    "valid": ("valid", "tick"),
    "suspended": ("waiting", "pause"),
    "replaced": ("waiting", "arrow"),
    "revoked": ("ended", "cross"),
    "annulled": ("ended", "cross"),
}
"""Colour and shape of a state, as on the page that everybody sees."""


class HolderPages:
    """The pages behind the holder's secret link."""

    def __init__(self, site: Site) -> None:
        self._pages = Pages(site, Path(__file__).parent)

    def held(self, who: Reader, held: Held, here: str) -> Page:
        """The page at the path `here`."""
        tone, shape = _LOOKS[held.state]
        return self._pages.page(
            "holder.html",
            who,
            held=held,
            document=held.credential,
            here=here,
            tone=tone,
            shape=shape,
            word=say(f"pages.verdict.{held.state}"),
            use=say(f"pages.use.{held.credential.kind.name}"),
            grouped=grouped,
        )

    def ended(self, who: Reader) -> Page:
        """For a link that was renewed, or never was."""
        heading, sentence = say("pages.ended.title"), say("pages.ended.holder")
        return self._pages.page("problem.html", who, heading=heading, next=sentence)
