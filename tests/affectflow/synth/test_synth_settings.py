from __future__ import annotations

import pytest

from affectflow.errors import InputError
from affectflow.synth.settings import SynthSettings


@pytest.mark.parametrize(
    ("field", "value"),
    [("subjects", 0), ("clips", 0), ("seconds", 0.5), ("seconds", float("nan")), ("fps", 4),
     ("size", 100), ("size", 321), ("seed", -1), ("eval_fraction", 0.6), ("workers", 3),
     ("subjects", 2.5)],
)  # fmt: skip
def test_a_bad_value_is_named(field: str, value: object) -> None:
    with pytest.raises(InputError, match=rf"{field}.*{value}"):
        SynthSettings(**{field: value})  # type: ignore[arg-type]


def test_a_quarter_of_the_subjects_is_held_out_and_stays_so_when_more_are_asked_for() -> None:
    def held_out(subjects: int) -> list[int]:
        settings = SynthSettings(subjects=subjects, eval_fraction=0.25)
        return [s for s in range(subjects) if settings.in_eval(s)]

    assert held_out(16) == [1, 5, 9, 13]
    assert held_out(8) == [1, 5]
    assert held_out(2) == [1]


def test_two_subjects_or_more_always_have_somebody_held_out_and_somebody_to_train_on() -> None:
    for subjects in range(2, 12):
        for fraction in (0.01, 0.1, 0.25, 0.5):
            settings = SynthSettings(subjects=subjects, eval_fraction=fraction)
            held = sum(settings.in_eval(s) for s in range(subjects))
            assert 0 < held < subjects, (subjects, fraction)
    assert not any(SynthSettings(eval_fraction=0).in_eval(s) for s in range(8))


def test_workers_do_not_decide_the_files() -> None:
    assert SynthSettings(workers=1).saved() == SynthSettings(workers=2).saved()
    assert SynthSettings(seed=1).saved() != SynthSettings(seed=2).saved()
    assert SynthSettings(quirks=True).saved() == {**SynthSettings().saved(), "quirks": True}
