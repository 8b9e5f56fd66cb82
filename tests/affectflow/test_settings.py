"""What settings dataclasses declare, and what becomes of values that are not allowed."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pytest

from affectflow.errors import InputError
from affectflow.settings import check_fields, common_bounds, number, one_of, seed_field


@dataclass(frozen=True)
class Oven:
    heat: int = number(200, 50, 300, "degrees", multiple=50)
    share: float = number(0.5, 0.0, 1.0)
    mode: str = one_of("air", ("air", "grill", "both"))
    turns: int = one_of(1, (0, 1))
    seed: int = seed_field()

    def __post_init__(self) -> None:
        check_fields(self, "oven")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("heat", 301, "oven.heat is 301; a whole number from 50 to 300 would do"),
        ("heat", 49, "oven.heat is 49; a whole number from 50 to 300 would do"),
        ("heat", 220, "oven.heat is 220; a multiple of 50 would do, such as 200 or 250"),
        ("heat", 200.0, "oven.heat is 200.0; a whole number would do"),
        ("heat", True, "oven.heat is True; a whole number would do"),
        ("share", float("nan"), "oven.share is nan; a number from 0.0 to 1.0 would do"),
        ("share", float("inf"), "oven.share is inf; a number from 0.0 to 1.0 would do"),
        ("share", "half", "oven.share is 'half'; a number would do"),
        ("mode", "steam", "oven.mode is 'steam'; air, grill or both would do"),
        ("mode", 1, "oven.mode is 1; a word would do"),
        ("turns", 2, "oven.turns is 2; 0 or 1 would do"),
        ("seed", 2**31, "oven.seed is 2147483648; a whole number from 0 to 2147483647 would do"),
    ],
)
def test_an_error_names_the_field_the_value_and_what_would_do(field, value, message):
    with pytest.raises(InputError) as caught:
        Oven(**{field: value})
    assert str(caught.value) == message


def test_bounds_are_inclusive_and_a_whole_number_will_do_for_a_float():
    assert (Oven(heat=50).heat, Oven(heat=300).heat) == (50, 300)
    assert isinstance(Oven(share=1).share, float)


def test_what_two_fields_take_is_what_both_allow():
    @dataclass(frozen=True)
    class Other:
        heat: int = number(100, 0, 250, multiple=20)

    declared = [fields(cls)[0].metadata for cls in (Oven, Other)]
    bounds = common_bounds(declared)
    # 50 and 20 both divide 100.
    assert (bounds["low"], bounds["high"], bounds["multiple"]) == (50, 250, 100)
    assert bounds["help"] == "degrees"
