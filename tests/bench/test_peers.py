"""Peers do the same work as ours, in turn."""

import importlib.util

import numpy as np
import pytest

from tests.bench.conftest import digits
from torchcamp.bench import peers

pytestmark = pytest.mark.usefixtures("small")


@pytest.mark.parametrize("name", peers.EM_SIDES)
def test_one_iteration_leads_to_the_same_tables(name: str):
    if importlib.util.find_spec(peers.PEERS[name][0]) is None:
        pytest.skip(f"{name} is not installed: pip install --group bench")
    tables, symbols = peers.em_start()
    ours, theirs = peers.em_ours(tables, symbols)[1], peers.EM_SIDES[name](tables, symbols)[1]
    assert np.abs(ours - tables[1]).max() > 0.01, "an iteration changes the table"
    assert np.abs(ours - theirs).max() < 1e-4


def test_both_rbms_have_the_same_size():
    ours = peers.pcd_ours(digits().first(60), 1, "fp32")[1]
    theirs = peers.pcd_sklearn(digits().first(60), 1)[1]
    assert theirs.components_.shape == ours.weight.T.shape == (5, 784)
    assert theirs.h_samples_.shape == ours.chains.shape == (100, 5)
    assert theirs.components_.dtype == np.float32


def test_the_ratio_is_their_time_by_ours(monkeypatch: pytest.MonkeyPatch):
    turns: list[str] = []

    def theirs(*args: object) -> tuple[float, None]:
        turns.append("theirs")
        return float(len(turns)), None

    def ours(*args: object) -> tuple[float, None]:
        turns.append("ours")
        return 2.0, None

    monkeypatch.setattr(peers, "EM_SIDES", {"hmmlearn": theirs})
    monkeypatch.setattr(peers, "em_ours", ours)
    (result,) = peers.measure_peer("hmmlearn", 3, digits())
    assert turns == ["theirs", "ours"] * 4  # the first is a warm-up
    assert result.ratio.median == 5 / 2  # theirs took 3, 5 and 7
    assert (result.ratio.low, result.ratio.high) == (3 / 2, 7 / 2)
    assert (result.peer_seconds, result.seconds) == (5.0, 2.0)
