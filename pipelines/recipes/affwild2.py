"""Paper 0 on Aff-Wild2: CNN on density-balanced frames, then GRU-3 on its features.

Rangulov & Fahim, "Emotion Recognition on large video dataset based on Convolutional Feature
Extractor and Recurrent Neural Network", 2020, the best row of Table III. On the validation set the
paper reports CCC .23 valence and .39 arousal (mean .31), the CNN alone .22 and .22; that GRU figure
is the best of 78 epochs on the validation set itself, whose median was .204.

    affectflow rebuild --recipe affwild2 --data /data/affwild2
    affectflow release --recipe affwild2

Where the paper is silent or its code differs: arousal has grid edges of its own, augmentation draws
anew for each image and epoch, batch normalisation starts from the dataset's statistics, and CCC is
pooled over all frames instead of averaged over batches. Epochs are judged on a tenth of the
training subjects, not on the validation set as in the paper (``tune_fraction=0`` does that).
Windows are labelled by the frame after them, as in the paper; ``--set rnn.label=last`` labels them
by their own last frame.
"""

from __future__ import annotations

from affectflow.gate.settings import GateSettings
from pipelines.recipe import Recipe

RECIPE = Recipe(
    name="affwild2",
    paper="Rangulov & Fahim 2020, Table III",
    expect="mean CCC .31 (CNN alone .22) on the validation set",
    corpus="affwild2",
    gate=GateSettings(min_ccc_mean=0.25),
)
