"""Folders that hold faces: personal data, which is not for everyone on the machine."""

from __future__ import annotations

import os
import stat
from errno import ENOTDIR
from pathlib import Path

# Others get nothing, whatever the umask is. What the group may is the umask's to say: 022 lets it
# read, 002 write as well, 077 nothing.
_CLOSED_TO_OTHERS = 0o770


def private_folder(folder: Path) -> None:
    """Makes a folder that is closed to others, where there is none; one that is there stays as is.

    Whoever made it may have his reasons: a mount that only the right people see, or a list of names
    (ACL). Folders above it are made as any others.

    Raises:
        OSError: it cannot be made, or something else has its name.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=_CLOSED_TO_OTHERS, exist_ok=True)
    except FileExistsError as error:
        # "File exists" would tell nobody that it is to be a folder.
        raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(folder)) from error


def open_to_everyone(folder: Path) -> bool:
    """Whether others may list a folder or reach what is in it: neither it nor one above is closed.

    False for a folder that is not there.
    """
    try:
        modes = [path.stat().st_mode for path in (folder, *folder.absolute().parents)]
    except OSError:
        return False
    own, *above = modes
    reached = all(mode & stat.S_IXOTH for mode in above)
    return reached and bool(own & (stat.S_IROTH | stat.S_IXOTH))
