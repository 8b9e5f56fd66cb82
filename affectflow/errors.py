"""What can go wrong in a way that a user can act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar


def first_few(said: Sequence[str], most: int, separator: str = ", ") -> str:
    """The first of some things for a message, and how many more there are: "a, b and 3 more"."""
    more = len(said) - most
    # After a semicolon the rest is a part of its own.
    rest = f"{separator.strip(', ')} and {more} more" if more > 0 else ""
    return separator.join(said[:most]) + rest


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or error.__context__


class AffectflowError(Exception):
    """Base of every error whose message is meant for the user, without a traceback.

    Attributes:
        retry: whether the same again may go better, so that a scheduler tries.
    """

    retry: ClassVar[bool] = True


class Busy(AffectflowError):
    """Something is in use, or is changing: the same again, later, may do."""


class InputError(AffectflowError):
    """A setting, file or folder that cannot be used.

    The message names the thing, the value that was found and what would do.
    """

    retry = False


class RejectedClip(AffectflowError):
    """One clip that cannot be used; the build goes on without it.

    Args:
        cause: a short code, counted in the rejects (see ``CAUSES``).
        detail: what was found and what would do, in words.
    """

    retry = False

    CAUSES = {
        "unreadable": "the file is not a video that can be read",
        "corrupt": "a stretch of the video cannot be decoded, so frame numbers are not certain",
        "no_video": "the file has no video stream",
        "bad_size": "the frame size is zero or beyond the limit",
        "too_long": "the video is longer than the limit",
        "hdr": "the video is of high dynamic range, which the settings refuse",
        "no_face": "no face was found in any frame",
        "no_labels": "no annotation belongs to the clip",
        "bad_labels": "the annotation has missing columns or values that are not in [-1, 1]",
        "labels_do_not_fit": "the annotation does not fit the clip's frames",
        "unforeseen": "an error came up that nobody foresaw",
        "duplicate": "it shows what a clip for evaluation shows, and is not trained on",
    }

    def __init__(self, cause: str, detail: str):
        if cause not in self.CAUSES:
            raise ValueError(f"cause {cause!r} is not one of {', '.join(self.CAUSES)}")
        super().__init__(f"{cause}: {detail}")
        self.cause = cause
        self.detail = detail

    def __reduce__(self) -> tuple[type[RejectedClip], tuple[str, str]]:
        # Exception's own reduce would call __init__ with the joined message; Beam pickles these.
        return type(self), (self.cause, self.detail)


class TransientReject(RejectedClip):
    """A rejection that another try may not repeat, such as a stall or a lost mount.

    It is never remembered, nor is a build that met one used again.
    """

    retry = True
