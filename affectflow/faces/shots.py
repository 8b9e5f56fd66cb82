"""Where another shot begins in a video, found while it is read: at most two frames late.

A cut shows in two ways: little of the picture is found again in the next frame, or the face that
stood there is another one. So do a flash, a fast pan, a hand before the camera, for a frame or
several; but after a cut the new picture stays, and before and after it pictures follow from each
other. That is asked of the two frames before and the two after. Where a face stays that can be
told to be the same there is no cut, whatever else changes: slides beside a speaker do. Nor is one
where a picture in the picture stays, for the speaker may be too small to be told.

Shots of fewer than three frames are taken for flashes. A dissolve is no cut; black between two
shots is, at its end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from affectflow.faces.change import (
    Comparer,
    Look,
    difference,
    inset_stays,
    look_at,
    relit,
    remembered,
)
from affectflow.faces.detectors import Detector
from affectflow.faces.face import Face
from affectflow.faces.picture_size import PictureSize
from affectflow.video.decode import Frame

# A cut changes at least so much more than is expected from what changes round it. What may be seen
# again in two pictures of different rooms, or in two faces, is in them (tests/affectflow/faces).
_SCENE, _SCENE_RATIO = 0.34, 1.8
_FACE, _FACE_RATIO = 0.15, 2.5
# Where the light changes, all looks other, the more the more it does.
_LIT = 0.15
_AHEAD = 2
# Most frames differ as little from the one before as those before them did, in levels of grey and
# as a ratio to what is usual: no more is asked of them.
_STILL, _SUDDEN = 0.5, 1.3
# Where the camera moves, differences say nothing.
_MOVING = 6.0
# Repeated frames, coded anew, tell nothing of how much moves.
_REPEATED = 0.15
_USUAL_OVER = 8


@dataclass(frozen=True)
class Found:
    """A frame, the faces in it, and the number of its shot, from 0."""

    frame: Frame
    faces: list[Face]
    shot: int


def find_faces(frames: Iterable[Frame], detector: Detector, cuts: str) -> Iterator[Found]:
    """Every frame with its faces and its shot, in order.

    What the detector remembers ends at a cut, too: the faces of a shot are what they would be if
    the video began with it. A frame that may begin a shot is handed on when that is decided, with
    the second one after it at the latest; all others at once. A picture of another shape begins a
    shot in any case: where things were says nothing of where they are in it.

    Args:
        frames: in decode order.
        detector: used by nobody else meanwhile; it has no memory of other clips.
        cuts: ``detect``, or ``off``: pictures of one shape are one shot.
    """
    finder, sizes = CutFinder(), PictureSize()
    waiting: deque[tuple[Frame, list[Face]]] = deque()
    shot = 0
    for frame in frames:
        faces, reshaped = _look_for_faces(frame, detector, sizes)
        if reshaped:
            for held in waiting:
                yield Found(*held, shot)
            waiting.clear()
            finder = CutFinder()
            shot += 1
        if cuts == "off":
            yield Found(frame, faces, shot)
            continue
        waiting.append((frame, faces))
        for begins in finder.add(look_at(frame.rgb, faces)):
            if begins:
                shot += 1
                detector.reset()
                # All that wait are of the new shot.
                sizes = PictureSize()
                waiting = deque(
                    (held, _look_for_faces(held, detector, sizes)[0]) for held, _ in waiting
                )
            yield Found(*waiting.popleft(), shot)
    # Shots so short are none: what still waits goes on from what was before.
    for held in waiting:
        yield Found(*held, shot)


def _look_for_faces(
    frame: Frame, detector: Detector, sizes: PictureSize
) -> tuple[list[Face], bool]:
    """The faces of the next frame, and whether it has another shape than the last one."""
    resized, reshaped = sizes.change(frame.rgb)
    if resized:
        detector.reset()
    return detector.detect(frame.rgb), reshaped


class CutFinder:
    """Tells of each look whether another shot begins with it.

    Looks are decided in order. Memory and time a look are bounded, whatever comes.
    """

    def __init__(self) -> None:
        self._compare = Comparer()
        # Of the shot so far: the last looks that differ, and the last differences.
        self._past: deque[Look] = deque(maxlen=_AHEAD + 1)
        self._differences: deque[float] = deque(maxlen=_USUAL_OVER)
        # The first of them may begin a shot.
        self._held: list[Look] = []

    def add(self, look: Look) -> list[bool]:
        """Takes the next look; gives the decisions that can be made, of the earliest first."""
        if self._held:
            self._held.append(remembered(look, self._held[-1]))
            if self._is_cut():
                return self._begin() if len(self._held) > _AHEAD else []
            return self._release()
        if look.blank or not self._past:
            # From black or white nothing follows: what comes after is compared with what was
            # before.
            if not look.blank:
                self._past.append(look)
            return [False]
        look = remembered(look, self._past[-1])
        moved = difference(self._past[-1], look)
        usual = median(self._differences) if self._differences else 0.0
        self._differences.append(moved)
        if moved >= _STILL and moved > min(_SUDDEN * usual, _MOVING):
            self._held = [look]
            if self._is_cut():
                return []
            self._held = []
        if moved >= _REPEATED:
            self._follow(look)
        return [False]

    def _follow(self, look: Look) -> None:
        """Takes another look of the shot so far."""
        if look.missed:
            face = self._compare.change(self._past[-1], look).face
            if face is None or face > _FACE:
                # It was not missed: something came before it, or it went.
                look = replace(look, boxes=())
        self._past.append(look)

    def _is_cut(self) -> bool:
        """Whether the first held look may begin a shot, by all that is held."""
        held = self._held
        if held[-1].blank:
            return False
        change = self._compare.change
        new = [change(self._past[-1], look) for look in held]
        scene = min(one.scene for one in new)
        faces = [one.face for one in new if one.face is not None]
        # Of a face that is gone in all of them there is nothing to compare.
        face_stays = len(faces) == len(new) and (
            len(held) <= _AHEAD or any(look.boxes and not look.missed for look in held)
        )
        if scene < _SCENE and not (face_stays and min(faces) > _FACE):
            return False
        after = [(a, b) for a, b in pairwise(held) if difference(a, b) >= _REPEATED]
        usual = [change(a, b) for a, b in (*pairwise(self._past), *after)]
        moving = [one.face for one in usual if one.face is not None]
        other = min(faces) - _expected(moving, _FACE_RATIO) if face_stays else 0.0
        if face_stays and other <= _FACE:
            # Whoever was there still is: slides change beside a speaker, a caption comes.
            return False
        if len(held) > _AHEAD and sum(inset_stays(self._past[-1], look) for look in held) > 1:
            # The speaker is too small to be told, or turned away; the more frames, the more moved.
            return False
        if scene > _SCENE + _expected([one.scene for one in usual], _SCENE_RATIO):
            return True
        # A face that comes or goes meanwhile is something else: a hand, or a head that turns away.
        lit = max(relit(self._past[-1], look) for look in held)
        return other > _FACE + _LIT * lit and len(moving) == len(usual)

    def _begin(self) -> list[bool]:
        held, self._held = self._held, []
        self._past.clear()
        self._differences.clear()
        self._past.extend(held)
        return [True] + [False] * (len(held) - 1)

    def _release(self) -> list[bool]:
        """The first held look is of the old shot; those after it are looked at once more."""
        (first, *rest), self._held = self._held, []
        self._follow(first)
        return [False, *(begins for look in rest for begins in self.add(look))]


def _expected(usual: list[float], ratio: float) -> float:
    """What changes anyhow: noise, which all frames have, and motion, which may be faster here."""
    return min(usual) + ratio * (max(usual) - min(usual)) if usual else 0.0
