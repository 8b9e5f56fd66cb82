"""Names of results, and whose a file is that stands in their place."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.errors import InputError
from affectflow.files import part_of
from affectflow.predict.annotated.encoder import encode_command
from affectflow.predict.results import ANNOTATED, PLOT, ROWS, check_ours, result_path

ENDINGS = [ROWS, ANNOTATED, PLOT]
letters = st.characters(exclude_categories=["Cs"], exclude_characters="/\0")


@given(st.text(letters, min_size=1, max_size=300), st.sampled_from(ENDINGS))
def test_every_name_fits_into_a_file_system(tmp_path_factory, name, ending):
    path = result_path(tmp_path_factory.mktemp("out"), name, ending)
    for target in (path, part_of(path)):
        assert len(os.fsencode(target.name)) <= 255
        target.write_bytes(b"")
    if len(os.fsencode(name + ending)) <= 255:
        assert path.name == name + ending


def test_a_name_that_is_cut_stays_apart_from_others_and_in_its_folder(tmp_path):
    # 245 bytes take ".csv" and have no room for ".annotated.mp4".
    one, other = "a" * 244 + "b", "a" * 244 + "c"
    assert result_path(tmp_path, one, ROWS).name == one + ".csv"
    cut = [result_path(tmp_path, f"day/{name}", ANNOTATED) for name in (one, other)]
    assert cut[0] != cut[1]
    assert all(path.parent == tmp_path / "day" for path in cut)
    assert all(path.name.endswith(ANNOTATED) and path.name.startswith("aaa") for path in cut)
    # A letter is not cut in two: 200 of two bytes each.
    assert result_path(tmp_path, "ä" * 200, ROWS).name.startswith("ä" * 100)


@pytest.mark.parametrize(
    ("ending", "content"),
    [(ROWS, b"video,frame\n"), (ROWS, b""), (ANNOTATED, b"\0\0\0 ftypisom"), (PLOT, b"\x89PNG")],
)
def test_what_somebody_else_made_is_not_written_over(tmp_path, ending, content):
    target = tmp_path / f"x{ending}"
    check_ours(target)
    target.write_bytes(content)
    with pytest.raises(InputError, match="exists and holds no predictions of ours; another folder"):
        check_ours(target)
    assert target.read_bytes() == content


def test_a_folder_in_the_way(tmp_path):
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(InputError, match="exists and is no file"):
        check_ours(tmp_path / "x.csv")


def test_our_own_video_is_known_again_however_long_it_is(tmp_path):
    from fractions import Fraction

    target = tmp_path / f"x{ANNOTATED}"
    argv = encode_command(target, (64, 48), Fraction(25), None, 0.0)
    # The tables of 3 000 pictures are longer than what is looked at.
    subprocess.run(argv, input=bytes(64 * 48 * 3) * 3000, check=True, timeout=60)
    check_ours(target)
