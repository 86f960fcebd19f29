"""`torchcamp read` beside torchinfo, torchview, TorchLens and fvcore on ten networks.

    pip install --group bench -c constraints.txt       (once: the four peers)
    python benchmarks/readers.py [--repeats 3]

Each tool runs on each network in a process of its own, with the call that its documentation begins
with. Time is that of this call alone, after imports and two forward passes: the first call,
which prepares what a tool keeps, and the second; medians of the processes. What a tool shows is read off what it returned: a number of parameters, FLOPs (two for a
multiplication and addition; where a tool counts these as one, its number is doubled), in how many
places it gives a shape, how many lines of the network's own source carry something, FLOPs of the
backward pass, bytes of tensors, edges of a graph. A dash: it gives none.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from torchcamp.models import cnn, gan, mlp, resnet, rnn, vae

Case = tuple[nn.Module, Tensor]
LIMIT = 300.0  # seconds for one tool on one network
SHOWN = ("parameters", "shapes", "FLOPs", "lines", "backward", "memory", "graph")


# --- The networks --------------------------------------------------------------------------


class Tagger(nn.Module):
    """Words to tags: an embedding, a bidirectional LSTM of two layers, a linear layer."""

    def __init__(self, num_words: int = 1000, num_tags: int = 17) -> None:
        super().__init__()
        self.embed = nn.Embedding(num_words, 64)
        self.lstm = nn.LSTM(64, 128, num_layers=2, batch_first=True, bidirectional=True)
        self.output = nn.Linear(256, num_tags)

    def forward(self, words: Tensor) -> Tensor:
        states, _ = self.lstm(self.embed(words))
        return self.output(states)


class Encoder(nn.Module):
    """A transformer's encoder of four layers on embedded tokens."""

    def __init__(self, num_tokens: int = 1000) -> None:
        super().__init__()
        self.embed = nn.Embedding(num_tokens, 128)
        layer = nn.TransformerEncoderLayer(128, 4, 512, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 4, enable_nested_tensor=False)
        self.output = nn.Linear(128, num_tokens)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.output(self.encoder(self.embed(tokens)))


class Separable(nn.Module):
    """Depthwise and pointwise convolutions in turn."""

    def __init__(self, widths: tuple[int, ...] = (32, 64, 128, 128, 256)) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, widths[0], 3, stride=2, padding=1, bias=False)
        self.depthwise = nn.ModuleList(
            nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False) for width in widths[:-1]
        )
        self.pointwise = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in itertools.pairwise(widths))
        self.output = nn.Linear(widths[-1], 10)

    def forward(self, images: Tensor) -> Tensor:
        x = self.stem(images)
        for depthwise, pointwise in zip(self.depthwise, self.pointwise, strict=True):
            x = torch.relu(pointwise(depthwise(x)))
        return self.output(x.mean(dim=(2, 3)))


