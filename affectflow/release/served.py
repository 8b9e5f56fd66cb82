"""All releases as versions of one model, the way TensorFlow Serving looks for them.

It wants ``<base>/<version>/saved_model.pb``, a whole number for each version:
``<releases>/serving/1`` leads to ``../0001/model/serving``.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

SERVED = "serving"
_log = logging.getLogger(__name__)


def link_served(release: Path) -> None:
    """Makes a release's served model a version, unless there is one of that number.

    Never raises for a file system that cannot make links: the release is complete without. Then
    the log says what to do.

    Args:
        release: its folder, ``<releases>/<NNNN>``.
    """
    base = release.parent / SERVED
    # A version has no leading zeros.
    link = base / str(int(release.name))
    if os.path.lexists(link):
        return
    try:
        base.mkdir(exist_ok=True)
        # Relative, so that the folder of the releases can be moved, or mounted elsewhere.
        link.symlink_to(Path("..", release.name, "model", "serving"), target_is_directory=True)
    except OSError as error:
        if os.path.lexists(link):
            # Another process was faster.
            return
        with contextlib.suppress(OSError):
            base.rmdir()
        _log.warning(
            "release %s is complete, but %s cannot be made: %s. For TensorFlow Serving copy the "
            "folder %s to that place",
            release,
            link,
            error.strerror or error,
            release / "model" / "serving",
        )
