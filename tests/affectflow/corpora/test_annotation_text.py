from __future__ import annotations

import numpy as np
import pytest

from affectflow.corpora.annotation_text import read_annotation
from affectflow.errors import RejectedClip


@pytest.fixture
def annotation(tmp_path):
    def write(content: bytes):
        path = tmp_path / "clip one.txt"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    "content",
    [
        b"valence,arousal\n0.5,-0.25\n-5,-5\n",
        b"valence,arousal\r\n0.5,-0.25\r\n-5,-5\r\n\r\n",
        b"\xef\xbb\xbfValence, Arousal\n 0.5 , -.25\n-5.0,-5",
        b"arousal,valence\n-0.25,0.5\n-5,-5\n",
    ],
    ids=["shipped", "windows", "bom-and-spaces", "swapped"],
)
def test_reads_what_is_shipped_and_its_harmless_variants(annotation, content):
    values = read_annotation(annotation(content)).values
    np.testing.assert_array_equal(values, np.float32([[0.5, -0.25], [np.nan, np.nan]]))


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b"", 1, "empty"),
        (b"0.5,0.5\n0.5,0.5\n", 1, "header is '0.5,0.5'"),
        (b"valence\n0.5\n", 1, "header is 'valence'"),
        (b"valence,arousal,dominance\n1,1,1\n", 1, "header"),
        (b"valence,arousal\n0,0\n0\n", 3, "'0' has 1 columns"),
        (b"valence,arousal\n0,0\n0,0,0\n", 3, "'0,0,0' has 3 columns"),
        (b"valence,arousal\n0,0\n\n0,0\n", 3, "has 1 columns"),
        (b"valence,arousal\n0,nan\n", 2, "'nan' is not a number"),
        (b"valence,arousal\n0,\n", 2, "'' is not a number"),
        (b"valence,arousal\n0,0\n0,high\n", 3, "'high' is not a number"),
        (b"valence,arousal\n0,0\n1.01,0\n", 3, "valence is 1.01"),
        (b"valence,arousal\n0,inf\n", 2, "arousal is inf"),
        (b"valence,arousal\n0,0\n\xff\xfe\n", 3, "not text in UTF-8"),
    ],
)
def test_what_cannot_be_understood_is_named(annotation, content, line, found):
    with pytest.raises(RejectedClip) as e:
        read_annotation(annotation(content))
    assert e.value.cause == "bad_labels"
    assert f"clip one.txt, line {line}: " in e.value.detail
    assert found in e.value.detail


def test_a_file_that_is_gone_means_no_labels(tmp_path):
    with pytest.raises(RejectedClip, match="does not exist") as e:
        read_annotation(tmp_path / "gone.txt")
    assert e.value.cause == "no_labels"
