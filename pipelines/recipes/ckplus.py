"""Paper 0's classification: trained on CK+, tested on CK+ and on JAFFE, of which it saw nothing.

Rangulov & Fahim 2020, Sec. VI-A, Tables I and II, Figs. 6 and 7: the CNN with a softmax for its
head, on 1 308 images of CK+ (the first of a sequence as neutral, the last three as its emotion;
neutral 327, surprise 249, happy 207, disgust 177, anger 135, sad 84, fear 75, contempt 54), faces
by OpenCV's Haar cascade, grey. The paper reports an accuracy of .95 on a part of CK+ (its logs:
94.66 %) and .50 on JAFFE (49.77 %, 213 images).

    affectflow table ckplus --data /data/both      # with /data/both/ckplus and /data/both/jaffe

Where the paper is silent or its code differs: it split CK+ by the order of the images, so that a
person stood on both sides. Here people are split by hash (row ``subject``); the row ``image``
splits images as the paper did, and its figure is of people whom the model has seen. Epochs are
judged on a tenth of the training subjects and not on the images that are reported. The paper's
augmentation was one constant transform, applied in training alone; here each image of each epoch
has its own. JAFFE has no contempt: its macro means are over the classes that occur. An image on
which the cascade finds nobody is lost, and counted as one without a face.

Expect an accuracy above .80 on unseen people of CK+, and about .50 on JAFFE.
On the rendered corpora of ``make recipes`` expect at least .60 on CK+ and .30 on JAFFE.
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

CLASSES = "neutral,surprise,joy,disgust,anger,sadness,fear,contempt"

RECIPE = Recipe(
    name="ckplus",
    paper="Rangulov & Fahim 2020, Tables I and II",
    expect="accuracy .80 on unseen people of CK+ (paper .95 on seen ones), .50 on JAFFE",
    corpus="ckplus_jaffe",
    faces=FaceSettings(detector="haar", crop="box", cuts="off"),
    sampler=SamplerSettings(subset="all"),
    image=ImageSettings(image_size=96),
    classifier=ClassifierSettings(
        network="cnn", expressions=CLASSES, batch_size=64, judge="loss", augment="paper",
        norm_momentum=0.9,
    ),
    gate=GateSettings.of_classifier(CLASSES, 0.6, corpus="ckplus"),
)  # fmt: skip

TABLE = PaperTable(
    title="Tables I and II",
    columns={
        "accuracy_ckplus": "accuracy, CK+",
        "accuracy_jaffe": "accuracy, JAFFE",
        "macro_precision": "macro precision",
        "macro_recall": "macro recall",
        "epoch": "epoch",
    },
    rows=(
        Row("subject", "CNN, people apart"),
        Row(
            "image", "CNN, images apart (the paper's split)", ("listing.split_by=image",),
            {"accuracy_ckplus": 0.95, "accuracy_jaffe": 0.50},
        ),
    ),
    large=Rendered(
        SynthSettings(layout="ckplus_jaffe", subjects=30, clips=1, size=240),
        ("image_size=64", "classifier.epochs=25", "classifier.batch_size=32", "faces.size=64"),
        bounds={"accuracy_ckplus": 0.6, "accuracy_jaffe": 0.3},
    ),
    small=Rendered(
        SynthSettings(layout="ckplus_jaffe", subjects=4, clips=1, size=240),
        ("image_size=32", "classifier.epochs=1", "faces.size=64", "gate.bootstrap=50"),
        rows=("subject",),
    ),
)  # fmt: skip
