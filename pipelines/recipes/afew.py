"""Paper 3, EmoNet: what is seen and what is heard of film clips, on AFEW. Here it converges.

Duprey, "EmoNet: Deep Learning for Gesture Recognition". Whole frames of 256×256 at 25 a second
through a ResNet-20 without its head into three LSTM layers; about 1 500 functionals of the sound
(mostly of MFCCs) projected by LDA into three dense layers; both joined into three dense ReLU layers
with dropout .5 and a softmax over seven emotions; batches of 16, 20 epochs. The paper reports no
accuracy: its loss did not fall. It quotes .476 (2013) and .538 (2015) of the challenge's winners.

    affectflow table afew --data /data/AFEW

What was wrong, and what is done instead:

* LDA of seven classes gives six dimensions, not 512: the rest of its directions are noise of the
  eigensolver. Six are taken, with a shrunk covariance, as there are more dimensions than clips.
* Learning rates between 1e-8 and 1e-6 move nothing in 20 epochs. Adam at 1e-3 does.
* What was left of the ResNet was its map of features, thousands of numbers a frame into an LSTM;
  its average pooling is kept here, so that there are 64.
* Dropout of .5 after every layer halves those six dimensions three times before they are joined:
  nothing is left to learn from. It follows the three joined layers alone, and the projected sound
  is scaled to the variance 1.
* A network with batch normalisation saw batches of nearly equal frames: here a clip is 16 frames,
  evenly spaced, and the moving statistics have a momentum that a short training reaches.
* The vectors of sound that come with AFEW are openSMILE's; these are librosa's of the same kind
  (affectflow/audio/functionals.py).
* Weights of a ResNet-20 from CIFAR-10 are no part of this: the network is trained from new ones.

A clip without sound is left out and counted out of the evaluation. The split is the owners',
``Train`` and ``Val``.

Expect an accuracy of .35 to .45 over seven emotions: a guess, below the challenge's winners.
On the rendered corpus of ``make recipes`` expect at least .60.
"""

from __future__ import annotations

from affectflow.balance.sampler import SamplerSettings
from affectflow.faces.settings import FaceSettings
from affectflow.gate.settings import GateSettings
from affectflow.images.settings import ImageSettings
from affectflow.models.classifier_settings import BASIC_SEVEN, ClassifierSettings
from affectflow.synth.settings import SynthSettings
from pipelines.paper_table import PaperTable, Rendered, Row
from pipelines.recipe import Recipe

RECIPE = Recipe(
    name="afew",
    paper="Duprey, EmoNet, without figures of its own",
    expect="accuracy .35 to .45 (a guess: the paper's did not converge)",
    corpus="afew",
    faces=FaceSettings(crop="whole", size=256),
    sampler=SamplerSettings(subset="all"),
    image=ImageSettings(image_size=256, grey="none"),
    classifier=ClassifierSettings(
        network="audio_video", expressions=BASIC_SEVEN, image_size=256, channels=3, clip_frames=16,
        optimizer="adam", learning_rate=1e-3, decay=0.0, batch_size=16, epochs=20, dropout=0.5,
        norm_momentum=0.9, judge="loss",
    ),
    gate=GateSettings.of_classifier(BASIC_SEVEN, 0.3),
)  # fmt: skip

TABLE = PaperTable(
    title="EmoNet",
    columns={
        "accuracy": "accuracy", "macro_precision": "macro precision",
        "macro_recall": "macro recall", "pn_accuracy": "PN accuracy", "epoch": "epoch",
    },
    rows=(Row("both", "ResNet-20 + LSTM and sound"),),
    fixed=("classifier.network",),
    large=Rendered(
        SynthSettings(layout="afew", subjects=24, clips=2, seconds=2.0, size=160),
        (
            "image_size=32", "faces.size=64", "classifier.clip_frames=8",
            "classifier.epochs=20",
        ),
        bounds={"accuracy": 0.6},
    ),
    small=Rendered(
        SynthSettings(layout="afew", subjects=6, clips=1, seconds=1.0, size=160),
        (
            "image_size=32", "faces.size=32", "classifier.clip_frames=4", "classifier.width=0.25",
            "classifier.epochs=1", "gate.bootstrap=50",
        ),
    ),
)  # fmt: skip
