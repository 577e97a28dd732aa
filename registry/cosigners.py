"""Who signs beside an institution, as its register row says on the day: found by the verification method of a proof.

What issuing asks before it keeps a co-signature, verifying asks again of whoever hands the document in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from registry.issuers import PARTNER, Institution, IssuerKey, ResponsiblePerson, Role, SignatureRule, role_text
from schemas.languages import LANGUAGES, Text, say

CLOCK_SKEW = timedelta(minutes=5)
"""How far the clocks of two signers may be apart."""
Partners = Mapping[str, Institution]
"""By DID: the institutions that the rules of a document name."""


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A responsible person, or a partner institution, with one of its keys."""

    who: str
    """The person's short name or the institution's DID: one signature each."""
    called: str
    """The short name."""
    role: Role
    name: Text
    position: Text
    method: str
    """The verification method of the key."""
    key: ResponsiblePerson | IssuerKey

    @property
    def words(self) -> Text:
        """Name and position, and the role where the position says another thing."""
        role = role_text(self.role)
        return Text(*(_words(self.name[lang], self.position[lang], role[lang]) for lang in LANGUAGES))


def _words(name: str, position: str, role: str) -> str:
    return f"{name}, {position}" if role.casefold() in position.casefold() else f"{name}, {position} ({role})"


def everybody(institution: Institution, partners: Partners) -> tuple[Cosigner, ...]:
    """All who sign beside the institution, once for each of their keys."""
    people = (
        Cosigner(p.person, p.person, p.role, Text.same(p.name), p.position, p.method, p) for p in institution.persons
    )
    others = (
        Cosigner(other.did, other.slug, PARTNER, other.name, role_text(PARTNER), key.id, key)
        for other in partners.values()
        for key in other.keys
        if "documents" in key.purposes
    )
    return (*people, *others)


def cosigner(method: str, institution: Institution, partners: Partners) -> Cosigner | None:
    """Whose key that is; None: nobody's who signs beside the institution."""
    return next((who for who in everybody(institution, partners) if who.method == method), None)


def mistimed(who: Cosigner, signed: datetime, first: datetime) -> Text | None:
    """What is wrong with the time of a co-signature; `first` is when the institution signed."""
    if not who.key.good_at(signed):
        return say("verify.key_time.failed", instant=signed)
    return say("cosign.early", instant=signed) if signed < first - CLOCK_SKEW else None


def named_partners(rules: Iterable[SignatureRule]) -> frozenset[str]:
    """The DIDs of the institutions that these rules name."""
    return frozenset(did for rule in rules for did in rule.partners)


def there(rule: SignatureRule, signers: Sequence[Cosigner]) -> int:
    """How many of the rule's seats have signed: a person sits once, and a role in no more seats than it has."""
    people = {each.who: each for each in signers}.values()
    by_role = (min(rule.roles.count(role), sum(each.role == role for each in people)) for role in set(rule.roles))
    return sum(by_role) + len(set(rule.partners) & {each.who for each in people if each.role == PARTNER})


def unmet(rules: Iterable[SignatureRule], signers: Sequence[Cosigner]) -> tuple[SignatureRule, ...]:
    """The rules that ask for more than what is there."""
    return tuple(rule for rule in rules if there(rule, signers) < rule.needed)


def is_awaited(rules: Iterable[SignatureRule], who: Cosigner, signers: Sequence[Cosigner]) -> bool:
    """Does any of these rules have a seat for that person or partner that nobody has taken yet?"""
    return any(there(rule, [*signers, who]) > there(rule, signers) for rule in rules)


def seats_text(rule: SignatureRule) -> Text:
    """The seats of a rule in words."""
    roles = [role_text(role) for role in (*rule.roles, *(PARTNER for _ in rule.partners))]
    return Text(*(", ".join(role[lang] for role in roles) for lang in LANGUAGES))


def lacking(rule: SignatureRule, signers: Sequence[Cosigner]) -> Text:
    """What a rule asks for and what is there, in a sentence."""
    stated = {"needed": rule.needed, "seats": rule.seats, "roles": seats_text(rule)}
    return say("cosign.lacking", there=there(rule, signers), **stated)
