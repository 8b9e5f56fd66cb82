"""A whole corpus into a folder: resumable, the same files for the same settings."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import cv2

from affectflow.errors import InputError
from affectflow.synth.atomic import sweep, write_text
from affectflow.synth.layouts import get_layout
from affectflow.synth.photograph import Photograph, load_photograph
from affectflow.synth.script import Script
from affectflow.synth.settings import SynthSettings

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class RenderedCorpus:
    """What lies in the folder.

    Attributes:
        root: the folder.
        videos: how many there are; 0 for a corpus of pictures.
        frames: of the videos, or how many pictures.
        seconds: length of the videos together.
        rendered: videos, or people with their pictures, that this call rendered; the others were
            there already.
    """

    root: Path
    videos: int
    frames: int
    seconds: float
    rendered: int


def render_corpus(
    out: Path, settings: SynthSettings, progress: Progress | None = None
) -> RenderedCorpus:
    """Renders a corpus into ``out``, or what is missing of it.

    Args:
        out: an empty or absent folder, or one that a call with equal settings was writing.
        progress: called with (frames done, frames in all, clip name) as clips are finished.

    Raises:
        InputError: ``out`` holds something else, or a corpus of other settings.
    """
    out = Path(out)
    layout = get_layout(settings.layout)
    scripts = layout.plan(settings)
    _claim(out, settings)
    sweep(out)
    missing = [script for script in scripts if not layout.is_written(out, script)]
    total = sum(script.frames for script in scripts)
    done = total - sum(script.frames for script in missing)
    if progress is not None:
        progress(done, total, "")
    for script in _render(out, settings, missing):
        done += script.frames
        if progress is not None:
            progress(done, total, script.name)
    layout.finish(out, settings, scripts)
    seconds = sum(script.seconds for script in scripts)
    videos = sum(script.seconds > 0 for script in scripts)
    return RenderedCorpus(out, videos, total, seconds, len(missing))


def _claim(out: Path, settings: SynthSettings) -> None:
    """Makes sure that the folder is ours, for these settings."""
    saved = out / "synth.json"
    wanted = settings.saved()
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file; name a folder to render into")
    if saved.exists():
        try:
            found = json.loads(saved.read_text(encoding="utf-8"))
        except ValueError:
            raise InputError(f"{saved} is not JSON; remove {out} or name another folder") from None
        if found != wanted:
            other = [
                f"{name} {found.get(name)!r}, not {value!r}"
                for name, value in wanted.items()
                if found.get(name) != value
            ]
            raise InputError(
                f"{out} holds a corpus of other settings ({'; '.join(other)}); "
                "remove it or name another folder"
            )
    elif out.exists() and any(out.iterdir()):
        raise InputError(f"{out} is not empty and holds no rendered corpus; name another folder")
    else:
        write_text(saved, json.dumps(wanted, indent=1) + "\n")


def _render(out: Path, settings: SynthSettings, scripts: list[Script]) -> Iterator[Script]:
    """Renders clips, yielding each script when it is done."""
    if not scripts:
        return
    photograph = load_photograph()
    if settings.workers == 1 or len(scripts) == 1:
        layout = get_layout(settings.layout)
        for script in scripts:
            layout.write(out, settings, script, photograph)
            yield script
        return
    # Spawned, not forked: MediaPipe and OpenCV have threads by now, which a fork would not copy.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        settings.workers, context, initializer=_start_worker, initargs=(out, settings, photograph)
    )
    try:
        futures = {pool.submit(_write_in_worker, script): script for script in scripts}
        for future in as_completed(futures):
            future.result()
            yield futures[future]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_worker: tuple[Path, SynthSettings, Photograph] | None = None


def _start_worker(out: Path, settings: SynthSettings, photograph: Photograph) -> None:
    global _worker
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    cv2.setNumThreads(1)
    _worker = out, settings, photograph


def _write_in_worker(script: Script) -> None:
    assert _worker is not None
    out, settings, photograph = _worker
    get_layout(settings.layout).write(out, settings, script, photograph)
