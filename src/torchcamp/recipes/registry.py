"""From a name to a recipe: ours by name, the learner's as `FILE.py:function`."""

import contextlib
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from torchcamp.base.errors import RecipeError, UserError, first_line, suggest
from torchcamp.base.files import MOST_SOURCE, require_regular
from torchcamp.base.memory import is_of_memory, require_room
from torchcamp.recipes.recipe import Recipe
from torchcamp.recipes.settings import field_names, with_hyperparameters
from torchcamp.recipes.trust import FromSource, importing_sources_only, require_trusted

# Modules of this package; their public functions without parameters are the presets.
NAMES = ("mlp", "cnn", "resnet", "hmm", "rbm", "vae", "rnn", "gan", "cgan")
NEEDED = ("build", "network", "evaluate", "load", "for_data", "data", "seed", "epochs")


def presets(name: str) -> dict[str, Callable[[], Recipe]]:
    """Preset name -> function, for one of our recipes.

    Raises:
        RecipeError: no such recipe; the nearest is named.
    """
    if name not in NAMES:
        hint = suggest(name, NAMES, listed_as="Recipes")
        raise RecipeError(f"unknown recipe {name!r}. {hint}")
    functions = _public_functions(importlib.import_module(f"torchcamp.recipes.{name}"))
    return {
        name: function
        for name, function in functions.items()
        if not inspect.signature(function).parameters
    }


def find_recipe(name: str, preset: str | None = None) -> Recipe:
    """The recipe `name`, as `preset` makes it.

    Args:
        name: one of `NAMES`, or `FILE.py:function`.
        preset: the name of one of its presets; `default` if None.

    Raises:
        RecipeError: unknown name or preset, or a file whose function does not return a recipe.
    """
    if is_file(name):
        path, function = split_file(name)
        if preset is not None:
            raise RecipeError(f"a file's function is its preset: write {path}:{preset}")
        return _from_file(path, function)
    functions = presets(name)
    preset = "default" if preset is None else preset
    if preset not in functions:
        hint = suggest(preset, functions, listed_as="Presets")
        raise RecipeError(f"the recipe {name} has no preset {preset!r}. {hint}")
    return functions[preset]()


def load_recipe(description: Mapping[str, Any], source: Path) -> Recipe:
    """The recipe that a run.json or a card describes, with its hyperparameters.

    Args:
        description: its `recipe`, `preset` and `numbers`.
        source: the folder with the run's copy of a recipe of the learner's own.

    Raises:
        RecipeError: it cannot be found, or no longer takes these hyperparameters.
        RunError: it is code of the run's own, and nobody has said that it may be run.
    """
    name = description["recipe"]
    if is_file(name):
        require_trusted(source)
        file, _, function = name.rpartition(":")
        name = f"{source / Path(file).name}:{function}"
    recipe = find_recipe(name, description["preset"])
    numbers = description["numbers"]
    if "size" not in numbers and "size" in field_names(recipe):
        # Up to 0.1 every picture was read in grey at 28x28.
        numbers = {**numbers, "size": "28x28", "colour": "grey"}
    return with_hyperparameters(recipe, numbers)


def require_room_for(recipe: Recipe, copies: float) -> None:
    """Refuse a network whose numbers do not fit into this machine, before any is allocated.

    Args:
        copies: how many numbers will be kept for each of the network's.

    Raises:
        UserError: it is too large.
    """
    try:
        with torch.device("meta"):
            network = recipe.network()
    except Exception as error:
        if is_of_memory(error):
            raise RecipeError("a network of these sizes fits into no machine") from error
        return  # it does something that needs real numbers, and is built with them
    numbers = [*network.parameters(), *network.buffers()]
    require_room(
        round(copies * sum(each.nbytes for each in numbers)), "a network of these sizes needs"
    )


def preset_for(functions: Mapping[str, object], data: str | None) -> str:
    """The preset named after the kind of `data`, else `default`.

    This way each kind of data has its own hyperparameters: `rnn` on `text:FILE` is the preset
    `text`.
    """
    kind = (data or "").partition(":")[0]
    return kind if kind in functions else "default"


def is_file(name: str) -> bool:
    """Whether `name` is a file of the learner's rather than one of our recipes."""
    return ".py" in name


