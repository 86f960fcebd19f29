"""Shape, equal frames, the law of the noise, then what a frame leaves behind."""

import torch
from torch import nn


class Glass(nn.Module):
    """Shows its noise; drops half of it in train mode."""

    def __init__(self, dropout=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.dropout = nn.Dropout(dropout)

    def forward(self, z):
        return self.dropout(z * self.weight)


def check_shape(submission):
    """As many as asked for."""
    images = submission.Film(7, 5, 0).frame(Glass())
    assert images.shape == (7, 5), (
        f"Seven samples of a generator that shows its noise: (7, 5); yours is {tuple(images.shape)}."
    )


def check_same_noise(submission):
    """Two frames, one generator."""
    film = submission.Film(7, 5, 0)
    first, second = (film.frame(Glass()) for _ in range(2))
    assert torch.equal(first, second), (
        "Two frames of the same generator differ: each got noise of its own."
    )
    again = submission.Film(7, 5, 0).frame(Glass())
    assert torch.equal(first, again), "Two films of the same seed differ."
    other = submission.Film(7, 5, 1).frame(Glass())
    assert not torch.equal(first, other), "Films of the seeds 0 and 1 show the same noise."


def law(submission, seed=0):
    z = submission.Film(2000, 5, seed).frame(Glass())
    return float(z.mean()), float(z.std())


def check_law(submission):
    """As in training."""
    mean, std = law(submission)
    assert abs(mean) < 0.1 and abs(std - 1) < 0.1, (
        f"Training draws noise from N(0, I); yours has the mean {mean:.2f} and the deviation {std:.2f}. G has never seen "
        "such noise."
    )


def dropped(submission, seed=0):
    return float((submission.Film(200, 5, seed).frame(Glass(0.5)) == 0).float().mean())


def check_eval(submission):
    """Nothing is dropped."""
    share = dropped(submission)
    assert share < 0.01, (
        f"Of a generator with dropout {100 * share:.0f} % of the values are 0: it drew in train mode."
    )


def check_left_as_it_was(submission):
    """The mode, the shared generator, the graph."""
    for training in (True, False):
        generator = Glass().train(training)
        torch.manual_seed(123)
        before = torch.get_rng_state()
        film = submission.Film(3, 2, 0)
        assert torch.equal(before, torch.get_rng_state()), (
            "Making the film moved the random numbers that training uses."
        )
        images = film.frame(generator)
        assert generator.training == training, (
            f"The generator came in {'train' if training else 'eval'} mode and was left in "
            f"{'eval' if training else 'train'} mode."
        )
        assert torch.equal(before, torch.get_rng_state()), (
            "Taking a frame moved the random numbers that training uses: a run with a film is another run."
        )
        assert not images.requires_grad, "The frame holds a graph."


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    torch.manual_seed(123)
    before = torch.get_rng_state()
    film, generator = submission.Film(4, 3, seed), Glass()
    made = not torch.equal(before, torch.get_rng_state())
    torch.manual_seed(123)
    before = torch.get_rng_state()
    frames = [film.frame(generator) for _ in range(2)]
    disturbed = not torch.equal(before, torch.get_rng_state())
    torch.manual_seed(321)
    again, other = (submission.Film(4, 3, s).frame(Glass().eval()) for s in (seed, seed + 1))
    trained, stayed = Glass(), Glass().eval()
    film.frame(trained)
    film.frame(stayed)
    return [
        made,
        disturbed,
        torch.equal(frames[0], again),
        torch.equal(again, other),
        [round(x * 4) for x in law(submission, seed)],
        torch.equal(*frames),
        dropped(submission, seed) > 0.1,
        trained.training,
        frames[0].requires_grad,
        stayed.training,
    ]
