"""Paper 0's classification on CK+ as it is passed on: faces of 48×48 in a folder a class.

The same CNN and rows as the recipe ``ckplus``, of the copy of CK+ that is usually found: grey
faces, cropped before, the last three images of each sequence, in folders ``anger``, ``contempt``, …
without a neutral class. There is nothing to detect in them, and JAFFE, whose images are not
cropped, is none of its test. The paper's figure, .95, is of CK+ itself, of people apart, with the
epoch picked on the tested tenth (see the recipe ``ckplus``); this copy lacks the neutral faces, so
its seven classes are another task.

    affectflow table ckplus48 --data /data/CK+48

The file names hold the person (``S010_004_00000017.png``), so people are apart here, too.

Expect an accuracy above .80 on unseen people: a guess, as nobody reports this task.
On the rendered corpus of ``make recipes`` expect at least .60.
"""

from __future__ import annotations

from affectflow.balance.sampler import SamplerSettings
from affectflow.faces.settings import FaceSettings
from affectflow.gate.settings import GateSettings
from affectflow.images.settings import ImageSettings
from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.synth.settings import SynthSettings
from pipelines.paper_table import PaperTable, Rendered, Row
from pipelines.recipe import Recipe
from pipelines.recipes import ckplus

CLASSES = "surprise,joy,disgust,anger,sadness,fear,contempt"

RECIPE = Recipe(
    name="ckplus48",
    paper="Rangulov & Fahim 2020, Table I, on 48×48 faces",
    expect="accuracy .80 on unseen people (a guess; the paper has .95 on eight classes of CK+)",
    corpus="ckplus48",
    faces=FaceSettings(crop="whole", size=48, image_format="png", cuts="off"),
    sampler=SamplerSettings(subset="all"),
    image=ImageSettings(image_size=48),
    classifier=ClassifierSettings(
        network="cnn", expressions=CLASSES, image_size=48, batch_size=64, judge="loss",
        augment="paper", norm_momentum=0.9,
    ),
    gate=GateSettings.of_classifier(CLASSES, 0.6),
)  # fmt: skip

TABLE = PaperTable(
    title="Table I",
    columns={
        "accuracy": "accuracy", "macro_precision": "macro precision",
        "macro_recall": "macro recall", "epoch": "epoch",
    },
    rows=(
        Row(
            "paper", "CNN, people apart, epoch picked on the tested tenth (as the paper)",
            ckplus.PROTOCOL, {"accuracy": 0.95},
        ),
        Row("subject", "CNN, people apart, epoch judged on others"),
        Row("image", "CNN, images apart: people whom it has seen", ("listing.split_by=image",)),
    ),
    large=Rendered(
        SynthSettings(layout="ckplus48", subjects=30, clips=1, size=240),
        ("classifier.epochs=25", "classifier.batch_size=32"),
        judged="subject",
        bounds={"accuracy": 0.6},
    ),
    small=Rendered(
        SynthSettings(layout="ckplus48", subjects=4, clips=1, size=240),
        ("classifier.epochs=1", "gate.bootstrap=50"),
        rows=("subject",),
    ),
)  # fmt: skip
