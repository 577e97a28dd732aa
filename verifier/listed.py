"""Step 8 under policy `open`: whether the issuer's own lists say that a document no longer holds.

Lists are fetched only from hosts on the configured list. Which place in which list is a document's is read from what
it states, whatever its contexts call that (docs/attacks.md A5).
"""

from dataclasses import dataclass, field
from datetime import datetime

from schemas.errors import Malformed, Refused, Unavailable
from schemas.languages import Text, say
from schemas.reading import Json, shown
from schemas.stated import STATUS, VC, Stated, address_of, text_of
from schemas.statuslist import StatusList, bit_at, read_index
from verifier.checks import about_list, said, unanswered
from verifier.evidence import SignedList, read_foreign_list
from verifier.moment import CLOCK_SKEW, Moment
from verifier.proofs import Means, Signed, read_proofs, signatures, times_of
from verifier.report import Check, Unasked, Verdict

MAX_ENTRIES = 10
"""Of one document: each may cost a fetch and the proofs of a list."""
_STATES: dict[str, Verdict] = {"revocation": "revoked", "suspension": "suspended"}
"""What a set bit says, by the purpose of its list (Bitstring Status List 1.0, section 2.1)."""


def status(stated: Stated, issuer: str, moment: Moment, means: Means) -> Check:
    """A set bit counts even where another list says nothing.

    Lists tell only today. What is not withdrawn today was not withdrawn before; nothing else follows for the past.
    """
    entries = stated.values.get(f"{VC}credentialStatus", [])
    if not entries:
        return said(8, "not_applicable", say("verify.status.none"))
    if stated.properties[f"{VC}credentialStatus"] > MAX_ENTRIES:
        return said(8, "failed", say("verify.status.too_many", most=MAX_ENTRIES), "malformed")
    silent: list[Check] = []
    lists = _Lists(issuer, moment.now, means)
    for entry in entries:
        found = _by_entry(entry, lists, moment)
        if found.outcome == "failed":
            return found
        silent += [found] if found.outcome == "unknown" else []
    if silent:
        return unanswered(8, silent[0].because, *(source for each in silent for source in each.unasked))
    return said(8, "passed", say("verify.status.never" if moment.is_past else "verify.status.passed_open"))


def _by_entry(entry: Json, lists: "_Lists", moment: Moment) -> Check:
    """What the list says of the one slot that an entry names (section 3.2)."""
    if not _is_known(entry):
        return unanswered(8, say("verify.status.unknown_entry"))
    try:
        index = read_index(text_of(entry, f"{STATUS}statusListIndex"))
    except Malformed as refused:
        return said(8, "failed", refused.because, "malformed")
    url = address_of(entry, f"{STATUS}statusListCredential") or ""
    found = lists.at(url)
    if isinstance(found, Unavailable):
        source = Unasked(about_list(url), found.because)
        return unanswered(8, say("verify.status.unreachable", source=found.because), source)
    if isinstance(found, Text):
        return unanswered(8, found)
    if found.purpose != text_of(entry, f"{STATUS}statusPurpose"):
        return unanswered(8, say("verify.status.not_authentic", url=shown(url, 120)))
    if index >= len(found.bits) * 8:
        return unanswered(8, say("statuslist.out_of_range", index=index))
    return _by_bit(bit_at(found.bits, index), found, moment)


def _is_known(entry: Json) -> bool:
    """A bit for each slot: of a wider one, which has its own meanings, the place is another."""
    types = entry.get("@type", []) if isinstance(entry, dict) else []
    sizes = [size.get("@value") for size in entry.get(f"{STATUS}statusSize", [])]
    return f"{STATUS}BitstringStatusListEntry" in types and sizes in ([], [1])


def _by_bit(is_set: bool, found: StatusList, moment: Moment) -> Check:
    if moment.is_past and (is_set or found.purpose != "revocation"):
        return unanswered(8, say("verify.status.only_today", url=shown(found.url, 120)))
    if not is_set:
        return said(8, "passed", say("verify.status.passed_open"))
    if found.purpose not in _STATES:
        words = {"url": shown(found.url, 120), "purpose": shown(found.purpose)}
        return unanswered(8, say("verify.status.other_purpose", **words))
    state = _STATES[found.purpose]
    return said(8, "failed", say("verify.status.bit_set", state=say(f"status.state.{state}")), state)


@dataclass(frozen=True, slots=True)
class _Lists:
    """The issuer's lists that a document names, each fetched and checked once."""

    issuer: str
    now: datetime
    means: Means
    _found: dict[str, StatusList | Text | Unavailable] = field(default_factory=dict)

    def at(self, url: str) -> StatusList | Text | Unavailable:
        """The list if it is the issuer's own, authentic and fresh; else why its word does not count, or is missing."""
        if url not in self._found:
            self._found[url] = self._ask(url)
        return self._found[url]

    def _ask(self, url: str) -> StatusList | Text | Unavailable:
        named = shown(url, 120)
        try:
            data = self.means.fetcher.get(url)
            if data is None:
                return say("verify.status.missing", url=named)
            found = read_foreign_list(data, self.means.canonizer)
            content = found.content
            if (content.url, content.issuer) != (url, self.issuer) or not self._is_signed(found):
                return say("verify.status.not_authentic", url=named)
        except Refused as refused:
            return say("verify.status.unusable", url=named, problem=refused.because)
        except Unavailable as silence:
            return silence
        if not content.valid_from - CLOCK_SKEW <= self.now <= content.valid_until:
            return say("verify.status.stale", url=named, instant=content.valid_until)
        if self.means.fetcher.newest.is_behind(self.issuer, url, content.valid_from, content.version):
            return say("verify.status.rolled_back", url=named, instant=content.valid_from)
        return content

    def _is_signed(self, found: SignedList) -> bool:
        """Does every proof of a list hold today, and is one by a key of the issuer, for assertion? Raises `Unavailable`
        where that cannot be told."""
        proofs = read_proofs(found.document)
        made, ends = times_of(proofs)
        if (made and made > self.now + CLOCK_SKEW) or (ends and ends < self.now):
            return False
        signed = Signed(found.document, proofs, self.issuer, found.canonical)
        checks = signatures(signed, self.means, self.now)
        if silent := next((check for check in checks if check.outcome == "unknown"), None):
            if not any(check.outcome == "failed" for check in checks):
                raise Unavailable(silent.because)
            return False
        return all(check.outcome != "failed" for check in checks)
