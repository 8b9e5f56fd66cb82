"""What the measurements share: a scratch folder, rendered clips, folders of videos made of them."""

from __future__ import annotations

import math
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.listing import list_clips
from affectflow.faces.settings import FaceSettings
from affectflow.synth.corpus import render_corpus
from affectflow.synth.settings import SynthSettings
from affectflow.video.ffmpeg import find_ffmpeg
from pipelines.beam import beam_args, local_workers
from pipelines.workspace import Workspace

FPS = 15
_RENDERED = SynthSettings(subjects=4, clips=1, seconds=5.0, fps=FPS, size=240, seed=7)


def worker_options(cores: int) -> list[str]:
    """Beam's options as the pipelines give them on a machine of so many cores."""
    return beam_args([f"--direct_num_workers={local_workers(cores)}"])


@dataclass(frozen=True)
class Rebuilt:
    """A finished rebuild.

    Attributes:
        seconds: on the clock, by node.
        uris: of the nodes' outputs, by (node, output).
    """

    seconds: Mapping[str, float]
    uris: Mapping[tuple[str, str], str]


class Workbench:
    """A scratch folder and the clips in it.

    Args:
        root: the folder; whoever made it removes it.
        cores: processors that this process may use.
        say: told what is going on, a line at a time.
    """

    def __init__(self, root: Path, cores: int, say: Callable[[str], None]):
        self.root = root
        self.cores = cores
        self.say = say

    @cached_property
    def clips(self) -> list[Path]:
        """Rendered clips of one person each, 320x240."""
        self.say("rendering clips")
        out = self.root / "rendered"
        render_corpus(out, _RENDERED)
        listed = list_clips("affwild2", out, CorpusSettings())
        return [clip.source for clip in listed if not clip.person]

    @cached_property
    def rebuilt(self) -> Rebuilt:
        """A rebuild of a few videos: frames and a transform graph for who needs some."""
        self.say("a small rebuild")
        # Whole batches of 128 images, and enough that loading a network weighs little.
        corpus = self.corpus(self.root / "small" / "videos", 4, 1280)
        return self.rebuild(corpus, self.root / "small" / "workspace", "small")

    def rebuild(self, corpus: Path, workspace: Path, run: str) -> Rebuilt:
        """Runs the rebuild pipeline of the recipe ``demo`` on a folder of labelled videos."""
        from pipelines.compile import compile_rebuild
        from pipelines.local import run_local
        from pipelines.recipe import load_recipe
        from pipelines.run import start_run
        from pipelines.run_record import Request

        recipe = replace(load_recipe("demo"), corpus="folder", faces=FaceSettings())
        workspace.mkdir(parents=True, exist_ok=True)
        began: dict[str, float] = {}
        took: dict[str, float] = {}

        def on_node(node: str, result: object) -> None:
            now = time.perf_counter()
            if result is None:
                began[node] = now
            else:
                took[node] = now - began[node]

        room = Workspace(workspace)
        _, pipeline = start_run(
            room, compile_rebuild(recipe), run, Request(recipe, data=str(corpus))
        )
        options = worker_options(self.cores)
        results = run_local(pipeline, room, options, on_node)
        uris = {
            (node, key): result.uri(key)
            for node, result in results.items()
            for key in result.outputs
        }
        return Rebuilt(took, uris)

    def video(self, path: Path, frames: int, number: int = 0) -> Path:
        """Writes a video of ``frames`` frames: a rendered clip over and over, not encoded anew.

        Args:
            number: which clip; it stands in the file too, so that no two files are alike and the
                store of faces cannot take one for the other.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        argv = [
            find_ffmpeg(), "-nostdin", "-loglevel", "error", "-stream_loop", "-1",
            "-i", str(self.clips[number % len(self.clips)]), "-map", "0:v", "-c", "copy",
            "-frames:v", str(frames), "-metadata", f"title={number}", "-y", str(path),
        ]  # fmt: skip
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
        return path

    def corpus(self, root: Path, videos: int, frames: int) -> Path:
        """A folder for the corpus adapter ``folder``, or one more video in such a folder.

        Every fourth video is for evaluation. Labels run through the plane; they decide only which
        frames balancing keeps.
        """
        lines = ["video,frame,valence,arousal,split\n"]
        for number in range(videos):
            name = f"{number:03d}.mp4"
            if not (root / name).exists():
                self.video(root / name, frames, number)
            split = "train" if number % 4 else "eval"
            for frame in range(frames):
                angle = 2 * math.pi * (frame / 90 + number / 7)
                valence, arousal = 0.8 * math.sin(angle), 0.8 * math.cos(1.7 * angle)
                lines.append(f"{name},{frame},{valence:.4f},{arousal:.4f},{split}\n")
        (root / "labels.csv").write_text("".join(lines), encoding="utf-8")
        return root
