"""torchcamp: a deep learning bootcamp with PyTorch that runs on your own machine.

The names in `__all__` are what code outside this package may rely on: lessons, answers, and recipes of
one's own (docs/api.md). Each is loaded when it is first used: `import torchcamp` loads no torch.
"""

import importlib
from typing import TYPE_CHECKING

from torchcamp.base import moved
from torchcamp.base.version import __version__

if TYPE_CHECKING:
    from torchcamp import figures, models
    from torchcamp.api import (
        dataset,
        evaluate,
        export,
        load,
        load_data,
        load_model,
        sample,
        train,
        write,
    )
    from torchcamp.base.errors import UserError
    from torchcamp.base.seeding import seed_everything
    from torchcamp.course import jupyter, lesson
    from torchcamp.course.judge.checks import attempt
    from torchcamp.data.augment import to_float
    from torchcamp.data.batches import Batches
    from torchcamp.data.images import Images
    from torchcamp.evaluation.classifier_report import evaluate_classifier, score_classifier
    from torchcamp.evaluation.evaluation import Evaluation
    from torchcamp.reading import probes
    from torchcamp.reading.reader import read
    from torchcamp.recipes.images import ImageRecipe
    from torchcamp.recipes.registry import find_recipe
    from torchcamp.training.loop import Training

__all__ = [
    "Batches",
    "Evaluation",
    "ImageRecipe",
    "Images",
    "Training",
    "UserError",
    "__version__",
    "attempt",
    "dataset",
    "evaluate",
    "evaluate_classifier",
    "export",
    "figures",
    "find_recipe",
    "jupyter",
    "lesson",
    "load",
    "load_data",
    "load_model",
    "models",
    "probes",
    "read",
    "sample",
    "score_classifier",
    "seed_everything",
    "to_float",
    "train",
    "write",
]

# Name -> the module that it comes from, or that it is.
_SOURCES = {
    "Batches": "data.batches",
    "Evaluation": "evaluation.evaluation",
    "ImageRecipe": "recipes.images",
    "Images": "data.images",
    "Training": "training.loop",
    "UserError": "base.errors",
    "attempt": "course.judge.checks",
    "dataset": "api",
    "evaluate": "api",
    "evaluate_classifier": "evaluation.classifier_report",
    "export": "api",
    "figures": "figures",
    "find_recipe": "recipes.registry",
    "jupyter": "course.jupyter",
    "lesson": "course.lesson",
    "load": "api",
    "load_data": "api",
    "load_model": "api",
    "models": "models",
    "probes": "reading.probes",
    "read": "reading.reader",
    "sample": "api",
    "score_classifier": "evaluation.classifier_report",
    "seed_everything": "base.seeding",
    "to_float": "data.augment",
    "train": "api",
    "write": "api",
}

moved.install()


def __getattr__(name: str) -> object:
    if name not in _SOURCES:
        raise AttributeError(f"module 'torchcamp' has no attribute {name!r}")
    source = _SOURCES[name]
    module = importlib.import_module(f"torchcamp.{source}")
    value = module if source.rpartition(".")[2] == name else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
