"""Lesson 8: trellis and states of rows."""

import itertools
import math
from typing import Any

import pytest
import torch

from torchcamp.data.images import load_images
from torchcamp.figures import hmm as figures
from torchcamp.recipes.trained import load_trained

IMAGES = load_images("digits")


def trellis_state(**changes: Any) -> dict[str, Any]:
    return {
        "throws": [0, 5, 5, 2],
        "leave_fair": 0.05,
        "leave_loaded": 0.1,
        "six": 0.5,
        "do": "look",
        "seed": 0,
    } | changes


def test_the_trellis_sums_over_all_paths():
    reply, _ = figures.walk_trellis(trellis_state())
    start, move = [0.5, 0.5], [[0.95, 0.05], [0.1, 0.9]]
    emit = [[1 / 6] * 6, [0.1] * 5 + [0.5]]
    throws, total = [0, 5, 5, 2], 0.0
    posterior, best = torch.zeros(4, 2), (0.0, ())
    for path in itertools.product(range(2), repeat=4):
        p = start[path[0]] * emit[path[0]][0]
        for t in range(1, 4):
            p *= move[path[t - 1]][path[t]] * emit[path[t]][throws[t]]
        total += p
        best = max(best, (p, path))
        for t, die in enumerate(path):
            posterior[t, die] += p
    assert reply["logP"] == pytest.approx(math.log(total), abs=1e-4)
    assert tuple(reply["path"]) == best[1]
    assert reply["logJoint"] == pytest.approx(math.log(best[0]), abs=1e-4)
    assert torch.allclose(torch.tensor(reply["both"]), posterior / total, atol=1e-4)
    for name in ("forward", "backward", "forwardFlow", "backwardFlow", "bothFlow"):
        assert torch.tensor(reply[name]).sum(1).tolist() == pytest.approx([1] * len(reply[name]))


def test_new_throws_come_with_their_secret():
    reply, _ = figures.walk_trellis(trellis_state(do="throw", throws=[0] * 200, six=0.95, seed=3))
    sixes = [die for throw, die in zip(reply["throws"], reply["truth"], strict=True) if throw == 5]
    assert sum(sixes) > 0.7 * len(sixes)


def test_rows_are_what_the_path_emits():
    network: Any = load_trained("hmm").network
    figure = figures.row_states(network, IMAGES)
    reply, (_, made, here, _) = figure._answer({"picture": 3, "row": 12})
    expected = figures.to_bytes(network.emission[torch.tensor(reply["path"])])
    assert made == expected
    assert here == expected[12 * 28 : 13 * 28]
    assert reply["joint"] >= reply["nats"]  # one path is part of all paths
