"""GAN and conditional GAN: losses against torch's, who is moved by which step, and collapse said."""

import functools
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.models import cgan, gan
from torchcamp.reading.shapes import check_shapes

BATCH = 4
Shape = tuple[int, int, int]
GREY: Shape = (1, 28, 28)  # channels, height, width


class Pair:
    """A generator, its discriminator, both optimizers, and a batch."""

    def __init__(self, module: Any, fully_connected: bool, shape: Shape = GREY) -> None:
        torch.manual_seed(0)
        self.module = module
        self.conditional = module is cgan
        numbers: dict[str, Any] = {"image_shape": shape, "latent_dim": 5, "channels": 3}
        if self.conditional:
            config: Any = cgan.CGANConfig(**numbers, num_classes=4, fully_connected=fully_connected)
        else:
            config = gan.GANConfig(**numbers, fully_connected=fully_connected)
        self.config = config
        self.generator = module.make_generator(config)
        self.discriminator = module.make_discriminator(config)
        self.g_optimizer = torch.optim.SGD(self.generator.parameters(), lr=0.1)
        self.d_optimizer = torch.optim.SGD(self.discriminator.parameters(), lr=0.1)
        images, self.labels = torch.rand(BATCH, *shape), torch.tensor([0, 3, 1, 1])
        self.images = images
        self.batch = (images, self.labels) if self.conditional else images

    def step(self, **numbers: Any) -> dict[str, Tensor]:
        return self.module.train_step(
            self.generator,
            self.discriminator,
            self.g_optimizer,
            self.d_optimizer,
            self.batch,
            **numbers,
        )

    def fake(self, z: Tensor) -> Tensor:
        return self.generator(z, self.labels) if self.conditional else self.generator(z)

    def judge(self, images: Tensor) -> Tensor:
        if self.conditional:
            return self.discriminator(images, self.labels)
        return self.discriminator(images)


PAIRS = [
    pytest.param(
        functools.partial(Pair, module, plain), id=f"{name}-{'plain' if plain else 'conv'}"
    )
    for name, module in (("gan", gan), ("cgan", cgan))
    for plain in (False, True)
]


@pytest.mark.parametrize("module", [gan, cgan])
def test_the_losses_are_binary_cross_entropies(module: Any):
    real, fake = torch.randn(6), torch.randn(6)
    ones, zeros = torch.ones(6), torch.zeros(6)
    bce = F.binary_cross_entropy_with_logits
    assert torch.allclose(module.discriminator_loss(real, fake), bce(real, ones) + bce(fake, zeros))
    assert torch.allclose(module.generator_loss(fake), bce(fake, ones))
    guess = torch.zeros(6)
    assert module.discriminator_loss(guess, guess).item() == pytest.approx(1.386, abs=1e-3)
    assert module.generator_loss(guess).item() == pytest.approx(0.693, abs=1e-3)
    # Not saturating: where D is sure, the gradient is near one, where the first idea had near zero.
    sure = torch.tensor([-5.0], requires_grad=True)
    module.generator_loss(sure).backward()
    assert sure.grad is not None
    assert sure.grad.item() == pytest.approx(-0.9933, abs=1e-4)


