"""From a name to a recipe: ours by name, the learner's as `FILE.py:function`."""

import contextlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from torchcamp.base.errors import RecipeError, suggest
from torchcamp.recipes.recipe import Recipe

NAMES = (
    "mlp",
    "cnn",
    "hmm",
    "rbm",
    "vae",
    "rnn",
    "gan",
    "cgan",
)  # modules of this room; their public functions are the presets


def presets(name: str) -> dict[str, Any]:
    """Preset name -> function, for one of our recipes: the public functions without parameters.

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
        preset: `default` where none is given.

    Raises:
        RecipeError: unknown name or preset, or a file whose function gives no recipe.
    """
    if is_file(name):
        path, function = split_file(name)
        if preset:
            raise RecipeError(f"name the preset itself: {path}:{preset}")
        return _from_file(path, function)
    functions = presets(name)
    preset = preset or "default"
    if preset not in functions:
        hint = suggest(preset, functions, listed_as="Presets")
        raise RecipeError(f"the recipe {name} has no preset {preset!r}. {hint}")
    return functions[preset]()


def preset_for(functions: dict[str, Any], data: str | None) -> str:
    """The preset named after the kind of `data`, else `default`.

    So data of another kind bring their own numbers: `rnn` on `text:FILE` is the preset `text`.
    """
    kind = (data or "").partition(":")[0]
    return kind if kind in functions else "default"


def is_file(name: str) -> bool:
    """Whether `name` means a file of the learner's and not one of our recipes."""
    return ".py" in name


def split_file(name: str) -> tuple[Path, str]:
    """`FILE.py:function` as its two parts.

    Raises:
        RecipeError: no function, or no such file.
    """
    place, _, function = name.rpartition(":")
    if not place or not function or function.endswith(".py"):
        raise RecipeError(f"name the function that returns the recipe, as in {name}:default")
    path = Path(place).expanduser()
    if not path.is_file():
        raise RecipeError(f"there is no file {path}")
    return path, function


def sources(path: Path) -> list[Path]:
    """`path` and the modules of its folder that it imports: what a run needs to be loaded again."""
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
        except Exception as error:
            raise RecipeError(f"{path}:{function}() failed: {_words(error)}") from error
    for needed in ("build", "network", "evaluate", "load", "fitted", "data", "seed", "epochs"):
        if not hasattr(recipe, needed):
            raise RecipeError(
                f"{path}:{function} returned a {type(recipe).__name__} without {needed!r}: "
                "that is no recipe (see torchcamp.recipes.recipe.Recipe)"
            )
    return recipe


@contextlib.contextmanager
def _imported(path: Path) -> Iterator[tuple[ModuleType, list[Path]]]:
    """The file as a module, with its folder importable meanwhile; leaves `sys.path` as it was."""
    path = path.resolve()
    spec = importlib.util.spec_from_file_location(f"recipe_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise RecipeError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    before = set(sys.modules)
    sys.path.insert(0, str(path.parent))
    sys.modules[spec.name] = module
    try:
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise RecipeError(f"{path} cannot be imported: {_words(error)}") from error
        near = {
            name: Path(file).resolve()
            for name in set(sys.modules) - before - {spec.name}
            if (file := getattr(sys.modules[name], "__file__", None))
            and Path(file).resolve().parent == path.parent
        }
        yield module, sorted(near.values())
        for name in near:  # another run's neighbour of the same name must not be mistaken for it
            del sys.modules[name]
    finally:
        sys.path.remove(str(path.parent))


def _public_functions(module: ModuleType) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    }


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
