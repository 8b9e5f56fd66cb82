"""The rendered corpus end to end in minutes on two cores.

The paper's CNN and GRU-3 on the corpus that ``affectflow demo`` renders: no person's face, labels
that follow the expression with an annotator's lag. Expect a mean CCC of at least .50 for CNN + RNN
on subjects unseen in training, above the CNN's own.

    affectflow demo
"""

from __future__ import annotations

from affectflow.balance.sampler import SamplerSettings
from affectflow.corpora.adapter import CorpusSettings
from affectflow.gate.settings import GateSettings
from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.synth.settings import SynthSettings
from components.video_example_gen.settings import IngestSettings
from pipelines.recipe import Recipe

CORPUS = SynthSettings(subjects=24, clips=1, seconds=12.0, fps=15, size=240, seed=0)

RECIPE = Recipe(
    name="demo",
    paper="Rangulov & Fahim 2020, on a rendered corpus",
    expect="mean CCC .50 or more on unseen subjects (.65 in README's run)",
    corpus="affwild2",
    listing=CorpusSettings(duplicates="drop"),
    ingest=IngestSettings(shard_frames=1024),
    sampler=SamplerSettings(rule="cap"),
    cnn=CnnSettings(
        steps_per_epoch=0, epochs=6, batch_size=64, norm_momentum=0.9, tune_fraction=0.2
    ),
    rnn=RnnSettings(epochs=20, batch_size=64, label="last", stride=2, window=60, tune_fraction=0.2),
    gate=GateSettings(min_ccc_mean=0.4),
)
