"""The figures' numbers against PyTorch, and against arithmetic done by hand."""

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from torchcamp.course import lesson
from torchcamp.course.checker import Judge
from torchcamp.course.figures import anatomy, formulas, plane, sliding, tapes, tensors
from torchcamp.course.taping import tape_of
from torchcamp.data.images import load_images

# --- Lesson 1 --------------------------------------------------------------------------------------


def follow(*operations: str) -> dict[str, Any]:
    return tensors._follow({"operations": list(operations)})[0]


def test_permute_moves_nothing_and_plus_fills_new_memory():
    steps = follow(".permute(1, 0)", " + 10")["steps"]
    assert [s["copied"] for s in steps] == [False, False, True]
    assert steps[1]["strides"] == [1, 3]
    assert [value for value, _ in steps[1]["cells"]] == [0, 3, 1, 4, 2, 5]
    assert [address for _, address in steps[1]["cells"]] == [0, 3, 1, 4, 2, 5]


def test_every_cell_is_where_the_figure_says():
    reply = follow("[:, 1:]", ".permute(1, 0)")
    last = reply["steps"][-1]
    memory = reply["memories"][last["memory"]]["values"]
    assert all(memory[address] == value for value, address in last["cells"])
    assert last["offset"] == 1


def test_expand_reads_the_same_cells_again():
    last = follow("[:1].expand(3, -1)")["steps"][-1]
    assert last["strides"] == [0, 1]
    assert [address for _, address in last["cells"]] == [0, 1, 2] * 3


def test_a_refusal_is_pytorchs_own_and_changes_nothing():
    reply = follow(".permute(1, 0)", ".view(6)")
    assert "view size is not compatible" in reply["refused"]
    assert len(reply["steps"]) == 2


def test_only_known_operations_run():
    assert len(follow(".__class__", "; import os")["steps"]) == 1


@pytest.mark.parametrize(
    ("a", "b"), [("(4, 1)", "(3,)"), ("()", "(2, 3)"), ("(8, 1, 6)", "(5, 1)"), ("2,3", "(3)")]
)
def test_broadcasting_as_pytorch_does(a: str, b: str):
    reply, _ = tensors._broadcast({"a": a, "b": b})
    one, other = (torch.zeros(tensors._shape(text)) for text in (a, b))
    assert reply["result"] == list((one + other).shape)
    assert [axis["result"] for axis in reply["axes"]] == list((one + other).shape)


def test_shapes_that_do_not_fit():
    reply, _ = tensors._broadcast({"a": "(2, 3)", "b": "(2,)"})
    assert reply["result"] is None
    assert "must match the size" in reply["refused"]
    assert [axis["clash"] for axis in reply["axes"]] == [False, True]
    for text in ("(2, x)", "(0, 2)", "(1,2,3,4,5,6)", "__import__('os')"):
        assert "error" in tensors._broadcast({"a": text, "b": "(2,)"})[0]


# --- Lessons 2 and 3 -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(formulas.ACTIVATIONS))
def test_the_derivative_is_that_of_the_curve(name: str):
    reply, _ = formulas._activation({"name": name, "range": 5, "x": 0.7})
    (_, function) = formulas.ACTIVATIONS[name][0]
    x = torch.tensor([0.7], dtype=torch.float64)
    expected = (function(x + 1e-6) - function(x - 1e-6)) / 2e-6
    assert reply["at"][0]["slope"] == pytest.approx(expected.item(), abs=1e-5)


def test_where_float32_gives_up():
    reply, _ = formulas._activation({"name": "sigmoid", "range": 120, "x": 100})
    assert reply["at"][0] == {"value": 1.0, "slope": 0.0, "flat": True}
    assert reply["at"][1]["value"] == "nan"
    (band,) = reply["lost"]["value"]
    assert 87 < band["from"] < 90


def rows(**state: Any) -> dict[str, list[Any]]:
    reply, _ = formulas.losses()._answer(state)
    return {title: values for title, *values in reply["rows"]}


def test_the_ways_to_write_one_loss():
    found = list(rows(board="logit", z=20, target=0).values())
    assert found[0] == pytest.approx([20, 1])
    assert found[1] == ["inf", "nan"]
    assert found[2] == pytest.approx([18.42068, 0], abs=1e-4)
    assert found[3] == pytest.approx([100, 0])
    for z, target in ((0.5, 1), (-2.0, 0), (3.0, 1)):
        values = list(rows(board="logit", z=z, target=target).values())
        logit = torch.tensor(z)
        expected = F.binary_cross_entropy_with_logits(logit, torch.tensor(float(target))).item()
        assert [v for v, _ in values[:4]] == pytest.approx([expected] * 4, abs=1e-5)


