"""Our eight models under the reader: nothing of them is unseen."""

from typing import Any

import pytest
import torch
from torch import nn

from torchcamp.models import cgan, cnn, gan, hmm, mlp, rbm, rnn, vae
from torchcamp.reading.reader import read

IMAGES = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
BITS = IMAGES.round()
NOISE = torch.randn(4, gan.GANConfig().latent_dim, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(4)
GAN, CGAN = gan.GANConfig(), cgan.CGANConfig()

CASES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "mlp": (mlp.MLP(mlp.MLPConfig()), (IMAGES,)),
    "cnn": (cnn.CNN(cnn.CNNConfig()), (IMAGES,)),
    "hmm": (hmm.HMM(hmm.HMMConfig(num_states=8)), (BITS.squeeze(1), torch.full((4,), 28))),
    "rbm": (rbm.RBM(rbm.RBMConfig(num_hidden=20)), (BITS.flatten(1),)),
    "vae": (vae.VAE(vae.VAEConfig()), (IMAGES,)),
    "rnn": (rnn.RowRNN(rnn.RowRNNConfig()), (BITS,)),
    "gan generator": (gan.make_generator(GAN), (NOISE,)),
    "gan discriminator": (gan.make_discriminator(GAN), (IMAGES,)),
    "cgan generator": (cgan.make_generator(CGAN), (NOISE[:, : CGAN.latent_dim], LABELS)),
    "cgan discriminator": (cgan.make_discriminator(CGAN), (IMAGES, LABELS)),
}

# The same for images in colour that are neither square nor 28 pixels high.
COLOUR = (3, 32, 48)
PHOTOS = torch.rand(4, *COLOUR, generator=torch.Generator().manual_seed(0))
COLOUR_GAN, COLOUR_CGAN = gan.GANConfig(image_shape=COLOUR), cgan.CGANConfig(image_shape=COLOUR)
CASES |= {
    "mlp in colour": (mlp.MLP(mlp.MLPConfig(num_pixels=3 * 32 * 48)), (PHOTOS,)),
    "cnn in colour": (cnn.CNN(cnn.CNNConfig(image_shape=COLOUR)), (PHOTOS,)),
    "vae in colour": (vae.VAE(vae.VAEConfig(image_shape=COLOUR)), (PHOTOS,)),
    "gan generator in colour": (gan.make_generator(COLOUR_GAN), (NOISE,)),
    "gan discriminator in colour": (gan.make_discriminator(COLOUR_GAN), (PHOTOS,)),
    "cgan generator in colour": (cgan.make_generator(COLOUR_CGAN), (NOISE, LABELS)),
    "cgan discriminator in colour": (cgan.make_discriminator(COLOUR_CGAN), (PHOTOS, LABELS)),
}


@pytest.mark.parametrize("name", CASES)
def test_every_operation_and_every_node_has_a_line(name: str):
    model, inputs = CASES[name]
    reading = read(model, inputs)
    totals = reading.totals
    assert reading.crash is None
    assert reading.not_seen == []
    assert totals.ops == totals.ops_attributed > 0
    assert totals.nodes == totals.nodes_attributed
    assert totals.nodes > 0 or name == "hmm"  # its step is not a gradient
    assert totals.parameters == sum(p.numel() for p in model.parameters())
    assert all(not line.not_counted for line in reading.lines)


def test_a_whole_training_step():
    """Forward, loss, backward and step of the VAE; its weights stay what they were."""
    network = vae.VAE(vae.VAEConfig(hidden_dim=16, latent_dim=4))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    kept = [p.detach().clone() for p in network.parameters()]
    reading = read(vae.train_step, (network, optimizer, IMAGES))
    assert reading.backward == "run by the code itself"
    assert reading.totals.flops_backward > reading.totals.flops_forward > 0
    functions = {line.function for line in reading.lines}
    assert {"train_step", "vae_loss", "kl_divergence", "VAE.encode"} <= functions
    after = nn.utils.parameters_to_vector(network.parameters())
    assert torch.equal(after, torch.cat([p.flatten() for p in kept]))
