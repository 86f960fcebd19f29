"""ResNet: its shape comments at several sizes, and the paper's network written once more."""

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.models import resnet
from torchcamp.reading.shapes import check_shapes

BATCH = 3
SMALL = {"channels": (4, 6, 7, 9), "num_classes": 5}
STRIDE = {"downsampling": "stride", "blocks": (1, 1, 1, 1)}
# Settings, picture -> height and width in each stage.
SIZES = [
    ({}, (3, 32, 32), [(31, 31), (15, 15), (7, 7), (3, 3)]),
    ({"stem": "4x4"}, (1, 48, 36), [(24, 18), (12, 9), (6, 4), (3, 2)]),
    ({"stem": "7x7", "blocks": (1, 0, 2, 1)}, (3, 96, 64), [(24, 16), (12, 8), (6, 4), (3, 2)]),
    ({"stem": "3x3", **STRIDE}, (3, 32, 32), [(32, 32), (16, 16), (8, 8), (4, 4)]),
    ({"stem": "4x4", **STRIDE}, (1, 28, 44), [(14, 22), (7, 11), (4, 6), (2, 3)]),
    ({"stem": "7x7", **STRIDE}, (3, 96, 64), [(24, 16), (12, 8), (6, 4), (3, 2)]),
]


def batch(shape: tuple[int, int, int]) -> tuple[Tensor, Tensor]:
    return torch.rand(BATCH, *shape), torch.tensor([0, 3, 1])


@pytest.mark.parametrize(("settings", "shape", "sizes"), SIZES)
def test_every_shape_comment_is_true(
    settings: dict[str, Any], shape: tuple[int, int, int], sizes: list[tuple[int, int]]
):
    network = resnet.ResNet(resnet.ResNetConfig(image_shape=shape, **SMALL, **settings))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    letters = {"B": BATCH, "C": shape[0], "H": shape[1], "W": shape[2], "K": 5}
    for number, (channels, (height, width)) in enumerate(
        zip(SMALL["channels"], sizes, strict=True), start=1
    ):
        letters |= {f"C{number}": channels, f"H{number}": height, f"W{number}": width}
    findings = check_shapes(
        Path(str(resnet.__file__)),
        lambda: resnet.train_step(network, optimizer, batch(shape)),
        letters,
    )
    assert len(findings.claims) >= 9
    assert findings.wrong == ()
    assert findings.unseen == ()
    legend = str(resnet.__doc__).partition("Shapes:")[2]
    assert all(letter in legend for letter in ("B", "C1", "C4", "H1", "W4", "K"))


def papers_logits(weights: dict[str, Tensor], images: Tensor, blocks: tuple[int, ...]) -> Tensor:
    """ResNet-18 and -34 of He et al., table 1, from the names in torchvision's files."""

    def norm(x: Tensor, name: str) -> Tensor:
        mean, variance = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
        x = (x - mean[:, None, None]) / (variance[:, None, None] + 1e-5).sqrt()
        return x * weights[f"{name}.weight"][:, None, None] + weights[f"{name}.bias"][:, None, None]

    imagenet_mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    imagenet_std = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    x = (images - imagenet_mean) / imagenet_std
    x = norm(F.conv2d(x, weights["conv1.weight"], stride=2, padding=3), "bn1").clamp_min(0)
    x = F.max_pool2d(x, 3, 2, 1)
    for stage, num_blocks in enumerate(blocks, start=1):
        for number in range(num_blocks):
            name, stride = f"layer{stage}.{number}", 2 if stage > 1 and number == 0 else 1
            way_around = x
            if stride == 2:
                way_around = F.conv2d(x, weights[f"{name}.downsample.0.weight"], stride=2)
                way_around = norm(way_around, f"{name}.downsample.1")
            y = F.conv2d(x, weights[f"{name}.conv1.weight"], stride=stride, padding=1)
            y = norm(y, f"{name}.bn1").clamp_min(0)
            y = norm(F.conv2d(y, weights[f"{name}.conv2.weight"], padding=1), f"{name}.bn2")
            x = (y + way_around).clamp_min(0)
    return x.flatten(2).mean(2) @ weights["fc.weight"].T + weights["fc.bias"]


