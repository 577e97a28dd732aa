"""The register as the verifiers of the Digital Credentials Consortium ask one: a list by DID ("dcc-legacy"), and entity
statements (OpenID Federation 1.0, sections 3 and 8.1). Pure; `issuer.federation` signs and publishes them.

Both tell who may issue something now. They know no days: of the past the reports tell.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from keys.entity import EntityStatement
from keys.public import PublicKey
from registry.entitlement import may_issue
from registry.issuers import Institution
from schemas.languages import LANGUAGES, Text, say
from schemas.reading import Json

LIST = "registry.json"
"""Under which name the list is kept; a statement is kept under its subject."""


def entitled(institutions: Sequence[Institution], now: datetime) -> list[Institution]:
    """Those that may issue documents of some kind at `now`."""
    return [each for each in institutions if may_issue(each, institutions, now)]


def listed(institutions: Iterable[Institution], public_url: str) -> dict[str, Json]:
    """The list: DID → name, home page, place."""
    rows = ((did, each) for each in institutions for did in _dids(each))
    return {"registry": {did: _row(each, public_url) for did, each in rows}}


def _row(institution: Institution, public_url: str) -> dict[str, Json]:
    place = f"{institution.city.en}, {institution.country}"
    return {"name": _name(institution).en, "url": _homepage(institution, public_url), "location": place}


def statements(
    institutions: Iterable[Institution], public_url: str, key: PublicKey, now: datetime
) -> Iterator[EntityStatement]:
    """The register's own configuration, and a statement about each institution, by each of its DIDs."""
    register = {
        **_names(say("registry.federation.name", host=urlsplit(public_url).netloc)),
        "organization_uri": f"{public_url}/issuers",
        "homepage_uri": f"{public_url}/issuers",
        "federation_fetch_endpoint": f"{public_url}/federation/fetch",
    }
    yield EntityStatement(public_url, public_url, (key,), register)
    for each in institutions:
        keys = [key for key in each.keys if key.good_at(now) and "documents" in key.purposes]
        for did in _dids(each):
            own = tuple(PublicKey.from_multibase(key.multibase) for key in keys if key.did == did)
            yield EntityStatement(public_url, did, own, _of_institution(each, public_url))


def _of_institution(institution: Institution, public_url: str) -> dict[str, Json]:
    homepage = _homepage(institution, public_url)
    place = f"{institution.city.en}, {institution.country}"
    return {**_names(_name(institution)), "organization_uri": homepage, "homepage_uri": homepage, "location": place}


def _names(name: Text) -> Mapping[str, Json]:
    """In English, and in each language by its tag (section 14 of the standard, "Human-Readable Claims")."""
    return {"organization_name": name.en} | {f"organization_name#{lang}": name[lang] for lang in LANGUAGES}


def _name(institution: Institution) -> Text:
    """A test institution never passes for another."""
    return say("registry.federation.test", name=institution.name) if institution.test else institution.name


def _homepage(institution: Institution, public_url: str) -> str:
    return institution.homepage or f"{public_url}/issuers#{institution.slug}"


def _dids(institution: Institution) -> list[str]:
    """Without one whose key came into other hands."""
    return sorted({key.did for key in institution.keys if key.compromised_from is None})