def test_sum_is_the_mean_times_the_batch():
    state = {"board": "row", "logits": [2, 0.5, -1, 0], "label": 1, "count": 8}
    mean, total = (rows(**state, reduction=r) for r in ("mean", "sum"))
    first = "F.cross_entropy(logits, labels)"
    assert total[first] == pytest.approx([8 * v for v in mean[first]], rel=1e-5)
    lecture = "the lecture's BCE: sum over classes"
    torchs = "torch's BCEWithLogitsLoss('mean')"
    assert mean[lecture] == pytest.approx([4 * v for v in mean[torchs]], rel=1e-5)


def test_squared_and_absolute_error():
    found = list(rows(board="number", prediction=-3, count=4, reduction="mean").values())
    assert found[0] == pytest.approx([9, -6])
    assert found[1] == pytest.approx([3, -1])
    assert found[2] == pytest.approx([3, -1])


# --- Lesson 4 --------------------------------------------------------------------------------------


def test_a_value_used_twice_receives_two():
    tape = tape_of("a = torch.tensor(1.0, requires_grad=True)\nb = a + a\nc = b * b")
    by_name = {node["names"][0]: node for node in tape["nodes"]}
    assert (by_name["a"]["grad"], by_name["b"]["grad"], by_name["c"]["grad"]) == ("8", "4", "1")
    into_a = [edge["grad"] for edge in tape["edges"] if edge["to"] == by_name["a"]["id"]]
    assert into_a == ["4", "4"]
    assert sorted(node["turn"] for node in tape["nodes"]) == [0, 1, 2]
    assert by_name["c"]["turn"] == 0
    assert (by_name["b"]["line"], by_name["c"]["line"]) == (2, 3)


@pytest.mark.parametrize(("title", "code"), tapes.EXAMPLES)
def test_the_examples_have_the_gradients_of_autograd(title: str, code: str):
    tape = tape_of(code)
    namespace: dict[str, Any] = {"torch": torch}
    exec(code, namespace)
    last = list(namespace.values())[-1]
    last.backward()
    for node in tape["nodes"]:
        if node["title"] == "leaf":
            leaf = namespace[node["names"][0]]
            from torchcamp.course.taping import write

            assert node["grad"] == write(leaf.grad), title


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = (", "Python cannot read line 1"),
        ("x = torch.tensor(1.0)\ny = x * 2", "Nothing is on the tape"),
        ("a = torch.ones(2, requires_grad=True)\nb = a * 2", "backward() needs one number"),
        ("a = torch.ones(2)\nb = a @ torch.ones(3)", "Line 2 raised RuntimeError"),
        ("1 / 0", "Line 1 raised ZeroDivisionError"),
        (
            "a = torch.tensor(1.0, requires_grad=True)\nfor i in range(60):\n    a = a * 1.01\na",
            "more than this figure can draw",
        ),
    ],
)
def test_what_cannot_be_taped_is_said(code: str, words: str):
    assert words in tape_of(code)["error"]


def test_typed_lines_run_in_the_judges_child():
    """An endless loop ends, and the judge lives on."""
    with Judge() as judge:
        figure = tapes.tape(judge)
        reply, _ = figure._answer({"code": "while True:\n    pass"})
        assert "did not end within" in reply["error"]
        reply, _ = figure._answer({"code": "import os\nos._exit(3)"})
        assert "exit code 3" in reply["error"]
        reply, _ = figure._answer({"code": tapes.EXAMPLES[0][1]})
        assert len(reply["nodes"]) == 3


# --- Lesson 5 --------------------------------------------------------------------------------------


def settings(**changes: Any) -> dict[str, Any]:
    return {
        "data": "circle",
        "activation": "tanh",
        "rate": 0.3,
        "faults": [],
        "do": "look",
    } | changes


def test_four_parts_are_one_step():
    parts, whole = plane.Learner(), plane.Learner()
    for learner in (parts, whole):
        learner.answer(settings(do="reset"))
    phases = [parts.answer(settings(do="phase"))[0]["phase"] for _ in range(4)]
    assert phases == ["forward", "loss", "backward", "update"]
    whole.answer(settings(do="steps", steps=1))
    assert torch.equal(parts.first.weight, whole.first.weight)


