"""Paper 2 on FER2013: the emotion alone, from new weights and going on from RAF-DB.

The network of the recipe ``rafdb`` (arXiv 2110.15028) on the grey 48×48 faces of FER2013, which has
the emotion only. Table 1: .6791 trained on FER2013 alone; Table 2: .5312 when the network of four
tasks that was trained on RAF-DB went on training on FER2013 with the weights of the other losses at
0 (loss 1.2371).

    affectflow table fer2013 --data /data/fer2013 --start-from RELEASE_OF_RAFDB

Choices as in ``rafdb``. ``Training`` is trained on, of which a tenth chooses the epoch; the paper
took a tenth of its own of all images. Accuracies and losses are of both test parts. The faces of
FER2013 are cropped; they are turned level as RAF-DB's are.

Expect an accuracy of .68 from new weights, by the paper; about .65 is a guess that allows for other
images being measured than those that chose the epoch.
On the rendered corpus of ``make recipes`` expect at least .50.
"""

from __future__ import annotations

from dataclasses import replace

from affectflow.faces.settings import FaceSettings
from affectflow.synth.settings import SynthSettings
from pipelines.paper_table import PaperTable, Rendered, Row
from pipelines.recipe import Recipe
from pipelines.recipes import rafdb

_RAFDB = rafdb.RECIPE
assert _RAFDB.classifier is not None

RECIPE = Recipe(
    name="fer2013",
    paper="Multi-task FER 2021 (arXiv 2110.15028), Tables 1 to 3",
    expect="accuracy .68 from new weights, .53 going on from RAF-DB",
    corpus="fer2013",
    faces=FaceSettings(crop="level", size=48, image_format="png", cuts="off"),
    sampler=_RAFDB.sampler,
    image=_RAFDB.image,
    classifier=replace(
        _RAFDB.classifier, weight_expression=1.0, weight_age=0.0, weight_race=0.0, weight_gender=0.0
    ),
    gate=replace(_RAFDB.gate, min_accuracy=0.5),
)

TABLE = PaperTable(
    title="Tables 1 to 3",
    columns={"accuracy": "emotion", "expression_loss": "emotion loss", "epoch": "epoch"},
    rows=(
        Row("single", "emotion alone, new weights", rafdb.ALONE, {"accuracy": 0.6791}),
        Row(
            "after_rafdb", "after RAF-DB, other weights 0", (),
            {"accuracy": 0.5312, "expression_loss": 1.2371}, starts=True,
        ),
    ),
    large=Rendered(
        SynthSettings(layout="fer2013", subjects=120, clips=1, size=240),
        ("classifier.epochs=20", "classifier.width=0.5", "classifier.learning_rate=0.001"),
        bounds={"accuracy": 0.5},
        start_from="rafdb",
    ),
    small=Rendered(
        SynthSettings(layout="fer2013", subjects=8, clips=1, size=240),
        ("classifier.epochs=1", "classifier.width=0.25", "image_size=24", "gate.bootstrap=50"),
        rows=("single",),
        start_from="rafdb",
    ),
)  # fmt: skip
