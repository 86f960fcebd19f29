"""Stride 1, stride 2, none at all, and the case where no padding is too much already; then all small cases."""

import itertools

import torch


def sizes(i, k, s, p):
    return (i - k + 2 * p) // s + 1


def expect(submission, i, k, s, o):
    fits = [p for p in range(30) if i + 2 * p >= k and sizes(i, k, s, p) == o]
    expected = fits[0] if fits else None
    returned = submission.padding_for(i, k, s, o)
    why = (
        f"Padding {returned} would give {sizes(i, k, s, returned)}."
        if isinstance(returned, int)
        and returned != expected
        and not isinstance(returned, bool)
        and sizes(i, k, s, returned) != o
        else "It gives that size too, but a smaller one does."
        if type(returned) is int and fits and returned > fits[0]
        else ""
    )
    assert returned == expected and type(returned) is type(expected), (
        f"`padding_for({i}, {k}, {s}, {o})` returned {returned!r}; {expected} is right. {why}".rstrip()
    )


def check_stride_one(submission):
    """The size is kept by (k - 1) / 2."""
    expect(submission, 7, 3, 1, 7)
    expect(submission, 7, 5, 1, 5)


def check_stride_two(submission):
    """Rounding leaves a choice."""
    expect(submission, 28, 5, 2, 14)
    expect(submission, 28, 3, 4, 7)


def check_large(submission):
    """More than the filter is long."""
    expect(submission, 7, 3, 1, 15)
    expect(submission, 4, 1, 2, 9)


def check_impossible(submission):
    """Not every size can be had."""
    expect(submission, 6, 3, 1, 5)
    expect(submission, 8, 2, 1, 8)


def check_too_large_already(submission):
    """Padding never shrinks."""
    expect(submission, 28, 3, 1, 10)
    expect(submission, 28, 3, 1, 24)


def check_small_sizes(submission):
    """Every small case."""
    for i, k, s, o in itertools.product(range(1, 7), range(1, 6), range(1, 4), range(1, 7)):
        expect(submission, i, k, s, o)


def observe(submission, rng):
    probes = [
        (7, 3, 1, 7),
        (28, 5, 2, 14),
        (28, 3, 4, 7),
        (6, 3, 1, 5),
        (28, 3, 1, 10),
        (8, 2, 1, 8),
        (7, 3, 1, 15),
        (3, 1, 3, 1),
        (4, 1, 2, 9),
    ]
    for _ in range(6):
        k = int(torch.randint(1, 7, (), generator=rng))
        i = int(torch.randint(k, 20, (), generator=rng))
        s, o = (
            int(torch.randint(1, 4, (), generator=rng)),
            int(torch.randint(1, 16, (), generator=rng)),
        )
        probes.append((i, k, s, o))
    answers = [submission.padding_for(*probe) for probe in probes]
    return [a if a is None else float(a) for a in answers]
