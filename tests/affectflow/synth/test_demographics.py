from __future__ import annotations

from collections import Counter

import numpy as np

from affectflow.corpora.classes import AGE, GENDER, RACE, TASKS
from affectflow.synth.complexion import colour
from affectflow.synth.demographics import (
    AGES,
    GENDERS,
    RACES,
    Demographics,
    draw_demographics,
    draw_somebody,
)
from affectflow.synth.photograph import Photograph
from affectflow.synth.subject import SHAPES, Subject


def shape(subject: Subject, name: str) -> float:
    return subject.shape[list(SHAPES).index(name)]


def several(who: Demographics) -> list[Subject]:
    return [draw_somebody(0, number, who) for number in range(30)]


def test_names_are_those_of_the_tasks_and_ages_are_grouped_as_in_raf_db() -> None:
    assert set(GENDERS) == set(TASKS[GENDER])
    assert set(RACES) == set(TASKS[RACE])
    assert TASKS[AGE] == AGES
    years = {0: "0-3", 3: "0-3", 4: "4-19", 19: "4-19", 20: "20-39", 39: "20-39", 40: "40-69",
             69: "40-69", 70: "70+", 85: "70+"}  # fmt: skip
    for age, group in years.items():
        assert Demographics(years=age).age == group


def test_a_few_people_are_of_all_kinds_whatever_the_seed() -> None:
    for seed in range(5):
        people = [draw_demographics(seed, number) for number in range(24)]
        assert len({who.gender for who in people}) == 3
        assert len({who.race for who in people}) == 3
        assert len({who.age for who in people}) == 5
    crowd = Counter(draw_demographics(0, number).race for number in range(1000))
    assert abs(crowd["caucasian"] - 500) < 20


def test_the_same_person_every_time() -> None:
    who = Demographics("male", "asian", 44)
    assert draw_somebody(2, 7, who) == draw_somebody(2, 7, who)
    assert draw_somebody(2, 7, who) != draw_somebody(2, 8, who)


def test_what_is_annotated_can_be_seen() -> None:
    men = several(Demographics("male", "caucasian", 30))
    women = several(Demographics("female", "caucasian", 30))
    assert np.mean([shape(s, "jaw_width") for s in men]) > 1
    assert np.mean([shape(s, "jaw_width") for s in women]) < -0.5
    assert min(s.brow for s in men) > max(s.brow for s in women)
    assert any(s.beard for s in men)
    assert not any(s.beard for s in women)
    assert max(s.voice_hz for s in men) < min(s.voice_hz for s in women)

    dark = several(Demographics("female", "african_american", 30))
    asian = several(Demographics("female", "asian", 30))
    assert max(s.skin[0] for s in dark) < min(s.skin[0] for s in women + asian)
    assert np.mean([shape(s, "eye_size") for s in asian]) < -1

    child = several(Demographics("unsure", "caucasian", 2))
    old = several(Demographics("female", "caucasian", 78))
    assert all(s.smooth == 1 and s.wrinkles == 0 for s in child)
    assert all(s.wrinkles == 1 and s.smooth == 0 and s.hair[0] > 70 for s in old)
    assert not any(s.beard or s.glasses or s.lips for s in child)
    assert np.mean([shape(s, "eye_size") for s in child]) > 1.5


def test_an_old_skin_has_lines_and_a_childs_has_no_texture(photograph: Photograph) -> None:
    def texture(subject: Subject) -> float:
        """Mean slope of the skin's brightness."""
        painted, _ = colour(photograph, subject, 0)
        light = painted.astype(float).mean(-1)
        skin = photograph.skin > 250
        return float(np.abs(np.diff(light, axis=0))[skin[1:]].mean())

    child, grown, old = (
        texture(draw_somebody(0, 3, Demographics("unsure", "caucasian", years)))
        for years in (1, 30, 80)
    )
    assert child < 0.8 * grown
    assert old > 1.02 * grown
