"""MLP and CNN: their shape comments, their formulas against torch's, and that they learn."""

import math
import re
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
Shape = tuple[int, int, int]
GREY: Shape = (1, 28, 28)
SHAPES: list[Shape] = [GREY, (3, 32, 48), (3, 20, 28), (1, 37, 7)]  # channels, height, width


def make_mlp(shape: Shape = GREY) -> nn.Module:
    return mlp.MLP(mlp.MLPConfig(num_pixels=math.prod(shape), hidden_dims=(7, 7), num_classes=4))


def make_cnn(shape: Shape = GREY) -> nn.Module:
    return cnn.CNN(cnn.CNNConfig(image_shape=shape, channels=(2, 5, 6), num_classes=4))


MODELS = [
    (mlp, make_mlp, {"B": BATCH, "H": 7, "K": 4}),
    (cnn, make_cnn, {"B": BATCH, "C1": 2, "C2": 5, "C3": 6, "K": 4}),
]


def batch(shape: Shape = GREY) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.rand(BATCH, *shape), torch.tensor([0, 3, 1])


def sizes(shape: Shape) -> dict[str, int]:
    """The letters of an image's shape, and those of a CNN's maps by the lecture's formula."""
    channels, height, width = shape
    letters = {"IC": channels, "IH": height, "IW": width, "X": math.prod(shape)}
    for letter, size in (("H", height), ("W", width)):
        letters[f"{letter}1"] = (size - 5 + 2 * 2) // 2 + 1  # 5x5, stride 2, padding 2
        letters[f"{letter}2"] = (letters[f"{letter}1"] - 2) // 2 + 1  # pooled
        letters[f"{letter}3"] = (letters[f"{letter}2"] - 2) // 2 + 1
    return letters


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("module", "make", "letters"), MODELS)
def test_every_shape_comment_is_true(
    module: Any, make: Callable[[Shape], nn.Module], letters: dict[str, int], shape: Shape
):
    network = make(shape)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)

    def call() -> None:
        module.train_step(network, optimizer, batch(shape))
        if hasattr(module, "predict"):
            module.predict(network, batch(shape)[0])

    findings = check_shapes(Path(str(module.__file__)), call, sizes(shape) | letters)
    assert len(findings.claims) >= 5
    assert findings.wrong == ()
    assert findings.unseen == ()


@pytest.mark.parametrize(("module", "make", "letters"), MODELS)
def test_the_letters_are_declared(module: ModuleType, make: object, letters: dict[str, int]):
    legend = str(module.__doc__).partition("Shapes:")[2]
    claims = Path(str(module.__file__)).read_text().partition("# --- The network")[2]
    used = set(re.findall(r"\b[A-Z]+\d?\b", " ".join(re.findall(r"\([A-Z][^)]*\)", claims))))
    assert used & sizes(GREY).keys()
    for letter in letters.keys() | (used & sizes(GREY).keys()):
        assert re.search(rf"\b{letter}\b", legend), letter


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


@pytest.mark.parametrize("shape", [GREY, (3, 32, 32), (3, 20, 28)])
@pytest.mark.parametrize(("module", "make", "letters"), MODELS)
def test_it_learns_a_batch_by_heart(
    module: Any, make: Callable[[Shape], nn.Module], letters: object, shape: Shape
):
    network = make(shape)
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01)
    images, labels = torch.rand(16, *shape), torch.arange(16) % 4
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


def test_the_cnn_sees_colours():
    """Two pictures that are the same in grey, one red and one green, get other logits."""
    network = make_cnn((3, 16, 16)).eval()
    red, green = torch.zeros(2, 1, 3, 16, 16)
    red[:, 0], green[:, 1] = 1.0, 1.0
    assert not torch.allclose(network(red), network(green), atol=1e-3)


@pytest.mark.parametrize(
    ("shape", "last"), [((1, 28, 28), 3 * 3), ((3, 7, 15), 2), ((3, 96, 64), 96)]
)
def test_the_last_layer_has_a_weight_for_each_place_of_the_last_maps(shape: Shape, last: int):
    network: Any = make_cnn(shape)
    assert network.output.in_features == 6 * last
    assert network(torch.rand(2, *shape)).shape == (2, 4)


def test_a_cnn_says_which_images_are_too_small():
    message = "image_shape 3x28x6: the CNN halves height and width three times, so both must be at"
    with pytest.raises(ValueError, match=f"{message} least 7"):
        cnn.CNNConfig(image_shape=(3, 28, 6))


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
        lambda: cnn.CNNConfig(image_shape=(0, 28, 28)),
        lambda: mlp.MLPConfig(num_pixels=0),
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
