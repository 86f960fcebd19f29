"""What the first layer sees, then what the last one gets."""

import itertools
import runpy
from pathlib import Path

import torch


def data(seed=0, number=30):
    generator = torch.Generator().manual_seed(seed)
    pictures = 0.3 * torch.rand(number, 8, 8, 3, generator=generator)
    labels = torch.arange(number) % 3
    for picture, label in zip(pictures, labels):
        row, column = torch.randint(0, 5, (2,), generator=generator).tolist()
        picture[row : row + 3, column : column + 3, label] += 0.7
    return pictures, labels


def seen_by_the_first_layer(network, pictures):
    seen = []
    handle = network.conv.register_forward_pre_hook(lambda m, args: seen.append(args[0].detach()))
    network(pictures)
    handle.remove()
    return seen[0]


def check_first_layer(submission):
    """A red picture is red."""
    network = submission.train(*data(), 0)
    red = torch.zeros(1, 8, 8, 3)
    red[..., 0] = 1
    seen = seen_by_the_first_layer(network, red)
    means = [round(v, 3) for v in seen[0].mean(dim=(1, 2)).tolist()]
    assert tuple(seen.shape) == (1, 3, 8, 8) and means == [1, 0, 0], (
        f"Of a plain red picture the first layer sees channels with the means {means}; [1, 0, 0] is right. "
        f"({network.output.in_features} numbers reach the last layer.)"
    )
    corner = torch.zeros(1, 8, 8, 3)
    corner[0, 0, 7, 1] = 1
    place = seen_by_the_first_layer(network, corner)[0].nonzero().tolist()
    assert place == [[1, 0, 7]], (
        f"A green pixel in row 0, column 7 is seen at channel, row, column {place}; [1, 0, 7] is right."
    )


def check_last_layer(submission):
    """6 maps of 4 x 4."""
    network = submission.train(*data(), 0)
    assert network.output.in_features == 96, (
        f"{network.output.in_features} numbers reach the last layer; 6 maps of 4 x 4 are 96."
    )


def check_nothing_else_changed(submission):
    """Seed, rate and sizes are as they were."""
    pictures, labels = data()
    mended = runpy.run_path(str(Path(__file__).with_name("solution.py")))["train"]
    mine, right = (
        submission.train(pictures, labels, 5)(pictures),
        mended(pictures, labels, 5)(pictures),
    )
    assert torch.allclose(mine, right, atol=1e-3), (
        "After five steps the logits are not what they are with the two lines mended and nothing else "
        "changed."
    )


def observe(submission, rng):
    """What the first layer sees, if that is wrong, then the size of the maps, then the logits."""
    pictures, labels = data(int(torch.randint(1000, (), generator=rng)), 9)
    network = submission.train(pictures, labels, 3)
    wide = network.output.in_features
    seen = seen_by_the_first_layer(network, pictures)
    right = pictures.permute(0, 3, 1, 2)
    if tuple(seen.shape) == tuple(right.shape) and not torch.equal(seen, right):
        if torch.equal(seen, right.transpose(2, 3)):
            return "on its side"
        if torch.equal(seen, pictures.reshape(-1, 3, 8, 8)):
            if wide not in (96, 294):
                return "reshape, and another pooling"
        elif not any(
            torch.equal(seen, right[:, list(p)]) for p in itertools.permutations(range(3))
        ):
            return "colours mixed in another way"
    elif wide not in (96, 294):
        return "maps of another size"
    return [wide, network(pictures)]
