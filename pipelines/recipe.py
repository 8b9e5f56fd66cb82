"""A recipe: one paper's, or one person's, choice of every setting from corpus to gate."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pipelines.recipes
from affectflow.balance.sampler import SamplerSettings
from affectflow.corpora.adapter import CorpusSettings
from affectflow.errors import InputError
from affectflow.faces.settings import FaceSettings
from affectflow.gate.settings import GateSettings
from affectflow.images.settings import ImageSettings
from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.settings import field_types
from components.feature_extractor.settings import FeatureSettings
from components.predictor.settings import PredictSettings
from components.video_example_gen.settings import IngestSettings

SHORT_NAMES = {
    "subset": ("sampler.subset",),
    "rnn": ("rnn.cell",),
    "outputs": ("cnn.outputs", "rnn.outputs", "gate.outputs"),
    "image_size": ("image.image_size", "cnn.image_size"),
    "seed": ("listing.seed", "sampler.seed", "cnn.seed", "rnn.seed", "gate.seed"),
}
"""What everyone sets, under a name of its own; the settings of one name must be equal anyway."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a release, apart from the data.

    Attributes:
        name: of the recipe; its pipelines are ``<name>_rebuild`` and ``<name>_release``.
        paper: what it follows.
        expect: the number to expect, in words.
        corpus: name of the corpus adapter.
        listing, faces, ingest: how videos become face crops.
        sampler, image: how crops are balanced and what the model sees of them.
        cnn, features, rnn, predict: the two stages.
        gate: what a release must reach.
    """

    name: str
    paper: str
    expect: str
    corpus: str
    listing: CorpusSettings = field(default_factory=CorpusSettings)
    faces: FaceSettings = field(default_factory=FaceSettings)
    ingest: IngestSettings = field(default_factory=IngestSettings)
    sampler: SamplerSettings = field(default_factory=SamplerSettings)
    image: ImageSettings = field(default_factory=ImageSettings)
    cnn: CnnSettings = field(default_factory=CnnSettings)
    features: FeatureSettings = field(default_factory=FeatureSettings)
    rnn: RnnSettings = field(default_factory=RnnSettings)
    predict: PredictSettings = field(default_factory=PredictSettings)
    gate: GateSettings = field(default_factory=GateSettings)

    def __post_init__(self) -> None:
        if self.cnn.image_size != self.image.image_size:
            raise InputError(
                f"cnn.image_size is {self.cnn.image_size} but image.image_size is"
                f" {self.image.image_size}; set both to the same"
            )
        if not self.cnn.outputs == self.rnn.outputs == self.gate.outputs:
            raise InputError(
                f"cnn.outputs is {self.cnn.outputs!r}, rnn.outputs {self.rnn.outputs!r} and"
                f" gate.outputs {self.gate.outputs!r}; set all three to the same"
            )

    def pipeline(self, kind: str) -> str:
        """Name of the recipe's ``rebuild`` or ``release``."""
        return f"{self.name}_{kind}"

    def groups(self) -> dict[str, Any]:
        """The settings dataclasses by group name."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {name: value for name, value in values.items() if dataclasses.is_dataclass(value)}

    def as_json(self) -> dict[str, Any]:
        """Every setting as plain JSON values, for lineage and for people."""
        return dataclasses.asdict(self)


def override(recipe: Recipe, assignments: Iterable[str]) -> Recipe:
    """A recipe with some fields changed.

    Args:
        assignments: ``group.field=value``, or a short name for several at once, ``seed=3``.

    Raises:
        InputError: a key that is not there, or a value of the wrong type or out of bounds; says
            what would do.
    """
    changes: dict[str, dict[str, Any]] = {}
    groups = recipe.groups()
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise InputError(f"--set {assignment!r} is not of the form group.field=value")
        for group, name in _targets(key.strip(), groups):
            kind = field_types(type(groups[group]))[name]
            changes.setdefault(group, {})[name] = _typed(key, text.strip(), kind)
    replaced = {
        group: dataclasses.replace(groups[group], **values) for group, values in changes.items()
    }
    return dataclasses.replace(recipe, **replaced)


def load_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        InputError: there is none; the message lists those there are.
    """
    recipes = all_recipes()
    if name not in recipes:
        raise InputError(f"recipe {name!r} is not one of {', '.join(sorted(recipes))}")
    return recipes[name]


def all_recipes() -> dict[str, Recipe]:
    """Every recipe in pipelines/recipes/, by name."""
    found = {}
    for module in pkgutil.iter_modules(pipelines.recipes.__path__):
        recipe = importlib.import_module(f"{pipelines.recipes.__name__}.{module.name}").RECIPE
        found[recipe.name] = recipe
    return found


def _targets(key: str, groups: dict[str, Any]) -> list[tuple[str, str]]:
    if key in SHORT_NAMES:
        pairs = [target.split(".") for target in SHORT_NAMES[key]]
        return [(group, name) for group, name in pairs]
    known = {
        f"{group}.{f.name}": (group, f.name)
        for group, settings in groups.items()
        for f in dataclasses.fields(settings)
    }
    if key in known:
        return [known[key]]
    # A field alone, or one letter off, is the usual slip.
    near = [k for k in known if k.endswith(f".{key}")] or difflib.get_close_matches(key, known)
    hint = f"did you mean {' or '.join(near)}?" if near else f"groups are {', '.join(groups)}"
    raise InputError(f"--set {key!r} is not a setting; {hint} 'affectflow recipes NAME' lists all")


def _typed(key: str, text: str, kind: type) -> Any:
    try:
        return kind(text)
    except ValueError:
        wanted = {int: "a whole number", float: "a number"}[kind]
        raise InputError(f"--set {key}={text}: {text!r} is not {wanted}") from None