class UNet(nn.Module):
    """Two steps down, two up, each joined with what had its size on the way down."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.enter = nn.Conv2d(1, width, 3, padding=1)
        self.down1 = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1)
        self.down2 = nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1)
        self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.up1 = nn.ConvTranspose2d(4 * width, width, 2, stride=2)
        self.leave = nn.Conv2d(2 * width, 1, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        whole = torch.relu(self.enter(images))
        half = torch.relu(self.down1(whole))
        quarter = torch.relu(self.down2(half))
        x = torch.cat([self.up2(quarter), half], dim=1)
        x = torch.cat([self.up1(torch.relu(x)), whole], dim=1)
        return self.leave(x)


def _resnet() -> Case:
    return resnet.ResNet(resnet.ResNetConfig()), torch.rand(8, 3, 32, 32)


NETWORKS: dict[str, Callable[[], Case]] = {
    "our MLP": lambda: (mlp.MLP(mlp.MLPConfig()), torch.rand(8, 1, 28, 28)),
    "our CNN": lambda: (cnn.CNN(cnn.CNNConfig()), torch.rand(8, 1, 28, 28)),
    "our ResNet": _resnet,
    "our VAE": lambda: (vae.VAE(vae.VAEConfig()), torch.rand(8, 1, 28, 28)),
    "our row RNN": lambda: (rnn.RowRNN(rnn.RowRNNConfig()), torch.rand(8, 1, 28, 28).round()),
    "our generator": lambda: (
        gan.make_generator(gan.GANConfig()),
        torch.randn(8, gan.GANConfig().latent_dim),
    ),
    "encoder": lambda: (Encoder(), torch.randint(0, 1000, (8, 64))),
    "LSTM tagger": lambda: (Tagger(), torch.randint(0, 1000, (8, 32))),
    "separable CNN": lambda: (Separable(), torch.rand(8, 3, 64, 64)),
    "U-Net": lambda: (UNet(), torch.rand(8, 1, 64, 64)),
}


# --- The tools: each returns its call, and what is to be read off the result -----------------

Tool = tuple[Callable[[], Any], Callable[[Any], dict[str, float | None]]]


def torchcamp_(model: nn.Module, inputs: Tensor) -> Tool:
    from torchcamp.reading.reader import read
    from torchcamp.reading.stack import is_user_file

    own = {str(Path(__file__).resolve()), *(m.__file__ for m in (cnn, gan, mlp, resnet, rnn, vae))}

    def shown(reading: Any) -> dict[str, float | None]:
        ran = [line for line in reading.lines if line.executed]
        return {
            "parameters": reading.totals.parameters,
            "shapes": sum(len(line.values) + len(line.children) for line in ran),
            "FLOPs": reading.totals.flops_forward,
            "lines": sum(bool(line.values) for line in ran),
            "backward": reading.totals.flops_backward,
            "memory": reading.totals.peak_bytes,
            "graph": sum(len(node.next) for node in reading.tape),
        }

    def is_user(file: str) -> bool:
        return os.path.realpath(file) in own or is_user_file(file)

    return lambda: read(model, (inputs,), is_user=is_user), shown


def torchinfo_(model: nn.Module, inputs: Tensor) -> Tool:
    from torchinfo import summary  # pyright: ignore[reportMissingImports]

    def shown(made: Any) -> dict[str, float | None]:
        return {
            "parameters": made.total_params,
            "shapes": sum(bool(layer.output_size) for layer in made.summary_list),
            "FLOPs": 2 * made.total_mult_adds,
            "memory": made.total_output_bytes,
        }

    return lambda: summary(model, input_data=inputs, verbose=0), shown


def torchview_(model: nn.Module, inputs: Tensor) -> Tool:
    from torchview import draw_graph  # pyright: ignore[reportMissingImports]

    def shown(made: Any) -> dict[str, float | None]:
        return {"shapes": len(made.node_set), "graph": len(made.edge_list)}

    return lambda: draw_graph(model, input_data=inputs), shown


def torchlens_(model: nn.Module, inputs: Tensor) -> Tool:
    import torchlens  # pyright: ignore[reportMissingImports]

    def shown(made: Any) -> dict[str, float | None]:
        places = {
            (frame.file, frame.line_number)
            for op in made.ops
            for frame in op.code_context or []
            if "torchcamp" in frame.file or frame.file == __file__
        }
        return {
            "parameters": made.num_params,
            "shapes": len(list(made.ops)),
            "FLOPs": int(made.total_flops_forward),
            "lines": len(places),
            "backward": int(made.total_flops_backward),
            "memory": int(made.total_activation_memory),
            "graph": made.num_edges,
        }

    return lambda: torchlens.trace(model, inputs), shown


def fvcore_(model: nn.Module, inputs: Tensor) -> Tool:
    from fvcore.nn import (  # pyright: ignore[reportMissingImports]
        FlopCountAnalysis,
        flop_count_table,
        parameter_count,
    )

    def count() -> Any:
        analysis = FlopCountAnalysis(model, inputs)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        return analysis.total(), parameter_count(model)[""], flop_count_table(analysis)

    def shown(made: Any) -> dict[str, float | None]:
        return {"parameters": made[1], "FLOPs": 2 * made[0]}

    return count, shown


TOOLS: dict[str, Callable[[nn.Module, Tensor], Tool]] = {
    "torchcamp read": torchcamp_,
    "torchinfo": torchinfo_,
    "torchview": torchview_,
    "TorchLens": torchlens_,
    "fvcore": fvcore_,
}


# --- Running them ----------------------------------------------------------------------------


def one(tool: str, network: str) -> None:
    """Run a tool on a network in this process, and print what came of it as JSON."""
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model, inputs = NETWORKS[network]()
    model(inputs)
    started = time.perf_counter()
    model(inputs)
    forward = time.perf_counter() - started
    call, shown = TOOLS[tool](model, inputs)
    made, seconds = None, []
    for _ in range(2):
        started = time.perf_counter()
        made = call()
        seconds.append(time.perf_counter() - started)
    print(json.dumps({"forward": forward, "seconds": seconds, "shown": shown(made)}))


def ask(tool: str, network: str) -> dict[str, Any]:
    """The same in a process of its own; `error` says why there is no answer."""
    command = [sys.executable, __file__, "--one", tool, network]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return {"error": f"more than {LIMIT:g} s"}
    if ended.returncode:
        return {"error": ended.stderr.strip().splitlines()[-1]}
    return json.loads(ended.stdout.splitlines()[-1])


def torch_counts(network: str) -> int:
    """FLOPs of the forward pass as PyTorch's own counter has them."""
    from torch.utils.flop_counter import FlopCounterMode

    torch.manual_seed(0)
    model, inputs = NETWORKS[network]()
    with FlopCounterMode(display=False) as counter:
        model(inputs)
    return counter.get_total_flops()


