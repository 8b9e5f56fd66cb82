"""The files that are written of a predicted video: what they are called, and which are ours."""

from __future__ import annotations

import os
from pathlib import Path

from affectflow.errors import InputError
from affectflow.files import shortened
from affectflow.predict.rows import COLUMNS

MARK = "affectflow predictions"
"""Stands in the metadata of pictures and videos that are written here, at their start or end."""

ROWS, ANNOTATED, PLOT = ".csv", ".annotated.mp4", ".plot.png"
"""What results end in. A folder's annotated videos are not predicted in turn."""

# Files from before there were shots are predictions, too.
_HEADS = tuple(",".join(columns) for columns in (COLUMNS, COLUMNS[: COLUMNS.index("shot")]))

_LONGEST = 255  # bytes of a name, in every file system that is in use
_LOOK = 4096


def result_path(folder: Path, name: str, ending: str) -> Path:
    """Where a result of a video is written.

    A name that would be too long with its ending is shortened.

    Args:
        name: of the results, relative, with ``/`` between folders and without an ending.
    """
    path = folder / f"{name}{ending}"
    stem = shortened(path.name.removesuffix(ending), _LONGEST - len(os.fsencode(ending)))
    return path.with_name(f"{stem}{ending}")


def check_ours(target: Path) -> None:
    """Makes sure that writing a result writes over nothing but an earlier result.

    Raises:
        InputError: ``target`` exists and holds something else, such as a corpus's labels or a video
            that somebody annotated.
        OSError: it cannot be read.
    """
    if not os.path.lexists(target):
        return
    if not target.is_file():
        raise InputError(f"{target} exists and is no file; another folder as --out would do")
    with target.open("rb") as file:
        head = file.read(_LOOK)
        file.seek(max(0, os.fstat(file.fileno()).st_size - _LOOK))
        tail = file.read(_LOOK)
    if target.name.endswith(ROWS):
        ours = head.decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r") in _HEADS
    else:
        ours = MARK.encode() in head or MARK.encode() in tail
    if not ours:
        raise InputError(
            f"{target} exists and holds no predictions of ours; another folder as --out would do"
        )
