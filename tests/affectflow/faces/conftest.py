from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from affectflow.corpora.clip import Clip
from affectflow.faces.detectors import Detector, create_detector
from affectflow.faces.settings import FaceSettings
from tests import portraits
from tests.portraits import HEIGHT, WIDTH, blank, paste, write_exactly, write_video

FRAMES = 24
# The blank stretch of the rendered clip, in frames.
BLANK = range(10, 14)


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    """Head and shoulders of scikit-image's astronaut, uint8 [200, 200, 3]."""
    return portraits.portrait()


@pytest.fixture(scope="session")
def wandering(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A face that moves 4 pixels a frame to the right; frames in BLANK show none."""
    frames = [blank() if i in BLANK else paste(4 * i, 20) for i in range(FRAMES)]
    return write_video(tmp_path_factory.mktemp("wandering") / "wandering.mp4", frames)


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two faces side by side, the left one larger; 6 frames."""
    frames = [paste(175 + i, 80, 140, on=paste(0, 40, 170)) for i in range(6)]
    return write_video(tmp_path_factory.mktemp("pair") / "pair.mp4", frames)


@pytest.fixture(scope="session")
def spliced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two shots of 12 frames, and the second of them alone."""
    folder = tmp_path_factory.mktemp("spliced")
    first, second = portraits.two_shots()
    whole = write_exactly(folder / "spliced.mp4", first + second)
    return whole, write_exactly(folder / "second.mp4", second)


@pytest.fixture(scope="session")
def faceless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frames = [np.full((HEIGHT, WIDTH, 3), 10 * i, np.uint8) for i in range(8)]
    return write_video(tmp_path_factory.mktemp("faceless") / "faceless.mp4", frames)


@pytest.fixture(scope="session")
def detector() -> Iterator[Detector]:
    built = create_detector(FaceSettings())
    yield built
    built.close()


@pytest.fixture
def clip() -> Callable[..., Clip]:
    """clip(source, person="") -> Clip"""

    def make(source: Path, person: str = "") -> Clip:
        return Clip("test", "v", "s", "train", source, person=person)

    return make