@pytest.mark.parametrize("make", PAIRS)
def test_one_step_is_d_first_then_g_against_the_new_d(make: Any):
    ours, theirs = make(), make()
    theirs.generator.load_state_dict(ours.generator.state_dict())
    theirs.discriminator.load_state_dict(ours.discriminator.state_dict())
    torch.manual_seed(5)
    metrics = ours.step(penalty_weight=2.0, num_penalty_images=2)
    torch.manual_seed(5)
    z = torch.randn(BATCH, 5)
    fake = theirs.fake(z)
    x = theirs.images.clone().requires_grad_()
    real_logits = theirs.judge(x)
    # The penalty by the definition: each image's own gradient.
    slopes = [
        torch.autograd.grad(real_logits[i], x, create_graph=True, retain_graph=True)[0][i]
        for i in range(2)
    ]
    penalty = torch.stack([slope.square().sum() for slope in slopes]).mean()
    bce = F.binary_cross_entropy_with_logits
    d_loss = bce(real_logits, torch.ones(BATCH))
    d_loss = d_loss + bce(theirs.judge(fake.detach()), torch.zeros(BATCH))
    theirs.d_optimizer.zero_grad()
    (d_loss + penalty).backward()
    theirs.d_optimizer.step()
    g_loss = bce(theirs.judge(fake), torch.ones(BATCH))
    theirs.g_optimizer.zero_grad()
    g_loss.backward()
    theirs.g_optimizer.step()
    assert torch.allclose(metrics["d_loss"], d_loss.detach(), atol=1e-6)
    assert torch.allclose(metrics["g_loss"], g_loss.detach(), atol=1e-6)
    assert torch.allclose(metrics["penalty"], penalty.detach(), atol=1e-6)
    for mine, other in (
        (ours.generator, theirs.generator),
        (ours.discriminator, theirs.discriminator),
    ):
        for (name, a), b in zip(mine.named_parameters(), other.parameters(), strict=True):
            assert torch.allclose(a, b, atol=1e-6), name


@pytest.mark.parametrize("make", PAIRS)
def test_each_player_moves_in_its_own_step_only(make: Any):
    pair = make()
    pair.g_optimizer = torch.optim.SGD(pair.generator.parameters(), lr=0.0)
    before = [p.clone() for p in pair.generator.parameters()]
    d_before = [p.clone() for p in pair.discriminator.parameters()]
    pair.step()
    assert all(torch.equal(a, b) for a, b in zip(before, pair.generator.parameters(), strict=True))
    moved = zip(d_before, pair.discriminator.parameters(), strict=True)
    assert any(not torch.equal(a, b) for a, b in moved)
    # What D's optimizer holds afterwards are the gradients of D's own loss, not of G's.
    gradients = [p.grad.clone() for p in pair.discriminator.parameters()]
    pair.d_optimizer = torch.optim.SGD(pair.discriminator.parameters(), lr=0.0)
    d_step = zip(d_before, pair.discriminator.parameters(), gradients, strict=True)
    assert all(torch.allclose(old - 0.1 * grad, new, atol=1e-6) for old, new, grad in d_step)


@pytest.mark.parametrize("shape", [GREY, (3, 32, 32), (3, 20, 28)])
@pytest.mark.parametrize("make", PAIRS)
def test_samples_are_pictures_that_repeat_with_their_generator(make: Any, shape: Shape):
    pair = make(shape=shape)
    pair.step()
    pair.generator.eval()

    def draw() -> Tensor:
        rng = torch.Generator().manual_seed(2)
        if pair.conditional:
            return cgan.sample(pair.generator, torch.tensor([1, 2, 3]), rng=rng)
        return gan.sample(pair.generator, 3, rng=rng)

    assert draw().shape == (3, *shape)
    assert torch.equal(draw(), draw())
    assert draw().min() >= 0
    assert draw().max() <= 1


@pytest.mark.parametrize("config", [gan.GANConfig, cgan.CGANConfig])
def test_the_convolutional_pair_says_which_sizes_it_can_draw(config: Any):
    for shape in ((3, 30, 32), (3, 32, 30)):
        words = f"image_shape {shape[0]}x{shape[1]}x{shape[2]}: height and width must be multiples"
        with pytest.raises(ValueError, match=f"{words} of 4 for the "):
            config(image_shape=shape)
        assert config(image_shape=shape, fully_connected=True).image_shape == shape
    with pytest.raises(ValueError, match="three positive numbers"):
        config(image_shape=(0, 28, 28))


def test_the_plain_pair_draws_any_size():
    pair = Pair(gan, True, (3, 5, 9))
    assert pair.step().keys() == {"d_loss", "g_loss", "penalty"}
    assert pair.fake(torch.randn(BATCH, 5)).shape == (BATCH, 3, 5, 9)


