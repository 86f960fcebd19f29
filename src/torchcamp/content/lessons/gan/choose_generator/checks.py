"""The distance and its judge, then the choice."""

import torch
from torch import nn

from torchcamp.course.judge.checks import attempt


class Judge(nn.Module):
    """Four features of each picture; those of a mean picture are not the mean of the features."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = nn.Parameter(torch.randn(3, 4, generator=generator))
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        return self.dropout(torch.tanh(x @ self.weight))


def data(seed=0):
    generator = torch.Generator().manual_seed(seed)
    real = torch.randn(400, 3, generator=generator)
    return real, torch.randn(300, 3, generator=generator) + torch.tensor([1.0, 0.0, -2.0])


def check_same(submission):
    """A copy is at distance 0."""
    real, _ = data()
    found = submission.distance(Judge().eval(), real, real.clone())
    assert abs(float(found)) < 1e-6, (
        f"The same pictures twice have the distance 0; yours is {float(found):.4f}."
    )


def check_distance(submission):
    """Of the means."""
    real, fake = data()
    judge = Judge().eval()
    with torch.no_grad():
        right = float((judge(real).mean(0) - judge(fake).mean(0)).square().sum())
    found = float(submission.distance(judge, real, fake))
    assert abs(found - right) < 1e-3 * right, (
        f"The squared distance of the features' means is {right:.4f}; yours is {found:.4f}."
    )


def check_eval(submission):
    """The judge in eval mode, then as it was."""
    real, fake = data()
    judge = Judge().train()
    values = {round(float(submission.distance(judge, real, fake)), 4) for _ in range(3)}
    assert len(values) == 1, (
        f"Three measurements of the same pictures gave {sorted(values)}: something is drawn by chance, as by a judge whose dropout is on."
    )
    assert judge.training, "The judge came in train mode and was left in eval mode."
    submission.distance(judge.eval(), real, fake)
    assert not judge.training, "The judge came in eval mode and was left in train mode."


# Measured every tenth epoch, so that no epoch's number is its place in the list.
EPOCHS = [
    {"epoch": 10, "d_loss": 1.30, "g_loss": 0.72, "distance": 3.0},
    {"epoch": 20, "d_loss": 0.90, "g_loss": 1.60, "distance": 1.2},
    {"epoch": 30, "d_loss": 0.60, "g_loss": 2.10, "distance": 1.9},
]
DEAD = {"epoch": 40, "d_loss": 0.001, "g_loss": 9.2, "distance": 1.0}
# Won by D, as DEAD is: the largest and the least loss of D, and farther away.
ALSO_DEAD = [
    DEAD | {"epoch": 50, "d_loss": 0.02, "distance": 1.5},
    DEAD | {"epoch": 60, "d_loss": 0.0005, "distance": 1.7},
]
# One is best by each column, and none by two of them.
MIXED = [
    {"epoch": 60, "d_loss": 1.2, "g_loss": 1.0, "distance": 2.0},
    {"epoch": 70, "d_loss": 1.0, "g_loss": 0.5, "distance": 1.5},
    {"epoch": 80, "d_loss": 0.6, "g_loss": 1.2, "distance": 1.1},
    {"epoch": 90, "d_loss": 0.8, "g_loss": 2.0, "distance": 1.7},
    {"epoch": 100, "d_loss": 0.4, "g_loss": 1.4, "distance": 2.5},
]


def check_choice(submission):
    """By the measure."""
    found = submission.choose(list(EPOCHS))
    assert found == 20, (
        f"Epochs 10, 20, 30 have the distances 3.0, 1.2, 1.9: epoch 20 is nearest to the data; you chose {found}."
    )


def check_won(submission):
    """A D that has won."""
    found = submission.choose([*EPOCHS, DEAD])
    assert found == 20, (
        f"Epoch 40 has D's loss at 0.001: its G learns nothing any more; you chose {found}."
    )
    found = submission.choose([DEAD | {"epoch": 5}, *EPOCHS])
    assert found == 20, (
        f"D's loss is 0.001 in epoch 5, the first: its G learns nothing any more; you chose {found}."
    )
    found = submission.choose([*EPOCHS, DEAD, DEAD | {"epoch": 50, "distance": 1.1}])
    assert found == 20, (
        f"Epochs 40 and 50 have D's loss at 0.001: both are no candidates; you chose {found}."
    )
    for d_loss in (0.07, 0.05):
        close = submission.choose([*EPOCHS, DEAD | {"d_loss": d_loss}])
        assert close == 40, (
            f"A D whose loss is {d_loss} has not won; epoch 40 is nearest, you chose {close}."
        )
    for epochs in ([DEAD, *ALSO_DEAD], [*ALSO_DEAD, DEAD]):
        only = submission.choose(list(epochs))
        assert only == 40, (
            f"If D has won in all, the nearest of them is kept: 40; you chose {only}."
        )


def chosen(submission, epochs):
    """Which epoch is kept; "none" also where choosing fails."""
    found = attempt(lambda: submission.choose(list(epochs)))
    failed = isinstance(found, dict) and "raised" in found
    return "none" if failed or found is None else found


def observe(submission, rng):
    real, fake = data(int(torch.randint(1000, (), generator=rng)))
    judge = Judge().train()
    values = [float(submission.distance(judge, real, fake)) for _ in range(2)]
    steady = abs(values[0] - values[1]) < 1e-6
    quiet = float(submission.distance(Judge().eval(), real, fake))
    lists = [list(EPOCHS), [*EPOCHS, DEAD], EPOCHS[::-1], [DEAD, *EPOCHS[1:]]]
    lists += [[DEAD, *ALSO_DEAD], [*ALSO_DEAD, DEAD], MIXED]
    # A first epoch that is neither alive nor near, then two dead ones that are nearest.
    lists += [[DEAD | {"distance": 5.0}, *EPOCHS], [*EPOCHS, DEAD, DEAD | {"epoch": 50}]]
    kept = Judge().eval()
    submission.distance(kept, real, fake)
    return [
        steady,
        judge.training,
        kept.training,
        quiet,
        [chosen(submission, each) for each in lists],
    ]
