"""Commands on disks of a few megabytes, real ones, that fill up at one place or another.

Expected, whatever the place: the command ends with one line that says where there is no room,
leaves nothing half-written, and run once more, with room, gives what it gives undisturbed. A size
is drawn from each tenth of what the undisturbed run writes, so the places are spread over it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from affectflow.release.tree import json_digest, tree_files
from tests.canonical import contents
from tests.tiny_release import LENIENT, TINY
from tests.torture import cases, rng
from tests.warm import COMMAND, Warm

pytestmark = [pytest.mark.torture, pytest.mark.timeout(14_400)]

ROOM = 1 << 30
LIMIT_S = 1200
# A full disk ends a node within a minute; the machine may have other things to do.
MINUTE_S = 60
# What tells when and by which run something was made, and what names files by an order of arrival.
_AS_OF = re.compile(r"As of [\d: -]+ UTC")
_OF_A_RUN = re.compile(r"(lineage|release)\.json|metrics-\d+-of-\d+\.tfrecord")


class Disk:
    """A file system in memory, of a size that can be changed."""

    def __init__(self, path: Path, size: int):
        self.path = path
        path.mkdir()
        done = self._mount(f"size={size}", "-t", "tmpfs", "tmpfs")
        if done.returncode:
            pytest.skip(f"a file system of its own wants the right to mount one: {done.stderr}")

    def grow(self, size: int) -> None:
        assert self._mount(f"remount,size={size}").returncode == 0

    def used(self) -> int:
        seen = os.statvfs(self.path)
        return (seen.f_blocks - seen.f_bfree) * seen.f_frsize

    def close(self) -> None:
        """Gives its memory back."""
        subprocess.run(["umount", "-l", self.path], check=True)
        self.path.rmdir()

    def _mount(self, options: str, *more: str) -> subprocess.CompletedProcess[str]:
        command = ["mount", "-o", options, *more, str(self.path)]
        return subprocess.run(command, capture_output=True, text=True, check=False)


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it printed."""

    status: int
    seconds: float
    out: str
    err: str


class Commands:
    """Runs commands, one at a time; a folder takes what they print."""

    def __init__(self, warm: Warm, folder: Path):
        self._warm, self._folder = warm, folder

    def run(self, argv: list[str | Path], until: str = "") -> Said:
        """Runs a command to its end, or until it has printed something."""
        files = [self._folder / "out.txt", self._folder / "err.txt"]
        for path in files:
            path.write_text("")
        child = self._warm.start(COMMAND, argv, *files)
        ended = child.kill_when(until, files[0], LIMIT_S)
        return Said(ended.status, ended.seconds, *(path.read_text() for path in files))


@dataclass(frozen=True)
class Done:
    """A command that ran undisturbed, and the workspace that it left."""

    workspace: Path
    ended: Said


@dataclass(frozen=True)
class Campaign:
    """A command that is run on full disks.

    Attributes:
        name: decides the sizes.
        argv: (workspace) → the command.
        digests: (workspace) → digest by name of what it gave.
        undisturbed: what is expected of it.
        template: the workspace that it begins with; None = none.
        until: it is ended when this has been printed.
    """

    name: str
    argv: Callable[[Path], list[str | Path]]
    digests: Callable[[Path], dict[str, str]]
    undisturbed: Done
    template: Path | None = None
    until: str = ""

    @property
    def written(self) -> int:
        """Bytes that the command adds to what it begins with."""
        return size_of(self.undisturbed.workspace) - self.begins

    @property
    def begins(self) -> int:
        """Bytes that it begins with."""
        return size_of(self.template) if self.template else 0


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Iterator[Commands]:
    folder = tmp_path_factory.mktemp("said")
    warm = Warm(["demo_rebuild", "demo_release"], folder / "warm.log", {"COLUMNS": "100"})
    yield Commands(warm, folder)
    warm.close()


