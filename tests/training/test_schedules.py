"""The one cycle of the rate, and what else moves with the steps."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torchcamp.training.schedules import (
    ScheduledValue,
    hold_then_linear,
    ramp,
    warmup_then_linear,
)


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
    with pytest.raises(ValueError, match="num_steps is 0"):
        warmup_then_linear(0, 0.1)
    with pytest.raises(ValueError, match="0 <= warmup < 1"):
        warmup_then_linear(10, 1.0)
    with pytest.raises(ValueError, match="warmup <= hold"):
        hold_then_linear(10, 0.5, 0.4)


@given(st.integers(1, 3000), st.floats(0, 0.3), st.floats(0.3, 0.95))
def test_it_rises_stays_and_falls_to_zero(num_steps: int, warmup: float, hold: float):
    factor = hold_then_linear(num_steps, warmup, hold)
    values = [factor(step) for step in range(num_steps + 1)]
    assert all(0 < value <= 1 for value in values[:-1])
    assert values[-1] == 0
    held = values[int(warmup * num_steps) + 1 : int(hold * num_steps)]
    assert all(value == pytest.approx(1, abs=1e-9) for value in held)


def test_a_scheduled_value_moves_in_place_and_goes_on_where_it_was():
    value = ScheduledValue(ramp(4), torch.device("cpu"))
    seen, held = [], value.value
    for _ in range(6):
        seen.append(held.item())
        value.step()
    assert seen == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    other = ScheduledValue(ramp(4), torch.device("cpu"))
    value = ScheduledValue(ramp(4), torch.device("cpu"))
    value.step()
    kept, other_held = value.state_dict(), other.value
    other.load_state_dict(kept)
    assert other_held.item() == 0.5
