"""One rule after the other, each against PyTorch."""

from functools import partial

import torch

from torchcamp.course.judge.checks import attempt


def expect(call, returned, expected):
    assert returned == expected, f"`{call}` returned {returned!r}; {expected!r} is right."


def check_made_from(submission):
    """A number has no axes; a list has one more than what is in it."""
    for value in (3, 2.5, [1, 2, 3], [[1, 2], [3, 4], [5, 6]], [[7]]):
        expected = tuple(torch.tensor(value).shape)
        expect(f"made_from({value})", submission.made_from(value), expected)


def check_mean(submission):
    """The axis that is named is gone."""
    for shape, dim in (
        ((8, 16, 4, 4), 1),
        ((8, 16, 4, 4), 0),
        ((5, 3), -1),
        ((2, 3, 4, 5), -1),
        ((7,), 0),
    ):
        expected = tuple(torch.zeros(shape).mean(dim).shape)
        expect(f"mean_shape({shape}, {dim})", submission.mean_shape(shape, dim), expected)


def check_flatten(submission):
    """From start_dim on, everything becomes one axis."""
    for shape, start in (((8, 16, 4, 4), 1), ((8, 16, 4, 4), 0), ((8, 16, 4, 3), 2), ((5, 3), 1)):
        expected = tuple(torch.zeros(shape).flatten(start).shape)
        expect(f"flatten_shape({shape}, {start})", submission.flatten_shape(shape, start), expected)


def check_permute(submission):
    """Which old axis comes to each place."""
    for shape, dims in (((8, 16, 4, 5), (0, 2, 3, 1)), ((2, 3), (1, 0)), ((2, 3, 4), (2, 0, 1))):
        expected = tuple(torch.zeros(shape).permute(dims).shape)
        expect(f"permute_shape({shape}, {dims})", submission.permute_shape(shape, dims), expected)


def check_broadcast(submission):
    """Aligned on the right."""
    for a, b in (
        ((4, 3), (4, 3)),
        ((5, 3), (3,)),
        ((4, 1), (3,)),
        ((8, 1), (8,)),
        ((), (2, 3)),
        ((3,), (2, 1, 3)),
    ):
        expected = tuple(torch.broadcast_shapes(a, b))
        expect(f"broadcast_shape({a}, {b})", submission.broadcast_shape(a, b), expected)


def check_broadcast_refuses(submission):
    """Some shapes do not fit."""
    for a, b in (((2, 3), (2,)), ((4, 3), (3, 4)), ((5,), (2,))):
        returned = attempt(partial(submission.broadcast_shape, a, b))
        assert not isinstance(returned, dict), (
            f"`broadcast_shape({a}, {b})` raised {returned['raised']}; where PyTorch refuses, return None."
        )
        expect(f"broadcast_shape({a}, {b})", returned, None)


def shape_of(call):
    """The shape of what `call` makes, or None if PyTorch refuses."""
    try:
        return tuple(call().shape)
    except RuntimeError:
        return None


RIGHT = {
    "made_from": torch.tensor,
    "mean_shape": lambda shape, dim: torch.zeros(shape).mean(dim),
    "flatten_shape": lambda shape, start_dim: torch.zeros(shape).flatten(start_dim),
    "permute_shape": lambda shape, dims: torch.zeros(shape).permute(dims),
    "broadcast_shape": lambda a, b: torch.zeros(a) + torch.zeros(b),
}


def observe(submission, rng):
    """The rules in their order, up to the first that is wrong: the others may not be written yet."""
    four = tuple((2 + torch.randperm(4, generator=rng)).tolist())
    three, two = four[1:], four[:2]
    probes = {
        "made_from": [(3,), ([1, 2],), ([[1, 2, 3]],), ([[1, 2], [3, 4], [5, 6]],)],
        "mean_shape": [(four, 0), (four, 2), (four, -1)],
        "flatten_shape": [(four, 0), (four, 1), (four, 2)],
        "permute_shape": [((2, 3, 4, 5), (0, 2, 3, 1)), (three, (1, 2, 0))],
        "broadcast_shape": [
            ((*two, 1), (9,)),
            ((9,), (*two, 1)),
            ((7, 1), (7,)),
            ((2, 1), (1, 3)),
            (two, two[1:]),
            ((), two),
            (four, four),
            ((8, 9), (8,)),
            ((11, 12), (12, 11)),
        ],
    }
    seen = []
    for name, calls in probes.items():
        found = [attempt(partial(getattr(submission, name), *call)) for call in calls]
        seen.append(found)
        if found != [shape_of(partial(RIGHT[name], *call)) for call in calls]:
            break
    return seen
