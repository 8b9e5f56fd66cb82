"""Reels of people with cuts at known frames, and what looks like cuts and is none.

Frames are uint8 RGB [HEIGHT, WIDTH, 3]; a shot is a list of them. Rendered people stand in rendered
rooms; real ones come from where ``tests.realdata`` says, if they are there.
"""

from __future__ import annotations

import csv
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

import cv2
import numpy as np

from affectflow.faces.align import similarity, template
from affectflow.faces.detectors import Detector
from affectflow.synth.clip import ClipScript, Take
from affectflow.synth.draw import generator
from affectflow.synth.photograph import load_photograph
from affectflow.synth.scene import draw_room
from affectflow.synth.stage import draw_stage
from affectflow.video.decode import stream_frames
from affectflow.video.ffmpeg import find_ffmpeg
from tests.realdata import REALDATA

WIDTH, HEIGHT, FPS = 256, 144, 25
Shot = list[np.ndarray]
Effect = Callable[[Shot], Shot]


@dataclass(frozen=True)
class Reel:
    """A film.

    Attributes:
        name: for messages.
        frames: of all shots.
        cuts: the frames with which another shot begins.
        seconds: how long it is.
    """

    name: str
    frames: Shot
    cuts: tuple[int, ...]
    seconds: float


def join(name: str, shots: Sequence[Shot]) -> Reel:
    """The shots one after another."""
    frames = [frame for shot in shots for frame in shot]
    cuts = tuple(accumulate(len(shot) for shot in shots[:-1]))
    return Reel(name, frames, cuts, len(frames) / FPS)


def under(effect: Effect, reel: Reel) -> Reel:
    """The reel under an effect that keeps its frames' number."""
    return replace(reel, name=f"{reel.name}, {effect.__name__}", frames=effect(reel.frames))


# People.


@lru_cache(None)
def rendered(person: int, frames: int, room: int) -> Shot:
    """A rendered person in a room; the same person and room look the same in another shot."""
    script = ClipScript(
        f"reel {person}", 3, (person,), WIDTH, HEIGHT, FPS, tuple(range(frames))
    )  # fmt: skip
    stage = draw_stage(generator(5, "reel", room), WIDTH, HEIGHT)
    return list(Take(script, _photograph(), stage=stage).frames())


_photograph = lru_cache(None)(load_photograph)


@lru_cache(None)
def real(name: str) -> Shot:
    """A real clip, cut to the reel's aspect."""
    return [_fitted(frame.rgb) for frame in stream_frames(REALDATA / name, max_side=640)]


def _fitted(rgb: np.ndarray) -> np.ndarray:
    scale = max(WIDTH / rgb.shape[1], HEIGHT / rgb.shape[0])
    size = round(rgb.shape[1] * scale), round(rgb.shape[0] * scale)
    large = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    top, left = (size[1] - HEIGHT) // 2, (size[0] - WIDTH) // 2
    return np.ascontiguousarray(large[top : top + HEIGHT, left : left + WIDTH])


def framed(shot: Shot, detector: Detector) -> Shot:
    """The shot moved and scaled so that its first face is where everybody's is."""
    detector.reset()
    face = next(face for frame in shot for face in detector.detect(frame)[:1])
    matrix = _placed(face.landmarks * (WIDTH, HEIGHT))
    return [
        cv2.warpAffine(frame, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT101)
        for frame in shot
    ]


def photographed(count: int, frames: int, detector: Detector, rooms: int = 1) -> list[Shot]:
    """People of the real photographs, one after another, all at one place; rooms take turns."""
    folder = REALDATA / "stills"
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        first = {row["subject"]: row["image"] for row in reversed(list(csv.DictReader(file)))}
    shots: list[Shot] = []
    for image in sorted(first.values()):
        photo = cv2.cvtColor(cv2.imread(str(folder / image)), cv2.COLOR_BGR2RGB)
        detector.reset()
        found = detector.detect(photo)
        if found:
            landmarks = found[0].landmarks * photo.shape[1::-1]
            shots.append(_swaying(photo, landmarks, frames, len(shots) % rooms, len(shots)))
        if len(shots) == count:
            break
    return shots


