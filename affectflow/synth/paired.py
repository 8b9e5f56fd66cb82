"""Two layouts in two folders of one root, for the pairs of corpora that are read as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from affectflow.synth.layouts import Layout, get_layout
from affectflow.synth.photograph import Photograph
from affectflow.synth.readme import write_readme
from affectflow.synth.script import Script
from affectflow.synth.settings import SynthSettings


@dataclass(frozen=True)
class PairScript:
    """A script of one of the two.

    Attributes:
        layout: which; also the name of its folder.
        script: as that layout plans it.
    """

    layout: str
    script: Script

    @property
    def name(self) -> str:
        return f"{self.layout}/{self.script.name}"

    @property
    def frames(self) -> int:
        return self.script.frames

    @property
    def seconds(self) -> float:
        return self.script.seconds


class Paired:
    """A layout made of two.

    The second's people are drawn from the seed after the settings' own, so that nobody stands in
    both corpora.

    Args:
        corpora: layout -> the real corpus's name, of the first and then of the second.
    """

    def __init__(self, corpora: Mapping[str, str]):
        self._corpora = dict(corpora)

    def plan(self, settings: SynthSettings) -> list[PairScript]:
        """The scripts of both.

        Raises:
            InputError: one of them cannot name so many people.
        """
        return [
            PairScript(name, script)
            for name in self._corpora
            for script in get_layout(name).plan(self._of(settings, name))
        ]

    def is_written(self, out: Path, script: PairScript) -> bool:
        """Whether it is in its corpus's folder."""
        return get_layout(script.layout).is_written(out / script.layout, script.script)

    def write(
        self, out: Path, settings: SynthSettings, script: PairScript, photograph: Photograph
    ) -> None:
        """Renders one script into its corpus's folder."""
        layout: Layout = get_layout(script.layout)
        own = self._of(settings, script.layout)
        layout.write(out / script.layout, own, script.script, photograph)

    def finish(self, out: Path, settings: SynthSettings, scripts: list[PairScript]) -> None:
        """Writes what belongs to each corpus as a whole, and ``README.txt``."""
        for name in self._corpora:
            own = [one.script for one in scripts if one.layout == name]
            get_layout(name).finish(out / name, self._of(settings, name), own)
        write_readme(out, settings, " and ".join(self._corpora.values()))

    def _of(self, settings: SynthSettings, name: str) -> SynthSettings:
        number = list(self._corpora).index(name)
        return replace(settings, layout=name, seed=(settings.seed + number) % 2**63)
