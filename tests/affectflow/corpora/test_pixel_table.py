from __future__ import annotations

import re

import numpy as np
import pytest

from affectflow.corpora.pixel_table import open_table
from affectflow.errors import RejectedClip


def table(tmp_path, text: str):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    return open_table(path)


def test_rows_in_any_order_of_columns(tmp_path):
    # As the Kaggle challenge has it, and as its later edition has it.
    first = table(tmp_path, "emotion,pixels,Usage\n0,1 2 3 4,Training\n6,5 6 7 8,PrivateTest\n")
    assert len(first) == 2
    assert first.row(1) == {"emotion": "6", "pixels": "5 6 7 8", "Usage": "PrivateTest"}
    later = table(tmp_path, 'emotion, Usage, pixels\n0,Training,"9 8 7 6"\n')
    assert later.row(0)["Usage"] == "Training"
    np.testing.assert_array_equal(later.image(0)[..., 1], [[9, 8], [7, 6]])


def test_another_version_of_the_file_is_scanned_anew(tmp_path):
    assert len(table(tmp_path, "pixels\n1\n")) == 1
    assert len(table(tmp_path, "pixels\n1\n2\n3\n")) == 3


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1 2 3", "3 pixels; a square of them would do"),
        ("", "0 pixels; a square"),
        ("1 2 3 256", "pixel 3 is '256'; a number from 0 to 255 would do"),
        ("1 -2 3 4", "pixel 1 is '-2'; a"),
        ("1 2 x 4", "pixel 2 is 'x'; a"),
        ("1 2 1_0 4", "pixel 2 is '1_0'; a"),
        ("1 2 \u0663 4", "pixel 2 is '\u0663'; a"),
        ("1 2 3\0 4", "pixel 2 is '3\ufffd'; a"),
        (f"1 2 {2**63} 4", f"pixel 2 is '{2**63}'; a"),
        (f"1 2 {'9' * 5000} 4", f"pixel 2 is '{'9' * 200}'; a"),
        (f"1 {'2 ' * 70_000}", "not a row of CSV: field larger than field limit"),
    ],
)
def test_what_is_no_square_of_levels(tmp_path, row, words):
    with pytest.raises(RejectedClip, match=rf"t\.csv, line 2, row 0: {re.escape(words)}") as caught:
        table(tmp_path, f"emotion,pixels\n0,{row}\n").image(0)
    assert len(caught.value.detail) < 500


def test_a_row_with_a_nul_is_no_others(tmp_path):
    found = table(tmp_path, "emotion,pixels\n0,1 \0 3 4\n1,5 6 7 8\n\0,1 2 3 4\n")
    assert found.row(0)["emotion"] == "0"
    np.testing.assert_array_equal(found.image(1)[..., 0], [[5, 6], [7, 8]])
    assert found.row(2)["emotion"] == "\ufffd"


def test_what_is_no_table(tmp_path):
    with pytest.raises(RejectedClip, match="no column 'pixels' but a, b"):
        table(tmp_path, "a,b\n1,2\n")
    with pytest.raises(RejectedClip, match="No such file"):
        open_table(tmp_path / "gone.csv")
    with pytest.raises(RejectedClip, match="has 1 rows, not row 1"):
        table(tmp_path, "pixels\n1\n").image(1)
    with pytest.raises(RejectedClip, match="3 values for 2 columns"):
        table(tmp_path, "emotion,pixels\n0,1,2\n").row(0)
