"""What a step costs under the doctor's watch, against the same step alone.

    python benchmarks/doctor.py [--pairs 5]

Each measurement is a process of its own, watched and unwatched in turn; the ratio of a pair, then the
median of the pairs. The last rows time whole diagnoses, from the command to the verdict.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

STEPS = 100
NETWORKS = ("tiny MLP", "MNIST MLP", "CNN", "transformer")


def measure(name: str, watched: bool) -> float:
    """Median seconds of a training step, in this process."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.set_num_threads(1)
    torch.manual_seed(0)
    context: Any = contextlib.nullcontext()
    if watched:
        from torchcamp.doctor.lines import UserLines
        from torchcamp.doctor.recording import Recording
        from torchcamp.doctor.watch import Watch

        watch = Watch(Recording(), UserLines(Path(__file__).parent))
        watch.start()
        context = watch.functions
    network: nn.Module
    if name == "tiny MLP":
        network = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 7))
        inputs, labels = torch.randn(16, 10), torch.randint(7, (16,))
    elif name == "MNIST MLP":
        network = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
        inputs, labels = torch.randn(64, 784), torch.randint(10, (64,))
    elif name == "CNN":
        network = nn.Sequential(
            nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3), nn.ReLU(), nn.Dropout(0.2), nn.Flatten(), nn.Linear(3872, 10),
        )  # fmt: skip
        inputs, labels = torch.randn(64, 1, 28, 28), torch.randint(10, (64,))
    else:
        layer = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True)
        network = nn.Sequential(
            nn.Embedding(100, 64), nn.TransformerEncoder(layer, 4), nn.Linear(64, 100)
        )
        inputs, labels = torch.randint(100, (16, 32)), torch.randint(100, (16 * 32,))
    optimizer = torch.optim.Adam(network.parameters())
    seconds = []
    with context:
        for _ in range(STEPS):
            start = time.perf_counter()
            optimizer.zero_grad()
            scores = network(inputs)
            loss = F.cross_entropy(scores.reshape(-1, scores.shape[-1]), labels)
            loss.backward()
            optimizer.step()
            seconds.append(time.perf_counter() - start)
    return median(seconds[10:])


SCRIPT = """
import torch
from torch import nn
from torchcamp.data.images import load_images

torch.manual_seed(0)
digits = load_images("digits")
pictures, labels = digits.train_images.float() / 255, digits.train_labels
data = torch.utils.data.TensorDataset(pictures, labels)
loader = torch.utils.data.DataLoader(data, batch_size=64, shuffle=True)
network = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
optimizer = torch.optim.Adam(network.parameters())
for epoch in range(10):
    for batch, target in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(batch), target).backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, (network(pictures).argmax(1) == labels).float().mean())
"""


def verdict() -> float:
    """Seconds from the command to the verdict on a script that trains an MLP on digits."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "train.py").write_text(SCRIPT)
        start = time.perf_counter()
        ended = subprocess.run(
            [sys.executable, "-m", "torchcamp", "doctor", "train.py", "--json"],
            cwd=folder, capture_output=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended
        return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--one", nargs=2, metavar=("NETWORK", "WATCHED"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.one[0], arguments.one[1] == "watched")))
        return
    for name in NETWORKS:
        pairs = []
        for _ in range(arguments.pairs):
            pair = [
                float(
                    subprocess.run(
                        [sys.executable, __file__, "--one", name, which],
                        capture_output=True, check=True, text=True,
                    ).stdout
                )
                for which in ("plain", "watched")
            ]  # fmt: skip
            pairs.append((pair[1] / pair[0], *pair))
        ratio, plain, watched = sorted(pairs)[len(pairs) // 2]
        spread = f"{min(pairs)[0]:.2f} to {max(pairs)[0]:.2f}"
        print(
            f"{name:12} {1000 * plain:7.3f} ms  {1000 * watched:7.3f} ms  x {ratio:.2f} ({spread})"
        )
    seconds = sorted(verdict() for _ in range(arguments.pairs))
    print(f"command to verdict: {median(seconds):.1f} s ({seconds[0]:.1f} to {seconds[-1]:.1f})")


if __name__ == "__main__":
    main()
