"""A trained model as a file for use elsewhere: safetensors, ONNX or PT2 (`torch.export`).

The file holds the weights and, as JSON in its metadata, what the numbers mean: class names, and how
a picture becomes the input. After writing, the file is loaded again and its outputs are compared
with the model's.

A classifier's graph takes pixels (B, C, H, W) in [0, 1] and returns logits (B, K): their softmax are
the probabilities. The graph of a VAE, GAN or conditional GAN draws pictures from noise.

Shapes: B = batch of any size, C, H, W = channels, height, width, K = classes, Z = latent_dim
"""

import contextlib
import copy
import importlib.util
import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from torchcamp.base.errors import RecipeError, RunError, UserError
from torchcamp.base.files import write_atomically
from torchcamp.base.version import __version__
from torchcamp.data import fetch
from torchcamp.data.augment import to_float
from torchcamp.models import cgan, gan, vae
from torchcamp.recipes.images import image_shape_of
from torchcamp.recipes.trained import Trained
from torchcamp.training.run_folder import weights_metadata

FORMATS = ("safetensors", "onnx", "pt2")
ONNX_PACKAGES = ("onnx", "onnxscript", "onnxruntime")
TOLERANCE = 1e-4  # of an output, relative to the largest where that is above 1
NUM_CHECKED = 16  # pictures, and one alone: the batch may have any size
SEED = 0  # of the noise where there are no pictures


