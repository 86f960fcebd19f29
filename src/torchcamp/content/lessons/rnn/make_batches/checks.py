"""How many, their shapes, what the targets are, then how the chunks go on."""

import torch

from torchcamp.course.judge.checks import attempt


def check_number(submission):
    """Chunks that are full."""
    for length, number in ((13, 2), (12, 1), (18, 2), (19, 3), (24, 3)):
        returned = submission.make_batches(torch.arange(length), 2, 3)
        assert len(returned) == number, (
            f"A text of {length} in 2 stretches and chunks of 3 gives {number} chunk(s), since the last character is "
            f"only a target; yours gives {len(returned)}."
        )


def check_shapes(submission):
    """Each chunk."""
    for inputs, targets in submission.make_batches(torch.arange(50), 4, 5):
        assert inputs.shape == targets.shape == (4, 5), (
            f"Chunks of 4 stretches and 5 steps; yours are {tuple(inputs.shape)} and {tuple(targets.shape)}."
        )


def check_targets(submission):
    """The next character."""
    for length, rows, steps in ((50, 4, 5), (21, 4, 5)):
        for n, (inputs, targets) in enumerate(
            submission.make_batches(torch.arange(length), rows, steps)
        ):
            assert torch.equal(targets, inputs + 1), (
                f"In the text 0 1 2 … the target of each character is itself plus 1; the first row of your "
                f"chunk {n} is {inputs[0].tolist()} with targets {targets[0].tolist()}."
            )


def check_rows_are_text(submission):
    """Along a row the text goes on."""
    inputs, _ = submission.make_batches(torch.arange(50), 4, 5)[0]
    assert torch.equal(inputs[:, 1:], inputs[:, :-1] + 1), (
        f"Along a row the text goes on, character by character; your first row is {inputs[0].tolist()}."
    )


def check_chunks_go_on(submission):
    """From chunk to chunk, row by row."""
    chunks = submission.make_batches(torch.arange(61), 3, 4)
    for n in range(1, len(chunks)):
        ended, begins = chunks[n - 1][0][:, -1], chunks[n][0][:, 0]
        assert torch.equal(begins, ended + 1), (
            f"Chunk {n - 1} ended its rows with {ended.tolist()}, and chunk {n} begins with {begins.tolist()}: "
            "the state that is carried along belongs to other text."
        )


def form(submission, length):
    """What can be told of the chunks of the text 0 1 2 …, wherever its rows begin.

    Their shapes; whether all targets are the next characters; whether rows and chunks go on.
    """
    chunks = list(submission.make_batches(torch.arange(length), 3, 4))
    shapes = [[list(x.shape), list(y.shape)] for x, y in chunks]
    follow = [bool((y == x + 1).all()) if x.shape == y.shape else "other shape" for x, y in chunks]
    rows = all(bool((x.diff(dim=1) == 1).all()) for x, _ in chunks)
    ends, begins = [x[:, -1:] for x, _ in chunks[:-1]], [x[:, :1] for x, _ in chunks[1:]]
    go_on = [e.shape == b.shape and bool((b == e + 1).all()) for e, b in zip(ends, begins)]
    return [shapes, follow, rows, go_on]


def observe(submission, rng):
    # Of 61 characters all are used, however an answer cuts off what fills no chunk.
    text = torch.randint(1000, (61,), generator=rng)
    seen = [attempt(lambda: [[*pair] for pair in submission.make_batches(text, 3, 4)], words=True)]
    return seen + [attempt(lambda n=n: form(submission, n), words=True) for n in (60, 67)]
