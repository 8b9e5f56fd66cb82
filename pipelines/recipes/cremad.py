"""Paper 4: Conv3D and LSTM on masked faces, trained on CREMA-D, tested on RAVDESS.

Hans & Rao, "A CNN-LSTM Based Deep Neural Networks for Facial Emotion Detection in Videos", 2021.
Aligned faces of 112×112 without background, at 28×28 in colour, 75 frames a clip: shorter clips
repeat their last frame, those of less than 35 are left out, longer ones are cut, those of 150 give
two. From how many frames on a clip gives two is inferred from its 7 704 pieces of 7 442 clips: from
111 (see affectflow/models/clip_frames.py). Networks of 5, 6 and 7 layers, Adam (beta 1 .99),
batches of 32, 50 or 75 epochs at rates of 1e-3, 1e-4 and 1e-5. Table 1, test accuracy on CREMA-D at
1e-4 and 50 epochs: .754, .785, .781. Table 2, on RAVDESS without calm and surprised: .5786, .6335,
.60.

    affectflow table cremad --data /data/both      # with /data/both/cremad and /data/both/ravdess

Where the paper is silent or something else works better: it split clips (5 000, 1 000, 1 704), so
that an actor stood in all three parts; here actors are split, and ``--set listing.split_by=image``
splits clips. The masks are OpenFace's; here the oval of MediaPipe's face mesh is kept. It gives
neither the number of filters nor pooling: see affectflow/models/conv3d_lstm.py. Its Adam of beta 1
.99 is kept. CREMA-D is 29.97 frames a second and RAVDESS as well, so nothing is resampled.

Expect an accuracy of about .60 on unseen actors of CREMA-D and less on RAVDESS: a guess, as the
paper's actors are seen ones.
On the rendered corpora of ``make recipes`` expect at least .40 on CREMA-D and .30 on RAVDESS.
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

CLASSES = "anger,disgust,fear,joy,neutral,sadness"

RECIPE = Recipe(
    name="cremad",
    paper="Hans & Rao 2021, Tables 1 and 2",
    expect="accuracy .79 on CREMA-D (the paper's actors are seen ones), .63 on RAVDESS",
    corpus="cremad_ravdess",
    faces=FaceSettings(crop="masked", size=112, cuts="off"),
    sampler=SamplerSettings(subset="all"),
    image=ImageSettings(image_size=28, grey="none"),
    classifier=ClassifierSettings(
        network="conv3d_lstm", expressions=CLASSES, image_size=28, channels=3, clip_frames=75,
        layers=6, optimizer="adam", learning_rate=1e-4, momentum=0.99, decay=0.0, batch_size=32,
        epochs=50, patience=0, l2=1e-4, dropout=0.3, norm_momentum=0.9,
    ),
    gate=GateSettings.of_classifier(CLASSES, 0.4, corpus="cremad"),
)  # fmt: skip

_TABLE_1 = (
    (5, 50, 1e-4, 0.754), (6, 50, 1e-4, 0.785), (7, 50, 1e-4, 0.781),
    (5, 50, 1e-3, 0.454), (6, 50, 1e-3, 0.537), (7, 50, 1e-3, 0.547),
    (5, 50, 1e-5, 0.73), (5, 75, 1e-5, 0.74), (6, 50, 1e-5, 0.567),
    (6, 75, 1e-5, 0.554), (7, 50, 1e-5, 0.660), (7, 75, 1e-5, 0.73),
)  # fmt: skip
_TABLE_2 = {5: 0.5786, 6: 0.6335, 7: 0.60}


def _row(layers: int, epochs: int, rate: float, accuracy: float) -> Row:
    paper = {"accuracy_cremad": accuracy}
    if (epochs, rate) == (50, 1e-4):
        paper["accuracy_ravdess"] = _TABLE_2[layers]
    return Row(
        f"{layers}_{epochs}_{rate:g}",
        f"{layers} layers, {epochs} epochs, rate {rate:g}",
        (
            f"classifier.layers={layers}",
            f"classifier.epochs={epochs}",
            f"classifier.learning_rate={rate:g}",
        ),
        paper,
    )


TABLE = PaperTable(
    title="Tables 1 and 2",
    columns={
        "accuracy_cremad": "accuracy, CREMA-D", "accuracy_ravdess": "accuracy, RAVDESS",
        "macro_precision": "macro precision", "macro_recall": "macro recall", "epoch": "epoch",
    },
    rows=tuple(_row(*values) for values in _TABLE_1),
    large=Rendered(
        SynthSettings(layout="cremad_ravdess", subjects=14, clips=1, seconds=2.0, size=240),
        ("classifier.batch_size=8", "classifier.momentum=0.9", "classifier.epochs=30"),
        shortens=("classifier.epochs",),
        rows=("6_50_0.001", "5_50_0.001", "7_50_0.001"),
        bounds={"accuracy_cremad": 0.4, "accuracy_ravdess": 0.3},
    ),
    small=Rendered(
        SynthSettings(layout="cremad_ravdess", subjects=3, clips=1, seconds=1.2, size=240),
        ("classifier.width=0.25", "classifier.clip_frames=24", "gate.bootstrap=50"),
        rows=("6_50_0.0001",),
    ),
)  # fmt: skip
