"""The one cycle of the rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torchcamp.training.schedules import warmup_then_linear


@given(st.integers(1, 5000), st.floats(0, 0.95))
def test_it_rises_to_about_one_and_falls_to_zero(num_steps: int, warmup: float):
    factor = warmup_then_linear(num_steps, warmup)
    values = [factor(step) for step in range(num_steps + 1)]
    assert all(0 < value <= 1 for value in values[:-1])
    assert values[-1] == 0
    peak = values.index(max(values))
    assert values[: peak + 1] == sorted(values[: peak + 1])
    assert values[peak:] == sorted(values[peak:], reverse=True)


def test_refused():
    with pytest.raises(ValueError, match="at least one step"):
        warmup_then_linear(0, 0.1)
    with pytest.raises(ValueError, match="warm-up"):
        warmup_then_linear(10, 1.0)
