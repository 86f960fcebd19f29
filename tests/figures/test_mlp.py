"""Lessons 2, 3 and 5: the network in the plane."""

from typing import Any

import pytest
import torch

from torchcamp.figures import mlp


def settings(**changes: Any) -> dict[str, Any]:
    return {
        "data": "circle",
        "activation": "tanh",
        "rate": 0.3,
        "faults": [],
        "do": "look",
    } | changes


def test_four_parts_are_one_step():
    parts, whole = mlp.PlaneClassifier(), mlp.PlaneClassifier()
    for learner in (parts, whole):
        learner.answer(settings(do="reset"))
    phases = [parts.answer(settings(do="phase"))[0]["phase"] for _ in range(4)]
    assert phases == ["forward", "loss", "backward", "update"]
    whole.answer(settings(do="steps", steps=1))
    assert torch.equal(parts.first.weight, whole.first.weight)


def test_the_right_column_is_where_the_update_goes():
    learner = mlp.PlaneClassifier()
    learner.answer(settings(do="reset"))
    for _ in range(2):
        learner.answer(settings(do="phase"))
    before, _ = learner.answer(settings(do="phase"))
    layer = before["layers"][0]
    w, g, after = (layer[key][1][0] for key in ("weight", "weightGrad", "weightNext"))
    assert after == pytest.approx(w - 0.3 * g, abs=1e-6)
    reply, _ = learner.answer(settings(do="phase"))
    assert reply["layers"][0]["weight"][1][0] == pytest.approx(after, abs=1e-6)


def trained(**changes: Any) -> dict[str, Any]:
    learner = mlp.PlaneClassifier()
    learner.answer(settings(do="reset", **changes))
    for _ in range(7):
        learner.answer(settings(do="steps", steps=50, **changes))
    reply, field = learner.answer(settings(do="steps", steps=50, **changes))
    assert len(field[0]) == mlp.SIDE**2
    return reply


def test_it_learns_and_the_faults_show():
    right = trained()
    assert right["accuracy"] > 0.95
    assert right["losses"][-1] < 0.3
    wrong_way = trained(faults=["wrong_sign"])
    assert wrong_way["losses"][-1] > 5
    assert trained(activation="none")["accuracy"] < 0.75
    assert trained(faults=["twice"])["losses"][-1] > 0.5
    sorted_ = trained(faults=["sorted"])["losses"]
    assert max(sorted_[-12:]) > 2 * min(sorted_[-12:])


def test_gradients_pile_up_without_zero_grad():
    learners = {fault: mlp.PlaneClassifier() for fault in ("", "no_zero_grad")}
    norms = {}
    for fault, learner in learners.items():
        faults = [fault] if fault else []
        learner.answer(settings(do="reset", faults=faults, rate=1e-9))
        learner.answer(settings(do="steps", steps=10, faults=faults, rate=1e-9))
        assert learner.first.weight.grad is not None
        norms[fault] = learner.first.weight.grad.norm().item()
    assert norms["no_zero_grad"] > 4 * norms[""]


def test_the_lessons_question_is_answered_by_its_figure():
    """With four corners and ReLU, as the lesson says: on the circle the fault does little harm."""
    setup = {"data": "xor", "activation": "relu"}
    assert trained(**setup)["accuracy"] > 0.9
    assert trained(**setup, faults=["no_zero_grad"])["accuracy"] < 0.7
    assert trained(faults=["no_zero_grad"])["accuracy"] > 0.95


def test_a_failing_figure_says_so():
    """The page hears of it instead of waiting for ever."""
    sent = []
    figure = mlp.plane()
    figure.send = lambda content, buffers=None: sent.append(content)  # type: ignore[method-assign]
    figure._receive(figure, {"kind": "ask", "id": 1, "state": {}}, [])
    assert "KeyError" in sent[0]["reply"]["failed"]
