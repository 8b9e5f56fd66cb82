"""What a run may be told: the recipe's settings as typed parameters with names for people.

A setting is called ``group.field``, as in ``--set``. A few that everyone uses have a short name
instead (``SHORT_NAMES``), which sets every field that must be equal at once.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from affectflow.balance.sampler import SUBSETS
from affectflow.corpora.adapter import adapter_names
from affectflow.errors import InputError
from affectflow.settings import check_value
from pipelines.recipe import SHORT_NAMES, Recipe, declared, override

GROUPS = {
    "rebuild": ("listing", "faces", "ingest", "sampler", "image"),
    "release": ("cnn", "features", "rnn", "predict", "classifier", "gate"),
}
_TYPES: dict[type[Any], str] = {int: "integer", float: "number", str: "string", bool: "boolean"}
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
        type: JSON Schema's name: string, integer, number or boolean.
        default: used where nothing is said; "" for a required one.
        required: there is no default.
        choices: the values that will do; None = any within the bounds.
        minimum, maximum: inclusive; None = not a number.
        multiple: a whole number is a multiple of it; None = not a number.
        section: "" for the few that everyone uses, else the group of the setting.
        description: one line.
    """

    name: str
    type: str
    default: Any
    required: bool = False
    choices: tuple | None = None
    minimum: float | None = None
    maximum: float | None = None
    multiple: int | None = None
    section: str = ""
    description: str = ""

    def as_json(self) -> dict[str, Any]:
        """Every field as plain JSON values."""
        values = dataclasses.asdict(self)
        return values | {"choices": list(self.choices) if self.choices else None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Parameter:
        """The inverse of ``as_json``."""
        choices = values.get("choices")
        return cls(**{**values, "choices": tuple(choices) if choices else None})

    def checked(self, value: Any) -> Any:
        """The value, as this parameter's type.

        Raises:
            InputError: of another type, not one of the choices, or out of bounds.
        """
        kind = {name: python for python, name in _TYPES.items()}[self.type]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise InputError(
                f"parameter {self.name} is {value!r}; a value of type {self.type} would do"
            )
        allowed: dict[str, Any] = {"choices": self.choices}
        if self.minimum is not None:
            bounds = {"low": self.minimum, "high": self.maximum, "multiple": self.multiple}
            allowed |= bounds
        check_value(f"parameter {self.name}", value, allowed)
        if self.required and value == "":
            raise InputError(f"parameter {self.name} is not given; {self.description}")
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
        _setting(recipe, f"{group}.{f.name}", groups, (f"{group}.{f.name}",), section=group)
        for group, settings in groups.items()
        for f in dataclasses.fields(settings)
        if f"{group}.{f.name}" not in shortened
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
    settings = [f"{name}={value}" for name, value in values.items() if name not in own]
    changed = override(recipe, settings)
    return dataclasses.replace(changed, corpus=values.get("corpus", changed.corpus))


def _of_the_run(recipe: Recipe, kind: str) -> tuple[Parameter, ...]:
    """Parameters that are no setting of the recipe."""
    if kind == "rebuild":
        return (
            Parameter("data", "string", "", required=True, description="the corpus's folder"),
            Parameter(
                "corpus",
                "string",
                recipe.corpus,
                choices=adapter_names(),
                description="how the folder is laid out",
            ),
            Parameter(
                "retry_rejects",
                "boolean",
                False,
                description="clips that were rejected are tried again",
            ),
        )
    return (
        Parameter(
            "rebuild_run",
            "string",
            "",
            description="the rebuild to train on; empty = the one that started this run, or the"
            " latest",
        ),
        Parameter(
            "subset",
            "string",
            "",
            choices=("", *SUBSETS),
            description="train on the latest rebuild of this subset; empty = whichever it has",
        ),
        Parameter(
            "start_from",
            "string",
            "",
            description="start from the weights of this release, its number or its folder; empty ="
            " new weights",
        ),
        Parameter(
            "fail_on_refusal",
            "boolean",
            False,
            description="a model that the gate refuses makes the run fail",
        ),
    )


def _setting(
    recipe: Recipe,
    name: str,
    groups: Mapping[str, Any],
    targets: tuple[str, ...],
    section: str = "",
) -> Parameter:
    group, _, field = next(t for t in targets if t.partition(".")[0] in groups).partition(".")
    settings = groups[group]
    kind, metadata = declared(recipe, targets)
    return Parameter(
        name,
        _TYPES[kind],
        kind(getattr(settings, field)),
        choices=metadata.get("choices"),
        minimum=metadata.get("low"),
        maximum=metadata.get("high"),
        multiple=metadata.get("multiple"),
        section=section,
        description=_SHORT_HELP.get(name) or metadata.get("help") or _documented(settings, field),
    )


def _documented(settings: Any, field: str) -> str:
    """What the class's docstring says of a field, on one line."""
    text = re.sub(r"``", "", type(settings).__doc__ or "")
    found = re.search(
        rf"^ +(?:\w+, )*{field}(?:, \w+)*: (.+?)(?=^ +[\w, ]+: |\n\s*\n|\Z)", text, re.M | re.S
    )
    return " ".join(found[1].split()).rstrip(".") if found else field.replace("_", " ")