def table(rows: list[list[str]]) -> str:
    """As Markdown; the first row is the head."""
    head, *rest = rows
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rest]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def short(number: float | None) -> str:
    if number is None:
        return "-"
    for unit, scale in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= scale:
            return f"{number / scale:.3g} {unit}"
    return f"{number:g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="processes of each tool and network")
    parser.add_argument("--one", nargs=2, metavar=("TOOL", "NETWORK"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(*options.one)
        return
    print(f"torch {torch.__version__}, 1 thread, load {os.getloadavg()[0]:.1f} before\n")
    answers: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for _ in range(options.repeats):  # in turn, so that a busy minute meets all of them
        for network in NETWORKS:
            for tool in TOOLS:
                answers.setdefault((tool, network), []).append(ask(tool, network))
    failed = {
        key: got["error"] for key, every in answers.items() for got in every if "error" in got
    }
    seconds = [["milliseconds, first call and second", "forward pass", *TOOLS]]
    for network in NETWORKS:
        passes = [
            got["forward"] for tool in TOOLS for got in answers[tool, network] if "forward" in got
        ]
        row = [f"{1000 * statistics.median(passes):.3g}"]
        for tool in TOOLS:
            taken = [got["seconds"] for got in answers[tool, network] if "seconds" in got]
            medians = [statistics.median(each) for each in zip(*taken, strict=True)]
            row.append(" / ".join(f"{1000 * each:.3g}" for each in medians) or "fails")
        seconds.append([network, *row])
    print(table(seconds) + "\n")
    what = [["shows, of ten networks", *TOOLS]]
    for name in SHOWN:
        row = []
        for tool in TOOLS:
            found = [answers[tool, network][0].get("shown", {}).get(name) for network in NETWORKS]
            row.append(str(sum(bool(number) for number in found) or "-"))
        what.append([name, *row])
    print(table(what) + "\n")
    flops = [["FLOPs forward", "torch's counter", *TOOLS]]
    for network in NETWORKS:
        row = [short(answers[tool, network][0].get("shown", {}).get("FLOPs")) for tool in TOOLS]
        flops.append([network, short(torch_counts(network)), *row])
    print(table(flops) + "\n")
    places = [["on the separable CNN", *TOOLS]]
    for name in SHOWN:
        row = [
            short(answers[tool, "separable CNN"][0].get("shown", {}).get(name)) for tool in TOOLS
        ]
        places.append([name, *row])
    print(table(places))
    for (tool, network), why in failed.items():
        print(f"{tool} on {network}: {why}")


if __name__ == "__main__":
    main()
