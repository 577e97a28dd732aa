"""What changes between the intent and the signature changes nothing of the document: it is finished as it was recorded,
or it ends, with a reason."""

from collections.abc import Callable

import pytest

import issuer.issue
import schemas.credential
from issuer.issue import prepare
from issuer.numbers.store import account
from issuer.signing import resume, sign
from schemas.errors import Malformed
from schemas.kinds.document import Signatory
from schemas.kinds.table import Kind
from schemas.languages import say
from tests.world import EXTRACT, MICRO, World, value_of

Switch = Callable[[World, pytest.MonkeyPatch], None]


def other_rules(_w: World, patch: pytest.MonkeyPatch) -> None:
    for module in (schemas.credential, issuer.issue):
        patch.setattr(module, "RULE_SET", "2027-01")


def other_template(_w: World, patch: pytest.MonkeyPatch) -> None:
    """Of the paper, and of the document: another title, other grounds."""
    patch.setattr(issuer.issue, "TEMPLATE", "2")
    patch.setattr(Kind, "title", property(lambda _: say("issue.void", number="x")))
    patch.setattr(Kind, "legal_basis", property(lambda _: say("issue.void", number="y")))


def other_office(w: World, _patch: pytest.MonkeyPatch) -> None:
    """Other signatories, another name."""
    person = {"signatoryName": "Х. Жаңа", "position": dict.fromkeys(("kk", "ru", "en"), "x")}
    w.office.store.set_signatories("kmu", [Signatory.model_validate(person)])
    w.rewrite("UPDATE institutions SET name_kk = 'Жаңа', name_ru = 'Новый', name_en = 'New'")


SWITCHES: tuple[Switch, ...] = (other_rules, other_template, other_office)


@pytest.mark.parametrize("restarted", [False, True], ids=["at once", "after a restart"])
@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("kind", [MICRO, EXTRACT])
def test_C19_what_was_recorded_is_what_is_signed_whatever_has_changed_since(
    kind: str, switch: Switch, restarted: bool, w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prepared,) = prepare(w.office, [w.approve(kind)])
    switch(w, monkeypatch)
    if restarted:
        assert resume(World(w.folder, clock=w.clock, seed=8).office) == 1
    else:
        sign(w.office, [prepared])
    w.deliver()
    document = w.registry.document(prepared.intent.code) or b""
    assert document.startswith(prepared.intent.document[:-1])
    signed = value_of(document)
    del signed["proof"]
    assert signed == value_of(prepared.intent.document)
    assert signed["ruleSet"] == "2026-11"
    (profile,) = w.rows_of("SELECT profile FROM issuer_intents")[0]
    assert profile == f"{kind}/1/2026-11/1"
    monkeypatch.undo()
    assert w.verify(document).verdict in ("valid", "not_accredited")


def test_C19_the_next_document_has_the_new_profile(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    w.issue()
    other_rules(w, monkeypatch)
    other_template(w, monkeypatch)
    prepare(w.office, [w.approve()])
    profiles = [profile for (profile,) in w.rows_of("SELECT profile FROM issuer_intents ORDER BY number")]
    assert profiles == [f"{MICRO}/1/2026-11/1", f"{MICRO}/1/2027-01/2"]


def test_C19_what_this_version_does_not_pass_any_more_ends_with_its_profile_as_the_reason(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer Tanu, whose schema asks for more; the case can be issued anew under it."""
    prepare(w.office, [w.approve(case="A"), w.approve(EXTRACT, case="B")])
    schema = Kind.check_schema

    def stricter(self: Kind, document: object) -> None:
        if self.name == MICRO:
            raise Malformed.saying("kinds.schema", place="/", problem="a member is lacking")
        schema(self, document)

    monkeypatch.setattr(Kind, "check_schema", stricter)
    assert resume(w.office) == 2
    states = dict(w.rows_of("SELECT kind, state FROM issuer_intents"))
    assert states == {MICRO: "void", EXTRACT: "final"}
    monkeypatch.undo()
    ((gap,),) = [series.gaps for series in account(w.office.store) if series.gaps]
    assert f"{MICRO}/1/2026-11/1" in gap.reason
    assert "a member is lacking" in gap.reason
    assert w.verify(w.issue(case="A").document).verdict == "valid"


@pytest.mark.parametrize("end", ["retired_at", "compromised_from"])
def test_C19_what_was_recorded_for_a_key_that_was_not_good_then_ends_with_that_reason(end: str, w: World) -> None:
    prepare(w.office, [w.approve()])
    w.rewrite(f"UPDATE issuer_keys SET {end} = '2026-11-21T04:00:00Z'")
    assert resume(w.office) == 1
    ((state, reason),) = w.rows_of("SELECT state, void_reason FROM issuer_intents")
    assert state == "void"
    assert "key was not good" in reason


def test_a_key_that_ends_after_the_intent_signs_what_was_recorded_before(w: World) -> None:
    prepare(w.office, [w.approve()])
    w.rewrite("UPDATE issuer_keys SET retired_at = '2026-11-21T05:00:01Z'")
    w.clock.move(minutes=5)
    assert resume(w.office) == 1
    w.rewrite("UPDATE issuer_keys SET retired_at = NULL")
    w.deliver()
    (code,) = w.rows_of("SELECT code FROM issuer_intents")[0]
    assert w.look_up(code).verdict == "valid"
