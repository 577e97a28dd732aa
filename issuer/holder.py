"""The holder's side: a secret link that the office hands out and can renew, downloads, a share link, duplicates."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from issuer.documents.certificate import Print, render
from issuer.office import Office
from issuer.status import signed_document
from issuer.store import LinkPurpose, Writing
from registry.statuses import Change, State, changes_at, state_at
from schemas.credential import Credential, stored_credential
from schemas.errors import Refused

_HOLDER = "holder"
"""Who stands in the audit for what the secret link allows."""


@dataclass(frozen=True)
class Held:
    """What the holder's page shows."""

    credential: Credential
    page_url: str
    state: State
    history: tuple[Change, ...]
    share_url: str | None


class HolderDesk(Protocol):
    """What the holder's page asks; None for a token that opens nothing."""

    def open(self, token: str) -> Held | None:
        """What the link leads to."""

    def pdf(self, token: str) -> bytes | None:
        """The paper, as last printed."""

    def share(self, token: str) -> Held | None:
        """Makes a new share link; the one before it ends."""

    def stop_sharing(self, token: str) -> Held | None:
        """Ends the share link."""


@dataclass(frozen=True)
class Links:
    """HolderDesk over an office. Tokens are HMACs, so they need not be stored in clear and can be shown again."""

    office: Office

    def open(self, token: str) -> Held | None:
        return self._held(self.office.store.code_of_link(token, "holder"))

    def pdf(self, token: str) -> bytes | None:
        code = self.office.store.code_of_link(token, "holder")
        return paper(self.office, code) if code else None

    def share(self, token: str) -> Held | None:
        code = self.office.store.code_of_link(token, "holder")
        if code:
            with self.office.store.writing() as writing:
                writing.audit(self.office.now(), _HOLDER, "share_link", code)
                writing.open_link(code, "share", self._token_for(code, "share"), self.office.now())
        return self._held(code)

    def stop_sharing(self, token: str) -> Held | None:
        code = self.office.store.code_of_link(token, "holder")
        if code:
            with self.office.store.writing() as writing:
                if writing.end_links(code, "share", self.office.now()):
                    writing.audit(self.office.now(), _HOLDER, "share_link_ended", code)
        return self._held(code)

    def shared(self, token: str) -> str | None:
        """The code that an open share link shows."""
        return self.office.store.code_of_link(token, "share")

    def holder_url(self, code: str) -> str:
        """The holder's open link; made when there is none yet."""
        return self.holder_urls([code])[code]

    def holder_urls(self, codes: Sequence[str]) -> dict[str, str]:
        """The open links of many documents; those that have none yet get one, in one transaction."""
        known = {code: self.office.store.open_link(code, "holder") for code in codes}
        with self.office.store.writing() as writing:
            made = {code: self._open(writing, code) for code in codes if known[code] is None}
        return {code: made.get(code) or self._url(code, "holder", known[code] or 0) for code in codes}

    def renew(self, code: str) -> str:
        """A new link; from now on the old one is dead."""
        with self.office.store.writing() as writing:
            return self._open(writing, code)

    def _open(self, writing: Writing, code: str) -> str:
        writing.audit(self.office.now(), self.office.operator, "holder_link", code)
        token = writing.open_link(code, "holder", self._token_for(code, "holder"), self.office.now())
        return f"{self.office.public_url}/h/{token}"

    def _held(self, code: str | None) -> Held | None:
        document = self.office.store.final(code) if code else None
        if code is None or document is None:
            return None
        history, now = self.office.registry.history(code), self.office.now()
        sharing = self.office.store.open_link(code, "share")
        return Held(
            credential=stored_credential(document),
            page_url=self.office.page_url(code),
            state=state_at(history, now),
            history=tuple(changes_at(history, now)),
            share_url=self._url(code, "share", sharing) if sharing else None,
        )

    def _url(self, code: str, purpose: LinkPurpose, generation: int) -> str:
        letter = "h" if purpose == "holder" else "s"
        return f"{self.office.public_url}/{letter}/{self._token_for(code, purpose)(generation)}"

    def _token_for(self, code: str, purpose: LinkPurpose) -> Callable[[int], str]:
        """128 bits that only this home can compute."""

        def token(generation: int) -> str:
            message = f"tanu:{purpose}:{code}:{generation}".encode()
            digest = hmac.new(self.office.link_key, message, hashlib.sha256).digest()
            return base64.b32encode(digest[:16]).decode().rstrip("=").lower()

        return token


def paper(office: Office, code: str) -> bytes:
    """The certificate as last printed; its first printing is recorded when it is first asked for."""
    printed = office.store.last_print(code)
    if printed is None:
        return _print(office, code)
    return _rendered(office, _signed(office, code), Print(*printed))


def print_again(office: Office, number: str) -> tuple[int, bytes]:
    """A duplicate for a lost paper: the next print number; same document, number and state."""
    intent = signed_document(office, number)
    if office.store.last_print(intent.code) is None:
        _print(office, intent.code)
    document = _print(office, intent.code)
    printed = office.store.last_print(intent.code)
    return (printed[0] if printed else 1), document


def _print(office: Office, code: str) -> bytes:
    document, today = _signed(office, code), office.today()
    with office.store.writing() as writing:
        number = writing.next_print(code, today, office.operator)
        writing.audit(office.now(), office.operator, "print", code, print=str(number))
    return _rendered(office, document, Print(number, today))


def _signed(office: Office, code: str) -> Credential:
    """The signed document; raises `Refused` when there is none with that code."""
    document = office.store.final(code)
    if document is None:
        raise Refused.saying("office.no_document", number=code)
    return stored_credential(document)


def _rendered(office: Office, credential: Credential, printed: Print) -> bytes:
    return render(credential, page_url=office.page_url(credential.code), printed=printed)
