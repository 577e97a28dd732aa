"""A small core of `make fuzz`: changed documents at the doors of the verifier."""

from collections.abc import Iterator

import pytest

from tests.fuzz.judge import says_the_same
from tests.fuzz.run import Bench, bench


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("fuzz")) as found:
        found.start()
        yield found


@pytest.mark.parametrize("number", range(4))
def test_a_changed_document_is_never_valid_and_never_a_fault_of_the_server(number: int, made: Bench) -> None:
    before = made.done
    made.round(number, 150)
    assert made.done - before >= 150
    assert {"malformed", "tampered", "valid"} <= set(made.verdicts)


def test_the_judge_knows_what_says_the_same(made: Bench) -> None:
    """Else it would let anything pass."""
    plain = next(each for each in made.originals if each.name == "eddsa-rdfc-2022").data
    for changed, strictly, loosely in (
        (plain, True, True),
        (plain + b" ", True, True),
        (plain.replace(b'"level":"6"', b'"level":"7"'), False, False),
        (plain.replace(b'"level":"6"', b'"level":["6"]'), False, True),
        (plain.replace(b'"level":"6"', b'"level":"6","degree":"PhD"'), False, False),
        (plain.replace(b'"level":"6"', b'"level":"6","degree":null'), False, False),
        (plain.replace(b'"level":', b'"grade":'), False, True),
        (plain.replace(b'"level":"6"', b'"grade":"6"'), False, False),
        (plain.replace(b'"level":', b'"grade":').replace(b'"grade":"6"', b'"grade":"6","grade":null'), False, False),
        (plain[:-1], False, False),
    ):
        assert says_the_same(changed, plain, strictly=True) == strictly
        assert says_the_same(changed, plain, strictly=False) == loosely
