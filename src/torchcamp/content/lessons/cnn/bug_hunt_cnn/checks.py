"""Each check looks at one of the two symptoms, the head first."""

import runpy
from pathlib import Path

import torch


def data(seed=0):
    generator = torch.Generator().manual_seed(seed)
    centres = torch.randn(3, 1, 8, 8, generator=generator)
    labels = torch.arange(96) % 3
    images = centres[labels] + 4 * torch.randn(96, 1, 8, 8, generator=generator)
    # Nothing can be learnt about these, so the accuracy goes up and down, epoch after epoch.
    test_images = 3 * torch.randn(60, 1, 8, 8, generator=generator)
    return images, labels, test_images, torch.arange(60) % 3


def accuracy_of(network, images, labels):
    network.eval()
    with torch.no_grad():
        return (network(images).argmax(1) == labels).float().mean().item()


def check_returns(submission):
    """A network for three classes, and a share."""
    images, labels, test_images, test_labels = data()
    returned = submission.train(images, labels, test_images, test_labels, 1)
    assert isinstance(returned, tuple) and len(returned) == 2, (
        "Return the network and its accuracy."
    )
    network, accuracy = returned
    assert network(test_images).shape == (60, 3), "The network must have three classes."
    assert 0 <= accuracy <= 1, f"{accuracy} is no share."


def check_every_layer_learns(submission):
    """Training moves every layer, the new head too."""
    images, labels, test_images, test_labels = data()
    start, _ = submission.train(images, labels, test_images, test_labels, 0)
    # Judged on the training images, every epoch is better than the one before.
    end, _ = submission.train(images, labels, images, labels, 2)
    trained = dict(end.named_parameters())
    still = [n for n, p in start.named_parameters() if torch.equal(p, trained[n])]
    assert not still, (
        f"After two epochs {', '.join(still)} are bit for bit what they were at the beginning: "
        "nobody trained them."
    )


def check_best_epoch_is_kept(submission):
    """The network that comes back is as good as the script says."""
    images, labels, test_images, test_labels = data()
    network, accuracy = submission.train(images, labels, test_images, test_labels, 8)
    actual = accuracy_of(network, test_images, test_labels)
    assert abs(actual - accuracy) < 1e-6, (
        f"The script returned an accuracy of {accuracy:.3f}; the network that it returned with it "
        f"has {actual:.3f}."
    )


def check_it_is_the_best(submission):
    """No epoch was better than the one that is returned."""
    images, labels, test_images, test_labels = data()
    results = [
        submission.train(images, labels, test_images, test_labels, n)[1] for n in range(1, 9)
    ]
    assert results[-1] >= max(results) - 1e-6, (
        f"Trained for fewer epochs it reaches {max(results):.3f}; after 8 it returns "
        f"{results[-1]:.3f}, so it is not the best epoch that is kept."
    )


def check_nothing_else_changed(submission):
    """Seed, rate and network are as they were."""
    images, labels, test_images, test_labels = data()
    network, _ = submission.train(images, labels, images, labels, 1)
    mended = runpy.run_path(str(Path(__file__).with_name("solution.py")))["train"]
    expected, _ = mended(images, labels, images, labels, 1)
    for (name, p), q in zip(network.named_parameters(), expected.named_parameters()):
        assert p.shape == q[1].shape and torch.allclose(p, q[1], atol=1e-3), (
            f"After one epoch `{name}` is not what it is with the two lines mended and nothing else "
            "changed."
        )


def check_epochs_go_on(submission):
    """A second epoch goes on from the first."""
    images, labels, *_ = data()
    network, _ = submission.train(images, labels, images, labels, 2)
    mended = runpy.run_path(str(Path(__file__).with_name("solution.py")))["train"]
    expected, _ = mended(images, labels, images, labels, 2)
    pairs = zip(network.parameters(), expected.parameters())
    worst = max((p - q).abs().max().item() for p, q in pairs)
    assert worst < 1e-3, (
        "After one epoch the weights are what they are with the two lines mended and nothing else changed. After two they are "
        f"off by up to {worst:.3f}."
    )


def check_statistics_are_kept_too(submission):
    """The best epoch's running statistics."""
    data_of_8 = (*data(), 8)
    mended = runpy.run_path(str(Path(__file__).with_name("solution.py")))["train"]
    (network, _), (expected, _) = submission.train(*data_of_8), mended(*data_of_8)
    for (name, b), right in zip(network.named_buffers(), expected.buffers()):
        assert torch.allclose(b.float(), right.float(), atol=1e-3), (
            f"After 8 epochs the weights are those of the best epoch, and `{name}` is not: "
            "what comes back is a mixture of two epochs."
        )


def observe(submission, rng):
    images, labels, test_images, test_labels = data(int(torch.randint(1000, (), generator=rng)))
    seen = []
    # Judged on the training images the second epoch is the best, so it is seen.
    for epochs, judged_on in ((2, (images, labels)), (6, (test_images, test_labels))):
        network, accuracy = submission.train(images, labels, *judged_on, epochs)
        weights = torch.cat([p.detach().flatten()[:6] for p in network.parameters()])
        weights = torch.cat([weights, *(b.flatten() for b in network.buffers())])
        learns = [p.requires_grad for p in network.parameters()]
        actual = accuracy_of(network, *judged_on)
        seen.append([float(accuracy), actual, weights, learns])
    return seen
