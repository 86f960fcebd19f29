"""The VAE: encoder, a draw, decoder, and the two terms of its loss."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.data.images import Images
from torchcamp.figures.schemas.drawing import Drawing, repainted, schema
from torchcamp.figures.vae import costs_of_latents
from torchcamp.models import vae
from torchcamp.widgets.schema import Schema

NUM_EXAMPLES = 12
SHOWN = 6  # latents that are drawn, those that tell most first
FAR = 6.0  # standard deviations from where codes are wanted


def whole(network: nn.Module, images: Images) -> Schema:
    """A test picture's way to its code and back, and what the loss charges for it."""
    return schema(lambda example: draw(network, images, example), NUM_EXAMPLES)


# Longer than 60 lines: a drawing is the list of its parts and steps.
@torch.no_grad()
def draw(network: nn.Module, images: Images, example: int) -> Drawing:
    """The drawing of test picture `example`."""
    model: Any = network
    side = images.test_images.shape[-1]
    generator = torch.Generator().manual_seed(example)
    pictures = images.test_images[:200].float() / 255
    mu_of_all, logvar_of_all = model.encode(pictures)
    shown = costs_of_latents(mu_of_all, logvar_of_all).argsort(descending=True)[:SHOWN]

    x = pictures[example % len(pictures)]
    mu, logvar = model.encode(x[None])  # (1, Z)
    std = (0.5 * logvar).exp()
    epsilon, other = (torch.randn(mu.shape, generator=generator) for _ in range(2))
    z = mu + std * epsilon
    logits = model.decode(z)  # (1, X)
    target = x.flatten()
    pixels = F.binary_cross_entropy_with_logits(logits[0], target, reduction="none")
    reconstruction = pixels.sum().item()
    kl = vae.kl_divergence(mu, logvar).item()
    per_latent = costs_of_latents(mu, logvar)  # (Z,)
    j = int(shown[0])
    num_latents = mu.shape[1]

    def of(values: Tensor) -> Tensor:
        return values[0, shown][:, None].double().round(decimals=2)

    def picture(code: Tensor) -> Tensor:
        return torch.sigmoid(model.decode(code)).view(side, side)

    drawing = Drawing(
        summary=(
            "The encoder turns a picture into two lists of numbers, mu and sigma. A code is drawn: mu "
            "plus sigma times noise. The decoder turns the code into a picture. The loss compares the "
            "two pictures, and charges for how far mu and sigma are from 0 and 1."
        ),
        code=("models/vae.py::VAE.forward", "models/vae.py::reparameterize", "models/vae.py::vae_loss"),
    )  # fmt: skip
    encode, draw_z = "mu, logvar = self.encode", "return mu + std * epsilon"
    decode = "logits = self.decode"
    drawing.picture("x", x[0], (66, 120), (280, 84), size=(100, 100), label="picture x",
        detail=f"{x.numel()} numbers", lines=[encode, "x = images.flatten"],
        note="The input. The target, too: nobody has to label anything.")  # fmt: skip
    drawing.box("encoder", "encoder", (192, 120), (80, 84), size=(88, 60), detail="network",
        lines=[encode], note="Two hidden layers and, at their end, two linear layers: one for mu, one for log sigma².")  # fmt: skip
    cells = {"cell": 22, "size": (46, 132), "narrowSize": (40, 132), "digits": 2}
    drawing.cells("mu", of(mu), (316, 120), (34, 290), label="μ", **cells, lines=[encode],
        detail=f"6 of {num_latents}",
        note="Where the code of this picture lies, latent by latent. Drawn: the six that tell most.")  # fmt: skip
    drawing.cells("sigma", of(std), (408, 120), (94, 290), label="σ", **cells, lines=["std = torch.exp"],
        note="How wide the cloud around mu is. The encoder gives log sigma², which may be any number.")  # fmt: skip
    drawing.cells("epsilon", of(epsilon), (500, 120), (154, 290), label="ε", **cells,
        lines=["epsilon = torch.randn_like"], note="Noise from N(0, 1): new random numbers each time.")  # fmt: skip
    drawing.cells("z", of(z), (592, 120), (214, 290), label="code z", **cells, lines=[draw_z],
        note="The code that the decoder gets: mu + sigma × epsilon.")  # fmt: skip
    for sign, at, narrow in (("+", 362, 64), ("×", 454, 124), ("=", 546, 184)):
        drawing.text(sign, sign, (at, 120), (narrow, 290))
    drawing.cells("code", of(mu), (451, 120), (124, 290), label="code", **cells, detail=f"6 of {num_latents}",
        note="A few numbers that stand for the picture. Drawn: the six that tell most.")  # fmt: skip
    drawing.box("decoder", "decoder", (710, 120), (306, 290), size=(88, 60), detail="network",
        lines=[decode], note="Two hidden layers and, at their end, one logit for each pixel.")  # fmt: skip
    drawing.picture("out", picture(z), (846, 120), (290, 432), size=(100, 100), label="picture x′",
        detail="probabilities", lines=[decode],
        note="For each pixel, how likely it is to be white.")  # fmt: skip
    drawing.box("reconstruction", f"{reconstruction:.1f} nats", (710, 300), (102, 556), size=(176, 52),
        detail="reconstruction", lines=["pixels = F.binary", "reconstruction = pixels.sum"],
        note="The cross-entropy between x and x′, added up over all pixels.")  # fmt: skip
    drawing.box("kl", f"{kl:.1f} nats", (362, 300), (102, 452), size=(176, 52), detail="KL: the code's price",
        lines=["kl = kl_divergence"],
        note="How much mu and sigma say about the picture: 0 if they are 0 and 1, as before any picture was seen.")  # fmt: skip
    drawing.box("loss", f"loss {reconstruction + kl:.1f}", (536, 300), (290, 556), size=(112, 52),
        detail="the sum, −ELBO", lines=['"loss": reconstruction'],
        note="What training makes small.")  # fmt: skip
    for start, end in (("x", "encoder"), ("encoder", "mu"), ("encoder", "code"),
        ("z", "decoder"), ("code", "decoder"), ("decoder", "out")):  # fmt: skip
        drawing.arrow(start, end)
    drawing.arrow("out", "reconstruction").arrow("mu", "kl").arrow("sigma", "kl")
    drawing.arrow("reconstruction", "loss").arrow("kl", "loss")

    away = {"hidden": True}
    no_loss = {"reconstruction": away, "kl": away, "loss": away}
    no_draw = {"epsilon": away, "z": away, "+": away, "×": away, "=": away}
    no_cloud = no_draw | {"sigma": away, "mu": away}
    drawing.step(
        "First an ordinary autoencoder",
        "One network, the encoder, squeezes the picture into a few numbers: its code. Another one, the "
        "decoder, makes a picture of the code. Both learn together, by making x′ like x. "
        f"Here {x.numel()} pixels become {num_latents} numbers; six of them are drawn.",
        ["x", "x>encoder", "encoder", "encoder>code", "code", "code>decoder", "decoder", "decoder>out", "out"],
        **no_cloud, **no_loss, out=repainted(picture(mu)),
    )  # fmt: skip
    far = FAR * torch.randn(mu.shape, generator=generator)
    drawing.step(
        "Its codes leave holes",
        "Can it draw something new? Take a code at random, far from those of all pictures as here. The "
        "decoder was trained on codes of pictures and on nothing else, so what it draws in "
        "empty places is a smear. We want codes that lie close together, without holes.",
        ["code", "code>decoder", "decoder", "decoder>out", "out"],
        x=away, encoder=away, **no_cloud, **no_loss,
        code={**_changed(of(far)), "label": "a far code"}, out=repainted(picture(far)),
    )  # fmt: skip
    drawing.step(
        "So the encoder answers with a cloud",
        "It gives two numbers for each latent: μ, the middle, and σ, the width. For the first latent "
        f"of this picture: μ = {_n(mu[0, j])}, σ = {std[0, j]:.2f}. Everything in this cloud "
        "shall decode to this picture.",
        ["x", "x>encoder", "encoder", "encoder>mu", "mu", "sigma"],
        **no_loss, **no_draw, code=away,
    )  # fmt: skip
    drawing.step(
        "A code is drawn from the cloud",
        f"z = μ + σ ε, with fresh noise ε. First latent: {_n(mu[0, j])} + {std[0, j]:.2f} × "
        f"({_n(epsilon[0, j])}) = {_n(z[0, j])}. The noise comes from outside, so gradients can "
        "pass through the + and the × back to μ and σ.",
        ["mu", "sigma", "epsilon", "+", "×", "=", "z"],
        **no_loss,
        code=away,
    )
    drawing.step(
        "The decoder draws",
        "It gives the probability of white for each pixel. Another draw of ε would give another code, "
        "and nearly the same picture: the decoder must learn to cope with the whole cloud.",
        ["z", "z>decoder", "decoder", "decoder>out", "out"],
        **no_loss,
        code=away,
    )
    worst = int(pixels.argmax())
    drawing.step(
        "First term: how good is the picture?",
        f"Each pixel pays a cross-entropy. The dearest one here was {target[worst]:.2f} and got the probability "
        f"{torch.sigmoid(logits[0, worst]):.3f}: {pixels[worst]:.2f} nats. All {x.numel()} pixels together: "
        f"{reconstruction:.1f} nats.",
        ["x", "out", "out>reconstruction", "reconstruction"],
        kl=away, loss=away, code=away,
    )  # fmt: skip
    drawing.step(
        "Second term: how much does the code say?",
        "A cloud with μ = 0 and σ = 1 says nothing about the picture and costs nothing. The first "
        f"latent is at μ = {_n(mu[0, j])}, σ = {std[0, j]:.2f} and costs {per_latent[j]:.2f} nats; all "
        f"{num_latents} together {kl:.1f}. This keeps the clouds close to each other.",
        ["mu", "sigma", "mu>kl", "sigma>kl", "kl"],
        loss=away,
        code=away,
    )
    drawing.step(
        "The loss is the sum",
        f"{reconstruction:.1f} + {kl:.1f} = {reconstruction + kl:.1f} nats. The two terms pull against "
        "each other: a better picture wants a code that says more.",
        ["reconstruction>loss", "kl>loss", "reconstruction", "kl", "loss"],
        code=away,
    )
    drawing.step(
        "A new picture needs no encoder",
        "After training, throw the encoder away. Draw a code from N(0, 1), where all the clouds were "
        "pushed to, and decode it. This digit was written by nobody.",
        ["code", "code>decoder", "decoder", "decoder>out", "out"],
        x=away, encoder=away, **no_cloud, **no_loss,
        code={**_changed(of(other)), "label": "z ~ N(0, 1)"}, out=repainted(picture(other)),
    )  # fmt: skip
    return drawing


def _changed(values: Tensor) -> dict[str, Any]:
    return {"values": values.tolist()}


def _n(value: Tensor) -> str:
    """Two decimals, with a real minus sign."""
    return f"{float(value):.2f}".replace("-", "−")
