"""Requests for a GPU on a machine without one, and everything else as it was."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils import _device

from torchcamp.reading import cpu_for_cuda
from torchcamp.reading.cpu_for_cuda import pretend

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


@pytest.fixture
def notes() -> Iterator[list[int]]:
    """As many as there were requests."""
    made: list[int] = []
    with pretend(lambda: made.append(1)):
        yield made


CUDA: Any = torch.cuda


def x() -> Tensor:
    return torch.arange(4.0)


REQUESTS: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "Tensor.cuda": (lambda: x().cuda(), x),
    "Tensor.cuda(0)": (lambda: x().cuda(0, non_blocking=True), x),
    "Tensor.to": (lambda: x().to("cuda:1"), x),
    "Tensor.to(0)": (lambda: x().to(0), x),
    "Tensor.to(device)": (lambda: x().to(torch.device("cuda", 0), torch.float64), lambda: x().double()),
    "Tensor.to(device=)": (lambda: x().to(device="cuda", dtype=torch.int64), lambda: x().long()),
    "new_zeros": (lambda: x().new_zeros(2, device="cuda"), lambda: torch.zeros(2)),
    "new_full": (lambda: x().new_full((2,), 3, device="cuda"), lambda: torch.full((2,), 3.0)),
    "new_tensor": (lambda: x().new_tensor([2], device="cuda"), lambda: torch.tensor([2.0])),
    "zeros": (lambda: torch.zeros(2, 3, device="cuda"), lambda: torch.zeros(2, 3)),
    "arange": (lambda: torch.arange(3, device=torch.device("cuda")), lambda: torch.arange(3)),
    "tensor": (lambda: torch.tensor([1, 2], device="cuda:0"), lambda: torch.tensor([1, 2])),
    "zeros_like": (lambda: torch.zeros_like(x(), device="cuda"), lambda: torch.zeros(4)),
    "tril_indices": (lambda: torch.tril_indices(3, 3, device="cuda"), lambda: torch.tril_indices(3, 3)),
    "fftfreq": (lambda: torch.fft.fftfreq(4, device="cuda"), lambda: torch.fft.fftfreq(4)),
    "hann_window": (lambda: torch.hann_window(4, device="cuda"), lambda: torch.hann_window(4)),
    "randn_like": (lambda: torch.randn_like(x(), device="cuda") * 0, lambda: torch.zeros(4)),
    "normal": (lambda: torch.normal(1.0, 0.0, (2,), device="cuda"), lambda: torch.ones(2)),
    "legacy": (lambda: CUDA.FloatTensor([1, 2]), lambda: torch.FloatTensor([1, 2])),
    "type": (lambda: x().type("torch.cuda.LongTensor"), lambda: x().long()),
    "type(class)": (lambda: x().type(CUDA.LongTensor), lambda: x().long()),
    "layer": (lambda: nn.Linear(2, 2, device="cuda").weight * 0, lambda: torch.zeros(2, 2)),
    "generator": (
        lambda: torch.rand(3, generator=torch.Generator(device="cuda").manual_seed(1), device="cuda"),
        lambda: torch.rand(3, generator=torch.Generator().manual_seed(1)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_gives_what_the_cpu_gives(name: str, notes: list[int]):
    asked, plain = REQUESTS[name]
    expected = plain()
    before = len(notes)
    got = asked()
    assert len(notes) > before
    assert got.device.type == "cpu"
    assert got.dtype == expected.dtype
    assert torch.equal(got, expected)


@pytest.mark.parametrize("name", [name for name in REQUESTS if name != "layer"])
def test_it_is_undone_at_the_end(name: str):
    with pretend(lambda: None):
        pass
    with pytest.raises((RuntimeError, AssertionError, TypeError, ValueError)):
        REQUESTS[name][0]()


def test_nothing_is_left_behind():
    owners = (torch, torch.cuda, torch.fft, Tensor, nn.Module, _device.DeviceContext)
    before = [dict(vars(owner)) for owner in owners]
    with pretend(lambda: None):
        assert [dict(vars(owner)) for owner in owners] != before
    assert [dict(vars(owner)) for owner in owners] == before


def test_modules_move_nowhere_and_stay_themselves(notes: list[int]):
    net = nn.Linear(2, 2)
    assert net.cuda() is net.to("cuda") is net.to(0) is net.to(device=torch.device("cuda"))
    assert len(notes) == 4
    assert net.to(torch.float64).weight.dtype == torch.float64
    assert nn.Linear(1, 1, device="meta").to_empty(device="cuda").weight.device.type == "cpu"


def test_everything_else_is_as_it_was(notes: list[int]):
    with torch.device("meta"):
        assert nn.Linear(2, 2).weight.device.type == torch.zeros(1).device.type == "meta"
    assert torch.zeros(1, device="meta").to(device="meta").device.type == "meta"
    assert x().to(torch.zeros(1, dtype=torch.float64)).dtype == torch.float64
    assert x().type() == "torch.FloatTensor"
    assert isinstance(torch.default_generator, torch.Generator)
    scripted = torch.jit.script(scriptable)
    assert torch.equal(scripted(x()), x() + torch.ones(4))
    assert not torch.cuda.is_available()
    assert torch.cuda.device_count() == 0
    assert not x().is_cuda
    with pytest.raises(AttributeError, match="no_such_thing"):
        CUDA.no_such_thing  # noqa: B018
    torch.manual_seed(0)
    drawn = torch.randn(3)
    assert notes == []
    torch.manual_seed(0)
    assert torch.equal(torch.randn(3, device="cuda"), drawn)


def scriptable(x: Tensor) -> Tensor:
    return x + torch.ones(4)


def test_a_default_device_and_a_context(notes: list[int]):
    with torch.device("cuda"):
        assert torch.zeros(1).device.type == "cpu"
    assert len(notes) == 1
    torch.set_default_device("cuda:0")
    try:
        assert torch.ones(1).device.type == "cpu"
    finally:
        torch.set_default_device(None)
    assert len(notes) == 2


def test_what_only_arranges_things_does_no_harm(notes: list[int]):
    torch.cuda.manual_seed_all(1)
    torch.cuda.empty_cache()
    torch.cuda.set_device(0)
    assert torch.cuda.memory_allocated() == torch.cuda.current_device() == 0
    with torch.cuda.device(0), torch.cuda.stream(torch.cuda.Stream()):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        torch.cuda.current_stream().wait_stream(torch.cuda.Stream())
        end.record()
    torch.cuda.synchronize()
    assert begin.elapsed_time(end) >= 0
    assert torch.equal(x().pin_memory(), x())
    assert notes == []


def test_weights_that_were_saved_on_a_gpu_are_loaded(tmp_path: Any, notes: list[int]):
    torch.save({"w": x()}, tmp_path / "w.pt")
    assert torch.equal(torch.load(tmp_path / "w.pt", map_location="cuda:0")["w"], x())
    assert len(notes) == 1
    assert torch.equal(torch.load(tmp_path / "w.pt")["w"], x())


def test_training_is_bit_for_bit_that_of_the_cpu(notes: list[int]):
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    moved = copy.deepcopy(plain).cuda()
    for net, place in ((plain, "cpu"), (moved, "cuda")):
        optimizer = torch.optim.Adam(net.parameters())
        generator = torch.Generator(device=place).manual_seed(0)
        for _ in range(3):
            batch = torch.randn(5, 4, device=place, generator=generator)
            optimizer.zero_grad()
            net(batch).square().mean().backward()
            optimizer.step()
    for one, other in zip(plain.parameters(), moved.parameters(), strict=True):
        assert torch.equal(one, other)


def test_where_there_is_a_gpu_nothing_is_touched(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(cpu_for_cuda, "_replacements", lambda note: pytest.fail("replaced"))
    with pretend(lambda: None):
        pass
