"""Words that errors are made of."""

import pytest

from affectflow.errors import first_few


@pytest.mark.parametrize(
    ("said", "separator", "expected"),
    [
        ([], ", ", ""),
        (["a", "b"], ", ", "a, b"),
        (["a", "b", "c"], ", ", "a, b and 1 more"),
        (["a", "b", "c", "d"], "; ", "a; b; and 2 more"),
    ],
)
def test_the_first_of_what_is_said_and_how_much_more_there_is(said, separator, expected):
    assert first_few(said, 2, separator) == expected