def test_both_players_see_the_class():
    pair = Pair(cgan, False)
    pair.generator.eval()
    z = torch.randn(1, 5)
    ones, twos = torch.tensor([1]), torch.tensor([2])
    assert not torch.equal(pair.generator(z, ones), pair.generator(z, twos))
    image = torch.rand(1, 1, 28, 28)
    assert not torch.equal(pair.discriminator(image, ones), pair.discriminator(image, twos))


def test_the_projection_is_what_the_formula_says():
    pair = Pair(cgan, False)
    seen: list[Tensor] = []
    pair.discriminator.hidden.register_forward_hook(lambda m, i, o: seen.append(o))
    logits = pair.discriminator(pair.images, pair.labels)
    phi = F.leaky_relu(seen[0], 0.2)
    w, b = pair.discriminator.output.weight, pair.discriminator.output.bias
    expected = (w[pair.labels] * phi).sum(1) + b[pair.labels]
    assert torch.allclose(logits, expected, atol=1e-6)


def test_the_grid_has_one_class_a_row_and_one_noise_a_column():
    pair = Pair(cgan, False)
    pair.generator.eval()
    grid = cgan.class_grid(pair.generator, 3, rng=torch.Generator().manual_seed(1))
    z = torch.randn(3, 5, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        for row in range(4):
            expected = pair.generator(z, torch.full((3,), row))
            assert torch.allclose(grid[3 * row : 3 * row + 3], expected, atol=1e-6)


class Mean(nn.Module):
    """A generator of one picture: what it converges to can be said beforehand."""

    def __init__(self) -> None:
        super().__init__()
        self.config = gan.GANConfig(latent_dim=1)
        self.logits = nn.Parameter(torch.zeros(1, 1, 28, 28))

    def forward(self, z: Tensor) -> Tensor:
        return self.logits.sigmoid().expand(len(z), -1, -1, -1)


@pytest.mark.slow
def test_the_generator_is_pulled_towards_the_data():
    generator: Any = Mean()
    discriminator = gan.make_discriminator(gan.GANConfig(fully_connected=True))
    data = torch.zeros(16, 1, 28, 28)
    data[:, :, 7:21, 7:21] = 1.0
    optimizers = [
        torch.optim.Adam(n.parameters(), lr=0.01, betas=(0.0, 0.99))
        for n in (generator, discriminator)
    ]
    for _ in range(300):
        gan.train_step(generator, discriminator, optimizers[0], optimizers[1], data)
    assert (generator.logits.sigmoid() - data[:1]).abs().mean() < 0.25  # it began at 0.5


@pytest.mark.parametrize("shape", [GREY, (3, 32, 48), (2, 4, 12)])
@pytest.mark.parametrize("make", PAIRS)
def test_every_shape_comment_is_true(make: Any, shape: Shape):
    pair = make(shape=shape)

    def call() -> None:
        pair.step(num_penalty_images=2)
        rng = torch.Generator().manual_seed(0)
        if pair.conditional:
            cgan.sample(pair.generator, pair.labels, rng=rng)
        else:
            gan.sample(pair.generator, BATCH, rng=rng)

    letters = {"B": BATCH, "Z": 5, "C": 3, "K": 4, "P": 2, "M": 7, "F": 256}
    letters |= dict(zip(("IC", "IH", "IW"), shape, strict=True))
    findings = check_shapes(Path(str(pair.module.__file__)), call, letters)
    assert len(findings.claims) >= 10
    # D is called with the whole batch and by the penalty with a part of it: the comments in it
    # speak of the batch.
    assert [w for w in findings.wrong if "the tensor is (2, " not in w and "is (2,)" not in w] == []


# --- The stronger pair -----------------------------------------------------------------


def strong(channels: int = 3) -> gan.GANConfig:
    return gan.GANConfig(latent_dim=5, channels=channels, mapping_dim=7, compares=True)


def test_the_stronger_pairs_shape_comments_are_true():
    torch.manual_seed(0)
    generator, discriminator = gan.make_generator(strong()), gan.make_discriminator(strong())
    g_optimizer = torch.optim.SGD(generator.parameters(), lr=0.1)
    d_optimizer = torch.optim.SGD(discriminator.parameters(), lr=0.1)
    images = torch.rand(8, *GREY)
    letters = {"B": 8, "Z": 5, "C": 3, "P": 8, "M": 7, "F": 256, "IC": 1, "IH": 28, "IW": 28}
    findings = check_shapes(
        Path(str(gan.__file__)),
        lambda: gan.train_step(generator, discriminator, g_optimizer, d_optimizer, images),
        letters,
    )
    assert findings.wrong == ()
    assert {"(B, M)", "(B // 4, 4, F)", "(B // 4, F)", "(B // 4,)"} <= {
        claim.text for claim in findings.seen
    }


def test_the_spread_is_that_of_each_group_of_four():
    features = torch.tensor([[0.0, 1.0], [2.0, 1.0], [0.0, 1.0], [2.0, 1.0], *4 * [[5.0, 6.0]]])
    wider = gan.WithSpread()(features)
    assert torch.equal(wider[:, :2], features)
    # Deviations 1 and 0, then none at all: means 0.5 and 0.
    assert wider[:, 2].tolist() == pytest.approx([0.5] * 4 + [0.0] * 4, abs=2e-4)


def test_a_batch_that_is_not_a_multiple_of_four_is_one_group():
    features = torch.randn(6, 3)
    expected = features.std(dim=0, unbiased=False).mean().item()
    assert gan.WithSpread()(features)[:, 3].tolist() == pytest.approx([expected] * 6, abs=1e-4)
    assert gan.WithSpread()(features[:1]).shape == (1, 4)


def test_equal_images_have_finite_gradients():
    torch.manual_seed(0)
    discriminator = gan.make_discriminator(strong())
    images = torch.rand(1, *GREY).repeat(8, 1, 1, 1).requires_grad_()
    discriminator(images).sum().backward()
    assert images.grad is not None
    assert images.grad.isfinite().all()
    assert images.grad.abs().sum() > 0


def test_a_discriminator_that_compares_sees_the_company_of_an_image():
    torch.manual_seed(0)
    images, others = torch.rand(4, *GREY), torch.rand(4, *GREY)
    others[0] = images[0]
    for compares in (True, False):
        config = gan.GANConfig(channels=3, compares=compares)
        discriminator = gan.make_discriminator(config)
        with torch.no_grad():
            same = torch.allclose(discriminator(images)[0], discriminator(others)[0], atol=1e-6)
        assert same is not compares


def test_the_noise_passes_through_the_mapping():
    torch.manual_seed(0)
    generator = gan.make_generator(strong())
    assert isinstance(generator, gan.MappedGenerator)
    z = torch.randn(4, 5)
    images = generator(z)
    assert images.shape == (4, *GREY)
    assert torch.equal(images, gan.Generator.forward(generator, generator.mapping(z)))
    images.sum().backward()
    assert all(
        p.grad is not None and p.grad.abs().sum() > 0 for p in generator.mapping.parameters()
    )
    assert gan.sample(generator.eval(), 3).shape == (3, *GREY)


@pytest.mark.parametrize("settings", [{"mapping_dim": 8}, {"compares": True}])
def test_the_plain_pair_takes_no_stronger_parts(settings: dict[str, Any]):
    with pytest.raises(ValueError, match="fully connected pair has neither"):
        gan.GANConfig(fully_connected=True, **settings)


def test_a_negative_mapping_is_refused():
    with pytest.raises(ValueError, match="mapping_dim must be 0 or more"):
        gan.GANConfig(mapping_dim=-1)
