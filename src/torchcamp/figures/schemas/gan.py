"""The GAN as two players: noise, generator, fake, discriminator, two losses and two ways back."""

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.data.images import Images
from torchcamp.figures.schemas.drawing import Drawing, schema
from torchcamp.models import gan
from torchcamp.widgets.schema import Schema

NUM_EXAMPLES = 10
NUM_LESSONS = 10  # batches that teach the discriminator
NUM_JUDGED = 200  # real pictures, and as many fakes, by which the discriminator is measured
RATE = 5e-4  # of both players
SEEN = 0.6  # the share judged rightly from which it is no longer a guess

CODE = """\
fake = generator(z)

# Step 1: only D moves. detach() cuts the way back to G.
d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
d_optimizer.zero_grad()
d_loss.backward()
d_optimizer.step()

# Step 2: only G moves. The way back leads through the D of now.
g_loss = generator_loss(discriminator(fake))
g_optimizer.zero_grad()
g_loss.backward(inputs=list(generator.parameters()))
g_optimizer.step()"""


def whole(generator: Any, images: Images) -> Schema:
    """One step of each player, with `generator` and a discriminator taught a moment ago."""
    return schema(lambda example: draw(generator, images, example), NUM_EXAMPLES)


@cache
def taught(generator: Any, images: Images) -> nn.Module:
    """A discriminator that has seen a few batches: against a good generator of the same data it can
    still only guess."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        # The drawing shows it single pictures, which have nothing to compare them with.
        config = replace(generator.config, compares=False)
        discriminator = gan.make_discriminator(config)
        optimizer = torch.optim.Adam(discriminator.parameters(), lr=RATE)
        for _ in range(NUM_LESSONS):
            real = images.train_images[torch.randint(len(images.train_images), (32,))].float() / 255
            fake = gan.sample(generator, 32)
            loss = gan.discriminator_loss(discriminator(real), discriminator(fake))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return discriminator


def told_apart(generator: Any, images: Images) -> float:
    """The share of real test pictures and of fakes that the taught discriminator judges rightly."""
    discriminator = taught(generator, images)
    rng = torch.Generator().manual_seed(0)
    z = torch.randn(NUM_JUDGED, generator.config.latent_dim, generator=rng)
    with torch.no_grad():
        says_real = discriminator(images.test_images[:NUM_JUDGED].float() / 255) > 0
        says_fake = discriminator(generator(z)) <= 0
    return torch.cat([says_real, says_fake]).float().mean().item()


def verdict(share: float, learnt_from: str, data: str) -> str:
    """What it means that the taught discriminator judges `share` of the pictures rightly.

    Args:
        learnt_from: the data set that the generator was trained on.
        data: the data set that the real pictures come from.
    """
    if share < SEEN:
        return (
            "So it still guesses: the better the generator, the longer a discriminator needs before "
            "it sees a difference."
        )
    if learnt_from != data:
        return (
            f"So it sees a difference at once, and no wonder: the generator learnt from {learnt_from}, and the "
            f"real pictures here come from {data}. Between pictures of one kind it would need longer."
        )
    return (
        "So it sees a difference already: the better the generator, the longer a discriminator "
        "needs for that."
    )


# Longer than 60 lines: a drawing is the list of its parts and steps.
def draw(generator: Any, images: Images, example: int) -> Drawing:
    """The drawing of one fake and one real picture, both chosen by `example`."""
    d = taught(generator, images)
    rng = torch.Generator().manual_seed(example)
    z = torch.randn(1, generator.config.latent_dim, generator=rng)
    real = images.test_images[example : example + 1].float() / 255
    fake = generator(z).detach().requires_grad_()
    real_logit, fake_logit = d(real), d(fake)
    (pull,) = torch.autograd.grad(-gan.generator_loss(fake_logit), fake)
    says_real, says_fake = _shown(real_logit), _shown(fake_logit)
    on_real, on_fake = round(-math.log(says_real), 2), round(-math.log(1 - says_fake), 2)

    new_d, d_moved = stepped(d, lambda new: gan.discriminator_loss(new(real), new(fake.detach())))
    new_d_loss = gan.discriminator_loss(new_d(real), new_d(fake)).item()
    of_now = new_d(fake).sigmoid().item()
    new_g, g_moved = stepped(generator, lambda new: gan.generator_loss(new_d(new(z))))
    better = new_d(new_g(z)).sigmoid().item()

    num_z = z.shape[1]
    drawing = Drawing(
        summary=(
            "Noise goes through the generator G and becomes a fake picture. The discriminator D "
            "gives the fake and a real picture a probability each. D's loss uses both and goes "
            "back to D alone; G's loss uses the fake's and goes back through D into G."
        ),
        code=(CODE,),
    )
    drawing.cells("z", _square(z[0]), (60, 84), (58, 90), cell=88 / _side(num_z),
        label="noise z", detail=f"{num_z} numbers", lines=["generator(z)"],
        note="Random numbers. Each new row of them becomes another picture.")  # fmt: skip
    drawing.box("g", "G", (192, 84), (180, 90), size=(92, 46), detail="generator",
        lines=["fake = generator(z)", "g_optimizer"], note="The forger: turns noise into a picture. It never sees a real one.")  # fmt: skip
    drawing.picture("fake", fake.detach()[0, 0], (328, 84), (300, 90), size=(92, 92),
        label="fake", detail="28 × 28", lines=["fake = generator(z)"], note="What G has drawn from this noise.")  # fmt: skip
    drawing.picture("pull", pull[0, 0], (328, 84), (300, 90), size=(92, 92), signed=True,
        label="gradient", detail="28 × 28", hidden=True, lines=["g_loss.backward"],
        note="Orange: more ink here, and D would believe the picture more. Blue: less ink.")  # fmt: skip
    drawing.picture("real", real[0, 0], (328, 254), (58, 262), size=(92, 92),
        label="real", detail="28 × 28", lines=["discriminator(real)"], note="A picture of the data.")  # fmt: skip
    drawing.box("d", "D", (500, 169), (180, 262), size=(112, 50), detail="discriminator",
        lines=["d_loss =", "g_loss =", "d_optimizer"],
        note="The detective: a classifier with one output, the probability that a picture is real.")  # fmt: skip
    drawing.box("cut", "detach", (410, 124), (250, 180), size=(66, 26), tone="bad", hidden=True, over=True,
        lines=["fake.detach()"], note="From here no gradient goes back to G.")  # fmt: skip
    drawing.box("says_fake", f"{says_fake:.2f}", (650, 84), (270, 356), size=(112, 46),
        detail="D(fake)", lines=["d_loss =", "g_loss ="], note="How likely D takes the fake to be real.")  # fmt: skip
    drawing.box("says_real", f"{says_real:.2f}", (650, 254), (90, 356), size=(112, 46),
        detail="D(real)", lines=["d_loss ="], note="How likely D takes the real picture to be real.")  # fmt: skip
    drawing.box("g_loss", "loss of G", (824, 84), (270, 440), size=(152, 46),
        detail=f"−ln {says_fake:.2f} = {-math.log(says_fake):.2f}", lines=["g_loss ="],
        note="Low when D believes the fake.")  # fmt: skip
    drawing.box("d_loss", "loss of D", (824, 254), (90, 440), size=(152, 46),
        detail=f"{on_real:.2f} + {on_fake:.2f} = {on_real + on_fake:.2f}", lines=["d_loss ="],
        note="Low when D believes the real picture and rejects the fake.")  # fmt: skip
    for start, end in (("z", "g"), ("g", "fake"), ("fake", "d"), ("real", "d"), ("d", "says_fake"),
                       ("d", "says_real"), ("says_fake", "g_loss"), ("says_fake", "d_loss"),
                       ("says_real", "d_loss")):  # fmt: skip
        drawing.arrow(start, end)
    drawing.arrow("d_loss", "d", backward=True, bend=-46, lines=["d_loss.backward"])
    drawing.arrow("g_loss", "d", backward=True, bend=46, lines=["g_loss.backward"])
    drawing.arrow("d", "pull", backward=True, lines=["g_loss.backward"])
    drawing.arrow("pull", "g", backward=True, lines=["g_loss.backward"])

    drawing.step(
        "Noise goes in",
        f"The generator starts from {num_z} random numbers, drawn from a normal distribution. "
        "They mean nothing yet; other numbers will give another picture.",
        ["z"],
    )
    drawing.step(
        "G draws a fake",
        "The generator G turns the noise into 28 × 28 pixels. Nobody told it which digit to draw, "
        "and it has never been shown one.",
        ["z", "z>g", "g", "g>fake", "fake"],
    )
    drawing.step(
        "D judges the fake and a real picture",
        f"The discriminator D sees one picture at a time. It says real with probability {says_fake:.2f} "
        f"for the fake and {says_real:.2f} for the picture from the data.",
        ["fake>d", "real", "real>d", "d", "d>says_fake", "d>says_real", "says_fake", "says_real"],
    )
    drawing.step(
        "D's loss: both answers count",
        f"D should have said 1 to the real one and 0 to the fake. It pays −ln {says_real:.2f} = "
        f"{on_real:.2f} for the first and −ln(1 − {says_fake:.2f}) = {on_fake:.2f} for the second. "
        f"Together: {on_real + on_fake:.2f}.",
        ["says_fake>d_loss", "says_real>d_loss", "d_loss", "says_fake", "says_real"],
    )
    drawing.step(
        "Step 1: D's weights move, G's do not",
        f"The gradient goes back into D and stops there: the fake was detached. {d_moved:,} weights "
        f"of D move a little; of G, none. On these two pictures D's loss is now {new_d_loss:.2f}.",
        ["d_loss>d", "d", "cut"],
        cut={"hidden": False}, d={"lines": ["d_optimizer", "d_loss.backward"]},
    )  # fmt: skip
    drawing.step(
        "G's loss: D is asked again",
        f"G wants D to say real. The new D gives the same fake {of_now:.3f}, so G pays "
        f"−ln {of_now:.3f} = {-math.log(of_now):.2f}. The real picture plays no part.",
        ["fake>d", "d", "d>says_fake", "says_fake", "says_fake>g_loss", "g_loss"],
        d={"lines": ["g_loss ="]}, **_answers(of_now),
    )  # fmt: skip
    drawing.step(
        "The way back leads through D to the pixels",
        "The gradient passes through D, whose weights stay as they are, and says for each pixel "
        "whether more ink (orange) or less (blue) would make D believe more.",
        ["g_loss>d", "d", "d>pull", "pull"],
        fake={"hidden": True}, pull={"hidden": False}, d={"lines": ["g_loss.backward"]}, **_answers(of_now),
    )  # fmt: skip
    drawing.step(
        "Step 2: G's weights move, D's do not",
        f"From the pixels it goes on into G, and {g_moved:,} weights of G move a little. "
        f"From the same noise G now draws a picture that D gives {better:.3f} instead of {of_now:.3f}.",
        ["pull>g", "g"],
        fake={"hidden": True}, pull={"hidden": False}, g={"lines": ["g_optimizer"]}, **_answers(of_now),
    )  # fmt: skip
    drawing.step(
        "And again, thousands of times",
        "Both have moved, so both have a new opponent. If G draws exactly like the data, D can only "
        "guess: it says 0.50 to everything and pays 2 · ln 2 = 1.39.",
        ["g", "d"],
    )
    return drawing


def stepped(network: nn.Module, loss: Callable[[Any], Tensor]) -> tuple[Any, int]:
    """A copy of `network` after one step of Adam on `loss`, and how many of its weights moved."""
    new = copy.deepcopy(network)
    optimizer = torch.optim.Adam(new.parameters(), lr=RATE)
    new.zero_grad()
    loss(new).backward()
    optimizer.step()
    pairs = zip(network.parameters(), new.parameters(), strict=True)
    return new, sum(int((p != q).sum()) for p, q in pairs)


def _shown(logit: Tensor) -> float:
    """The probability as it is written, so that what is computed from it can be checked by hand."""
    return min(max(round(logit.sigmoid().item(), 2), 0.01), 0.99)


def _answers(of_now: float) -> dict[str, Any]:
    """What the boxes show, and which lines are theirs, once D has moved."""
    return {
        "says_fake": {"text": f"{of_now:.3f}", "lines": ["g_loss ="]},
        "g_loss": {"detail": f"−ln {of_now:.3f} = {-math.log(of_now):.2f}"},
    }


def _side(number: int) -> int:
    return math.ceil(math.sqrt(number))


def _square(values: Tensor) -> Tensor:
    """Numbers (N,) as a square (S, S), its end filled with zeros."""
    side = _side(len(values))
    return torch.cat([values, values.new_zeros(side**2 - len(values))]).view(side, side)
