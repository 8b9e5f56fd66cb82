"""What a rendered corpus is made of, checked when it is said."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from affectflow.errors import InputError

# Raised when the code renders other pictures or labels from equal settings.
RENDERER_VERSION = 1


@dataclass(frozen=True)
class SynthSettings:
    """Settings of a rendered corpus. Equal settings give equal files.

    ``affwild2`` uses all of them. The other layouts are of corpora that have a class for each video
    or picture; a setting that such a corpus has no room for is without effect there. A pair of them
    (ckplus_jaffe, ckplus48_jaffe, cremad_ravdess) takes every setting for both; the second's people
    are those of the next seed.

    Attributes:
        layout: the real corpus whose folders and annotation files are written, a module of
            ``affectflow.synth.layouts``.
        subjects: how many people; subject s of a seed is the same whatever the number.
        clips: affwild2: videos of each subject; one more video shows two people where two can share
            a split. ckplus, ckplus48, jaffe, rafdb, fer2013, afew: sequences, pictures or videos of
            each expression by each subject. cremad, ravdess: as well, of at most the 14 and the 8
            (neutral: 12 and 4) that their names have room for. adfes: without effect, a model shows
            an emotion once.
        seconds: length of a video. adfes: at least 2.4 and up to 0.4 more. afew: times 0.6 to 1.4.
            cremad: mostly; see the layout. ravdess: times 0.9 to 1.15. Pictures have none.
        fps: affwild2: frames a second; about one video in five has a variable rate below it. The
            other corpora have a rate of their own: adfes and afew 25, cremad and ravdess 30.
        size: height of a frame in pixels, even; the width follows from 4:3 (16:9 for two people,
            640:490 for ckplus). ckplus48, rafdb, fer2013: of the frame that their faces, whose size
            is given, are cut from. jaffe: without effect, 256x256.
        seed: everything random is drawn from it.
        eval_fraction: share of the subjects that stands in the validation set, at most half.
            affwild2; afew (``Val``), rafdb (``test``), fer2013 (both tests). The other corpora have
            no split.
        cropped: affwild2: also write 112x112 ``cropped_aligned`` JPEGs.
        quirks: affwild2: name and annotate as its owners do: the person on the left of a video of
            two has the bare name of the video, and the videos of every other subject have a row
            more than frames.
        workers: processes that render, 1 or 2 (the files do not depend on it).

    Raises:
        InputError: a value is out of its range.
    """

    layout: str = "affwild2"
    subjects: int = 8
    clips: int = 2
    seconds: float = 10.0
    fps: int = 15
    size: int = 320
    seed: int = 0
    eval_fraction: float = 0.25
    cropped: bool = False
    quirks: bool = False
    workers: int = 2

    def __post_init__(self) -> None:
        for name, low, high in (
            ("subjects", 1, 100_000), ("clips", 1, 1000), ("fps", 5, 60), ("size", 160, 1080),
            ("seed", 0, 2**63 - 1), ("workers", 1, 2),
        ):  # fmt: skip
            value = getattr(self, name)
            if not (isinstance(value, int) and low <= value <= high):
                raise InputError(f"{name} {value!r} is not a whole number from {low} to {high}")
        for name, least, most in (("seconds", 1.0, 3600.0), ("eval_fraction", 0.0, 0.5)):
            if not least <= getattr(self, name) <= most:
                value = getattr(self, name)
                raise InputError(f"{name} {value!r} is not a number from {least:g} to {most:g}")
        if self.size % 2:
            raise InputError(f"size {self.size} is odd; H.264 wants an even height, e.g. 320")

    def saved(self) -> dict[str, object]:
        """What decides the files, as written to ``synth.json``: all fields but ``workers``."""
        fields = asdict(self)
        del fields["workers"]
        if not self.quirks:
            # So that a corpus which was rendered before there was a choice is known again.
            del fields["quirks"]
        return {"renderer": RENDERER_VERSION, **fields}

    def in_eval(self, subject: int) -> bool:
        """Whether a subject (0-based) stands in the validation set.

        Every 1/eval_fraction-th subject does, so a subject keeps its set when more are asked for;
        of two subjects or more, somebody always does (unless eval_fraction is 0).
        """
        if self._spread(subject):
            return True
        last = self.subjects > 1 and subject == self.subjects - 1 and self.eval_fraction > 0
        return last and not any(self._spread(s) for s in range(self.subjects))

    def _spread(self, subject: int) -> bool:
        share = self.eval_fraction
        return math.floor((subject + 1) * share + 0.5) > math.floor(subject * share + 0.5)
