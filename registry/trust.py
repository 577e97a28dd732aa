"""Whether a right leads up to a root: pure; signed rights and roots go in, accreditations come out.

A root is a key that the settings name. What it signs for a body lets that body accredit; what the body signs for an
institution lets the institution issue. A link counts where its giver could give it at the time that it states, and at
the time when the register took it: nobody gives rights backwards under one that has ended. Of the versions of a right
the newest that counts is taken (docs/decisions/0017).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Literal

from keys.did import method_id
from keys.proof import check
from keys.public import PublicKey
from registry.issuers import Accreditation, AccreditationBody, Institution, SignedRight, Unproven
from schemas.errors import Refused
from schemas.kinds.table import ACCREDITATION
from schemas.languages import Text, say
from schemas.rights import Right, read_right

Roots = frozenset[str]
"""The did:keys that a verifier trusts to say who may accredit."""
Sought = Literal["issue", "accredit"]
LONGEST = 4
"""Links of a chain, from the institution's own accreditation up to what a root has signed."""


@dataclass(frozen=True, slots=True)
class _Link:
    """A certificate that can be read, with the time when the register took it."""

    right: Right
    entered_at: datetime

    @property
    def versions_of(self) -> tuple[str, str]:
        """What all its versions have in common: the body, whatever its key, and the number."""
        return self.right.giver.bin, self.right.terms.number


@dataclass(frozen=True, slots=True)
class _Chain:
    """A link that leads up to a root: the giver's name as the one above has it, the kinds that all above allow."""

    link: _Link
    giver: Text
    kinds: frozenset[str]


def judged(institution: Institution, roots: Roots) -> Institution:
    """The institution with the accreditations that its rights prove."""
    dids = frozenset((institution.did, *institution.dids))
    proven, unproven = _judged(institution.rights, dids, institution.bin, institution.test, "issue", roots)
    return replace(institution, accreditations=proven, unproven=unproven)


def authority(body: AccreditationBody, rights: tuple[SignedRight, ...], roots: Roots) -> tuple[Accreditation, ...]:
    """What a body may accredit for, as far as its rights prove it; a root needs none."""
    return _judged(rights, frozenset((body.did,)), body.bin, body.test, "accredit", roots)[0]


@lru_cache(maxsize=1024)
def _judged(
    rights: tuple[SignedRight, ...], dids: frozenset[str], bin_: str, test: bool, sought: Sought, roots: Roots
) -> tuple[tuple[Accreditation, ...], tuple[Unproven, ...]]:
    """Kept by all that it depends on, the bytes among it: a chain is checked once, and again when it has changed."""
    every = list(_links(rights))
    links = [link for link in every if test or not link.right.is_test]
    own = [each for each in every if each.right.holder.did in dids and each.right.terms.right == sought]
    found = [_lacking(link, bin_, test=test) or _chain(link, links, roots, LONGEST) for link in own]
    proven = _newest(each for each in found if isinstance(each, _Chain))
    lacking = ((link, each) for link, each in zip(own, found, strict=True) if isinstance(each, Text))
    return (
        tuple(_accreditation(chain.link.right, chain.giver, chain.kinds) for chain in proven),
        tuple(Unproven(_accreditation(link.right, link.right.giver.name), why, bool(roots)) for link, why in lacking),
    )


def _links(rights: Iterable[SignedRight]) -> Iterator[_Link]:
    """What cannot be read gives nobody a right."""
    for each in rights:
        right = read(each.document)
        if right is not None and right.terms.kind is ACCREDITATION:
            yield _Link(right, each.entered_at)


@lru_cache(maxsize=1024)
def read(document: bytes) -> Right | None:
    """A right as the register holds it, where it is one."""
    try:
        return read_right(document)
    except Refused:
        return None


def _newest(chains: Iterable[_Chain]) -> list[_Chain]:
    found: dict[tuple[str, str], _Chain] = {}
    for each in sorted(chains, key=lambda chain: chain.link.right.version):
        found[each.link.versions_of] = each
    return list(found.values())


def _lacking(link: _Link, bin_: str, *, test: bool) -> Text | None:
    """Why it cannot be for this institution, whatever stands above it."""
    if link.right.is_test and not test:
        return say("rights.of_a_test")
    return None if link.right.holder.bin == bin_ else say("rights.of_another", bin=link.right.holder.bin)


def _chain(link: _Link, links: Iterable[_Link], roots: Roots, left: int) -> _Chain | Text:
    """The link with what stands above it, or why it leads nowhere."""
    right, kinds = link.right, frozenset(link.right.terms.kinds)
    if not is_signed_by_body(right):
        return say("rights.not_signed", name=right.giver.name)
    if right.giver.did in roots:
        return _Chain(link, right.giver.name, kinds)
    above = [] if left == 1 else _authorities(link, links, roots, left - 1)
    if not above:
        return say("rights.no_root", name=right.giver.name) if roots else say("rights.no_roots")
    allowed = kinds & frozenset().union(*(chain.kinds for chain in above))
    if not allowed:
        return say("rights.not_its_kinds", name=right.giver.name)
    return _Chain(link, above[0].link.right.holder.name, allowed)


def _authorities(link: _Link, links: Iterable[_Link], roots: Roots, left: int) -> list[_Chain]:
    """What let the giver of a link accredit, when it signed and when the register took it."""
    giver, times = link.right.giver, (link.right.signed_at, link.entered_at)
    given = (each for each in links if each.right.holder.did == giver.did and each.right.terms.right == "accredit")
    chains = (_chain(each, links, roots, left) for each in given if each.right.holder.bin == giver.bin)
    newest = _newest(chain for chain in chains if isinstance(chain, _Chain))
    return [chain for chain in newest if all(map(chain.link.right.terms.in_force, times))]


@lru_cache(maxsize=1024)
def signed_with(right: Right, multibase: str) -> bool:
    """Does its proof hold with that key?"""
    try:
        return check(right.value, right.value["proof"], PublicKey.from_multibase(multibase), right.canonical)
    except Refused:
        return False


def is_signed_by_body(right: Right) -> bool:
    """Is it signed by the body that it names, which is its key?"""
    multibase = right.giver.did.removeprefix("did:key:")
    return right.proof.verification_method == method_id(right.giver.did, multibase) and signed_with(right, multibase)


def _accreditation(right: Right, body: Text, kinds: frozenset[str] | None = None) -> Accreditation:
    terms = right.terms
    return Accreditation(
        kinds=tuple(kind for kind in terms.kinds if kinds is None or kind in kinds),
        body=body,
        number=terms.number,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        professions=terms.professions,
    )