def with_random_statistics(network: nn.Module) -> dict[str, Tensor]:
    """Weights as after a training: no zeros, no statistics of their first day."""
    weights = network.state_dict()
    for name, value in weights.items():
        if name.endswith(("running_var", "bn2.weight", "bn1.weight", "downsample.1.weight")):
            value.uniform_(0.5, 1.5)
        elif name.endswith(("running_mean", "bias")):
            value.normal_(std=0.2)
    network.load_state_dict(weights)
    return weights


@pytest.mark.parametrize("blocks", [(2, 2, 2, 2), (3, 4, 6, 3)])
def test_it_is_the_papers_network(blocks: tuple[int, int, int, int]):
    config = resnet.ResNetConfig(
        channels=(8, 12, 16, 20),
        blocks=blocks,
        downsampling="stride",
        stem="7x7",
        image_shape=(3, 64, 64),
    )
    torch.manual_seed(0)
    network = resnet.ResNet(config).eval()
    weights = with_random_statistics(network)
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        logits = network(images)
    assert torch.allclose(logits, papers_logits(weights, images, blocks), atol=1e-4, rtol=1e-4)


def test_torchvisions_resnet_with_the_same_weights_gives_the_same_logits():
    try:
        from torchvision.models import resnet18  # type: ignore[import-not-found]
    except (ImportError, RuntimeError) as error:  # its compiled operators may not load
        pytest.skip(f"torchvision cannot be imported: {error}")
    theirs: Any = resnet18(num_classes=7).eval()
    config = resnet.ResNetConfig(
        channels=(64, 128, 256, 512), blocks=(2, 2, 2, 2), downsampling="stride", stem="7x7",
        num_classes=7, image_shape=(3, 96, 96),
    )  # fmt: skip
    ours = resnet.ResNet(config).eval()
    ours.load_state_dict(with_random_statistics(theirs))
    images = torch.rand(2, 3, 96, 96)
    with torch.no_grad():
        expected = theirs((images - ours.mean) / ours.std)
        assert torch.allclose(ours(images), expected, atol=1e-4, rtol=1e-4)


def test_a_block_whose_filters_are_zero_passes_its_input_on():
    block = resnet.Block(4, 4, stride=1).eval()
    nn.init.zeros_(block.bn2.weight)
    x = torch.rand(2, 4, 8, 8)
    assert torch.equal(block(x), x)


@pytest.mark.parametrize(
    ("shape", "stem"),
    [((3, 32, 32), "2x2"), ((1, 9, 28), "2x2"), ((3, 64, 80), "4x4"), ((3, 224, 224), "7x7")],
)
def test_the_stem_follows_the_pictures(shape: tuple[int, int, int], stem: str):
    network = resnet.ResNet(resnet.ResNetConfig(image_shape=shape, channels=(2, 2, 2, 2)))
    assert network.stem == stem
    assert network(torch.rand(2, *shape)).shape == (2, 10)


def test_pooling_sees_every_pixel_and_a_stride_every_second_one():
    """Each output is the pixel in the middle: a pooled block's filters begin so."""
    pooled = resnet.ConvBlock(1, 1, halves=True).eval()
    strided = nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False)
    nn.init.dirac_(strided.weight)
    with torch.no_grad():
        x = torch.arange(16.0).view(1, 1, 4, 4)
        maximum = torch.tensor([[5.0, 7.0], [13.0, 15.0]])
        assert torch.allclose(pooled(x), F.gelu(maximum / (1 + 1e-5) ** 0.5))
        assert torch.equal(strided(x), x[:, :, ::2, ::2])


@pytest.mark.parametrize(("in_channels", "out_channels"), [(4, 4), (4, 7), (5, 3)])
def test_a_block_begins_by_passing_its_input_on(in_channels: int, out_channels: int):
    block = resnet.ConvBlock(in_channels, out_channels, halves=False).eval()
    x = torch.rand(2, in_channels, 6, 5)
    shared = min(in_channels, out_channels)
    assert torch.equal(block.conv(x)[:, :shared], x[:, :shared])
    assert not block.bn.weight.requires_grad
    assert block.bn.bias.requires_grad


