"""Sixty-four clerks at once, some with the same case, some with chance that has run dry: each number, code and slot is
given once, and a repeated request is one document."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from issuer import outbox
from issuer.issue import Approval, Issued
from issuer.office import Office
from tests.torture.judge import Told, findings
from tests.world import EXTRACT, MICRO, World, issue

CLERKS = 64


def office_of(w: World, clerk: int) -> Office:
    """Four clerks each draw the same random numbers."""
    return replace(w.office, operator=f"clerk {clerk}", random=random.Random(clerk // 4).randrange)


def all_at_once(w: World, work: list[list[Approval]]) -> list[list[Issued]]:
    """What each clerk is told."""
    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(lambda n: list(issue(office_of(w, n), work[n], outbox.deliver)), range(len(work))))


def judged(w: World, told: list[list[Issued]]) -> None:
    w.home.engine.dispose()
    acknowledged = {each.code: each.number for issued in told for each in issued}
    assert findings(w.home.folder / "tanu.db", Told(acknowledged)) == []


def test_C8_C9_sixty_four_at_once_share_no_number_code_or_slot(w: World) -> None:
    kinds = (MICRO, EXTRACT)
    told = all_at_once(w, [[w.approve(kinds[n % 2]), w.approve(kinds[n % 2])] for n in range(CLERKS)])
    numbers = [each.number for issued in told for each in issued]
    assert len(set(numbers)) == len({each.code for issued in told for each in issued}) == 2 * CLERKS
    for letters in ("MC", "LR"):
        serials = sorted(int(number.split("-")[3]) for number in numbers if f"-{letters}-" in number)
        assert serials == list(range(1, CLERKS + 1))
    slots = w.rows_of("SELECT list_url, slot FROM issuer_slots")
    assert len(slots) == len(set(slots)) == 3 * CLERKS
    judged(w, told)


def test_C9_a_request_that_is_repeated_by_many_at_once_is_one_document(w: World) -> None:
    approvals = [w.approve(case=f"case {n}") for n in range(4)]
    told = all_at_once(w, [[approvals[clerk % 4], approvals[(clerk + 1) % 4]] for clerk in range(32)])
    assert len({each.code for issued in told for each in issued}) == 4
    assert sum(not each.again for issued in told for each in issued) == 4
    assert w.rows_of("SELECT count(*) FROM issuer_intents") == [(4,)]
    judged(w, told)