@pytest.fixture(scope="module")
def disk(tmp_path_factory) -> Callable[..., AbstractContextManager[Disk]]:
    """disk(template): with room, always at the same place, so that all names are the same."""
    path = tmp_path_factory.mktemp("full") / "disk"

    @contextmanager
    def mount(template: Path | None) -> Iterator[Disk]:
        mounted = Disk(path, ROOM)
        try:
            if template is not None:
                shutil.copytree(template, path / "ws", symlinks=True)
            yield mounted
        finally:
            mounted.close()

    return mount


@pytest.fixture(scope="module")
def undisturbed(run, disk, tmp_path_factory) -> Callable[..., Done]:
    """undisturbed(argv, template, until): runs a command where there is room."""

    def go(argv, template: Path | None = None, until: str = "") -> Done:
        kept = tmp_path_factory.mktemp("undisturbed") / "ws"
        with disk(template) as mounted:
            workspace = mounted.path / "ws"
            ended = run.run(argv(workspace), until)
            assert ended.status == (-9 if until else 0), (ended.out, ended.err)
            shutil.copytree(workspace, kept, symlinks=True)
        return Done(kept, ended)

    return go


@pytest.fixture(scope="module")
def large() -> int:
    """How many sizes are tried where there is time."""
    count = cases(small=0, large=10)
    if not count:
        pytest.skip("of make torture")
    return count


@pytest.fixture(scope="module")
def whole_rebuild(large, undisturbed, corpus) -> Done:
    return undisturbed(rebuild_of(corpus))


@pytest.fixture(scope="module")
def trained(undisturbed, whole_rebuild) -> Done:
    return undisturbed(release_in, whole_rebuild.workspace, TRAINED)


@pytest.fixture(scope="module")
def released(undisturbed, trained) -> Done:
    return undisturbed(release_in, trained.workspace)


def artifacts(*nodes: str) -> Callable[[Path], dict[str, str]]:
    """(workspace) → digests of the newest artifacts of some nodes, by node and output."""

    def digests(workspace: Path) -> dict[str, str]:
        found = {}
        for node in nodes:
            for output in (workspace / "artifacts").glob(f"*/{node}/[!.]*"):
                newest = max(int(p.name) for p in output.iterdir() if p.name.isdecimal())
                found[f"{output.parent.name}/{output.name}"] = content(output / str(newest))
        # It knows what was analysed by its folder, and another try of a node has another.
        found.pop("Transform/updated_analyzer_cache", None)
        return found

    return digests


def releases(workspace: Path) -> dict[str, str]:
    """Digests of the release tree: models and documents."""
    return {path.name: content(path) for path in (workspace / "releases").glob("[0-9]*")}


def pages(workspace: Path) -> dict[str, str]:
    """Digests of the pages."""
    return {
        path.name: json_digest({"": _AS_OF.sub("", path.read_text())})
        for path in (workspace / "reports").glob("*.html")
    }


