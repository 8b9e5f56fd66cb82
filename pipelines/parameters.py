"""What a run may be told: the recipe's settings as typed parameters with names for people.

A setting is called ``group.field``, as in ``--set``. A few that everyone uses have a short name
instead (``SHORT_NAMES``), which sets every field that must be equal at once.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from affectflow.balance.sampler import SUBSETS
from affectflow.corpora.adapter import adapter_names
from affectflow.errors import InputError
from affectflow.settings import Schema, check_value, schemas
from pipelines.recipe import SHORT_NAMES, Recipe, changed, schema_of

GROUPS = {
    "rebuild": ("listing", "faces", "ingest", "sampler", "image"),
    "release": ("cnn", "features", "rnn", "predict", "classifier", "gate"),
}
_SHORT_HELP = {
    "seed": "every seed at once: sampling, splits, initial weights, order of examples, bootstrap",
    "subset": "which density-balanced subset of the frames to keep (paper 0, Sec. IV-B2)",
    "rnn": "the sequence model: GRU 100-100-50, GRU 100, SimpleRNN 100, GRU 10 or GRU 10-10-5",
    "outputs": "the labels that the models predict and the gate judges",
    "expressions": "the expression's classes, joined by commas; others are left out",
    "tasks": "the classes that the model predicts",
    "image_size": "height and width of the model's image; a multiple of 8",
}


@dataclass(frozen=True)
class Parameter:
    """One thing that a run may be told.

    Attributes:
        name: ``rnn``, or ``rnn.epochs``.
        schema: JSON Schema's: ``type`` (string, integer, number or boolean), ``default`` (where
            nothing is said; "" for a required one), ``description`` (one line), and where there
            are any ``enum``, ``minimum``, ``maximum`` and ``multipleOf``.
        required: there is no default.
        section: "" for the few that everyone uses, else the group of the setting.
    """

    name: str
    schema: Schema
    required: bool = False
    section: str = ""

    def as_json(self) -> dict[str, Any]:
        """Every field as plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Parameter:
        """The inverse of ``as_json``."""
        return cls(**values)

    @property
    def default(self) -> Any:
        """Used where nothing is said."""
        return self.schema["default"]

    def checked(self, value: Any) -> Any:
        """The value, as this parameter's type.

        Raises:
            InputError: of another type, not one of the choices, or out of bounds.
        """
        value = check_value(f"parameter {self.name}", value, self.schema)
        if self.required and value == "":
            raise InputError(f"parameter {self.name} is not given; {self.schema['description']}")
        return value


def parameters_of(recipe: Recipe, kind: str) -> tuple[Parameter, ...]:
    """The parameters of a recipe's ``rebuild`` or ``release``, those that everyone uses first."""
    present = recipe.groups()
    groups = {name: present[name] for name in GROUPS[kind] if name in present}
    # The first names the setting's home: without it the others go by their own names.
    targeted = {
        name: [target for target in targets if target.partition(".")[0] in present]
        for name, targets in SHORT_NAMES.items()
        if targets[0].partition(".")[0] in present
    }
    shortened = {target for targets in targeted.values() for target in targets}
    short = [
        _setting(recipe, name, groups, tuple(targets))
        for name, targets in targeted.items()
        # A release takes the image size of its rebuild.
        if targets[0].partition(".")[0] in groups or name == "seed"
    ]
    rest = [
        _setting(recipe, f"{group}.{field}", groups, (f"{group}.{field}",), section=group)
        for group, settings in groups.items()
        for field in schemas(type(settings))
        if f"{group}.{field}" not in shortened
    ]
    return (*_of_the_run(recipe, kind), *short, *rest)


def checked_values(parameters: tuple[Parameter, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every parameter: the given one where there is one, else its default.

    Raises:
        InputError: a name that is no parameter, or a value that will not do.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=2)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
            raise InputError(f"{name!r} is not a parameter; {hint}")
    return {name: p.checked(given.get(name, p.default)) for name, p in known.items()}


def apply(recipe: Recipe, values: Mapping[str, Any], kind: str) -> Recipe:
    """The recipe as some values of its parameters make it.

    Args:
        values: by parameter name; those of the run itself (``data``, ...) are passed over.
    """
    own = {parameter.name for parameter in _of_the_run(recipe, kind)}
    settings = {name: value for name, value in values.items() if name not in own}
    return dataclasses.replace(
        changed(recipe, settings), corpus=values.get("corpus", recipe.corpus)
    )


def _of_the_run(recipe: Recipe, kind: str) -> tuple[Parameter, ...]:
    """Parameters that are no setting of the recipe."""
    if kind == "rebuild":
        return (
            Parameter("data", _text("the corpus's folder"), required=True),
            Parameter(
                "corpus",
                _text("how the folder is laid out", recipe.corpus, enum=list(adapter_names())),
            ),
            Parameter("retry_rejects", _flag("clips that were rejected are tried again")),
        )
    return (
        Parameter(
            "rebuild_run",
            _text("the rebuild to train on; empty = the one that started this run, or the latest"),
        ),
        Parameter(
            "subset",
            _text(
                "train on the latest rebuild of this subset; empty = whichever it has",
                enum=["", *SUBSETS],
            ),
        ),
        Parameter(
            "start_from",
            _text(
                "start from the weights of this release, its number or its folder; empty = new"
                " weights"
            ),
        ),
        Parameter("fail_on_refusal", _flag("a model that the gate refuses makes the run fail")),
    )


def _text(description: str, default: str = "", **more: Any) -> Schema:
    return {"type": "string", "default": default, "description": description, **more}


def _flag(description: str) -> Schema:
    return {"type": "boolean", "default": False, "description": description}


def _setting(
    recipe: Recipe, name: str, groups: Mapping[str, Any], targets: Sequence[str], section: str = ""
) -> Parameter:
    group, _, field = next(t for t in targets if t.partition(".")[0] in groups).partition(".")
    schema = {**schema_of(recipe, name), "default": getattr(groups[group], field)}
    if said := _SHORT_HELP.get(name):
        schema["description"] = said
    return Parameter(name, schema, section=section)
