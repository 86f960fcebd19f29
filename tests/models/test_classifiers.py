"""MLP and CNN: their shape comments, their formulas against torch's, and that they learn."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

from torchcamp.models import cnn, mlp
from torchcamp.reading.shapes import check_shapes

BATCH = 3


def make_mlp() -> nn.Module:
    return mlp.MLP(mlp.MLPConfig(hidden_dims=(7, 7), num_classes=4))


def make_cnn() -> nn.Module:
    return cnn.CNN(cnn.CNNConfig(channels=(2, 5, 6), num_classes=4))


MODELS = [
    (mlp, make_mlp, {"B": BATCH, "X": 784, "H": 7, "K": 4}),
    (cnn, make_cnn, {"B": BATCH, "C1": 2, "C2": 5, "C3": 6, "K": 4}),
]


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.rand(BATCH, 1, 28, 28), torch.tensor([0, 3, 1])


@pytest.mark.parametrize(("module", "make", "letters"), MODELS)
def test_every_shape_comment_is_true(
    module: Any, make: Callable[[], nn.Module], letters: dict[str, int]
):
    network = make()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)

    def call() -> None:
        module.train_step(network, optimizer, batch())
        if hasattr(module, "predict"):
            module.predict(network, batch()[0])

    findings = check_shapes(Path(str(module.__file__)), call, letters)
    assert len(findings.claims) >= 5
    assert findings.wrong == ()
    assert findings.unseen == ()


@pytest.mark.parametrize(("module", "make", "letters"), MODELS)
def test_the_letters_are_declared(module: ModuleType, make: object, letters: dict[str, int]):
    legend = str(module.__doc__).partition("Shapes:")[2]
    for letter in letters:
        assert letter in legend


@pytest.mark.parametrize(("module", "make", "letters"), MODELS)
def test_one_step_equals_torchs_own(module: Any, make: Callable[[], nn.Module], letters: object):
    torch.manual_seed(1)
    ours, theirs = make(), make()
    theirs.load_state_dict(ours.state_dict())
    images, labels = batch()
    torch.manual_seed(2)
    returned = module.train_step(
        ours, torch.optim.SGD(ours.parameters(), lr=0.1), (images, labels), label_smoothing=0.1
    )
    torch.manual_seed(2)
    loss = nn.CrossEntropyLoss(label_smoothing=0.1)(theirs(images), labels)
    loss.backward()
    for (name, a), b in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert b.grad is not None
        assert torch.allclose(a, b - 0.1 * b.grad, atol=1e-7), name
    assert torch.allclose(returned["loss"], loss.detach())
    assert not returned["loss"].requires_grad
    assert returned.keys() == {"loss", "accuracy"}


@pytest.mark.parametrize(("module", "make", "letters"), MODELS)
def test_it_learns_a_batch_by_heart(module: Any, make: Callable[[], nn.Module], letters: object):
    network = make()
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01)
    images, labels = torch.rand(16, 1, 28, 28), torch.arange(16) % 4
    for _ in range(60):
        module.train_step(network, optimizer, (images, labels))
    network.eval()
    assert (network(images).argmax(dim=1) == labels).float().mean() > 0.9


def test_the_mlp_does_not_know_neighbours():
    """Permuting all pixels and the first layer's columns alike changes nothing."""
    network = make_mlp().eval()
    images, order = batch()[0], torch.randperm(784)
    logits = network(images)
    first: Any = network.hidden[1]  # type: ignore[index]
    with torch.no_grad():
        first.weight.copy_(first.weight[:, order])
        shuffled = images.flatten(1)[:, order].view_as(images)
        assert torch.allclose(network(shuffled), logits, atol=1e-5)


def test_the_cnn_answers_alike_for_each_image_alone():
    network = make_cnn().eval()
    images = batch()[0]
    one_by_one = torch.cat([network(image[None]) for image in images])
    assert torch.allclose(network(images), one_by_one, atol=1e-5)


def test_predict_is_the_softmax_of_the_logits():
    network = make_cnn().eval()
    images = batch()[0]
    probs = cnn.predict(network, images)
    assert torch.allclose(probs.sum(dim=1), torch.ones(BATCH))
    assert torch.allclose(probs.log(), network(images).log_softmax(dim=1), atol=1e-5)


def test_stages_may_be_deeper():
    network = cnn.CNN(cnn.CNNConfig(channels=(2, 3, 4), convs_per_stage=3))
    assert network(torch.rand(1, 1, 28, 28)).shape == (1, 10)
    assert sum(isinstance(m, nn.Conv2d) for m in network.modules()) == 7


@pytest.mark.parametrize(
    "make",
    [
        lambda: cnn.CNNConfig(channels=(0, 1, 2)),
        lambda: cnn.CNNConfig(convs_per_stage=0),
        lambda: mlp.MLPConfig(hidden_dims=()),
        lambda: mlp.MLPConfig(dropout=1.0),
    ],
)
def test_configs_refuse_nonsense(make: Callable[[], object]):
    with pytest.raises(ValueError, match=r"needs|must"):
        make()


def test_dropout_has_the_law_of_torchs():
    """Each value is zero with probability p or divided by 1 - p, and nothing happens in eval."""
    drop, x = mlp.Dropout(0.3), torch.full((200, 500), 2.0)
    dropped = drop(x)
    values, counts = dropped.unique(return_counts=True)
    assert torch.allclose(values, torch.tensor([0.0, 2.0 / 0.7]))
    share = counts[0].item() / x.numel()
    assert abs(share - 0.3) < 0.005  # 3.4 standard errors
    assert torch.equal(drop.eval()(x), x)
    assert drop.train()(x.bfloat16()).dtype == torch.bfloat16
