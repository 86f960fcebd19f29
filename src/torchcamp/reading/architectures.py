"""Architectures of Hugging Face's `transformers`, from their config class: no weights are needed."""

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import nn

from torchcamp.base.errors import ReadError, suggest


def architecture(target: str) -> tuple[Callable[..., nn.Module], Path]:
    """What builds `hf:gpt2` or `hf:GPT2Config`, and the file of the config class.

    Its keyword arguments are those of the config: `--args n_layer=2`. Weights are drawn.

    Raises:
        ReadError: transformers is not installed, or has no such architecture.
    """
    name = target.removeprefix("hf:")
    try:
        transformers: Any = importlib.import_module("transformers")
    except ModuleNotFoundError as error:
        missing = "" if error.name == "transformers" else f", which cannot find {error.name}"
        raise ReadError(
            f"{target} needs the transformers package{missing}; "
            "install it with: pip install transformers"
        ) from error
    kinds = transformers.CONFIG_MAPPING
    config = kinds[name] if name in kinds else getattr(transformers, name, None)
    if not inspect.isclass(config) or (name not in kinds and not name.endswith("Config")):
        known = [*kinds, *(each for each in dir(transformers) if each.endswith("Config"))]
        hint = suggest(name, known, otherwise="Name a model type (hf:bert) or a config class.")
        raise ReadError(f"transformers has no architecture {name!r}. {hint}")

    def build(**options: Any) -> nn.Module:
        settings = config()
        for option in options:  # a config takes any name and keeps it, unused
            if not hasattr(settings, option):
                own = [key for key in vars(settings) if not key.startswith("_")]
                raise ValueError(
                    f"{config.__name__} has no {option!r}. {suggest(option, own, otherwise=' ')}"
                )
        return transformers.AutoModel.from_config(config(**options))

    build.__name__ = config.__name__
    return build, Path(inspect.getsourcefile(config) or "")


Spec = tuple[tuple[int, ...], str, int]  # shape, dtype, whole numbers below this


def input_specs(model: nn.Module) -> list[dict[str, Spec]]:
    """Inputs to try on a model of transformers, by name; none for any other module.

    Sizes are those of its config: text below its vocabulary, pictures of its size, a second of
    sound; a decoder gets text of its own.
    """
    config: Any = getattr(model, "config", None)
    main = getattr(model, "main_input_name", None)
    if config is None or not isinstance(main, str):
        return []
    parts = [config, *(getattr(config, f"{part}_config", None) for part in PARTS)]

    def size(*names: str, otherwise: int) -> int:
        found = (getattr(part, name, None) for part in parts for name in names)
        return next((value for value in found if isinstance(value, int)), otherwise)

    side = size("image_size", otherwise=224)
    text: Spec = ((2, 16), "int64", size("vocab_size", otherwise=2))
    known: dict[str, Spec] = {
        "input_ids": text,
        "pixel_values": ((2, size("num_channels", otherwise=3), side, side), "float32", 2),
        "input_values": ((2, 16_000), "float32", 2),
        "input_features": (
            (2, size("num_mel_bins", "feature_size", otherwise=80), 3_000), "float32", 2,
        ),
        "decoder_input_ids": text,
    }  # fmt: skip
    takes = inspect.signature(model.forward).parameters
    first = {main: known[main]} if main in known else {}
    second = {"decoder_input_ids": text} if "decoder_input_ids" in takes else {}
    every = {name: spec for name, spec in known.items() if name in takes}
    return [each for each in (first, first | second, every) if each]


PARTS = ("text", "vision", "audio", "encoder", "decoder")  # of a config that has several