def split_file(name: str) -> tuple[Path, str]:
    """`FILE.py:function` as its two parts.

    Raises:
        RecipeError: no function is named, or there is no such file.
    """
    file, _, function = name.rpartition(":")
    if not file or not function or function.endswith(".py"):
        raise RecipeError(f"name the function that returns the recipe, as in {name}:default")
    path = Path(file).expanduser()
    if not path.exists():
        raise RecipeError(f"{path} does not exist")
    try:
        require_regular(path, MOST_SOURCE)
    except OSError as error:
        raise RecipeError(f"cannot read {path}: {error.strerror}") from error
    return path, function


def sources(path: Path) -> list[Path]:
    """`path` and the modules that it imports from its own folder: what a run must keep a copy of."""
    with _imported(path) as (_, neighbours):
        return [path.resolve(), *neighbours]


def _from_file(path: Path, function: str) -> Recipe:
    with _imported(path) as (module, _):
        functions = _public_functions(module)
        if function not in functions:
            hint = suggest(function, functions, listed_as="Functions")
            raise RecipeError(f"{path} has no function {function!r}. {hint}")
        try:
            recipe = functions[function]()
        except (Exception, SystemExit) as error:
            raise RecipeError(f"{path}:{function}() {_failed(error, path)}") from error
    for needed in NEEDED:
        if getattr(recipe, needed, None) is None:
            raise RecipeError(
                f"{path}:{function} returned a {type(recipe).__name__}, which is not a recipe: it "
                f"has no {needed!r}; `torchcamp new NAME` writes a recipe to start from"
            )
    return recipe


@contextlib.contextmanager
def _imported(path: Path) -> Iterator[tuple[ModuleType, list[Path]]]:
    """The file as a module, with its folder importable meanwhile; leaves `sys.path` as it was."""
    path = path.resolve()
    in_run = path.parent.name == "source" and (path.parent.parent / "run.json").exists()
    loader = FromSource(f"recipe_{path.stem}", str(path)) if in_run else None
    spec = importlib.util.spec_from_file_location(f"recipe_{path.stem}", path, loader=loader)
    if spec is None or spec.loader is None:
        raise RecipeError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    before = set(sys.modules)
    sys.path.insert(0, str(path.parent))
    sys.modules[spec.name] = module
    try:
        try:
            with importing_sources_only(path.parent) if in_run else contextlib.nullcontext():
                spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            raise RecipeError(f"{path} cannot be imported: it {_failed(error, path)}") from error
        near = {
            name: Path(file).resolve()
            for name in set(sys.modules) - before - {spec.name}
            if (file := getattr(sys.modules[name], "__file__", None))
            and Path(file).resolve().parent == path.parent
        }
        yield module, sorted(near.values())
        for name in near:  # another run's module of the same name must not be mistaken for it
            del sys.modules[name]
    finally:
        sys.path.remove(str(path.parent))


def _failed(error: BaseException, file: Path) -> str:
    """What a learner's code did, and on which line of theirs."""
    if isinstance(error, SystemExit):
        did = f"left with sys.exit({error.code!r}), so nothing was done; remove that call"
    else:
        did = f"failed: {first_line(error)}"
    line = own_line(error, file.parent)
    return f"{did} ({line})" if line else did


def own_line(error: BaseException, folder: Path) -> str | None:
    """`mine.py, line 7: loss = f(x)` for the last line of an exception's trace in `folder`."""
    folder = folder.resolve()
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).parent == folder
    ]
    if not frames:
        return None
    last = frames[-1]
    code = f": {last.line}" if last.line else ""
    return f"{Path(last.filename).name}, line {last.lineno}{code}"


@contextlib.contextmanager
def own_code(name: str, source: Path | None = None) -> Iterator[None]:
    """While methods of a recipe run: what those of the learner's own raise is told with their line.

    Args:
        name: of the recipe; where it is one of ours, exceptions pass through.
        source: the folder of the file where it is not the one that `name` says.

    Raises:
        RecipeError: code of theirs raised anything but a UserError, or left by sys.exit().
    """
    try:
        yield
    except UserError:
        raise
    except (Exception, SystemExit) as error:
        if not is_file(name) or isinstance(error, OSError):
            raise
        folder = source or Path(name.rpartition(":")[0]).expanduser().parent
        if own_line(error, folder) is None and not isinstance(error, SystemExit):
            raise RecipeError(
                f"{name} made a call fail: {first_line(error)}; a recipe's methods are listed in "
                "the project that `torchcamp new NAME` writes"
            ) from error
        file = folder / Path(name.rpartition(":")[0]).name
        raise RecipeError(f"{name} {_failed(error, file)}") from error


def _public_functions(module: ModuleType) -> dict[str, Callable[..., Any]]:
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    }
