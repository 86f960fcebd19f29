"""Kernels start with torch loaded, and still draw different random numbers."""

import importlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys

import pytest

from torchcamp.course.server.kernel_start import PRELOADED, KernelContext

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")

# Two kernels as marimo starts them; each says who its parent is, what it has loaded, and draws.
TWO_KERNELS = """
import ctypes, json, multiprocessing, os, sys
import marimo._session.managers.kernel as manager
from torchcamp.course.server.kernel_start import take_over_kernels


def look(results):
    loaded = [name for name in ("torch", "torchcamp.course.lesson") if name in sys.modules]
    import random
    import numpy as np
    import torch
    killed_by = ctypes.c_int()
    ctypes.CDLL(None).prctl(2, ctypes.byref(killed_by))  # PR_GET_PDEATHSIG
    products = (torch.ones(600, 600) @ torch.ones(600, 600)).sum().item()
    results.put({
        "killed_by": killed_by.value, "parent": os.getppid(), "loaded": loaded, "told": os.environ.get("TOLD"),
        "products": products, "numpy": np.random.rand(), "random": random.random(),
    })


if __name__ == "__main__":
    os.environ["TOLD"] = "before the kernels"
    take_over_kernels()
    spawn = manager.get_context("spawn")
    results = multiprocessing.get_context("spawn").Queue()
    processes = [spawn.Process(target=look, args=(results,), daemon=False) for _ in range(2)]
    for process in processes:
        process.start()
    told = [results.get() for _ in processes]
    for process in processes:
        process.join()
    print(json.dumps({"server": os.getpid(), "kernels": told}))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict:
    program = tmp_path_factory.mktemp("kernels") / "server.py"
    program.write_text(TWO_KERNELS)
    out = subprocess.run([sys.executable, str(program)], capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    return json.loads(out.stdout)


def test_kernels_are_copies_of_one_process_that_has_loaded_torch(told: dict):
    first, second = told["kernels"]
    assert first["parent"] == second["parent"] not in (told["server"], os.getpid())
    assert first["loaded"] == second["loaded"] == ["torch", "torchcamp.course.lesson"]


def test_kernels_have_the_servers_environment(told: dict):
    assert [each["told"] for each in told["kernels"]] == 2 * ["before the kernels"]


def test_torch_computes_in_a_copy(told: dict):
    assert [each["products"] for each in told["kernels"]] == 2 * [600.0**3]


@pytest.mark.parametrize("library", ["numpy", "random"])
def test_kernels_draw_different_numbers(told: dict, library: str):
    first, second = (each[library] for each in told["kernels"])
    assert first != second


def test_a_kernel_is_killed_when_its_parent_ends(told: dict):
    """The parent, which forks kernels, ends with the server. A fork does not inherit the request."""
    assert [each["killed_by"] for each in told["kernels"]] == 2 * [signal.SIGKILL]


def test_elsewhere_kernels_are_spawned(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    process = KernelContext().Process(target=print, args=("words",), daemon=False)
    assert isinstance(process, multiprocessing.get_context("spawn").Process)


def test_a_failed_import_does_not_end_the_process_of_the_forks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, PRELOADED, raising=False)
    monkeypatch.setitem(sys.modules, "torchcamp.course.lesson", None)  # importing it raises
    assert importlib.import_module(PRELOADED)
