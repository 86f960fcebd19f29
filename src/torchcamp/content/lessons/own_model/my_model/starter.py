from pathlib import Path
from typing import Any

from torchcamp import find_recipe

PROJECT = Path(__file__).parent.parent / "mymodel"


def hand_in() -> Any:
    """The recipe of your model, on your pictures."""
    # TODO: torchcamp new mymodel, your pictures, your changes; then return
    #       find_recipe(f"{PROJECT}/recipe.py:default")
    raise NotImplementedError