@pytest.mark.parametrize(("channels", "first"), [(3, 24), (1, 24), (3, 10)])
def test_a_stem_that_whitens_gives_uncorrelated_values(channels: int, first: int):
    torch.manual_seed(0)
    blurred = F.avg_pool2d(torch.rand(400, channels, 34, 34), 3, stride=1)
    blurred = blurred + 0.3 * torch.rand(400, 1, 1, 1)  # neighbours are alike, and so are channels
    config = resnet.ResNetConfig(image_shape=(channels, 32, 32), channels=(first, 2, 2, 2))
    network = resnet.ResNet(config)
    before = network.conv1.weight.clone()
    network.whiten(blurred)
    assert not torch.equal(network.conv1.weight, before)
    assert not network.conv1.weight.requires_grad
    x = (blurred - network.mean) / network.std
    with torch.no_grad():
        values = network.conv1(x).transpose(0, 1).flatten(1)
    num_pairs = min(first // 2, 4 * channels)
    second_moments = (values[:num_pairs] @ values[:num_pairs].T) / values.shape[1]
    off_diagonal = second_moments - second_moments.diagonal().diag()
    assert off_diagonal.abs().max() < 0.02
    assert 0.5 < second_moments.diagonal().min() < second_moments.diagonal().max() < 1.02
    assert torch.allclose(values[:num_pairs], -values[num_pairs : 2 * num_pairs], atol=1e-5)


def test_only_a_stem_of_2x2_ahead_of_pooling_whitens():
    for settings in ({"stem": "4x4", "image_shape": (3, 64, 64)}, {"stem": "2x2", **STRIDE}):
        network = resnet.ResNet(resnet.ResNetConfig(channels=(24, 2, 2, 2), **settings))
        before = network.conv1.weight.clone()
        network.whiten(torch.rand(8, *network.config.image_shape))
        assert torch.equal(network.conv1.weight, before)
        assert network.conv1.weight.requires_grad


def test_a_picture_and_its_mirror_image_get_the_same_scores_where_that_was_asked_for():
    torch.manual_seed(0)
    images = torch.rand(4, 3, 32, 32)
    for mirror, settings in ((True, {}), (False, {}), (True, STRIDE)):
        network = resnet.ResNet(resnet.ResNetConfig(mirror=mirror, **SMALL | settings)).eval()
        with torch.no_grad():
            scores, mirrored = network(images), network(images.flip(3))
            plain = (network.logits(images) + network.logits(images.flip(3))) / 2
            both = mirror and not settings
            assert torch.allclose(scores, mirrored, atol=1e-6) == both
            assert torch.allclose(scores, plain, atol=1e-6) == both
            network.train()
            assert not torch.allclose(network(images), network(images.flip(3)), atol=1e-6)


@pytest.mark.parametrize(("stem", "smallest"), [("2x2", 9), ("3x3", 8), ("4x4", 16), ("7x7", 29)])
def test_pictures_too_small_to_be_pooled_are_refused_with_what_to_type(stem: str, smallest: int):
    settings: dict[str, Any] = {"stem": stem, "channels": (2, 2, 2, 2)}
    shape = (3, smallest, smallest + 5)
    network = resnet.ResNet(resnet.ResNetConfig(image_shape=shape, **settings))
    assert network(torch.rand(2, *shape)).shape == (2, 10)
    with pytest.raises(ValueError, match=r"too small .* --size 32"):
        resnet.ResNetConfig(image_shape=(3, smallest + 5, smallest - 1), **settings)
    resnet.ResNetConfig(image_shape=(3, 5, 5), **settings, **STRIDE)


def test_it_learns_a_batch_by_heart():
    torch.manual_seed(0)
    network = resnet.ResNet(resnet.ResNetConfig(**SMALL))
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01)
    images, labels = torch.rand(16, 3, 32, 32), torch.arange(16) % 4
    for _ in range(60):
        resnet.train_step(network, optimizer, (images, labels))
    assert (network.eval()(images).argmax(dim=1) == labels).float().mean() > 0.9


@pytest.mark.parametrize(
    "settings", [{"channels": (0, 1, 2, 3)}, {"blocks": (1, -1, 1, 1)}, {"stem": "5x5"},
                 {"image_shape": (2, 32, 32)}, {"downsampling": "none"},
                 {"downsampling": "stride", "blocks": (0, 1, 1, 1)}],
)  # fmt: skip
def test_configs_refuse_nonsense(settings: dict[str, Any]):
    with pytest.raises(ValueError, match=r"needs|must"):
        resnet.ResNetConfig(**settings)
