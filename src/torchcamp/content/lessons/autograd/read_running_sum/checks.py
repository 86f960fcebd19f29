"""Three losses of a weight are added, by the code as it is and without its `detach`."""

import torch

from torchcamp.course.judge.predictions import compare, first_wrong, rewritten
from torchcamp.reading.probes import graph_nodes
from torchcamp.training.loop import Running


def after_three(kind):
    weight = torch.ones(4, requires_grad=True)
    running = kind()
    for number in (1.0, 2.0, 6.0):
        running.add({"loss": (weight * number).mean()})
    return running


def happened():
    running = after_three(Running)
    undetached = after_three(rewritten(Running, ".detach()", "")).sums["loss"]
    kept = [node for node in graph_nodes(undetached) if node.name().startswith("Mean")]
    needs_grad = running.sums["loss"].requires_grad
    running.means()
    return {
        "needs_grad": needs_grad,
        "graphs_kept": len(kept),
        "second_means": running.means(),
    }


def check_needs_grad(submission):
    """A sum of numbers only."""
    words = compare(submission, happened(), "needs_grad")
    assert not words, words + " What `detach` returns has the same number and no graph."


def check_graphs_kept(submission):
    """What a sum remembers."""
    words = compare(submission, happened(), "graphs_kept")
    assert not words, (
        words
        + " The sum's graph leads back through each addition to each loss. After a thousand steps "
        "it would hold a thousand forward passes."
    )


def check_second_means(submission):
    """Emptied when read."""
    words = compare(submission, happened(), "second_means")
    assert not words, words + " The first call put an empty dict in place of the sums."


def observe(submission, rng):
    return first_wrong(submission, happened())