@dataclass(frozen=True, kw_only=True)
class Graph:
    """The part of a model that is exported.

    module: takes the inputs in their order and returns one tensor.
    inputs: a batch of each; the first dimension is the batch.
    output: the name of what it returns.
    source: where the inputs come from, for the report.
    """

    module: nn.Module
    inputs: dict[str, Tensor]
    output: str
    source: str

    @torch.no_grad()
    def outputs(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """What the model itself returns."""
        return self.module(*inputs.values())


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A file that was written and checked.

    inputs, outputs: shape by name, with `batch` for its first dimension; empty for weights alone.
    largest_difference: between an output of the file and of the model, or between weights.
    checked_on: what was put in.
    """

    file: Path
    format: str
    inputs: dict[str, list[int | str]]
    outputs: dict[str, list[int | str]]
    largest_difference: float
    checked_on: str


def export(trained: Trained, format: str, file: str | Path) -> Exported:
    """Write a trained model to `file`, load it again and compare.

    Args:
        format: `safetensors`, `onnx` or `pt2`.

    Raises:
        RecipeError: an unknown format, a missing package, or a model that is not one graph.
        RunError: the file was written but gives other outputs than the model.
        OSError: the file cannot be written.
    """
    if format not in FORMATS:
        raise RecipeError(f"unknown format {format!r}; expected {', '.join(FORMATS)}")
    if format == "onnx":
        _require_onnx()
    file = Path(file)
    graph = graph_of(trained)
    if graph is None and format != "safetensors":
        raise RecipeError(
            f"{trained.name} is a {type(trained.network).__name__}, which samples step by step and "
            "is not one graph; --format safetensors exports its weights"
        )
    about = json.dumps(metadata(trained, graph))
    file.parent.mkdir(parents=True, exist_ok=True)
    with quiet():
        if graph is None or format == "safetensors":
            run = _as_safetensors(trained, graph, about, file)
        else:
            run = (_as_onnx if format == "onnx" else _as_pt2)(trained, graph, about, file)
        if graph is None:
            difference, source = run({}).item(), "the weights themselves"
            inputs, outputs = {}, {}
        else:
            difference, source = _largest_difference(graph, run), graph.source
            inputs = {name: _any_batch(value) for name, value in graph.inputs.items()}
            outputs = {graph.output: _any_batch(graph.outputs(graph.inputs))}
    if not difference <= TOLERANCE:
        raise RunError(
            f"{file} was written, but its outputs differ from the model's by {difference:.2g} on "
            f"{source}, more than {TOLERANCE:g}: do not rely on it"
        )
    return Exported(
        file=file,
        format=format,
        inputs=inputs,
        outputs=outputs,
        largest_difference=difference,
        checked_on=source,
    )


def metadata(trained: Trained, graph: Graph | None) -> dict[str, Any]:
    """What stands in the file beside the weights.

    `class_names` in the order of the logits; `preprocessing`: how a picture becomes the input;
    `recipe`, `preset`, `numbers`: what torchcamp needs to build the network.
    """
    about = weights_metadata(trained.description) | {"torchcamp": __version__}
    if trained.class_names is not None:
        about["class_names"] = list(trained.class_names)
    channels, height, width = image_shape_of(trained.recipe)
    if graph is not None:
        about["image_shape"] = [channels, height, width]
        about["inputs"], about["output"] = list(graph.inputs), graph.output
    if trained.classifies:
        about["preprocessing"] = {
            "height": height,
            "width": width,
            "colour": "grey" if channels == 1 else "rgb",
            "scale": 1 / 255,
            "background": getattr(trained.recipe, "background", "white"),
        }
    return about


# --- The graph ---------------------------------------------------------------------------


class _Decoder(nn.Module):
    """Codes (B, Z) to the probabilities of pixels (B, C, H, W)."""

    def __init__(self, network: vae.VAE) -> None:
        super().__init__()
        self.network = network

    def forward(self, codes: Tensor) -> Tensor:
        return vae.decode_images(self.network, codes)


def graph_of(trained: Trained) -> Graph | None:
    """The graph of a classifier, or of what a generative model draws with; None for the others."""
    network: Any = copy.deepcopy(trained.network).cpu()
    noise = torch.Generator().manual_seed(SEED)
    if trained.classifies:
        pixels, source = _pictures(trained)
        return Graph(module=network, inputs={"pixels": pixels}, output="logits", source=source)
    drawn = {"output": "images", "source": f"{NUM_CHECKED} draws of noise"}
    if isinstance(network, vae.VAE):
        codes = torch.randn(NUM_CHECKED, network.config.latent_dim, generator=noise)
        return Graph(module=_Decoder(network).eval(), inputs={"codes": codes}, **drawn)
    if isinstance(network, gan.Generator | gan.PlainGenerator):
        z = torch.randn(NUM_CHECKED, network.config.latent_dim, generator=noise)
        return Graph(module=network, inputs={"noise": z}, **drawn)
    if isinstance(network, cgan.Generator | cgan.PlainGenerator):
        z = torch.randn(NUM_CHECKED, network.config.latent_dim, generator=noise)
        labels = torch.arange(NUM_CHECKED) % network.config.num_classes
        return Graph(module=network, inputs={"noise": z, "class_labels": labels}, **drawn)
    return None


def _pictures(trained: Trained) -> tuple[Tensor, str]:
    """A few test pictures of its own data as numbers in [0, 1], or noise; and which of the two."""
    shape = image_shape_of(trained.recipe)
    name = trained.description["data"]["name"]
    with contextlib.suppress(UserError, OSError):
        if name not in fetch.SOURCES or fetch.locate(name):  # nothing is fetched for a check
            pixels = to_float(trained.recipe.load().test_images[:NUM_CHECKED])
            if tuple(pixels.shape[1:]) == shape:
                return pixels, f"{len(pixels)} pictures of {name}"
    noise = torch.Generator().manual_seed(SEED)
    return torch.rand(NUM_CHECKED, *shape, generator=noise), f"{NUM_CHECKED} pictures of noise"


# --- The formats -------------------------------------------------------------------------

# Runs the written file: inputs by name to its output.
Run = Callable[[Mapping[str, Tensor]], Tensor]


def _as_safetensors(trained: Trained, graph: Graph | None, about: str, file: Path) -> Run:
    own = {k: v.detach().cpu().contiguous() for k, v in trained.network.state_dict().items()}
    # One entry: several would be written in a random order.
    content = save(own, {"torchcamp": about})
    write_atomically(file, lambda part: part.write_bytes(content))
    with safe_open(file, "pt") as written:
        if (written.metadata() or {}).get("torchcamp") != about:
            raise RunError(f"{file} was written without its metadata")
    tensors = load_file(file)
    network = trained.recipe.network().eval()
    network.load_state_dict(tensors)

    def differences(inputs: Mapping[str, Tensor]) -> Tensor:
        return torch.stack([(tensors[k].double() - v).abs().max() for k, v in own.items()]).max()

    if graph is None:
        return differences
    module: Any = _Decoder(network) if isinstance(network, vae.VAE) else network
    return lambda inputs: module(*inputs.values())


def _as_pt2(trained: Trained, graph: Graph, about: str, file: Path) -> Run:
    stream = io.BytesIO()
    torch.export.save(_program(trained, graph), stream, extra_files={"torchcamp": about})
    write_atomically(file, lambda part: part.write_bytes(stream.getvalue()))
    extra = {"torchcamp": ""}
    module = torch.export.load(io.BytesIO(file.read_bytes()), extra_files=extra).module()
    if extra["torchcamp"] != about:
        raise RunError(f"{file} was written without its metadata")
    return lambda inputs: module(*inputs.values())


def _as_onnx(trained: Trained, graph: Graph, about: str, file: Path) -> Run:
    import onnxruntime

    traced = _program(trained, graph)
    try:
        program: Any = torch.onnx.export(
            traced,
            dynamo=True,
            input_names=list(graph.inputs),
            output_names=[graph.output],
            verbose=False,
        )
    except RuntimeError as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise RecipeError(
            f"{trained.name} cannot be written as ONNX: {reason} (--format pt2 may still do)"
        ) from error
    program.model.metadata_props["torchcamp"] = about
    write_atomically(file, lambda part: program.save(str(part), external_data=False))
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    if session.get_modelmeta().custom_metadata_map.get("torchcamp") != about:
        raise RunError(f"{file} was written without its metadata")

    def run(inputs: Mapping[str, Tensor]) -> Tensor:
        (output,) = session.run(None, {name: value.numpy() for name, value in inputs.items()})
        return torch.from_numpy(output)

    return run


def _program(trained: Trained, graph: Graph) -> torch.export.ExportedProgram:
    """The graph for a batch of any size.

    Raises:
        RecipeError: torch cannot trace it.
    """
    batch = torch.export.Dim("batch")
    shapes = tuple({0: batch} for _ in graph.inputs)
    errors: list[Exception] = []
    # The strict tracer reads Python's code: it is slower, and alone understands `len(batch)`.
    for strict in (False, True):
        try:
            return torch.export.export(
                graph.module, tuple(graph.inputs.values()), dynamic_shapes=shapes, strict=strict
            )
        except Exception as error:  # of dozens of kinds, torch's own and the model's
            errors.append(error)
    reason = (str(errors[0]).strip() or type(errors[0]).__name__).splitlines()[0]
    raise RecipeError(
        f"{trained.name} cannot be turned into one graph for a batch of any size: {reason} "
        "(--format safetensors exports its weights)"
    ) from errors[0]


def _require_onnx() -> None:
    missing = [name for name in ONNX_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise RecipeError(
            f"onnx needs {', '.join(missing)}: pip install {' '.join(ONNX_PACKAGES)} "
            "(torchcamp's extra `export`)"
        )


# --- The check ---------------------------------------------------------------------------


@torch.no_grad()
def _largest_difference(graph: Graph, run: Run) -> float:
    """Between the file's outputs and the model's, for a batch and for its first picture alone."""
    largest = 0.0
    for count in (len(next(iter(graph.inputs.values()))), 1):
        inputs = {name: value[:count].contiguous() for name, value in graph.inputs.items()}
        own = graph.outputs(inputs)
        difference = (run(inputs) - own).abs().max() / own.abs().max().clamp_min(1)
        if not difference <= largest:  # nan too
            largest = difference.item()
    return largest


def _any_batch(value: Tensor) -> list[int | str]:
    return ["batch", *value.shape[1:]]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing of what exporters say to their developers reaches the user's terminal."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
