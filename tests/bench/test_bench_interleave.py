from __future__ import annotations

from bench.interleave import interleaved


def test_sides_take_turns_and_each_gives_its_median() -> None:
    order: list[str] = []
    sides = {"a": iter([1.0, 9.0, 2.0]), "b": iter([5.0, 3.0, 4.0])}

    def side(name: str):
        def measured() -> float:
            order.append(name)
            return next(sides[name])

        return measured

    assert interleaved(side("a"), side("b"), 3) == (2.0, 4.0)
    assert order == ["a", "b"] * 3
