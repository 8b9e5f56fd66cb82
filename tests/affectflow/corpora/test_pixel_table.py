from __future__ import annotations

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
        ("1 2 3", "3 pixels from 1 to 3; a square"),
        ("1 2 3 256", "from 1 to 256"),
        ("1 2 x 4", "invalid literal"),
        ("", "0 pixels; a square"),
    ],
)
def test_what_is_no_square_of_levels(tmp_path, row, words):
    with pytest.raises(RejectedClip, match=f"row 0: .*{words}"):
        table(tmp_path, f"emotion,pixels\n0,{row}\n").image(0)


def test_what_is_no_table(tmp_path):
    with pytest.raises(RejectedClip, match="no column 'pixels' but a, b"):
        table(tmp_path, "a,b\n1,2\n")
    with pytest.raises(RejectedClip, match="No such file"):
        open_table(tmp_path / "gone.csv")
    with pytest.raises(RejectedClip, match="has 1 rows, not row 1"):
        table(tmp_path, "pixels\n1\n").image(1)
    with pytest.raises(RejectedClip, match="3 values for 2 columns"):
        table(tmp_path, "emotion,pixels\n0,1,2\n").row(0)
