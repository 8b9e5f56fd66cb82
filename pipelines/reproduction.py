"""What came of the recipes on their rendered corpora, as the document docs/recipes.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from affectflow.errors import InputError
from affectflow.files import write_json
from pipelines.paper_table import PaperTable, Rendered, RowResult, as_markdown, table_of
from pipelines.recipe import Recipe, load_recipe

_FILE = "reproduction.json"


@dataclass(frozen=True)
class Reproduction:
    """One recipe.

    Attributes:
        name: the recipe's.
        table: its table.
        rendered: what it ran on.
        results: of the rows that were run.
        seconds: that it took.
        small: whether it was to run through only.
    """

    name: str
    table: PaperTable
    rendered: Rendered
    results: Sequence[RowResult]
    seconds: float
    small: bool = False

    def keep(self, workspace: Path) -> None:
        """Writes it down in the recipe's workspace, for the reports of later calls."""
        rows = [result.as_json() for result in self.results]
        told = {"rows": rows, "seconds": self.seconds, "small": self.small}
        write_json(workspace / _FILE, told)

    @classmethod
    def kept(cls, workspace: Path, recipe: Recipe, small: bool) -> Reproduction | None:
        """What an earlier call wrote; None where there is none of that size, or of other rows."""
        try:
            told = json.loads((workspace / _FILE).read_text(encoding="utf-8"))
            table = table_of(recipe)
            results = [RowResult.from_json(row, table) for row in told["rows"]]
        except (OSError, InputError):
            return None
        if told["small"] != small or not results:
            return None
        rendered = table.small if small else table.large
        return cls(recipe.name, table, rendered, results, told["seconds"], small)

    @property
    def outcome(self) -> list[str]:
        """A line for each bound: what was reached; and one where the gate refused the model."""
        judged = self._judged
        lines = []
        for figure, bound in self.rendered.bounds.items():
            value = judged.mean(figure)
            shown = "no value" if value is None else f"{value:.3f}"
            word = "reaches" if _meets(value, bound) else "is below"
            lines.append(f"{judged.row.method}: {figure} {shown} {word} {bound:g}")
        if refused := len(judged.verdicts) - sum(judged.verdicts):
            of = f" {refused} of {len(judged.verdicts)} times" if len(judged.verdicts) > 1 else ""
            lines.append(f"{judged.row.method}: the gate refused it{of}")
        return lines

    @property
    def reached(self) -> bool:
        """Whether the judged row reaches every bound, and the gate let all its models through."""
        judged, bounds = self._judged, self.rendered.bounds.items()
        within = all(_meets(judged.mean(figure), bound) for figure, bound in bounds)
        return within and bool(judged.verdicts) and all(judged.verdicts)

    @property
    def _judged(self) -> RowResult:
        name = self.table.judged(self.rendered)
        return next(result for result in self.results if result.row.name == name)

    @property
    def release(self) -> str | None:
        """Folder of the judged row's release; None where the gate refused it."""
        return self._judged.release


def _meets(value: float | None, bound: float) -> bool:
    return value is not None and value >= bound


def ordered(recipes: Iterable[Recipe]) -> list[Recipe]:
    """The recipes, those that others start from before these."""

    def rank(recipe: Recipe) -> tuple[bool, str]:
        return bool(table_of(recipe).large.start_from), recipe.name

    return sorted(recipes, key=rank)


def as_report(found: Iterable[Reproduction]) -> str:
    """The document."""
    parts = [
        "# The recipes on rendered corpora\n",
        "Written by `make recipes`: each recipe on a corpus of rendered faces, evaluated on people"
        " whom it was not trained on. Figures in brackets are the paper's, on its own corpus: they"
        " stand beside ours for reference, not for comparison, as a rendered corpus is another"
        " task. ± is the interquartile range over runs that differ in their seed.\n",
    ]
    for one in found:
        recipe = load_recipe(one.name)
        corpus = one.rendered.corpus
        parts.append(
            f"## {one.name}\n\n{recipe.paper}. {one.table.title}.\n\n"
            f"{as_markdown(one.results, one.table)}\n"
            f"Corpus: {corpus.layout}, {corpus.subjects} people, seed {corpus.seed}"
            f" ({one.seconds / 60:.0f} min)."
            f" {'. '.join(line[0].upper() + line[1:] for line in one.outcome)}.\n"
        )
    return "\n".join(parts)
