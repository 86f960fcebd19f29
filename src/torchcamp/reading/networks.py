"""What a network is made of, whatever its author named `self.modules` or `self.parameters`."""

from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn


def named_parts(
    module: nn.Module, prefix: str = "", *, again: bool = False
) -> Iterator[tuple[str, nn.Module]]:
    """The module and those inside it, with their paths: `net.0`.

    Its own methods are not asked: an attribute such as `self.modules = [...]` may hide them.

    Args:
        again: whether to give a part that is shared under each of its paths.
    """
    seen = set()

    def walk(path: str, part: nn.Module, above: tuple[nn.Module, ...]) -> Iterator[Any]:
        if part in above or (part in seen and not again):
            return
        seen.add(part)
        yield path, part
        for name, child in part._modules.items():
            if child is not None:
                yield from walk(f"{path}.{name}" if path else name, child, (*above, part))

    yield from walk(prefix, module, ())


def parts_of(module: nn.Module) -> Iterator[nn.Module]:
    """The module and those inside it, each once."""
    for _, part in named_parts(module):
        yield part


def named_parameters(module: nn.Module, prefix: str = "") -> Iterator[tuple[str, nn.Parameter]]:
    """Each parameter with its path, a shared one with each of its names."""
    for path, part in named_parts(module, prefix, again=True):
        for name, parameter in part._parameters.items():
            if parameter is not None:
                yield f"{path}.{name}" if path else name, parameter


def parameters_of(module: nn.Module) -> list[nn.Parameter]:
    """Each parameter once."""
    return list({id(p): p for _, p in named_parameters(module)}.values())


def buffers_of(module: nn.Module) -> list[Tensor]:
    """Each buffer once."""
    buffers = (b for part in parts_of(module) for b in part._buffers.values() if b is not None)
    return list({id(b): b for b in buffers}.values())
