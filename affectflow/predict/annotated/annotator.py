"""A video with what is predicted drawn into it: an MP4 file that is there whole or not at all."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType

import numpy as np

from affectflow.errors import InputError
from affectflow.predict.annotated.boxes import draw_boxes, draw_labels
from affectflow.predict.annotated.encoder import Encoder, has_sound
from affectflow.predict.annotated.fit import fit
from affectflow.predict.annotated.timing import Slots, constant_rate
from affectflow.predict.annotated.trace import Trace
from affectflow.predict.rows import FramePrediction

_MEASURED = 12
"""Frames that are held until the rate is known."""


class Annotator:
    """Draws frame after frame into ``target``; the file appears when the block ends well.

    Frames are placed by their time in a video of constant rate: one is repeated until the next
    one's turn, and of two that fall together the later stays. Memory does not grow with the video.
    An earlier ``target`` is replaced; a block that ends without any frame writes none.

    Args:
        target: an .mp4; H.264, and AAC where there is sound.
        fps: frame rate that the video states, None = none; see ``timing.constant_rate``.
        sound: the video, from anywhere, whose first sound track is taken, at the place that it
            has beside the frames; None, or a file without sound that can be decoded: no sound.

    Raises:
        InputError: no usable ffmpeg, or it cannot encode or write ``target`` (its last words are
            in the message), or ``target`` is ``sound``. ``target`` is then as it was before.
        OSError: no process can be started, or the finished file not be put into its place.
    """

    def __init__(self, target: Path, fps: float | None, sound: Path | None = None):
        self._target, self._fps, self._sound = target, fps, sound
        self._held: list[tuple[np.ndarray, FramePrediction]] = []
        self._film: _Film | None = None

    def __enter__(self) -> Annotator:
        if self._sound is not None and _same_file(self._target, self._sound):
            raise InputError(
                f"{self._target} is the video itself; another folder for the annotated one would do"
            )
        return self

    def add(self, rgb: np.ndarray, prediction: FramePrediction) -> None:
        """Draws a frame.

        Args:
            rgb: uint8 [h, w, 3], left as it is; where its size is not the first frame's, it is
                shown as large as it fits into that one, on black.
            prediction: its boxes are relative, so they fit a frame that was scaled down.

        Raises:
            InputError, OSError: see the class.
        """
        if self._film is not None:
            self._film.add(rgb.copy(), prediction)
            return
        self._held.append((rgb.copy(), prediction))
        if len(self._held) == _MEASURED:
            self._begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            if kind is None:
                self._begin()
                if self._film is not None:
                    self._film.finish()
        finally:
            if self._film is not None:
                self._film.close()

    def _begin(self) -> None:
        """Starts the film with the frames that were held; does nothing where there are none."""
        if not self._held:
            return
        image, first = self._held[0]
        rate = constant_rate(self._fps, [prediction.second for _, prediction in self._held])
        sound = self._sound if self._sound is not None and has_sound(self._sound) else None
        size = image.shape[1], image.shape[0]
        self._film = _Film(Encoder(self._target, size, rate, sound, first.second), size, rate)
        held, self._held = self._held, []
        for image, prediction in held:
            self._film.add(image, prediction)


class _Film:
    """Draws pictures and hands each to the encoder as often as it is shown."""

    def __init__(self, encoder: Encoder, size: tuple[int, int], rate: Fraction):
        self._encoder, self._size, self._rate = encoder, size, float(rate)
        self._slots = Slots(self._rate)
        self._trace = Trace(self._rate)
        self._waiting: tuple[int, np.ndarray] | None = None

    def add(self, image: np.ndarray, prediction: FramePrediction) -> None:
        """Draws into ``image`` and keeps it until it is known how long it is shown."""
        image, people = fit(image, prediction.people, self._size)
        slot = self._slots.place(prediction.second)
        draw_boxes(image, people)
        self._trace.add(slot / self._rate, people, prediction.shot)
        covered = self._trace.draw(image, people)
        draw_labels(image, people, covered[1:], covered[0].top if covered else self._size[1])
        self._show_waiting(until=slot)
        self._waiting = slot, image

    def finish(self) -> None:
        self._show_waiting(until=self._slots.last + 1)
        self._encoder.finish()

    def close(self) -> None:
        self._encoder.close()

    def _show_waiting(self, until: int) -> None:
        if self._waiting is not None:
            slot, image = self._waiting
            for _ in range(until - slot):
                self._encoder.write(image)


def _same_file(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