def size_of(workspace: Path) -> int:
    """Bytes of the blocks of its files."""
    block = 4096
    return sum(-(-path.stat().st_size // block) * block for path in tree_files(workspace).values())


def content(root: Path) -> str:
    """One digest of what was computed."""
    return json_digest(
        {
            name: str(what)
            for name, what in contents(root).items()
            if not _OF_A_RUN.fullmatch(Path(name).name)
        }
    )


def check_stopped(ended: Said, disk: Disk, workspace: Path) -> None:
    """One line, and nothing half-written or locked."""
    assert ended.status == 1, (ended.status, ended.out, ended.err)
    line = ended.err.strip().splitlines()
    assert len(line) == 1, ended.err
    assert re.match(rf"Error: no room in {re.escape(str(disk.path))}\S* \(", line[0]), line
    assert re.search(r"\): [\d.]+ [kMG]B of [\d.]+ [kMG]B are free now\. Free some space", line[0])
    assert "run the same command again: what is done is kept" in line[0]
    check_clean(workspace)


def check_clean(workspace: Path) -> None:
    names = [path.relative_to(workspace) for path in workspace.rglob("*")]
    assert [name for name in names if re.search(r"\.part$|^\.run\.|beam-temp", name.name)] == []
    assert list((workspace / "faces/tmp").glob("*")) == []
    for output in (workspace / "artifacts").glob("*/*/*"):
        made = {path.name for path in output.iterdir() if path.name.isdecimal()}
        sealed = {path.name.split(".")[1] for path in output.glob(".*.files.json")}
        assert made == sealed, output
    if (workspace / ".lock").exists():
        with open(workspace / ".lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def fill(campaign: Campaign, disk: Callable, run: Commands, count: int) -> None:
    """Runs the command on disks of ``count`` sizes, and again with room."""
    whole = campaign.undisturbed.ended
    expected = campaign.digests(campaign.undisturbed.workspace)
    assert expected
    draws, stopped = rng(campaign.name), []
    for part in range(count):
        share = (part + draws.uniform()) / (count + 1)
        with disk(campaign.template) as small:
            workspace = small.path / "ws"
            command = campaign.argv(workspace)
            small.grow(small.used() + int(share * campaign.written))
            ended = run.run(command, campaign.until)
            if ended.status != whole.status:
                check_stopped(ended, small, workspace)
                assert ended.seconds < 2 * whole.seconds + MINUTE_S
                stopped.append(ended.seconds)
                small.grow(ROOM)
                again = run.run(command, campaign.until)
                assert again.status == whole.status, (again.out, again.err)
            assert campaign.digests(workspace) == expected
        said = ended.err.strip() or "went on without its logs"
        print(f"{campaign.name} {share:.0%}: {ended.seconds:.0f} s, {said}", flush=True)
    print(
        f"{campaign.name}: {campaign.written / 1e6:.1f} MB in {whole.seconds:.0f} s undisturbed; of"
        f" {count} disks {len(stopped)} were full, the longest for {max(stopped):.0f} s"
    )
    # On some disks it may be logs alone that find no room.
    assert len(stopped) * 2 >= count


def rebuild_of(corpus: Path) -> Callable[[Path], list[str | Path]]:
    def argv(workspace: Path) -> list[str | Path]:
        return [
            "rebuild", "-r", "demo", "-d", corpus, "-w", workspace,
            "--set", "ingest.shard_frames=40",
            # Several add in another order each time, and a sum's last bit is another.
            "--direct_num_workers=1",
        ]  # fmt: skip

    return argv


def release_in(workspace: Path) -> list[str | Path]:
    return ["release", "-r", "demo", "-w", workspace, *TINY, *LENIENT, "--direct_num_workers=1"]


def site_of(workspace: Path) -> list[str | Path]:
    return ["site", "--all", "-w", workspace]


INGESTED, TRAINED = "VideoExampleGen", "RnnTrainer"


def test_ingest(corpus, undisturbed, disk, run):
    count = cases(small=2, large=0)
    if not count:
        pytest.skip("test_rebuild has it")
    argv = rebuild_of(corpus)
    done = undisturbed(argv, until=INGESTED)
    fill(Campaign("ingest", argv, artifacts(INGESTED), done, until=INGESTED), disk, run, count)


def test_rebuild(corpus, whole_rebuild, disk, run, large):
    fill(Campaign("rebuild", rebuild_of(corpus), artifacts("*"), whole_rebuild), disk, run, large)


def test_training(whole_rebuild, trained, disk, run, large):
    digests = artifacts("CnnTrainer", "FeatureExtractor", TRAINED)
    begin = whole_rebuild.workspace
    fill(Campaign("training", release_in, digests, trained, begin, TRAINED), disk, run, large)


def test_release(trained, released, disk, run, large):
    begin = trained.workspace
    fill(Campaign("release", release_in, releases, released, begin), disk, run, large)


def test_pages(released, undisturbed, disk, run, large):
    begin = Path(
        shutil.copytree(released.workspace, released.workspace.with_name("unread"), symlinks=True)
    )
    shutil.rmtree(begin / "reports")
    done = undisturbed(site_of, begin)
    fill(Campaign("pages", site_of, pages, done, begin), disk, run, large)
