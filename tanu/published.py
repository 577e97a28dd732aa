"""What a home has published under its own address: read in process, since its own server may not reach itself."""

import json
from collections.abc import Mapping
from typing import Any

from keys.did import build_document
from registry.fetch import Fetcher, FetcherAtHome
from registry.store import RegistryStore

_DID = "/did.json"


def did_document(store: RegistryStore, slug: str) -> Mapping[str, Any] | None:
    """Of the institution with that slug."""
    found = store.institution_called(slug)
    if found is None:
        return None
    own = [key for key in found.keys if key.did == found.did]
    stolen = {key.id: key.compromised_from for key in own if key.compromised_from}
    return build_document(found.did, [(key.id, key.multibase) for key in own], stolen)


def fetcher(store: RegistryStore, public_url: str, hosts: frozenset[str]) -> Fetcher:
    """Fetches from `hosts`; lists and DID documents at `public_url` come from the registry."""

    def own(url: str) -> bytes | None:
        place = url.removeprefix(public_url)
        if place == url:
            return None
        if place.startswith("/status/"):
            return store.status_list(url)
        if place.startswith("/i/") and place.endswith(_DID):
            found = did_document(store, place.removeprefix("/i/").removesuffix(_DID))
            return json.dumps(found).encode() if found else None
        return None

    return FetcherAtHome(hosts=hosts, own=own)