def test_the_right_column_is_where_the_update_goes():
    learner = plane.Learner()
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
    learner = plane.Learner()
    learner.answer(settings(do="reset", **changes))
    for _ in range(7):
        learner.answer(settings(do="steps", steps=50, **changes))
    reply, field = learner.answer(settings(do="steps", steps=50, **changes))
    assert len(field[0]) == plane.SIDE**2
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
    learners = {fault: plane.Learner() for fault in ("", "no_zero_grad")}
    norms = {}
    for fault, learner in learners.items():
        faults = [fault] if fault else []
        learner.answer(settings(do="reset", faults=faults, rate=1e-9))
        learner.answer(settings(do="steps", steps=10, faults=faults, rate=1e-9))
        assert learner.first.weight.grad is not None
        norms[fault] = learner.first.weight.grad.norm().item()
    assert norms["no_zero_grad"] > 4 * norms[""]


# --- Lesson 6 --------------------------------------------------------------------------------------

SIZES = {
    "size": 7, "kernel": 3, "padding": 1, "stride": 2, "dilation": 1, "inChannels": 2,
    "outChannels": 3, "row": 1, "column": 2, "channel": 2, "wantedInput": 28, "wantedOutput": 14,
}  # fmt: skip


def test_the_terms_sum_to_the_output():
    reply = sliding._convolve(SIZES)
    terms = reply["terms"].replace("−", "-").replace("·", "*").replace("bias ", "")
    assert eval(terms) == reply["value"] == reply["output"][1][2]
    assert reply["size"] == len(reply["output"]) == 4


@pytest.mark.parametrize("changes", [{"dilation": 2}, {"padding": 0}, {"kernel": 1}, {"stride": 4}])
def test_the_formula_is_pytorchs(changes: dict[str, int]):
    sizes = SIZES | changes | {"size": 9}
    reply = sliding._convolve(sizes)
    layer = torch.nn.Conv2d(
        2, 3, sizes["kernel"], sizes["stride"], sizes["padding"], sizes["dilation"]
    )
    assert reply["size"] == layer(torch.zeros(1, 2, 9, 9)).shape[2]
    assert f"{sum(p.numel() for p in layer.parameters())} numbers" in reply["numbers"]


def test_a_filter_that_does_not_fit():
    reply = sliding._convolve(SIZES | {"size": 3, "kernel": 5, "padding": 0})
    assert reply["size"] is None
    assert "PyTorch refuses" in reply["refused"]


def test_the_inverse_gives_what_it_says():
    found = sliding.settings_for(28, 14)
    assert "k=5 p=2 s=2" in found
    for words in found:
        k, p, s = (int(part[2:]) for part in words.split())
        assert torch.nn.Conv1d(1, 1, k, s, p)(torch.zeros(1, 1, 28)).shape[2] == 14
    assert sliding.settings_for(3, 100) == []


# --- Lesson 7 --------------------------------------------------------------------------------------


def test_inside_a_network():
    images = load_images("digits")
    network, _ = lesson.own("cnn")
    state = {"network": "own", "picture": 2, "layer": 1, "map": 5, "training": False}
    before = {k: v.clone() for k, v in network.network.state_dict().items()}
    reply, arrays = anatomy.look(network.network, images, state)
    logits = network.network.eval()(images.test_images[2:3].float() / 255)
    expected = F.cross_entropy(logits, images.test_labels[2:3])
    assert reply["loss"] == pytest.approx(expected.item(), abs=1e-5)
    assert reply["filterLayers"] == 16
    assert [len(a) for a in arrays[:3]] == [784, 32 * 14 * 14, 32 * 14 * 14]
    trained, _ = anatomy.look(network.network, images, state | {"training": True})
    assert trained["loss"] != reply["loss"]
    after = network.network.state_dict()
    assert all(torch.equal(v, after[k]) for k, v in before.items())
    assert len(reply["norm"]["runningMean"]) == 32
    assert math.isfinite(reply["layers"][0]["gradient"])


def test_a_network_that_the_learner_wrote():
    """Any names, batch norm as a module of its own."""
    from torch import nn

    images = load_images("digits")
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(4 * 14 * 14, 10),
    )  # fmt: skip
    lesson.briefly_trained(network, images, num_steps=3)
    state = {"network": "own", "picture": 0, "layer": 3, "map": 9, "training": True}
    reply, _ = anatomy.look(network, images, state)
    assert (reply["layer"], reply["map"], reply["channels"]) == (0, 3, 4)


def test_a_failing_figure_says_so():
    """The page hears of it instead of waiting for ever."""
    sent = []
    figure = plane.plane()
    figure.send = lambda content, buffers=None: sent.append(content)  # type: ignore[method-assign]
    figure._receive(figure, {"kind": "ask", "id": 1, "state": {}}, [])
    assert "KeyError" in sent[0]["reply"]["failed"]
