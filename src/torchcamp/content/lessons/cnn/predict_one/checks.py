"""Called at all, the class, the probability, dropout, what is left behind."""

import torch
from torch import nn

from torchcamp.course.judge.checks import attempt


def make(seed=0, dropout=0.5, training=True):
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.Flatten(), nn.BatchNorm1d(16), nn.Dropout(dropout), nn.Linear(16, 3)
    )
    network[2].running_mean.fill_(0.3)
    return network.train(training), torch.randn(2, 4, 4)


def right(network, image):
    was_training = network.training
    with torch.no_grad():
        probs = network.eval()(image[None])[0].softmax(0)
    network.train(was_training)
    return int(probs.argmax()), probs.max().item()


def check_class(submission):
    """The likeliest one."""
    for seed in range(4):
        network, image = make(seed, 0.0)
        expected = right(network, image)
        returned = submission.predict_one(network, image)
        assert isinstance(returned, tuple) and len(returned) == 2, (
            "Return a class and a probability."
        )
        assert isinstance(returned[0], int) and not isinstance(returned[0], bool), (
            f"The class must be an int; yours is a {type(returned[0]).__name__}."
        )
        assert returned[0] == expected[0], f"You say class {returned[0]}; {expected[0]} is right."


def check_probability(submission):
    """Softmax over the classes."""
    for seed in (1, 0, 2, 3):
        network, image = make(seed, 0.0)
        expected, returned = right(network, image)[1], submission.predict_one(network, image)[1]
        assert isinstance(returned, float), (
            f"The probability is a {type(returned).__name__}, not a float."
        )
        assert abs(returned - expected) < 1e-4, (
            f"You say {returned:.4f}; the probability of that class is {expected:.4f}."
        )


def check_dropout_off(submission):
    """The same answer every time."""
    network, image = make(2, 0.5)
    answers = {submission.predict_one(network, image)[1] for _ in range(3)}
    assert len(answers) == 1, (
        f"Three calls gave the probabilities {sorted(round(a, 4) for a in answers)}."
    )


def check_left_as_it_was(submission):
    """Mode and statistics."""
    for training in (True, False):
        network, image = make(3, 0.5, training)
        kept = network[2].running_mean.clone()
        submission.predict_one(network, image)
        came, went = ("training", "eval") if training else ("eval", "training")
        assert network.training == training, (
            f"The network came in {came} mode and went back in {went} mode."
        )
        assert torch.equal(kept, network[2].running_mean), (
            "The call changed the running statistics."
        )


def observe(submission, rng):
    seen = []
    for dropout, training in ((0.0, True), (0.5, True), (0.5, False)):
        network, image = make(int(torch.randint(1000, (), generator=rng)), dropout, training)
        torch.manual_seed(0)
        returned = attempt(lambda n=network, i=image: submission.predict_one(n, i), words=True)
        seen.append([returned, network.training, network[2].running_mean])
    return seen
