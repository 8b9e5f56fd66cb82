"""A paper's table as runs of one recipe that differ in a setting, ours beside the paper's figures.

A recipe's module holds its table: which rows there are, what each of them sets, which figures the
paper reports for it. ``affectflow table`` runs it on the licensed corpus, ``affectflow reproduce``
on a rendered one.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import ModuleType
from typing import Any

from affectflow.errors import InputError
from affectflow.metrics import mean_and_iqr
from affectflow.synth.settings import SynthSettings
from pipelines.recipe import Recipe, override, targets
from pipelines.summary import ReleaseSummary


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        name: for the command line.
        method: as the table calls it.
        settings: ``--set`` of its runs, beside the recipe's.
        paper: figure -> what the paper reports.
        stage: whose figures they are; "" = the stage that the gate judges.
        starts: whether its training starts from another recipe's release.
    """

    name: str
    method: str
    settings: tuple[str, ...] = ()
    paper: Mapping[str, float] = field(default_factory=dict)
    stage: str = ""
    starts: bool = False


@dataclass(frozen=True)
class Rendered:
    """The table on a rendered corpus.

    Attributes:
        corpus: what is rendered.
        settings: ``--set`` of all runs.
        shortens: the settings among them that hold although a row sets them itself: a rendered
            corpus needs fewer epochs than the paper's.
        rows: the rows that are run; () = all.
        seeds: runs of a row; 0 = as many as the table's.
        judged: the row that must reach the bounds; "" = the first of ``rows``, or of the table.
        bounds: figure -> what that row must reach.
        start_from: the recipe whose release rows with ``starts`` start from.
    """

    corpus: SynthSettings
    settings: tuple[str, ...] = ()
    shortens: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    seeds: int = 0
    judged: str = ""
    bounds: Mapping[str, float] = field(default_factory=dict)
    start_from: str = ""


@dataclass(frozen=True)
class PaperTable:
    """What a recipe's module calls ``TABLE``.

    Attributes:
        title: which tables of the paper.
        columns: figure (see ``figures_of``) -> its heading, in order.
        rows: at least one.
        seeds: runs of a row, with seeds from 0 on; their mean and interquartile range are told.
        large: the rendered corpus on which the recipe shows that it learns.
        small: one on which it merely runs from end to end.
        fixed: settings that make its rows what they are called, beside those in which rows differ.
    """

    title: str
    columns: Mapping[str, str]
    rows: Sequence[Row]
    large: Rendered
    small: Rendered
    seeds: int = 1
    fixed: Sequence[str] = ()

    def chosen(self, names: Iterable[str]) -> list[Row]:
        """The rows of those names, in the table's order; all of them without any name.

        Raises:
            InputError: a name that is none of them.
        """
        wanted = set(names)
        if unknown := wanted - {row.name for row in self.rows}:
            known = ", ".join(row.name for row in self.rows)
            raise InputError(f"--only {sorted(unknown)[0]!r} is not a row; there are {known}")
        return [row for row in self.rows if row.name in wanted or not wanted]

    def judged(self, rendered: Rendered) -> str:
        """Name of the row that must reach the bounds."""
        return rendered.judged or (rendered.rows or (self.rows[0].name,))[0]


def has_table(recipe: Recipe) -> bool:
    """Whether a recipe follows a paper's table; the demo's does not."""
    return hasattr(_module(recipe), "TABLE")


def table_of(recipe: Recipe) -> PaperTable:
    """The table in a recipe's module.

    Raises:
        InputError: it has none.
    """
    if not has_table(recipe):
        raise InputError(f"recipe {recipe.name!r} has no table; 'affectflow recipes' lists others")
    return _module(recipe).TABLE


def _module(recipe: Recipe) -> ModuleType:
    return importlib.import_module(f"pipelines.recipes.{recipe.name}")


