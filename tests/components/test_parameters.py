"""Settings travel as execution parameters and come back as they were, each of its own type."""

from __future__ import annotations

from typing import Literal

import pytest

from affectflow.balance.sampler import SamplerSettings
from affectflow.corpora.adapter import CorpusSettings
from affectflow.errors import InputError
from affectflow.faces.settings import FaceSettings
from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.settings import settings
from components.feature_extractor.settings import FeatureSettings
from components.parameters import exec_properties, execution_parameters, settings_from
from components.predictor.settings import PredictSettings
from components.video_example_gen.settings import IngestSettings

EVERY = (
    CorpusSettings, FaceSettings, IngestSettings, SamplerSettings, CnnSettings, RnnSettings,
    FeatureSettings, PredictSettings,
)  # fmt: skip


@pytest.mark.parametrize("cls", EVERY, ids=lambda cls: cls.__name__)
def test_settings_come_back_as_they_went(cls):
    settings = cls()
    properties = exec_properties(settings)
    parameters = execution_parameters(cls)
    assert set(properties) == set(parameters)
    for name, value in properties.items():
        assert type(value) is parameters[name].type, name
    assert settings_from(cls, properties) == settings
    # ML Metadata and other components' properties stand in the same dictionary.
    assert settings_from(cls, {**properties, "code_version": "1"}) == settings


def test_a_changed_value_comes_back():
    settings = CnnSettings(learning_rate=0.5, epochs=7, loss="mse")
    assert settings_from(CnnSettings, exec_properties(settings)) == settings


def test_what_comes_back_is_validated():
    properties = {**exec_properties(FeatureSettings()), "feature_batch": 0}
    with pytest.raises(InputError, match="feature_batch is 0"):
        settings_from(FeatureSettings, properties)


def test_a_whole_number_given_for_a_float_travels_as_a_float():
    # As in the settings of a recipe written 1 for 1.0: TFX refuses an int for a float parameter.
    assert exec_properties(IngestSettings(max_reject_share=1)) == {
        "shard_frames": 4096,
        "max_reject_share": 1.0,
    }
    assert type(exec_properties(IngestSettings(max_reject_share=1))["max_reject_share"]) is float


def test_a_literal_travels_as_its_values_do():
    @settings
    class Choice:
        word: Literal["a", "b"] = "a"

    assert execution_parameters(Choice)["word"].type is str


def test_true_and_false_travel_as_1_and_0():
    # Older workspaces hold them so, too.
    for kept in (True, False):
        told = exec_properties(SamplerSettings(drop_zero=kept))
        assert type(told["drop_zero"]) is int
        assert settings_from(SamplerSettings, told).drop_zero is kept


def test_fields_that_no_parameter_can_carry():
    @settings
    class Nested:
        sizes: list[int] = ()

    with pytest.raises(TypeError, match=r"Nested\.sizes is not an int, float, str or bool: .*arr"):
        execution_parameters(Nested)


def test_two_settings_with_a_field_in_common_are_refused():
    with pytest.raises(TypeError, match=r"SamplerSettings\.seed: another settings class has that"):
        execution_parameters(CorpusSettings, SamplerSettings)
