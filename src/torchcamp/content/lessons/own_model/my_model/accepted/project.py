from pathlib import Path
from typing import Any

from torchcamp import find_recipe

HERE = Path(__file__).resolve()
PROJECT = next(p / "project" for p in HERE.parents if (p / "project" / "recipe.py").is_file())


def hand_in() -> Any:
    import dataclasses

    recipe = find_recipe(f"{PROJECT}/recipe.py:default")
    return dataclasses.replace(recipe, data="folder:pictures")
