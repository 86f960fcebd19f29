"""One walk, then two, then a state that nobody leaves."""

import torch


def show(table):
    return [[round(float(x), 3) for x in row] for row in table]


def expect(submission, walks, num_states, expected, words):
    returned = submission.transition_table([torch.tensor(walk) for walk in walks], num_states)
    assert returned.shape == (num_states, num_states), (
        f"{words}: the table must be ({num_states}, {num_states}); yours is {tuple(returned.shape)}."
    )
    expected = torch.tensor(expected)
    wrong = (torch.as_tensor(returned).float() - expected).abs().max()
    assert wrong < 1e-4, (
        f"{words}: your rows are {show(returned)}; they should be {show(expected)}."
    )


def check_one_walk(submission):
    """Shares of one walk."""
    expect(
        submission,
        [[0, 0, 1, 0, 0, 1, 1]],
        2,
        [[0.5, 0.5], [0.5, 0.5]],
        "The walk 0 0 1 0 0 1 1",
    )
    expect(submission, [[0, 0, 0, 1, 0, 1]], 2, [[0.5, 0.5], [1.0, 0.0]], "The walk 0 0 0 1 0 1")
    expect(submission, [[0, 0, 0, 1, 0, 0]], 2, [[0.75, 0.25], [1.0, 0.0]], "The walk 0 0 0 1 0 0")


def check_two_walks(submission):
    """Nothing between them."""
    walks = [[0, 0, 0], [1, 1, 1], [0, 0]]
    expect(submission, walks, 2, [[1.0, 0.0], [0.0, 1.0]], "The walks 0 0 0, 1 1 1 and 0 0")


def check_never_left(submission):
    """A row without counts."""
    third = 1 / 3
    expect(
        submission,
        [[0, 0, 1], [1, 0]],
        3,
        [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [third, third, third]],
        "The walks 0 0 1 and 1 0 with three states",
    )


def observe(submission, rng):
    walks = [torch.randint(4, (n,), generator=rng) for n in (9, 6, 7)]
    return [
        submission.transition_table(walks, 4),
        submission.transition_table(walks, 5),
        submission.transition_table(walks[:1], 4),
    ]
