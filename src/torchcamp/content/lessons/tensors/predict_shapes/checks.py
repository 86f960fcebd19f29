"""One rule after the other, each against PyTorch."""

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
    for shape, dim in (((8, 16, 4, 4), 1), ((8, 16, 4, 4), 0), ((5, 3), -1), ((7,), 0)):
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
        expect(f"broadcast_shape({a}, {b})", submission.broadcast_shape(a, b), None)


def observe(submission, rng):
    def shape(length):
        return tuple(torch.randint(2, 6, (length,), generator=rng).tolist())

    four, two = shape(4), shape(2)
    calls = [
        lambda: [submission.made_from(v) for v in (3, [1, 2], [[1, 2, 3]])],
        lambda: [submission.mean_shape(four, dim) for dim in (0, 2, -1)],
        lambda: [submission.flatten_shape(four, start) for start in (0, 1, 2)],
        lambda: submission.permute_shape((2, 3, 4, 5), (0, 2, 3, 1)),
        lambda: [
            submission.broadcast_shape((*two, 1), (9,)),
            submission.broadcast_shape((7, 1), (7,)),
        ],
        lambda: [submission.broadcast_shape(two, two[1:]), submission.broadcast_shape((), two)],
        lambda: submission.broadcast_shape(four, four),
        lambda: submission.broadcast_shape((8, 9), (8,)),
        lambda: submission.broadcast_shape((11, 12), (12, 11)),
    ]
    return [attempt(call) for call in calls]
