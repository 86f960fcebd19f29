"""From one layer to shared and frozen ones."""

import torch
from torch import nn


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4)
        self.second.weight = self.first.weight


class Scaled(nn.Module):
    """Holds numbers of its own beside a layer."""

    def __init__(self, width):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.layer = nn.Linear(width, 1)


def expect(submission, module, expected, words):
    returned = submission.count_params(module)
    assert returned == expected, f"{words}: your count is {returned}; {expected} is right."
    assert isinstance(returned, int), f"Return an int; yours is a {type(returned).__name__}."


def check_one_layer(submission):
    """Weights and biases."""
    expect(submission, nn.Linear(3, 2), 8, "`nn.Linear(3, 2)` has 3 * 2 weights and 2 biases")


def check_layers_in_layers(submission):
    """At any depth."""
    module = nn.Sequential(nn.Sequential(nn.Linear(3, 2), nn.ReLU()), nn.Linear(2, 1))
    expect(submission, module, 11, "A Sequential with a Sequential in it, 8 + 3 numbers")


def check_own_numbers(submission):
    """A module with layers inside it may hold numbers of its own."""
    words = (
        "A module with a layer of 3 + 1 numbers in it, and 3 numbers of its own beside that layer"
    )
    expect(submission, Scaled(3), 7, words)


def check_buffers(submission):
    """Batch norm learns a scale and a shift per channel."""
    expect(submission, nn.BatchNorm2d(5), 10, "`nn.BatchNorm2d(5)` learns 5 scales and 5 shifts")


def check_shared(submission):
    """Learnt once, counted once."""
    expect(
        submission, Tied(), 24, "Two layers with one weight of 16 between them and 4 biases each"
    )


def check_frozen(submission):
    """Frozen numbers are not trained."""
    module = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    module[0].requires_grad_(False)
    expect(submission, module, 3, "With the first of two layers frozen")


def check_half_frozen(submission):
    """Each parameter is frozen by itself."""
    for frozen, others, right in (("weight", "bias", 2), ("bias", "weight", 6)):
        layer = nn.Linear(3, 2)
        getattr(layer, frozen).requires_grad_(False)
        expect(
            submission,
            layer,
            right,
            f"`nn.Linear(3, 2)` with its {frozen} frozen, its {others} not",
        )


def observe(submission, rng):
    a, b, c = (int(torch.randint(2, 9, (), generator=rng)) for _ in range(3))
    frozen = nn.Sequential(nn.Linear(a, b), nn.Linear(b, c))
    frozen[0].requires_grad_(False)
    weight_frozen, bias_frozen = nn.Linear(a, b), nn.Linear(a, b)
    weight_frozen.weight.requires_grad_(False)
    bias_frozen.bias.requires_grad_(False)
    nested = nn.Sequential(nn.Sequential(nn.Linear(a, b)), nn.BatchNorm1d(b), nn.Linear(b, c))
    modules = [nn.Linear(a, b), nested, nn.BatchNorm2d(c), Tied(), frozen]
    modules += [weight_frozen, bias_frozen, Scaled(a), nn.RNN(a, b)]
    return [submission.count_params(module) for module in modules]
