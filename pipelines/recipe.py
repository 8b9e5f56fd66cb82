"""A recipe: one paper's, or one person's, choice of every setting from corpus to gate."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pipelines.recipes
from affectflow.balance.sampler import SamplerSettings
from affectflow.corpora.adapter import CorpusSettings
from affectflow.errors import InputError
from affectflow.faces.settings import FaceSettings
from affectflow.gate.settings import GateSettings
from affectflow.images.settings import ImageSettings
from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.settings import Schema, check_value, common_schema, schemas, value_of
from components.feature_extractor.settings import FeatureSettings
from components.predictor.settings import PredictSettings
from components.video_example_gen.settings import IngestSettings

SHORT_NAMES = {
    "subset": ("sampler.subset",),
    "rnn": ("rnn.cell",),
    "outputs": ("cnn.outputs", "rnn.outputs", "gate.outputs"),
    "expressions": ("classifier.expressions", "gate.expressions"),
    "tasks": ("classifier.tasks", "gate.tasks"),
    "image_size": ("image.image_size", "cnn.image_size", "classifier.image_size"),
    "seed": (
        "listing.seed", "sampler.seed", "cnn.seed", "rnn.seed", "classifier.seed", "gate.seed"
    ),
}  # fmt: skip
"""What everyone sets, under a name of its own; the settings of one name must be equal anyway."""

SEQUENCE = ("cnn", "features", "rnn", "predict")
"""The groups of a recipe whose stages are a frame model and a sequence model on its features."""


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
        cnn, features, rnn, predict: the two stages of a model of valence and arousal; of no
            account where there is a classifier.
        classifier: the one stage of a model of classes; None = valence and arousal.
        gate: what a release must reach.
        transfers: the stages that ``start_from`` takes from another release. Paper 1 takes paper
            0's CNN and has a smaller RNN of its own.
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
    classifier: ClassifierSettings | None = None
    gate: GateSettings = field(default_factory=GateSettings)
    transfers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.transfers:
            object.__setattr__(self, "transfers", self.stages)
        if self.classifier is None:
            self._check_sequence()
        else:
            self._check_classifier(self.classifier)

    def _check_sequence(self) -> None:
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

    def _check_classifier(self, classifier: ClassifierSettings) -> None:
        pairs = {
            "image_size": (classifier.image_size, self.image.image_size, "image.image_size"),
            "channels": (classifier.channels, self.image.channels, "image.grey's"),
            "expressions": (classifier.expressions, self.gate.expressions, "gate.expressions"),
            "tasks": (classifier.tasks, self.gate.tasks, "gate.tasks"),
        }
        for name, (ours, other, where) in pairs.items():
            if ours != other:
                raise InputError(
                    f"classifier.{name} is {ours!r} but {where} is {other!r}; set both to the same"
                )

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that are trained."""
        return ("cnn", "rnn") if self.classifier is None else ("classifier",)

    @property
    def hears(self) -> bool:
        """Whether the model listens to the clips' sound."""
        return self.classifier is not None and self.classifier.network == "audio_video"

    def pipeline(self, kind: str) -> str:
        """Name of the recipe's ``rebuild`` or ``release``."""
        return f"{self.name}_{kind}"

    def groups(self) -> dict[str, Any]:
        """The settings dataclasses by group name, without those that are of no account."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        unused = () if self.classifier is None else SEQUENCE
        return {
            name: value
            for name, value in values.items()
            if dataclasses.is_dataclass(value) and name not in unused
        }

    def as_json(self) -> dict[str, Any]:
        """Every setting as plain JSON values, for lineage and for people."""
        unused = ("classifier",) if self.classifier is None else SEQUENCE
        values = dataclasses.asdict(self)
        values["transfers"] = list(self.transfers)
        return {name: value for name, value in values.items() if name not in unused}


def override(recipe: Recipe, assignments: Iterable[str]) -> Recipe:
    """A recipe with some fields changed, by what somebody typed.

    Args:
        assignments: ``group.field=value``, or a short name for several at once, ``seed=3``.

    Raises:
        InputError: a key that is not there, or a value of the wrong type or out of bounds; says
            what would do.
    """
    values = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise InputError(f"--set {assignment!r} is not of the form group.field=value")
        key = key.strip()
        values[key] = value_of(f"--set {key}", text.strip(), schema_of(recipe, key))
    return changed(recipe, values)


def changed(recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    """A recipe with other values of some fields.

    Args:
        values: by ``group.field``, or by a short name for several at once.

    Raises:
        InputError: a key that is not there, or a value that will not do; says what would.
    """
    changes: dict[str, dict[str, Any]] = {}
    groups = recipe.groups()
    for key, value in values.items():
        checked = check_value(key, value, schema_of(recipe, key))
        for group, name in targets(key, recipe):
            changes.setdefault(group, {})[name] = checked
    replaced = {group: dataclasses.replace(groups[group], **new) for group, new in changes.items()}
    return dataclasses.replace(recipe, **replaced)


def schema_of(recipe: Recipe, key: str) -> Schema:
    """What the value of ``group.field``, or of a short name for several, may be.

    Raises:
        InputError: no such setting; says what is near.
    """
    groups = recipe.groups()
    return common_schema([schemas(type(groups[g]))[name] for g, name in targets(key, recipe)])


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


def targets(key: str, recipe: Recipe) -> list[tuple[str, str]]:
    """The settings of a recipe, (group, field) each, that a key of ``--set`` stands for.

    Raises:
        InputError: none; says what is near.
    """
    groups = recipe.groups()
    pairs = [target.split(".") for target in SHORT_NAMES.get(key, ())]
    if found := [(group, name) for group, name in pairs if group in groups]:
        return found
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
