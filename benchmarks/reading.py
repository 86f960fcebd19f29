"""The cost of reading: a traced forward pass against an untraced one, and whole readings.

    python benchmarks/reading.py [--pairs 5]

The ratio is measured in one process, alternating traced and untraced passes, on networks whose
forward pass takes more than 5 ms. The zoo is that of the tests; the time of a reading includes its
warm-up, its untraced passes, the traced pass and the backward pass.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.reading.zoo import ZOO, Attention, Transformer, UNet

from torchcamp.models import cnn, gan, hmm, mlp, rnn, vae
from torchcamp.reading.reader import read
from torchcamp.reading.tracer import Tracer

GOALS = {"overhead": 2.5, "seconds": 2.0}


def cases() -> dict[str, tuple[nn.Module, tuple[Any, ...]]]:
    torch.manual_seed(0)
    images = torch.rand(512, 1, 28, 28)
    tokens = torch.randint(0, 11, (256, 64))
    return {
        "our MLP, batch 2048": (mlp.MLP(mlp.MLPConfig()), (torch.rand(2048, 1, 28, 28),)),
        "our CNN, batch 512": (cnn.CNN(cnn.CNNConfig()), (images,)),
        "our VAE, batch 512": (vae.VAE(vae.VAEConfig()), (images,)),
        "our row RNN, batch 512": (rnn.RowRNN(rnn.RowRNNConfig()), (images.round(),)),
        "our HMM, batch 512": (
            hmm.HMM(hmm.HMMConfig(num_states=64)),
            (images.round().squeeze(1), torch.full((512,), 28)),
        ),
        "our discriminator, batch 512": (gan.Discriminator(gan.GANConfig()), (images,)),
        "12 blocks of a transformer": (Transformer(), (tokens,)),
        "attention, 64 x 128 x 256": (Attention(256, 8), (torch.rand(64, 128, 256),)),
        "U-Net, 32 x 128 x 128": (UNet(), (torch.rand(32, 1, 128, 128),)),
        "torch's LSTM": (nn.LSTM(64, 128, 2), (torch.rand(128, 64, 64),)),
        "torch's encoder": (
            nn.TransformerEncoder(
                nn.TransformerEncoderLayer(128, 4, batch_first=True), 4, enable_nested_tensor=False
            ),
            (torch.rand(16, 128, 128),),
        ),
    }


def seconds(model: nn.Module, inputs: tuple[Any, ...], traced: bool) -> float:
    if not traced:
        started = time.perf_counter()
        model(*inputs)
        return time.perf_counter() - started
    names = {id(p): name for name, p in model.named_parameters()}
    tracer = Tracer(names=names)
    tracer.hold(list(model.parameters()), parameters=True)
    started = time.perf_counter()
    with tracer:
        model(*inputs)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    print(f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f} before")
    medians = []
    for name, (model, inputs) in cases().items():
        for traced in (False, True):
            seconds(model, inputs, traced)
        pairs = [
            (seconds(model, inputs, False), seconds(model, inputs, True))
            for _ in range(options.pairs)
        ]
        plain = statistics.median(a for a, _ in pairs)
        if plain < 0.005:
            print(f"{name}: {1000 * plain:.1f} ms untraced, too short to count")
            continue
        medians.append(statistics.median(b / a for a, b in pairs))
        print(f"{name}: {1000 * plain:.1f} ms untraced, {medians[-1]:.2f} times as long traced")
    print(
        f"median {statistics.median(medians):.2f} (largest {max(medians):.2f}; "
        f"goal {GOALS['overhead']})"
    )
    taken = {}
    for cls, make in ZOO.items():
        started = time.perf_counter()
        read(cls(), make())
        taken[cls.__name__] = time.perf_counter() - started
    slowest = max(taken, key=lambda name: taken[name])
    print(
        f"{len(taken)} readings of the zoo: median {statistics.median(taken.values()):.3f} s, "
        f"slowest {slowest} {taken[slowest]:.2f} s (goal {GOALS['seconds']})"
    )


if __name__ == "__main__":
    main()
