"""The import finder that hands out stand-ins, last of all finders."""

import importlib
import importlib.abc
import importlib.util
import math
import sys
import types
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.doctor.stand_ins import progress, vision_data, vision_models, vision_transforms
from torchcamp.doctor.stand_ins.silent import Silent, SilentModule
from torchcamp.reading.stack import is_user_file

SILENT = {
    "matplotlib": "drawing is", "mpl_toolkits": "drawing is", "seaborn": "drawing is", "plotly": "drawing is", "bokeh": "drawing is",
    "visdom": "drawing is", "IPython": "drawing is", "livelossplot": "drawing is", "tensorboard": "logging is",
    "tensorboardX": "logging is", "wandb": "logging is", "mlflow": "logging is", "comet_ml": "logging is", "neptune": "logging is",
    "cv2": "picture files are", "imageio": "picture files are", "torchinfo": "summaries are", "torchsummary": "summaries are",
    "prettytable": "printing is", "termcolor": "printing is", "colorama": "printing is", "setproctitle": "printing is",
}  # fmt: skip
TENSORBOARD = "torch.utils.tensorboard"


class Installed:
    """What stands in, and what of it was used.

    Attributes:
        used: one sentence for each stand-in that was imported or asked for data.
        made_data: a made-up data set was used.
    """

    def __init__(self) -> None:
        self.used: list[str] = []
        self.made_data = False
        self.loaded: Callable[[nn.Module], None] = lambda network: None
        """Is given a network whose pretrained weights would have been loaded."""

    def note(self, sentence: str) -> None:
        """Write down that a stand-in was used."""
        if sentence not in self.used:
            self.used.append(sentence)

    def note_data(self, sentence: str) -> None:
        """Write down that data was made up."""
        self.made_data = True
        self.note(sentence)


def install() -> Installed:
    """Let imports of missing packages find stand-ins, for the rest of this process."""
    installed = Installed()
    sys.meta_path.append(_Finder(installed))
    if importlib.util.find_spec("tensorboard") is None:  # torch's own module needs that package
        sys.meta_path.insert(0, _Tensorboard(installed))
    return installed


class _Tensorboard(importlib.abc.MetaPathFinder):
    def __init__(self, installed: Installed) -> None:
        self._installed = installed

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != TENSORBOARD and not fullname.startswith(f"{TENSORBOARD}."):
            return None
        return ModuleSpec(fullname, _Loader(self._installed), is_package=True)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, installed: Installed) -> None:
        self._installed = installed

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        top = fullname.partition(".")[0]
        if top not in (*SILENT, "tqdm", "torchvision"):
            return None
        if "." in fullname and not _is_ours(sys.modules.get(top)):
            return None  # a part that is missing of a package that is there
        if not _is_asked_by_user():
            return None  # a library that can do without
        return ModuleSpec(fullname, _Loader(self._installed), is_package=True)


def _is_asked_by_user() -> bool:
    """Whether the import stands in a file of the user's, or in a stand-in."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith("<frozen importlib") and file not in (__file__, importlib.__file__):
            return is_user_file(file)
        frame = frame.f_back
    return False


def _is_ours(module: types.ModuleType | None) -> bool:
    spec = getattr(module, "__spec__", None)
    return isinstance(getattr(spec, "loader", None), _Loader)


class _Loader(importlib.abc.Loader):
    def __init__(self, installed: Installed) -> None:
        self._installed = installed

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        top = spec.name.partition(".")[0]
        if spec.name.startswith(TENSORBOARD):
            self._installed.note("tensorboard is not installed: its logging is left out")
            return SilentModule(spec.name, spec)
        if top in SILENT:
            self._installed.note(f"{top} is not installed: its {SILENT[top]} left out")
            return SilentModule(spec.name, spec)
        module = types.ModuleType(spec.name)
        names = _progress() if top == "tqdm" else _vision(spec.name, self._installed)
        vars(module).update(names)
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def _progress() -> dict[str, Any]:
    return {"tqdm": progress.tqdm, "trange": progress.trange, "tqdm_notebook": progress.tqdm}


def _vision(name: str, installed: Installed) -> dict[str, Any]:
    """The names of torchvision, or of one of its modules."""
    part = name.partition(".")[2]
    if part == "":
        installed.note(
            "torchvision is not installed: transforms, data sets and networks are stand-ins"
        )
        return {"__version__": "0.0", "__getattr__": _import_part}
    if part.startswith("datasets"):
        return vision_data.data_sets(installed.note_data)
    if part.startswith("transforms"):
        if part.endswith("functional"):
            return vision_transforms.functions()
        functional = types.SimpleNamespace(**vision_transforms.functions())
        return vision_transforms.names() | {"functional": functional, "F": functional}
    if part.startswith("models"):
        builders = vision_models.builders(installed.note, lambda network: installed.loaded(network))
        return {"ResNet": vision_models.ResNet} | builders | {"__getattr__": _weights}
    if part == "utils":
        return {"make_grid": _make_grid, "save_image": lambda *args, **kwargs: None}
    return {"__getattr__": _nothing}


def _import_part(name: str) -> Any:
    """`torchvision.datasets` after `import torchvision` alone."""
    if name.startswith("__"):
        raise AttributeError(name)
    return importlib.import_module(f"torchvision.{name}")


def _weights(name: str) -> Any:
    """`ResNet18_Weights`, whose every member stands for weights that would be loaded."""
    if name.startswith("__"):
        raise AttributeError(name)
    return Silent()


def _nothing(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return Silent()


def _make_grid(tensor: Any, nrow: int = 8, padding: int = 2, *args: Any, **kwargs: Any) -> Tensor:
    """Pictures (N, C, H, W) side by side: (3, H', W')."""
    if isinstance(tensor, list | tuple):
        tensor = torch.stack(list(tensor))
    while tensor.dim() < 4:
        tensor = tensor[None]
    if tensor.shape[1] == 1:
        tensor = tensor.expand(-1, 3, -1, -1)
    number, channels, height, width = tensor.shape
    columns = min(nrow, number)
    rows = math.ceil(number / columns)
    grid = tensor.new_zeros(
        channels, rows * (height + padding) + padding, columns * (width + padding) + padding
    )
    for index, picture in enumerate(tensor):
        top = index // columns * (height + padding) + padding
        left = index % columns * (width + padding) + padding
        grid[:, top : top + height, left : left + width] = picture
    return grid
