"""What G was asked for, which labels D was told, then both steps."""

import copy

import torch
import torch.nn.functional as F
from torch import nn


class G(nn.Module):
    """Draws its label as a number, moved by a weight; keeps what it was asked for."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.full((4,), 0.5))
        self.asked, self.noise = [], []

    def forward(self, z, labels):
        self.asked.append(labels.clone())
        self.noise.append(z.detach().clone())
        return torch.stack([labels.float() + 0 * z[:, 0], z[:, 0] * self.weight[labels % 4]], 1)


class D(nn.Module):
    """Keeps what it was told; column 0 of a fake is the label that it was asked for."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 4)
        self.told = []

    def forward(self, x, labels):
        self.told.append((x.detach().clone(), labels.clone()))
        return self.layer(x).gather(1, labels[:, None] % 4).squeeze(1)


def make(seed=0, rates=(0.2, 0.2)):
    torch.manual_seed(seed)
    g, d = G(), D()
    labels = torch.tensor([0, 1, 2, 3, 1, 2])
    images = torch.stack([labels.float(), torch.randn(6) + 5], 1)
    optimizers = [torch.optim.SGD(n.parameters(), lr=r) for n, r in zip((g, d), rates)]
    return g, d, *optimizers, images, labels, torch.randn(6, 3)


def run(submission, parts):
    try:
        return submission.cgan_step(*parts)
    except RuntimeError as error:
        raise AssertionError(f"PyTorch refused: {str(error).partition('.')[0]}.") from None


def check_asked(submission):
    """G is asked for the batch's classes."""
    parts = make()
    run(submission, parts)
    asked = parts[0].asked[0]
    assert sorted(asked.tolist()) == sorted(parts[5].tolist()), (
        f"The batch holds the labels {parts[5].tolist()}; G was asked for {asked.tolist()}. D could tell fakes by their "
        "classes."
    )


def only(told, real):
    """The real or the fake rows of each call of D: both may come in one call."""
    for x, labels in told:
        chosen = (x[:, 1] > 3) == real
        if chosen.any():
            yield x[chosen], labels[chosen]


def check_told_about_fakes(submission):
    """With each fake the label that G was asked for."""
    parts = make()
    run(submission, parts)
    for x, labels in only(parts[1].told, real=False):
        assert torch.equal(x[:, 0], labels.float()), (
            f"G drew the classes {x[:, 0].int().tolist()}, and D was told {labels.tolist()}: with each fake goes "
            "the label that G was asked for."
        )


def check_told_about_real(submission):
    """With each real picture its own label."""
    parts = make()
    run(submission, parts)
    rows = [(x[:, 0], labels) for x, labels in only(parts[1].told, real=True)]
    number = sum(len(labels) for _, labels in rows)
    assert number == 6, (
        f"The batch holds 6 real pictures, and D is to look at each once; yours looked at {number}."
    )
    classes, labels = torch.cat([x for x, _ in rows]), torch.cat([labels for _, labels in rows])
    assert torch.equal(classes, labels.float()), (
        f"The real pictures are of classes {classes.int().tolist()}, and D was told {labels.tolist()}."
    )


def reference(parts):
    g, d = copy.deepcopy(parts[0]), copy.deepcopy(parts[1])
    images, labels, z = parts[4:]
    d_loss = (
        F.softplus(-d(images, labels)).mean() + F.softplus(d(g(z, labels).detach(), labels)).mean()
    )
    with torch.no_grad():
        for p, grad in zip(d.parameters(), torch.autograd.grad(d_loss, list(d.parameters()))):
            p -= 0.2 * grad
    g_loss = F.softplus(-d(g(z, labels), labels)).mean()
    with torch.no_grad():
        for p, grad in zip(g.parameters(), torch.autograd.grad(g_loss, list(g.parameters()))):
            p -= 0.2 * grad
    return g, d, d_loss.item(), g_loss.item()


def check_steps(submission):
    """Both networks, one step each."""
    parts = make()
    g, d, d_loss, g_loss = reference(parts)
    returned = run(submission, parts)
    assert all(torch.equal(z, parts[6]) for z in parts[0].noise), (
        "G was given other noise than `z`."
    )
    for mine, right, name in ((parts[1], d, "D"), (parts[0], g, "G")):
        worst = max(
            (p - q).abs().max().item() for p, q in zip(mine.parameters(), right.parameters())
        )
        assert worst < 1e-4, (
            f"After your step {name}'s weights are off by up to {worst:.4f} from one step down its own loss."
        )
    assert (
        returned is not None
        and abs(returned[0] - d_loss) < 1e-3
        and abs(returned[1] - g_loss) < 1e-3
    ), f"The losses are {d_loss:.4f} and {g_loss:.4f}; yours are {returned}."


