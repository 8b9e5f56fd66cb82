from __future__ import annotations

import pytest

from affectflow.figures.words import count, counted, listing, number, share, shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plain.mp4", "plain.mp4"),
        ("a\nb\x00c", "a�b�c"),
        ("x\u202egpj.exe", "x�gpj.exe"),
        ("half \ud83d", "half �"),
        ("日本語", "日本語"),
    ],
)
def test_letters_mean_themselves(name, text):
    assert shown(name) == text


def test_the_middle_of_a_long_name_goes():
    assert shown("abcdefghij", 5) == "ab…ij"
    assert shown("abcdefghij", 6) == "abc…ij"
    assert shown("abcdefghij", 2) == "a…"
    assert shown("abcdefghij", 10) == "abcdefghij"
    assert len(shown("x" * 500)) == 40


def test_numbers():
    assert number(0.1234) == "0.12"
    assert number(float("nan")) == "no value"
    assert count(1234567) == "1,234,567"
    assert (counted(1, "video"), counted(0, "video")) == ("1 video", "0 videos")
    assert listing([]) == ""
    assert listing(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 10, "0 %"), (1, 1000, "<1 %"), (999, 1000, ">99 %"), (10, 10, "100 %"), (1, 3, "33 %"),
     (0, 0, "")],
)  # fmt: skip
def test_only_none_is_0_and_only_all_is_100(part, whole, text):
    assert share(part, whole) == text
