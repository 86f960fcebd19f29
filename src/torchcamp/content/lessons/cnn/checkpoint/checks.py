"""Written where it was asked for, read back, then: does the training go on as it would have?"""

import copy
import tempfile
import zipfile
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.course.judge.checks import attempt


def make(dropout=0.5, seed=0):
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(dropout), nn.Linear(16, 3)
    )
    return network, torch.optim.Adam(network.parameters(), lr=0.05)


def steps(network, optimizer, numbers):
    for number in numbers:
        generator = torch.Generator().manual_seed(number)
        x, y = torch.randn(8, 4, generator=generator), torch.randint(3, (8,), generator=generator)
        optimizer.zero_grad()
        F.cross_entropy(network(x), y).backward()
        optimizer.step()


def weights(network):
    return torch.cat([v.detach().double().flatten() for v in network.state_dict().values()])


def resumed(submission, dropout=0.5, seed=0, go_on=(2, 3), path="run.pt"):
    """2 steps, saved, loaded into fresh objects, then on."""
    network, optimizer = make(dropout, seed)
    steps(network, optimizer, (0, 1))
    submission.save_checkpoint(path, network, optimizer, 2)
    kept = copy.deepcopy(network.state_dict())
    steps(network, optimizer, (2,))  # the first process goes on a little before it is killed
    fresh, fresh_optimizer = make(dropout, seed + 1)
    step = submission.load_checkpoint(path, fresh, fresh_optimizer)
    loaded = all(torch.equal(v, kept[k]) for k, v in fresh.state_dict().items())
    steps(fresh, fresh_optimizer, go_on)
    return step, loaded, weights(fresh)


def straight(dropout=0.5, seed=0):
    network, optimizer = make(dropout, seed)
    steps(network, optimizer, range(4))
    return weights(network)


def check_file(submission):
    """At the path that was named, and nowhere else."""
    network, optimizer = make()
    before = set(Path(".").iterdir())
    submission.save_checkpoint("here.pt", network, optimizer, 2)
    new = sorted(p.name for p in set(Path(".").iterdir()) - before)
    assert new == ["here.pt"], f"Asked for `here.pt`, you wrote {', '.join(new) or 'nothing'}."


def was_refused(outcome):
    return isinstance(outcome, dict) and "raised" in outcome


def check_readable(submission):
    """PyTorch reads it without being told to trust it."""
    network, optimizer = make()
    submission.save_checkpoint("run.pt", network, optimizer, 2)
    outcome = attempt(lambda: torch.load("run.pt", weights_only=True))
    assert not was_refused(outcome), (
        f"`torch.load(path)` refuses your file ({outcome['raised']}): it holds more than tensors, numbers, "
        "strings, and lists or dicts of them, or `torch.save` did not write it."
    )


def check_mode(submission):
    """The training goes on in training mode."""
    network, optimizer = make()
    fresh, fresh_optimizer = make(seed=1)
    submission.save_checkpoint("run.pt", network, optimizer, 2)
    assert network.training, "The network whose state was saved is in eval mode afterwards."
    submission.load_checkpoint("run.pt", fresh, fresh_optimizer)
    assert fresh.training, "The network that was loaded into is in eval mode afterwards."


def check_loaded(submission):
    """The weights, and the number of steps."""
    step, loaded, _ = resumed(submission)
    assert step == 2, f"Saved after 2 steps, `load_checkpoint` returned {step!r}."
    assert loaded, "The loaded network's weights or statistics are not those that were saved."


def check_optimizer(submission):
    """Adam remembers."""
    _, _, mine = resumed(submission, dropout=0.0)
    difference = (mine - straight(0.0)).abs().max().item()
    assert difference == 0, (
        f"Without dropout: after 2 more steps the weights differ by up to {difference:.4f} from those of a "
        "training that was never stopped. The weights were loaded rightly; what else changes?"
    )


def check_random_state(submission):
    """Dropout goes on where it was."""
    _, _, mine = resumed(submission)
    difference = (mine - straight()).abs().max().item()
    assert difference == 0, (
        f"With dropout: after 2 more steps the weights differ by up to {difference:.4f} from those of a "
        "training that was never stopped. Weights and optimizer are right; what else changes?"
    )


def same(one, other):
    """Whether two state dicts hold the same, bit for bit."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(v, other[k]) for k, v in one.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(torch.equal(one, other)) if isinstance(one, torch.Tensor) else one == other


def arrived(path, submission, seed):
    """What of the saved state is in the fresh objects after loading."""
    network, optimizer = make(seed=seed)
    steps(network, optimizer, (0, 1))
    saved = copy.deepcopy((network.state_dict(), optimizer.state_dict()))
    random = torch.get_rng_state()
    submission.save_checkpoint(path, network, optimizer, 2)
    modes = [network.training]
    steps(network, optimizer, (2,))
    fresh, fresh_optimizer = make(seed=seed + 1)
    before = torch.get_rng_state()
    step = submission.load_checkpoint(path, fresh, fresh_optimizer)
    now = torch.get_rng_state()
    anew = torch.Generator().manual_seed(torch.initial_seed()).get_state()
    found = [random, before, anew], ["go on", "untouched", "from a seed"]
    draws = next((words for state, words in zip(*found) if same(now, state)), "elsewhere")
    learnt = {name for name, _ in fresh.named_parameters()}
    parts = [
        all(
            torch.equal(v, saved[0][k]) for k, v in fresh.state_dict().items() if (k in learnt) is w
        )
        for w in (True, False)
    ]
    parts.append(same(fresh_optimizer.state_dict(), saved[1]))
    steps(fresh, fresh_optimizer, (2, 3))
    end, right = weights(fresh), straight(seed=seed)
    modes.append(fresh.training)
    return [step, draws, parts, modes, float(end.sum()) if torch.equal(end, right) else None]


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    with tempfile.TemporaryDirectory(dir=".") as folder:  # empty, whatever was written before
        path = Path(folder) / "run.pt"
        seen = attempt(lambda: arrived(str(path), submission, seed), words=True)
        names = sorted(p.name for p in Path(folder).iterdir())
        refused = was_refused(attempt(lambda: torch.load(path, weights_only=True)))
        return [seen, names, refused, zipfile.is_zipfile(path)]