def check_second_step(submission):
    """A second step knows nothing of the first."""
    parts = make()
    g, d = copy.deepcopy(parts[0]), copy.deepcopy(parts[1])
    for _ in range(2):
        run(submission, parts)
        g, d, _, _ = reference((g, d, *parts[2:]))
    worst = max(
        (p - q).abs().max().item()
        for mine, right in ((parts[0], g), (parts[1], d))
        for p, q in zip(mine.parameters(), right.parameters())
    )
    assert worst < 1e-4, (
        f"After one step the weights were right, after two they are off by up to {worst:.4f}: the second step used "
        "something that the first had left, such as gradients."
    )


def check_floats(submission):
    """Losses to keep."""
    returned = run(submission, make())
    assert not any(isinstance(loss, torch.Tensor) and loss.requires_grad for loss in returned), (
        "The losses that you return hold their graphs: whoever keeps them for a curve keeps every step's memory."
    )


def kind(given, right):
    """What labels are, in a word."""
    if given.tolist() == right.tolist():
        return "right"
    return "one class" if len(set(given.tolist())) == 1 else "others"


def told_kinds(told):
    """What D was told about the real pictures, about the fakes in its own step, and about those in G's."""
    real = [kind(labels, x[:, 0].long()) for x, labels in only(told, real=True)]
    fakes = [kind(labels, x[:, 0].long()) for x, labels in only(told, real=False)]
    worst = [next((k for k in kinds if k != "right"), "right") for kinds in (real, fakes[:-1])]
    return [*worst, *fakes[-1:]]


def flat(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def moves(parts):
    """Where a first step may lead D and G, by name, as flat weights."""
    g, d, *_, images, labels, z = parts
    g_right, d_right, *_ = reference(parts)

    def d_loss(fake):
        return F.softplus(-d(images, labels)).mean() + F.softplus(d(fake, labels)).mean()

    def stepped(network, loss):
        grads = torch.autograd.grad(loss, list(network.parameters()))
        return flat(network) - 0.2 * torch.cat([grad.flatten() for grad in grads])

    def early():
        return F.softplus(-d(g(z, labels), labels)).mean()

    g_first = copy.deepcopy(g)
    torch.nn.utils.vector_to_parameters(stepped(g, early()), g_first.parameters())
    return {
        "D": {
            "right": flat(d_right),
            "still": flat(d),
            "both losses": stepped(d, d_loss(g(z, labels).detach()) + early()),
            "new fakes": stepped(d, d_loss(g_first(z, labels).detach())),
        },
        "G": {"right": flat(g_right), "still": flat(g), "old D": flat(g_first)},
    }


def named(weights, places):
    return next((name for name, w in places.items() if (w - weights).abs().max() < 1e-5), "other")


def observe(submission, rng):
    parts = make(int(torch.randint(1000, (), generator=rng)))
    places = moves(copy.deepcopy(parts))
    try:
        losses = list(submission.cgan_step(*parts))
    except RuntimeError as error:
        return str(error)[:30]
    labels = parts[5]
    for asked in parts[0].asked:
        if sorted(asked.tolist()) != sorted(labels.tolist()):
            return ["asked", kind(asked, labels)]
    if not all(torch.equal(z, parts[6]) for z in parts[0].noise):
        return "noise of its own"
    told = told_kinds(parts[1].told)
    if told != ["right"] * 3:
        return ["told", *told]
    moved = [named(flat(parts[1]), places["D"]), named(flat(parts[0]), places["G"])]
    if moved != ["right", "right"] and "other" not in moved:
        return moved
    graph = any(isinstance(loss, torch.Tensor) and loss.requires_grad for loss in losses)
    losses = [float(loss) for loss in losses]
    flats = [torch.cat([flat(n) for n in parts[:2]])]
    try:
        submission.cgan_step(*parts)
    except RuntimeError:
        return "the second step is refused"
    return [losses, graph, *flats, torch.cat([flat(n) for n in parts[:2]])]
