"""What settings dataclasses declare, and what becomes of values that are not allowed."""

from __future__ import annotations

import dataclasses
import pickle
from typing import ClassVar, Literal

import pytest
from pydantic import Field

from affectflow.errors import InputError
from affectflow.settings import Seed, check_value, common_schema, schemas, settings, value_of


@settings
class Oven:
    GROUP: ClassVar[str] = "oven"

    heat: int = Field(default=200, ge=50, le=300, multiple_of=50, description="degrees")
    share: float = Field(default=0.5, ge=0.0, le=1.0)
    mode: Literal["air", "grill", "both"] = "air"
    turns: Literal[0, 1] = 1
    lit: bool = False
    seed: Seed = 0

    def __post_init__(self) -> None:
        if self.lit and self.mode == "both":
            raise InputError("oven.lit is True; False would do for both")


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
        ("lit", 1, "oven.lit is 1; true or false would do"),
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


def test_what_is_wrong_by_position_is_named_too_and_a_name_that_is_none_is_a_mistake_of_code():
    with pytest.raises(InputError, match=r"oven\.share is 2\.0; a number from"):
        Oven(100, 2.0)
    with pytest.raises(TypeError, match="'hat'"):
        Oven(hat=1)


def test_settings_are_plain_frozen_dataclasses():
    made = Oven(heat=100)
    assert dataclasses.asdict(made)["heat"] == 100
    assert dataclasses.replace(made, mode="grill") == Oven(100, mode="grill")
    with pytest.raises(InputError, match=r"oven\.heat is 1"):
        dataclasses.replace(made, heat=1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.heat = 50
    assert pickle.loads(pickle.dumps(made)) == made
    assert len({made, Oven(100)}) == 1


def test_what_the_class_itself_refuses_is_told_as_it_says():
    with pytest.raises(InputError, match=r"oven\.lit is True; False would do"):
        Oven(lit=True, mode="both")


def test_a_schema_says_what_was_declared():
    assert schemas(Oven)["heat"] == {
        "type": "integer", "default": 200, "description": "degrees",
        "minimum": 50, "maximum": 300, "multipleOf": 50,
    }  # fmt: skip
    assert schemas(Oven)["mode"] == {
        "type": "string", "default": "air", "enum": ["air", "grill", "both"],
    }  # fmt: skip
    assert list(schemas(Oven)) == ["heat", "share", "mode", "turns", "lit", "seed"]


@pytest.mark.parametrize("value", [50, 100, 301, 120, 49, 2.0, True, "100", None])
def test_a_schema_lets_through_what_the_class_does(value):
    def refused(check):
        try:
            check()
        except InputError as error:
            return str(error)
        return ""

    def by_schema():
        return check_value("oven.heat", value, schemas(Oven)["heat"])

    assert refused(lambda: Oven(heat=value)) == refused(by_schema)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("heat", "100", 100), ("share", "1", 1.0), ("mode", "grill", "grill"), ("turns", "0", 0),
        ("lit", "true", True), ("lit", "False", False), ("lit", "1", True), ("lit", "0", False),
    ],
)  # fmt: skip
def test_a_text_stands_for_a_value(field, text, value):
    found = value_of(field, text, schemas(Oven)[field])
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("heat", "warm", "heat=warm: 'warm' is not a whole number"),
        ("share", "half", "share=half: 'half' is not a number"),
        ("lit", "2", "lit=2: '2' is not true or false"),
    ],
)
def test_a_text_that_stands_for_none_is_refused(field, text, message):
    with pytest.raises(InputError) as caught:
        value_of(field, text, schemas(Oven)[field])
    assert str(caught.value) == message


def test_what_two_fields_take_is_what_both_allow():
    @settings
    class Other:
        heat: int = Field(default=100, ge=0, le=250, multiple_of=20)

    common = common_schema([schemas(cls)["heat"] for cls in (Oven, Other)])
    # 50 and 20 both divide 100.
    assert (common["minimum"], common["maximum"], common["multipleOf"]) == (50, 250, 100)
    assert common["description"] == "degrees"
