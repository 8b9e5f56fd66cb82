"""What is wrong with a table is said with its file, the line and what stands there."""

from __future__ import annotations

import re

import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.csv_rows import csv_rows
from affectflow.corpora.label_table import read_label_table
from affectflow.corpora.numbers import read_number, said
from affectflow.errors import InputError, RejectedClip


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"a,b\n1,2\n3,\x004\n", "line 3 is not a row of CSV: line contains NUL: '3,\\x004'"),
        (b'a,b\n1,2\n"3,4\n', "line 3 is not a row of CSV: unexpected end of data: '\"3,4'"),
        (b"a,b\n" + b"x" * 200_000, "line 2 is not a row of CSV: field larger than field limit"),
        (b"a,b\n1,2\n\xff\xfe,4\n", r"line 3 is not text in UTF-8 (invalid start byte): b'\xff"),
        (b"a\n" * 9000 + b"b\xe4r\n", "line 9001 is not text in UTF-8"),
    ],
)  # fmt: skip
def test_the_line_is_named(tmp_path, data, wrong):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    with (
        pytest.raises(InputError, match=re.escape(f"{path}, {wrong}")),
        csv_rows(path, True) as rows,
    ):
        list(rows)


@pytest.mark.parametrize("text", ["nan", "NaN", "1_0", "", "x", "0x10", "\N{ROMAN NUMERAL TWO}"])
def test_what_is_no_number(text):
    with pytest.raises(ValueError, match=r"convert|not a number"):
        read_number(text)


def test_numbers_are_said_as_they_are():
    assert [said(n) for n in (0.1, 3.0, 1000001, 2.0**63, -5)] == [
        "0.1", "3", "1000001", "9.223372036854776e+18", "-5",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (f"a,{2**63},0,0", "line 3: frame 9.223372036854776e+18 is not a whole number"),
        ("a,1e400,0,0", "line 3: frame inf is not a whole number"),
        ("a,1_0,0,0", "line 3: frame is '1_0'; it must be a number"),
        ("a,1,0.0_1,0", "line 3: valence is '0.0_1'; it must be a number"),
        (f"a,1,{10**400},0", "line 3: valence is inf; it must be in [-1, 1]"),
    ],
)
def test_a_number_that_cannot_be_is_of_its_clip_alone(tmp_path, row, wrong):
    path = tmp_path / "labels.csv"
    path.write_text(f"video,frame,valence,arousal\nb,0,0,0\n{row}\n")
    table = read_label_table(path)
    with pytest.raises(RejectedClip, match=re.escape(f"{path}, {wrong}")) as caught:
        table.labels(["a"])
    assert caught.value.cause == "bad_labels"
    assert len(table.labels(["b"]).values) == 1


@pytest.mark.parametrize(
    ("corpus", "name", "header"),
    [
        ("folder", "labels.csv", "video,frame,valence,arousal"),
        ("cremad", "VideoDemographics.csv", "ActorID,Age,Sex,Race,Ethnicity"),
    ],
)
def test_a_nul_in_a_table_of_a_corpus(tree, corpus, name, header):
    root = tree({name: f"{header}\na,1,2,3\nb,\0,2,3\n", "1001_DFA_ANG_XX.flv": "a video"})
    with pytest.raises(InputError, match=rf"{name}, line 3 is not a row of CSV: line contains NUL"):
        get_adapter(corpus).list_clips(root, CorpusSettings())
