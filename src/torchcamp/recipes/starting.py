"""Begin a training with weights that exist: another run's, a shipped model's, or a file's.

Tensors are matched by name and shape. Our `resnet` names its parameters as torchvision and timm do,
so their ResNet-18 and ResNet-34 fit as they are (`--preset resnet18`, `--preset resnet34`).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from torchcamp.base.errors import RecipeError, RunError, suggest
from torchcamp.base.files import require_regular
from torchcamp.base.paths import WEIGHTS
from torchcamp.recipes.class_names import known_class_names
from torchcamp.recipes.trained import card, find_run, shipped_names
from torchcamp.training.checkpoint import modules
from torchcamp.training.loop import Training
from torchcamp.training.run_folder import RunFolder

WEIGHT_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")
NUM_NAMED = 5  # tensors that a message names


@dataclass(frozen=True, kw_only=True)
class Start:
    """Weights to begin with.

    name: what the user typed.
    weights: parameter name -> tensor.
    sha256: of the file that they were read from.
    description: the content of a run's run.json or a shipped model's card; empty for a file.
    run: the run's folder, or None.
    """

    name: str
    weights: dict[str, Tensor]
    sha256: str
    description: Mapping[str, Any]
    run: Path | None

    @property
    def class_names(self) -> list[str] | None:
        """The classes that its last layer tells apart, or None where they are not known."""
        names = known_class_names(self.description) if self.description else None
        return list(names) if names else None


def find_start(name: str, roots: Sequence[Path]) -> Start:
    """The weights that `--from` names.

    Args:
        name: a run's folder or name, `latest`, a model that ships, or a file of weights
            (`.safetensors`, or a `state_dict` saved by `torch.save`).
        roots: folders that hold runs.

    Raises:
        RunError: no such run, model or file.
        RecipeError: a file that holds no weights.
    """
    path = Path(name).expanduser()
    if path.is_file() or path.suffix in WEIGHT_SUFFIXES:
        return Start(name=name, weights=_read(path), sha256=_sha256(path), description={}, run=None)
    run_path = find_run(name, roots)
    if run_path is not None and (run_path / "run.json").exists():
        run = RunFolder.open(run_path)
        description = run.description()
        return Start(
            name=name,
            weights=run.load_weights(),
            sha256=_sha256(run_path / "weights.safetensors"),
            description=description,
            run=run_path,
        )
    if name in shipped_names():
        file = WEIGHTS / f"{name}.safetensors"
        return Start(
            name=name,
            weights=load_file(file),
            sha256=_sha256(file),
            description=card(name),
            run=None,
        )
    hint = suggest(name, shipped_names(), otherwise="List your runs with: torchcamp runs")
    raise RunError(f"{name!r} is neither a run, a model that ships, nor a file of weights. {hint}")


def start_from(training: Training, start: Start, class_names: Sequence[str]) -> str:
    """Copy the weights that fit into the networks of `training`.

    The last layer stays fresh where the classes differ.

    Returns:
        A sentence about what was taken and what was not.

    Raises:
        RecipeError: nothing fits.
    """
    own = training.network.state_dict()
    weights = {name.removeprefix("module."): value for name, value in start.weights.items()}
    known = start.class_names
    if known is not None and class_names and list(known) != list(class_names):
        head = _last_layer(training.network)
        weights = {name: value for name, value in weights.items() if not name.startswith(head)}
    fitting = {
        name: value
        for name, value in weights.items()
        if name in own and value.shape == own[name].shape
    }
    # A bias or a statistic may fit by accident; a matrix or a filter does not.
    if not any(value.dim() > 1 for value in fitting.values()):
        raise RecipeError(
            f"nothing in {start.name} fits this model: it holds {_listed(start.weights)}, the model "
            f"has {_listed(own)}"
        )
    load_partly(training, fitting)
    missing = {name: value for name, value in own.items() if name not in fitting}
    taken = sum(value.numel() for value in fitting.values())
    sentence = (
        f"begins with {len(fitting)} of {len(own)} tensors of {start.name} ({taken:,} numbers)"
    )
    return f"{sentence}; fresh: {_listed(missing)}" if _listed(missing) else sentence


def load_partly(training: Training, weights: Mapping[str, Tensor]) -> None:
    """Copy `weights` into the network that is evaluated and into the one that it averages."""
    names = training.network.state_dict().keys()
    for network in _networks(training):
        if network.state_dict().keys() == names:
            network.load_state_dict(dict(weights), strict=False)


def _networks(training: Training) -> Iterator[nn.Module]:
    yield training.network
    for network in modules(training.state):
        yield network.module if isinstance(network, AveragedModel) else network


def _last_layer(network: nn.Module) -> str:
    """The name of the last linear layer, with its dot."""
    names = [name for name, module in network.named_modules() if isinstance(module, nn.Linear)]
    return f"{names[-1]}." if names else "no layer."


def _read(path: Path) -> dict[str, Tensor]:
    """The tensors of a file: safetensors, or what `torch.save` wrote of a state dict."""
    try:
        require_regular(path)
    except FileNotFoundError as error:
        raise RunError(f"{path} does not exist") from error
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror}") from error
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, OSError) as error:
        raise RecipeError(f"cannot read the weights in {path}: {error}") from error
    except Exception as error:  # zip, pickle and torch each raise their own kinds
        raise RecipeError(
            f"cannot read the weights in {path}: it is not a state dict saved by torch.save "
            f"({type(error).__name__})"
        ) from error
    for key in ("state_dict", "model_state_dict", "model"):  # a checkpoint around the weights
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict):
        raise RecipeError(f"{path} holds a {type(content).__name__}, not a state dict")
    tensors = {name: value for name, value in content.items() if isinstance(value, Tensor)}
    if not tensors:
        raise RecipeError(f"{path} holds no tensors; expected a state dict")
    return tensors


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _listed(tensors: Mapping[str, Tensor]) -> str:
    """Their names, without counters of batches, which are single numbers."""
    names = sorted(name for name, value in tensors.items() if value.dim())
    more = f" and {len(names) - NUM_NAMED} more" if len(names) > NUM_NAMED else ""
    return ", ".join(names[:NUM_NAMED]) + more
