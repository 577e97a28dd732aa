"""The lists of an office, as published, in the readers of others: @digitalbazaar/vc-bitstring-status-list and
@sd-jwt/jwt-status-list, with documents in the first slot, in the last, and beside both."""

import json
from dataclasses import replace

from issuer.issue import Issued
from keys.public import PublicKey
from schemas.statuslist import INVALID, MIN_SLOTS, SUSPENDED
from tests.others import asked, run
from tests.world import EXTRACT, World, value_of

LAST = MIN_SLOTS - 1
INDICES = (0, LAST, 1, LAST - 1, 7, 8)
URL = "http://127.0.0.1:8000/status/kmu-{}-1"


def at_the_edges(w: World) -> list[Issued]:
    """Documents in the slots of `INDICES`, the same in both lists."""
    rolls, chance = iter([each for index in INDICES for each in (index, index)]), w.office.random
    w.office = replace(w.office, random=lambda n: next(rolls) if n == MIN_SLOTS else chance(n))
    issued = w.issue_many(len(INDICES), EXTRACT)
    assert [w.office.store.slots_of(each.code)[0].index for each in issued] == list(INDICES)
    return issued


def bits(w: World, purpose: str) -> list[int]:
    """The set slots of a published list, by the reader of others."""
    document = value_of(w.registry.status_list(URL.format(purpose)) or b"")
    said = json.loads(run("statuslist.mjs", document["credentialSubject"]["encodedList"]))
    assert said["length"] == MIN_SLOTS
    return list(said["set"])


def statuses(w: World) -> dict[int, int]:
    """The slots of the published token that are not valid, by the reader of others; its signature by jose."""
    token = (w.office.registry.status_token(URL.format("revocation"), "jwt") or b"").decode()
    key = PublicKey.from_multibase(w.university.keys[0].multibase)
    order = {"name": "list", "jwk": key.jwk, "alg": "EdDSA", "typ": "statuslist+jwt", "token": token}
    opened = asked([order], lambda lines: run("jose.mjs", lines))["list"]
    assert opened["verified"], opened
    said = json.loads(run("statustoken.mjs", token))
    assert (said["bits"], said["length"]) == (2, MIN_SLOTS)
    return {int(index): status for index, status in said["set"].items()}


def test_C5_readers_of_others_read_both_lists_at_both_edges(w: World) -> None:
    first, last, second, before_last, *_ = at_the_edges(w)
    w.revoke(first)
    w.annul(before_last)
    w.suspend(last)
    w.suspend(second)
    assert bits(w, "revocation") == [0, LAST - 1]
    assert bits(w, "suspension") == [1, LAST]
    assert statuses(w) == {0: INVALID, 1: SUSPENDED, LAST - 1: INVALID, LAST: SUSPENDED}
    w.reinstate(last)
    w.revoke(second)
    assert (bits(w, "revocation"), bits(w, "suspension")) == ([0, 1, LAST - 1], [])
    assert statuses(w) == {0: INVALID, 1: INVALID, LAST - 1: INVALID}
