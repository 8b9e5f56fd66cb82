"""Paper 0 on Aff-Wild2: CNN on density-balanced frames, then GRU-3 on its features.

Rangulov & Fahim, "Emotion Recognition on large video dataset based on Convolutional Feature
Extractor and Recurrent Neural Network", 2020, the best row of Table III. On the validation set the
paper reports CCC .23 valence and .39 arousal (mean .31), the CNN alone .22 and .22; that GRU figure
is the best of 78 epochs on the validation set itself, whose median was .204.

    affectflow rebuild --recipe affwild2 --data /data/affwild2
    affectflow release --recipe affwild2
    affectflow table affwild2 --data /data/affwild2      # Table III and what the text compares

As in the paper, the faces are those that the owners cut out (``cropped_aligned``); where they are
not there, those found in the videos. A model that is to predict videos is better trained on faces
that are found as it will find them: ``listing.prefer=videos`` takes the videos of all. Many
annotations have a row more than their video has frames: one more or less at the end will do. A
training clip that shows what a clip of the validation set shows is left out
(``listing.duplicates=drop``); ``--set listing.duplicates=keep`` trains on it as well.
The density by which frames are dropped is reckoned as the paper's code does, by ``rule=paper`` of
the sampler: over every annotated frame, those labelled (0, 0) and those without a face included,
and the row of the whole set keeps (0, 0). Its text removes (0, 0) first: ``rule=paper_text``.

Where the paper is silent or its code differs: arousal has grid edges of its own, augmentation draws
anew for each image and epoch, batch normalisation starts from the dataset's statistics, and CCC is
pooled over all frames instead of averaged over batches. Epochs are judged on a tenth of the
training subjects, not on the validation set as in the paper (``tune_fraction=0`` does that).
Windows are labelled by the frame after them, as in the paper; ``--set rnn.label=last`` labels them
by their own last frame. Each frame is told by its own window, as the paper evaluates its networks;
the row ``gru3_carried`` carries the state over whole runs instead. The paper has no output for the
first 100 frames of a run, which here have a window of what there is.
On the rendered corpus of ``make recipes`` expect a mean CCC of at least .45 on unseen people.
"""

from __future__ import annotations

from affectflow.balance.sampler import SamplerSettings
from affectflow.corpora.adapter import CorpusSettings
from affectflow.gate.settings import GateSettings
from affectflow.synth.settings import SynthSettings
from pipelines.paper_table import PaperTable, Rendered, Row
from pipelines.recipe import Recipe

RECIPE = Recipe(
    name="affwild2",
    paper="Rangulov & Fahim 2020, Table III",
    expect="mean CCC .31 (CNN alone .22) on the validation set",
    corpus="affwild2",
    listing=CorpusSettings(prefer="cropped", label_slack=1, duplicates="drop"),
    sampler=SamplerSettings(subset="max_mean", rule="paper"),
    gate=GateSettings(min_ccc_mean=0.25),
)


def _paper(rmse_v: float, rmse_a: float, ccc_v: float, ccc_a: float, epoch: int) -> dict:
    return {
        "rmse_valence": rmse_v, "rmse_arousal": rmse_a, "ccc_valence": ccc_v, "ccc_arousal": ccc_a,
        "epoch": epoch,
    }  # fmt: skip


TABLE = PaperTable(
    title="Table III, and what the text compares without figures",
    columns={
        "rmse_valence": "RMSE v", "rmse_arousal": "RMSE a", "ccc_valence": "CCC v",
        "ccc_arousal": "CCC a", "epoch": "epoch", "ccc_mean": "CCC mean", "low": "95 % from",
        "high": "to",
    },
    rows=(
        Row(
            "all", "CNN over all frames", ("subset=all",), _paper(0.47, 0.30, 0.20, 0.23, 2), "cnn"
        ),
        Row("subset1", "CNN over subset 1 (max)", ("subset=max",), stage="cnn"),
        Row("subset2", "CNN over subset 2 (mean)", ("subset=mean",), stage="cnn"),
        Row("subset3", "CNN over subset 3", (), _paper(0.43, 0.30, 0.22, 0.22, 1), "cnn"),
        Row(
            "simple1", "CNN + SimpleRNN, 1 layer", ("rnn=simple1",),
            _paper(0.49, 0.37, 0.21, 0.22, 4),
        ),
        Row("gru1", "CNN + GRU, 1 layer", ("rnn=gru1",), _paper(0.51, 0.32, 0.20, 0.35, 8)),
        # What Sec. V compares, "by changing the number of units in the last dense layer of the CNN"
        # and by two loss functions, is the CNN alone.
        Row("valence", "CNN, valence only", ("outputs=valence",), stage="cnn"),
        Row("arousal", "CNN, arousal only", ("outputs=arousal",), stage="cnn"),
        Row("mse", "CNN, MSE loss", ("cnn.loss=mse",), stage="cnn"),
        Row("gru_valence", "CNN + GRU, valence only", ("outputs=valence",)),
        Row("gru_arousal", "CNN + GRU, arousal only", ("outputs=arousal",)),
        Row("gru_mse", "CNN + GRU, MSE loss", ("cnn.loss=mse", "rnn.loss=mse")),
        Row(
            "gru3", "CNN + GRU, 3 layers", ("rnn=gru3", "predict.state=windowed"),
            _paper(0.45, 0.29, 0.23, 0.39, 17),
        ),
        Row(
            "gru3_carried", "CNN + GRU, 3 layers, state carried",
            ("rnn=gru3", "predict.state=carried"),
        ),
    ),
    large=Rendered(
        SynthSettings(subjects=24, clips=1, seconds=12.0, fps=15, size=240),
        (
            "image_size=48", "sampler.rule=cap", "cnn.steps_per_epoch=0", "cnn.epochs=6",
            "cnn.batch_size=64", "cnn.norm_momentum=0.9", "cnn.tune_fraction=0.2",
            "rnn.epochs=20", "rnn.batch_size=64", "rnn.label=last", "rnn.stride=2",
            "rnn.window=60", "rnn.tune_fraction=0.2",
        ),
        rows=("subset3", "simple1", "gru1", "gru3", "gru3_carried"),
        judged="gru3",
        bounds={"ccc_mean": 0.45},
    ),
    small=Rendered(
        SynthSettings(subjects=4, clips=1, seconds=3.0, fps=10, size=160),
        (
            "image_size=32", "sampler.rule=cap", "cnn.steps_per_epoch=2", "cnn.epochs=1",
            "rnn.epochs=1", "rnn.window=10", "gate.bootstrap=50",
        ),
        rows=("gru3",),
    ),
)  # fmt: skip
