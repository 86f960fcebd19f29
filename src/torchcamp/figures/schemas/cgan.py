"""The conditional GAN: where the label enters, once in the generator and once in the discriminator."""

from typing import Any

import torch
import torch.nn.functional as F

from torchcamp.data.images import Images
from torchcamp.figures.schemas.drawing import Drawing, schema
from torchcamp.widgets.schema import Schema

LABELS = (7, 3, 0, 5, 2)
CODE = """\
classes = F.one_hot(label, num_classes)
fake = generator(torch.cat([z, classes], dim=1))

# D gives a score for each class, and only that of the label counts.
real_logit = discriminator(real).gather(1, label[:, None])
fake_logit = discriminator(fake).gather(1, label[:, None])"""


def whole(generator: Any, images: Images) -> Schema:
    """One noise vector with a label, drawn by `generator`, beside a real picture of that class."""
    return schema(lambda example: draw(generator, images, example), len(LABELS))


# Longer than 60 lines: a drawing is the list of its parts and steps.
@torch.no_grad()
def draw(generator: Any, images: Images, example: int) -> Drawing:
    """The drawing for the label number `example`; the noise is the same for all labels."""
    label = LABELS[example]
    config = generator.config
    z = torch.randn(1, config.latent_dim, generator=torch.Generator().manual_seed(1))
    fake = generator(z, torch.tensor([label]))[0, 0]
    real = images.test_images[images.test_labels == label][0, 0].float() / 255
    one_hot = F.one_hot(torch.tensor(label), config.num_classes).float()
    num_inputs = config.latent_dim + config.num_classes
    drawing = Drawing(
        summary=(
            "Noise and a label, as a row with a single 1, go into the generator, which draws a picture "
            "of that class. The discriminator gets a picture and the same label: it judges whether "
            "this is a real picture of that class. So the label enters twice."
        ),
        code=(CODE,),
    )
    drawing.cells("noise", z[0, :16].reshape(4, 4), (66, 74), (66, 74), cell=18, label="noise z",
        detail=f"{config.latent_dim} numbers", lines=["fake = generator"], note="16 of the random numbers are drawn here.")  # fmt: skip
    drawing.cells("label", one_hot, (100, 236), (112, 190), cell=17, digits=0, label=f"the label {label}, one-hot",
        detail="a 1 at its place", lines=["classes ="], note="Not the number itself: a 9 is not nine times a 1.")  # fmt: skip
    drawing.box("g", "G", (270, 74), (200, 74), size=(92, 46), detail="generator", tone="second", lines=["fake = generator"],
        note=f"Its first layer takes noise and label side by side: {config.latent_dim} + {config.num_classes} = {num_inputs} numbers.")  # fmt: skip
    drawing.picture("fake", fake, (440, 74), (314, 74), size=(84, 84), label="fake", lines=["fake = generator"],
        note="What the generator that you see here draws for this label.")  # fmt: skip
    drawing.picture("real", real, (440, 236), (66, 310), size=(84, 84), label=f"a real {label}", lines=["real_logit ="],
        note="A picture of the data, with its own label.")  # fmt: skip
    drawing.box("d", "D", (630, 150), (200, 310), size=(112, 50), detail="discriminator", tone="accent", lines=["real_logit =", "fake_logit ="],
        note="One score for each class. Only the score of the label is used.")  # fmt: skip
    drawing.box("question", f"a real {label}?", (812, 150), (200, 404), size=(128, 46), detail="yes or no",
        note="The question that D answers: not only real or not, but real and of this class.")  # fmt: skip
    for start, end in (("noise", "g"), ("label", "g"), ("g", "fake"), ("fake", "d"), ("real", "d"), ("label", "d"), ("d", "question")):  # fmt: skip
        bend = {"bend": 46, "narrowBend": 0} if (start, end) == ("label", "d") else {}
        drawing.arrow(start, end, **bend)
    drawing.step(
        "A wish",
        f"We want a {label}. The label becomes a row of {config.num_classes} numbers with a single 1, because classes have no size: "
        "as a plain number, a 9 would be nine times a 1.",
        ["label"],
    )
    drawing.step(
        "The label enters G",
        f"G gets the noise and the label side by side: {config.latent_dim} + {config.num_classes} = {num_inputs} numbers. The label says "
        "what to draw, the noise says how.",
        ["noise", "noise>g", "label", "label>g", "g"],
    )
    drawing.step(
        "G draws",
        f"This is what the trained generator draws for {label}. Press Another example: the noise stays the same, and so does the hand that writes.",
        ["g>fake", "fake"],
    )
    drawing.step(
        "The label enters D as well",
        f"D gets a picture and the label. It has a score for each class, and only that of {label} is used. So it answers: is this a real {label}?",
        ["fake>d", "real>d", "label>d", "d", "question", "d>question"],
    )
    drawing.step(
        "Why twice?",
        f"If D did not know the label, any good digit would pass, and G would have no reason to draw the {label} that was asked for. With it, a beautiful "
        "wrong digit is a fake.",
        ["label>g", "label>d"],
    )
    return drawing
