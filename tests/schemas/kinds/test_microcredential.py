"""Kind 1: a certificate needs a complete definition (MC-02, 04), a pass (MC-13), and warns where MC-03 or 11 advise."""

import pytest

from schemas.kinds.microcredential import MicroCredential
from tests.world_facts import Row, accepts, changed, micro_credential, refusal, three


def with_volume(ects: str) -> Row:
    """The specimen with one module of so many ECTS."""
    hours = str(int(float(ects) * 30))
    module = {"module_title": three("The only module"), "ects": ects, "hours": hours}
    return changed(micro_credential(), programme__ects=ects, programme__hours=hours, programme__modules=[module])


def warned(row: Row) -> list[str]:
    """The numbers of the rules that `row` does not follow."""
    return [warning.en[:5] for warning in MicroCredential.model_validate(row).warnings]


@pytest.mark.parametrize(("ects", "rules"), [("0.5", ["MC-03"]), ("1", []), ("30", []), ("31", ["MC-03"])])
def test_1_to_30_ects_are_usual(ects: str, rules: list[str]) -> None:
    assert warned(with_volume(ects)) == rules


def test_no_volume_is_no_micro_credential() -> None:
    refusal(MicroCredential, with_volume("0"), "MC-02")


@pytest.mark.parametrize(("level", "expert", "rules"), [(4, ..., []), (5, ..., ["MC-11"]), (6, three("Expert"), [])])
def test_from_eqf_5_an_external_expert_is_advised(level: int, expert: object, rules: list[str]) -> None:
    assert warned(changed(micro_credential(), programme__eqf_level=level, external_expert=expert)) == rules


def test_each_group_of_outcomes_is_stated_or_marked_as_not_applicable() -> None:
    two = micro_credential()["programme"]["learning_outcomes"][:2]
    row = changed(micro_credential(), programme__learning_outcomes=two)
    refusal(MicroCredential, row, "MC-02")
    assert accepts(MicroCredential, changed(row, programme__outcomes_not_applicable=["skills"]))


def test_the_modules_add_up_to_the_volume() -> None:
    refusal(MicroCredential, changed(micro_credential(), programme__ects="4"), "MC-02")
    refusal(MicroCredential, changed(micro_credential(), programme__modules__0__hours="31"), "MC-02")


@pytest.mark.parametrize("missing", ["standard", "labour_functions"])
def test_a_labour_function_or_the_reason_why_no_standard_applies(missing: str) -> None:
    row = changed(micro_credential(), **{f"programme__{missing}": ...})
    refusal(MicroCredential, row, "MC-04")
    assert accepts(MicroCredential, changed(row, programme__no_standard_reason=three("Not for teachers")))


def test_who_did_not_pass_receives_no_certificate() -> None:
    failed = {"letter": "FX", "points": "0.5", "percent": 49}
    refusal(MicroCredential, changed(micro_credential(), grade=failed), "MC-13")