def row_settings(
    recipe: Recipe,
    table: PaperTable,
    row: Row,
    settings: Sequence[str],
    shortens: Collection[str] = (),
) -> list[str]:
    """``--set`` of a row's runs.

    Args:
        recipe: as it is.
        table: in which the row stands. Where rows differ, each is what it is by its value, also
            those that have it from the recipe.
        row: whose own settings these are, then
        settings: those of all rows, which may not be the row's own, for then it would not be that
            row: a table of 50 epochs is not one of 30.
        shortens: of those, what holds although the row has another.

    Raises:
        InputError: a setting by which the row is what it is, to another value.
    """
    own = override(recipe, row.settings)
    changed = override(recipe, [*row.settings, *settings])
    keys = [one.partition("=")[0] for r in (*table.rows, row) for one in r.settings] + [
        *table.fixed
    ]
    kept = {target for key in keys for target in targets(key, recipe)}
    for assignment in settings:
        key = assignment.partition("=")[0].strip()
        if key in shortens:
            continue
        for group, name in targets(key, recipe):
            value = getattr(own.groups()[group], name)
            if (group, name) in kept and value != getattr(changed.groups()[group], name):
                raise InputError(
                    f"--set {assignment}: row {row.name!r} is that of {group}.{name}={value}; leave"
                    " it out, choose other rows with --only, or use 'affectflow release', which is"
                    " no row of a table"
                )
    return [*row.settings, *settings]


def in_words(row: Row, settings: Sequence[str]) -> tuple[str, ...]:
    """What a row ran with, each setting once: ``cnn.epochs=6``, or ``… instead of 100``."""
    own = dict(assignment.split("=", 1) for assignment in row.settings)
    ran = dict(assignment.split("=", 1) for assignment in settings)
    return tuple(
        f"{key}={value}" + (f" instead of {own[key]}" if own.get(key, value) != value else "")
        for key, value in ran.items()
    )


