"""Names that differ only in a number are shown as one."""

from dataclasses import replace

import torch

from tests.reading import zoo
from torchcamp.reading.folding import FEW, fold_layers, fold_names, fold_pairs
from torchcamp.reading.reader import read


def test_many_names_are_folded_and_few_are_not():
    names = [f"h.{n}.{kind}" for n in range(4) for kind in ("weight", "bias")]
    assert fold_names(names) == ["h.*.weight ×4", "h.*.bias ×4"]
    assert fold_names(names[:FEW]) == names[:FEW]


def test_a_number_that_all_have_stays():
    names = [f"h.{n}.mlp.0.weight" for n in range(6)] + ["out.0.weight"]
    assert fold_names(names) == ["h.*.mlp.0.weight ×6", "out.0.weight"]


def test_numbers_inside_of_names_are_not_folded():
    names = [f"fc{n}.weight" for n in range(6)]
    assert fold_names(names) == names


def test_tied_names_are_folded_on_both_sides():
    names = [f"a.{n}.w = b.{n}.w" for n in range(6)]
    assert fold_names(names) == ["a.*.w = b.*.w ×6"]


def test_names_are_folded_where_what_they_go_with_is_equal():
    named = [("h.0.weight", "(4, 4)"), ("h.1.weight", "(4, 4)"), ("h.2.weight", "(4, 2)")]
    assert fold_pairs(named) == [("h.*.weight", 2, "(4, 4)"), ("h.2.weight", 1, "(4, 2)")]


def test_equal_layers_are_added_up():
    reading = read(zoo.Transformer(), zoo.ZOO[zoo.Transformer]())
    (line,) = [line for line in reading.lines if "self.mlp(x)" in line.source]
    folded = fold_layers(line.children)
    assert [(layer.path, layer.layer.split("(")[0]) for layer in folded] == [
        ("blocks.*.mlp.0", "Linear"), ("blocks.*.mlp.1", "GELU"), ("blocks.*.mlp.2", "Linear"),
    ]  # fmt: skip
    first, own = folded[0], line.children[::3]
    assert len(own) == 12
    assert first.calls == first.values[0].count == 12
    assert first.flops_forward == 12 * own[0].flops_forward == 12 * 2 * 10 * 8 * 16
    assert first.saved_bytes == sum(layer.saved_bytes for layer in own) > 0
    assert first.params == [name for layer in own for name in layer.params]
    others = [replace(own[0], path="a.0"), replace(own[0], path="a.1", layer="Linear(1, 1)")]
    assert fold_layers(others) == others


def test_gradients_are_written_down_for_each_parameter():
    """Frozen: no answer; used: yes; left out: no; also where the code itself runs backward."""
    network = zoo.Transformer()
    network.spare = torch.nn.Linear(3, 3)
    network.embed.weight.requires_grad_(False)
    reading = read(network, zoo.ZOO[zoo.Transformer]())
    gradients = {w.name: w.gradient for w in reading.weights}
    assert gradients["embed.weight"] is None
    assert gradients["spare.weight"] is False
    assert gradients["blocks.3.mlp.0.bias"] is True
    assert [w.name for w in reading.without_gradient()] == ["spare.weight", "spare.bias"]
    frozen = network.embed.weight.numel()
    assert reading.totals.parameters - reading.totals.trainable == frozen
    assert reading.totals.parameters == sum(p.numel() for p in network.parameters())

    def by_hand(network: torch.nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return torch.autograd.grad(network(x).sum(), [network[0].weight])  # type: ignore[index]

    two = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
    made = read(by_hand, (two, torch.rand(3, 2)))
    assert [w.gradient for w in made.weights] == [True, False, False, False]


def test_no_gradient_is_asked_for_where_nothing_ran_backward():
    reading = read(zoo.Argmax(), zoo.ZOO[zoo.Argmax]())
    assert reading.weights
    assert {w.gradient for w in reading.weights} == {None}
    assert reading.without_gradient() == []


def test_reading_leaves_no_hook_behind():
    network = torch.nn.Linear(2, 2)
    read(network, (torch.rand(1, 2),))
    assert not network.weight._backward_hooks
