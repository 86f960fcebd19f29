"""What the reader's tests share."""

import sys
from collections.abc import Iterator

import pytest

from tests.zygote import Zygote
from torchcamp.base import workers


@pytest.fixture(autouse=True)
def _imports_as_before() -> Iterator[None]:
    """Loading a file adds to where Python looks for modules, and to those it has."""
    path, finders, modules = list(sys.path), list(sys.meta_path), set(sys.modules)
    yield
    for name in set(sys.modules) - modules:
        module = sys.modules[name]
        if "pytest-of-" in f"{getattr(module, '__file__', '')} {getattr(module, '__path__', '')}":
            del sys.modules[name]
    sys.path[:], sys.meta_path[:] = path, finders


@pytest.fixture(autouse=True)
def _workers_are_forked(zygote: Zygote, monkeypatch: pytest.MonkeyPatch) -> None:
    """`read_target` without the seconds a new interpreter spends on imports; `tests/cli` starts real ones."""
    monkeypatch.setattr(workers, "run_worker", zygote.run_worker)