@dataclass(frozen=True)
class RowResult:
    """What a row's runs came to.

    Attributes:
        row: which.
        ran: what it ran with, beside the recipe as it is, in words.
        figures: figure -> its value in each run; None = no value.
        verdicts: whether the gate blessed each run's model.
        release: folder of the last run's release; None where it was refused.
        skipped: why the row was not run; "" = it was.
        note: what a reader of its figures must know of the data; "" = nothing.
    """

    row: Row
    figures: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    verdicts: Sequence[bool] = ()
    release: str | None = None
    skipped: str = ""
    note: str = ""
    ran: Sequence[str] = ()

    @classmethod
    def of(
        cls, row: Row, summaries: Sequence[ReleaseSummary], judged: str, ran: Sequence[str] = ()
    ) -> RowResult:
        """Takes the row's figures out of finished release runs.

        Args:
            judged: the stage that the gate judges.
            ran: what they ran with.
        """
        found = [figures_of(summary, row.stage or judged) for summary in summaries]
        names = dict.fromkeys(name for figures in found for name in figures)
        return cls(
            row,
            {name: [figures.get(name) for figures in found] for name in names},
            [summary.blessed for summary in summaries],
            summaries[-1].release,
            note=summaries[-1].beside_score,
            ran=ran,
        )

    def mean(self, figure: str) -> float | None:
        """Mean over the runs; None where a run has no value."""
        values = self.figures.get(figure, ())
        known = [value for value in values if value is not None]
        return sum(known) / len(known) if known and len(known) == len(values) else None

    def as_json(self) -> dict[str, Any]:
        """Every field as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any], table: PaperTable) -> RowResult:
        """The inverse of ``as_json``, with the row as the table has it now.

        Raises:
            InputError: the table has no such row any more.
        """
        (row,) = table.chosen([values["row"]["name"]])
        return cls(**{**values, "row": row, "ran": tuple(values.get("ran", ()))})


def figures_of(summary: ReleaseSummary, stage: str) -> dict[str, float | None]:
    """The figures of one stage by name.

    ``ccc_valence``, ``rmse_arousal``, … and ``ccc_mean``, ``low``, ``high``; of classes
    ``accuracy``, ``macro_precision``, ``macro_recall``, ``pn_accuracy``, ``low``, ``high`` of the
    expression, ``gender_accuracy``, … of the other tasks, and ``accuracy_<corpus>`` of each corpus;
    ``epoch``, from 1; ``<task>_loss``, over the same samples as the accuracy.
    """
    scores = summary.metrics["stages"][stage]
    found: dict[str, float | None] = {}
    for label, score in scores["outputs"].items():
        found |= {f"{metric}_{label}": score[metric] for metric in ("ccc", "rmse")}
    if scores["outputs"]:
        found |= {
            "ccc_mean": scores["ccc_mean"],
            "low": scores["ccc_mean_low"],
            "high": scores["ccc_mean_high"],
        }
    for task, score in scores.get("classes", {}).items():
        if task == "expression":
            shown = ("accuracy", "macro_precision", "macro_recall", "pn_accuracy")
            found |= {name: score[name] for name in shown}
            if not scores["outputs"]:
                found |= {"low": score["low"], "high": score["high"]}
        else:
            found[f"{task}_accuracy"] = score["accuracy"]
    for corpus in summary.metrics["corpora"]:
        of_stage = corpus.get("classes", {}).get(stage, {})
        if "expression" in of_stage:
            found[f"accuracy_{corpus['name']}"] = of_stage["expression"]["accuracy"]
    if "classes" in scores and not scores["outputs"]:
        found |= {f"{task}_loss": summary.losses.get(task) for task in scores["classes"]}
    found["epoch"] = summary.best_epochs[stage]
    return found


def cells(result: RowResult, table: PaperTable) -> list[str]:
    """The row as texts: a figure a column, ours ± interquartile range (paper's), the verdict."""
    if result.skipped:
        return [result.row.method, *([""] * len(table.columns)), result.skipped]
    texts = [_cell(result, figure) for figure in table.columns]
    blessed = sum(result.verdicts)
    verdict = "blessed" if blessed else "refused"
    if len(result.verdicts) > 1:
        verdict = f"{blessed} of {len(result.verdicts)} blessed"
    return [result.row.method, *texts, verdict]


def as_markdown(results: Iterable[RowResult], table: PaperTable) -> str:
    """The table, the paper's figures in brackets; what a reader must know; each row's settings."""
    results = list(results)
    heads = ["method", *table.columns.values(), "gate"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [f"| {' | '.join(cells(result, table))} |" for result in results]
    notes = dict.fromkeys(result.note for result in results if result.note)
    lines += [f"\nNote: {note}." for note in notes]
    return "\n".join([*lines, *_settings_told(results)]) + "\n"


def _settings_told(results: Sequence[RowResult]) -> list[str]:
    """What all rows ran with, and each of them beside that; nothing where they are the recipe."""
    run = [result for result in results if not result.skipped]
    shared = [one for one in (run[0].ran if run else ()) if all(one in r.ran for r in run)]
    told = [f"- all rows: {_code(shared)}"] if shared else []
    for result in run:
        own = [one for one in result.ran if one not in shared]
        told += [f"- {result.row.method}: {_code(own)}"] if own else []
    return ["", "Set beside the recipe:", "", *told] if told else []


def _code(settings: Iterable[str]) -> str:
    return " ".join(f"`{setting}`" for setting in settings)


def _cell(result: RowResult, figure: str) -> str:
    values = [value for value in result.figures.get(figure, ()) if value is not None]
    mean = result.mean(figure)
    if mean is None:
        text = "-"
    elif len(values) > 1:
        text = f"{mean:.3f} ± {mean_and_iqr(values)[1]:.3f}"
    else:
        text = f"{mean:.0f}" if figure == "epoch" else f"{mean:.3f}"
    paper = result.row.paper.get(figure)
    return text if paper is None else f"{text} ({paper:g})"
