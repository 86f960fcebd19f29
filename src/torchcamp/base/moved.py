"""Old module names that can still be imported.

Older workspaces hold lessons, answers and projects that use them. An old name works for as long as
this table lists it; a test holds that nothing that ships uses one.
"""

import importlib
import sys
import types
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

# Old name -> the modules that hold its contents now; where two define a name, the first wins.
MOVED: dict[str, tuple[str, ...]] = {
    "functional": ("base",),
    "functional.seeding": ("base.seeding",),
    "training.files": ("base.files",),
    "data.errors": ("base.errors",),
    "course.catalog": ("course.content",),
    "course.checks": ("course.judge.checks", "base.plain"),
    "course.seeing": ("figures.feature_maps", "figures.arrays"),
    "course.figures": ("figures",),
    "course.figures.anatomy": ("figures.cnn",),
    "course.figures.boltzmann": ("figures.rbm",),
    "course.figures.chains": ("figures.hmm", "figures.arrays"),
    "course.figures.codes": ("figures.vae",),
    "course.figures.formulas": ("figures.activations", "figures.losses"),
    "course.figures.games": ("figures.gan", "figures.cgan"),
    "course.figures.machines": ("figures.devices", "figures.reading"),
    "course.figures.plane": ("figures.mlp",),
    "course.figures.recurrence": ("figures.rnn",),
    "course.figures.sliding": ("figures.convolution",),
    "course.figures.tapes": ("figures.autograd",),
    "course.figures.tensors": ("figures.tensors",),
    "figures.speed": ("figures.devices",),
}
PREFIX = "torchcamp."


def current_file(reference: str) -> str:
    """`functional/seeding.py` -> `base/seeding.py`; a file that has not moved is returned as is."""
    name = reference.removesuffix(".py").replace("/", ".")
    return f"{MOVED[name][0].replace('.', '/')}.py" if name in MOVED else reference


class _Moved(Loader, MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        name = fullname.removeprefix(PREFIX)
        if name == fullname or name not in MOVED:
            return None
        is_package = any(other.startswith(f"{name}.") for other in MOVED)
        return ModuleSpec(fullname, self, is_package=is_package)

    def exec_module(self, module: types.ModuleType) -> None:
        for name in reversed(MOVED[module.__name__.removeprefix(PREFIX)]):
            current = importlib.import_module(PREFIX + name)
            own = {key: value for key, value in vars(current).items() if not key.startswith("__")}
            module.__dict__.update(own)


def install() -> None:
    """Make the old names importable."""
    if not any(isinstance(finder, _Moved) for finder in sys.meta_path):
        sys.meta_path.append(_Moved())