def _swaying(photo: np.ndarray, landmarks: np.ndarray, frames: int, room: int, seed: int) -> Shot:
    rng = np.random.default_rng(seed)
    back = draw_room(generator(9, "reel", room), WIDTH, HEIGHT).copy()
    cv2.ellipse(back, (WIDTH // 2, HEIGHT + 16), (76, 60), 0, 0, 360, (60, 50, 70), -1)
    head = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(head, (WIDTH // 2, int(HEIGHT * 0.45)), (37, 49), 0, 0, 360, 1.0, -1)
    head = cv2.GaussianBlur(head, (0, 0), 3)
    phase = rng.uniform(0, 2 * np.pi, 3)
    shot = []
    for n in range(frames):
        dx, dy, angle = (3, 3, 4) * np.sin(np.array([2.3, 1.9, 1.7]) * n / FPS + phase)
        sway = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT * 0.45), angle, 1.0)
        sway[:, 2] += (dx, dy)
        matrix = sway @ np.vstack([_placed(landmarks), (0, 0, 1)])
        size = (WIDTH, HEIGHT)
        face = cv2.warpAffine(photo, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        share = cv2.warpAffine(head, sway, size)[..., None]
        grain = rng.normal(0, 2, (HEIGHT, WIDTH, 1))
        shot.append(_bytes(back * (1 - share) + face * (1.0, 0.86, 0.75) * share + grain))
    return shot


def _placed(landmarks: np.ndarray) -> np.ndarray:
    """Frame pixels of landmarks → those of a face in the middle, its eyes 21 pixels apart."""
    eyes = template(112)[1, 0] - template(112)[0, 0]
    matrix = similarity(landmarks, 112) * (21 / eyes)
    matrix[:, 2] += (WIDTH / 2 - 56 * 21 / eyes, HEIGHT * 0.45 - 60 * 21 / eyes)
    return matrix


# What is no cut.


def plain(shot: Shot) -> Shot:
    return shot


def flashes(shot: Shot) -> Shot:
    """A photographer's: a frame that is burnt out on one side, now and then two."""
    return [
        _bytes(frame * (1 + 4 * _falling_off())) if n % 17 == 9 or n % 51 == 10 else frame
        for n, frame in enumerate(shot)
    ]


def white_frames(shot: Shot) -> Shot:
    return [np.full_like(frame, 255) if n % 31 == 12 else frame for n, frame in enumerate(shot)]


def strobe(shot: Shot) -> Shot:
    """Light and dark, six times a second."""
    return [_bytes(frame * (1.4 if n % 4 < 2 else 0.25)) for n, frame in enumerate(shot)]


def flicker(shot: Shot) -> Shot:
    return [_bytes(frame * (1.4 if n % 2 else 0.3)) for n, frame in enumerate(shot)]


def lamp(shot: Shot) -> Shot:
    """Switched on and off: it leaves another colour from another side."""
    off = 0.5 * (0.4 + 0.6 * _falling_off()) * (1.1, 0.9, 0.7)
    return [frame if n % 40 < 20 else _bytes(frame * off) for n, frame in enumerate(shot)]


def dimmer(shot: Shot) -> Shot:
    return [_bytes(frame * (0.8 + 0.5 * np.cos(n / 6))) for n, frame in enumerate(shot)]


def fades(shot: Shot) -> Shot:
    """To black in ten frames and back, twice in hundred frames."""
    return [
        _bytes(frame * np.clip((abs(n % 50 - 25) - 2) / 10, 0, 1)) for n, frame in enumerate(shot)
    ]


def dark(shot: Shot) -> Shot:
    rng = np.random.default_rng(0)
    return [_bytes(frame * 0.2 + rng.normal(0, 2.5, frame.shape)) for frame in shot]


def grey(shot: Shot) -> Shot:
    return [np.repeat(frame.mean(2, keepdims=True), 3, 2).astype(np.uint8) for frame in shot]


def shake(shot: Shot) -> Shot:
    rng = np.random.default_rng(1)
    return [_moved(frame, *rng.normal(0, 5, 2), 1.08, rng.normal(0, 1.5)) for frame in shot]


def zoom(shot: Shot) -> Shot:
    """To twice the size and back, in a second each."""
    return [_moved(frame, scale=2 ** (0.5 - 0.5 * np.cos(n / 8))) for n, frame in enumerate(shot)]


def pan(shot: Shot) -> Shot:
    """Over a scene three frames wide, 4 % of the width a frame, smeared."""
    found = []
    for n, frame in enumerate(shot):
        wide = np.hstack([frame, frame[:, ::-1], frame])
        x = abs((10 * n + 2 * WIDTH) % (4 * WIDTH) - 2 * WIDTH)
        found.append(cv2.blur(np.ascontiguousarray(wide[:, x : x + WIDTH]), (5, 1)))
    return found


def faster(shot: Shot) -> Shot:
    """Every third frame: heads turn three times as fast."""
    return shot[::3]


def dropped(shot: Shot) -> Shot:
    """Half of the frames, at random, are not there: a variable rate."""
    rng = np.random.default_rng(2)
    return [frame for frame in shot if rng.random() < 0.5]


def doubled(shot: Shot) -> Shot:
    return [frame for frame in shot for _ in range(2)]


def passer(shot: Shot) -> Shot:
    """Somebody walks by, near the camera, in half a second."""
    found = [frame.copy() for frame in shot]
    cloth = np.random.default_rng(3).integers(40, 64, (HEIGHT, 70, 3), np.uint8)
    for n, frame in enumerate(found):
        left = 26 * (n % 50) - 70
        start, end = max(0, left), min(WIDTH, left + 70)
        if start < end:
            frame[:, start:end] = cloth[:, start - left : end - left]
    return found


def hand(shot: Shot) -> Shot:
    """It comes before the face in five frames and goes again."""
    found = [frame.copy() for frame in shot]
    for n, frame in enumerate(found):
        up = np.clip(min(n % 40, 18 - n % 40) / 5, 0, 1)
        at = WIDTH // 2, int(HEIGHT * (1.2 - 0.65 * up))
        cv2.ellipse(frame, at, (34, 46), 10, 0, 360, (190, 140, 115), -1)
    return found


def slides(shot: Shot) -> Shot:
    """A speaker in a corner, and slides beside that change every second."""
    found = []
    for n, frame in enumerate(shot):
        slide = np.repeat(np.random.default_rng(n // 25).integers(0, 255, (9, 16, 3)), 16, 0)
        slide = np.repeat(slide, 16, 1).astype(np.uint8)
        found.append(_with_inset(slide, frame, 0, 0, 0.5))
    return found


def text_slides(shot: Shot) -> Shot:
    """A speaker in another corner, and dark lines and a box on white."""
    found = []
    for n, frame in enumerate(shot):
        rng = np.random.default_rng((3, n // 20))
        slide = np.full((HEIGHT, WIDTH, 3), 245, np.uint8)
        for y in range(30, HEIGHT - 10, 14):
            text = "".join(map(chr, rng.integers(97, 123, rng.integers(8, 24))))
            dark = tuple(map(int, rng.integers(0, 120, 3)))
            cv2.putText(slide, text, (8, y), cv2.FONT_HERSHEY_SIMPLEX, 0.4, dark, 1)
        left, top, right, bottom = rng.integers((20, 20, 130, 90), (120, 80, 250, 140)).tolist()
        bright = tuple(map(int, rng.integers(60, 250, 3)))
        cv2.rectangle(slide, (left, top), (right, bottom), bright, -1)
        found.append(_with_inset(slide, frame, int(0.6 * WIDTH), 0, 0.4))
    return found


def before_a_film(shot: Shot) -> Shot:
    """A speaker at the lower edge, and rooms behind that change."""
    rooms = [draw_room(generator(77, "reel", room), WIDTH, HEIGHT) for room in range(6)]
    at = WIDTH // 4, HEIGHT // 2
    return [_with_inset(rooms[n // 15 % 6], frame, *at, 0.5) for n, frame in enumerate(shot)]


def banner(shot: Shot) -> Shot:
    """A channel's: a strip and a sign that stay, whatever is shown above."""
    strip = np.random.default_rng(5).integers(0, 255, (6, WIDTH // 4, 3), np.uint8)
    strip = strip.repeat(4, 0).repeat(4, 1)
    found = [frame.copy() for frame in shot]
    for frame in found:
        frame[-24:] = strip
        frame[8:30, 8:60] = strip[:22, :52]
    return found


def upright(shot: Shot) -> Shot:
    """The middle, as a phone films it, between black bars."""
    left, right = (WIDTH - 82) // 2, (WIDTH + 82) // 2
    found = [np.zeros_like(frame) for frame in shot]
    for bars, frame in zip(found, shot, strict=True):
        bars[:, left:right] = frame[:, left:right]
    return found


def pumping(shot: Shot) -> Shot:
    """A low rate, with key frames that refresh what was smeared."""
    return coded(shot, "libx264", "-crf", "42", "-g", "12", "-bf", "0", "-sc_threshold", "0")


def blocks(shot: Shot) -> Shot:
    return coded(shot, "mpeg2video", "-b:v", "100k", "-g", "12")


EFFECTS: tuple[Effect, ...] = (
    plain, grey, flashes, white_frames, strobe, flicker, lamp, dimmer, fades, dark, shake, zoom,
    pan, faster, dropped, doubled, passer, hand, slides, text_slides, before_a_film, banner,
    upright, pumping, blocks,
)  # fmt: skip


def coded(shot: Iterable[np.ndarray], codec: str, *options: str) -> Shot:
    """The shot after it was written by a codec and read again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "shot.mkv")
        argv = [
            find_ffmpeg(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24",
            "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "pipe:0", "-c:v", codec,
            "-pix_fmt", "yuv420p", *options, str(path),
        ]  # fmt: skip
        data = b"".join(frame.tobytes() for frame in shot)
        subprocess.run(argv, input=data, check=True, timeout=120)
        return [frame.rgb for frame in stream_frames(path)]


def _with_inset(back: np.ndarray, frame: np.ndarray, left: int, top: int, scale: float):
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = back.copy()
    part = found[top : top + small.shape[0], left : left + small.shape[1]]
    part[:] = small[: part.shape[0], : part.shape[1]]
    return found


def _moved(frame: np.ndarray, x: float = 0, y: float = 0, scale: float = 1, angle: float = 0):
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), angle, scale)
    matrix[:, 2] += (x, y)
    return cv2.warpAffine(frame, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT101)


def _falling_off() -> np.ndarray:
    """float [1, WIDTH, 1]: light from the left, 1 to 0.2."""
    return np.linspace(1, 0.2, WIDTH)[None, :, None]


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(values, 0, 255).astype(np.uint8)
