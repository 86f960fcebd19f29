"""The cases that other tools stumble over, each by its name and number."""

import contextlib
import copy
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from tests.reading import zoo
from tests.reading.zoo import ZOO, vectors
from torchcamp.base.errors import ReadError
from torchcamp.reading.lines import MAX_CALLS
from torchcamp.reading.process import read_target
from torchcamp.reading.reader import read
from torchcamp.reading.reading import Input, Line, Parameter, Reading, Value
from torchcamp.reading.tracer import Tracer
from torchcamp.reading.values import leaves


def reading_of(cls: type[nn.Module], *args: Any, **kwargs: Any) -> Reading:
    torch.manual_seed(0)
    return read(cls(), args or ZOO[cls](), kwargs, target=cls.__name__)


def row(reading: Reading, text: str, function: str | None = None) -> Line:
    matching = [
        line
        for line in reading.lines
        if line.source.strip().startswith(text) and (function is None or line.function == function)
    ]
    assert len(matching) == 1, (text, [line.source for line in reading.lines])
    return matching[0]


def numpy_state() -> list[int]:
    return list(np.random.get_state()[1])  # type: ignore[arg-type]  # noqa: NPY002


def shapes(values: list[Value]) -> dict[str, tuple[int, ...]]:
    return {value.name: value.shape for value in values}


def test_01_a_loop_that_calls_one_layer_three_times():
    line = row(reading_of(zoo.Loop), "x = F.relu")
    assert line.calls == 3
    assert line.values == [Value(name="x", shape=(2, 4), dtype="float32", device="cpu", count=3)]
    assert line.nodes == ["TBackward0", "AddmmBackward0", "ReluBackward0"] * 3
    assert row(reading_of(zoo.Loop), "for _ in").body_runs == 3


def test_02_a_branch_that_depends_on_data():
    reading = reading_of(zoo.Branch)
    condition = row(reading, "if x.sum()")
    assert condition.body_runs == 1
    assert {"sum", "gt"} <= set(condition.ops)
    assert row(reading, "y = self.a").executed
    assert not row(reading, "y = self.b").executed


def test_03_recursion():
    reading = reading_of(zoo.Recursive)
    assert [call.function for call in reading.calls].count("Recursive.down") == 5
    line = row(reading, "return self.down(self.fc")
    assert line.calls == 4
    assert reading.totals.flops_forward == 256
    assert sum(own.flops_forward for own in (line.by_call or {}).values()) == 256


def test_04_a_sequential_with_one_shared_activation():
    line = row(reading_of(zoo.SharedActivation), "return self.net")
    assert [child.path for child in line.children] == ["net.0", "net.1", "net.2", "net.3"]
    assert [child.layer for child in line.children].count("ReLU()") == 2
    assert [child.values[0].shape for child in line.children] == [(2, 8)] * 2 + [(2, 2)] * 2
    assert line.nodes.count("ReluBackward0") == 2


def test_05_the_lstm_has_flops():
    reading = reading_of(zoo.LSTMNet)
    assert reading.totals.flops_forward == 2 * (2 * 5) * (4 * 8) * (4 + 8) == 7680
    assert reading.totals.flops_backward == 2 * 7680


def test_05_the_gru_by_hand():
    reading = reading_of(zoo.GRUNet)
    assert reading.totals.flops_forward == 2 * (2 * 5) * (3 * 8) * (4 + 8)


def test_06_containers_in_and_out():
    line = row(reading_of(zoo.DataclassOutput), "out = Output")
    assert shapes(line.values) == {"out.logits": (2, 3), "out.extra['inner']['mean']": (3,)}
    reading = reading_of(zoo.NamespaceInput)
    assert shapes(row(reading, "def forward").values) == {"batch.x": (2, 4)}
    assert reading.backward == "from the loss"


def test_07_in_place_changes_show_the_tensor_again():
    reading = reading_of(zoo.InPlace)
    for text in ("y += 1", "y[:, 0] = 0", "y.clamp_"):
        assert shapes(row(reading, text).values) == {"y": (2, 4)}
    assert "CopySlices" in row(reading, "y[:, 0] = 0").nodes


def test_08_a_custom_function():
    reading = reading_of(zoo.CustomFunction)
    assert "SquareBackward" in row(reading, "y = Square.apply").nodes
    assert row(reading, "return x * x", "Square.forward").executed
    assert row(reading, "return 2 * x", "Square.backward").executed
    assert row(reading, "y = Square.apply").saved_bytes > 0


@pytest.mark.parametrize("reentrant", [False, True])
def test_09_a_checkpoint_recomputes(reentrant: bool):
    torch.manual_seed(0)
    reading = read(zoo.Checkpointed(reentrant), ZOO[zoo.Checkpointed]())
    line = row(reading, "return torch.tanh", "Checkpointed.block")
    assert line.recomputed > 0
    assert line.calls == 1  # not twice: the second time is the backward pass's
    assert reading.totals.flops_forward == 64
    assert reading.totals.flops_backward == 64 + 2 * 64
    plain = read(nn.Linear(4, 4), (vectors(2, 4).requires_grad_(),))
    assert plain.totals.flops_backward == 2 * 64


def test_10_two_statements_on_a_line_and_one_on_many():
    reading = reading_of(zoo.TwoOnALine)
    assert shapes(row(reading, "y = x + 1; z").values) == {"y": (2, 4), "z": (2, 4)}
    long = row(reading, "w = torch.cat")
    assert long.end_line - long.line == 6
    assert shapes(long.values) == {"w": (2, 8)}
    assert long.ops["cat"] == 1


def test_11_a_helper_called_twice():
    reading = reading_of(zoo.Helper)
    line = row(reading, "y = x * 2", "helper")
    assert line.calls == 2
    assert len(line.by_call or {}) == 2
    callers = [c.caller.line for c in reading.calls if c.function == "helper" and c.caller]
    assert callers == [row(reading, "a = helper").line, row(reading, "b = helper").line]


def test_12_generator_vmap_comprehension_hook():
    line = row(reading_of(zoo.Generator), "yield x * scale")
    assert line.calls == 3
    assert line.nodes == ["MulBackward0"] * 3
    assert row(reading_of(zoo.VMap), "return torch.vmap").nodes
    outs = row(reading_of(zoo.Comprehension), "outs = [")
    assert outs.calls == 1
    assert shapes(outs.values) == {f"outs[{n}]": (2, 2) for n in range(3)}
    assert outs.params[:2] == ["heads.0.weight", "heads.0.bias"]
    hook = row(reading_of(zoo.Hooked), "return output * 2")
    assert hook.nodes == ["MulBackward0"]


def test_13_tied_weights_count_once():
    reading = reading_of(zoo.Tied)
    assert reading.totals.parameters == 28
    name = "embed.weight = out.weight"
    assert row(reading, "h = self.embed").params == [name]
    assert row(reading, "return self.out").params == [name]


def test_14_lazy_layers_are_initialised_before():
    reading = reading_of(zoo.Lazy)
    assert set(row(reading, "return self.fc").ops) <= {
        "t",
        "addmm",
        "mm",
        "sum",
        "view",
        "detach",
    }
    assert reading.totals.parameters == 15


def test_15_no_grad_has_flops_but_no_nodes():
    line = row(reading_of(zoo.NoGradPart), "h = self.a")
    assert line.flops_forward == 64
    assert line.nodes == []


def test_16_the_fused_encoder_is_left_as_it_runs():
    torch.manual_seed(0)
    model, (x,) = zoo.Encoder(), ZOO[zoo.Encoder]()
    expected = model(x)
    tracer = Tracer()
    with tracer:
        assert torch.equal(model(x), expected)
    line = row(read(model, (x,)), "return self.layer")
    assert line.ops == {"_transformer_encoder_layer_fwd": 1}
    assert line.not_counted == ["_transformer_encoder_layer_fwd"]


def test_17_a_sparse_adjacency():
    reading = reading_of(zoo.SparseGCN)
    assert row(reading, "return torch.sparse.mm").flops_forward == 2 * 6 * 3
    assert reading.crash is None


def test_18_a_crash_in_the_middle():
    reading = reading_of(zoo.Crash, vectors(2, 4))
    crash = reading.crash
    assert crash is not None
    assert crash.line == row(reading, "y = self.second").line
    assert "(2x5 and 4x2)" in crash.message
    assert crash.shapes["h"] == (2, 5)
    assert crash.parameter == Parameter(name="second.weight", shape=(2, 4))
    assert shapes(row(reading, "h = self.first").values) == {"h": (2, 5)}
    assert row(reading, "y = self.second").values == []
    assert not row(reading, "return y").executed


def test_18_a_name_that_a_failing_line_would_bind_again():
    reading = reading_of(zoo.Loop, vectors(2, 5))
    assert reading.crash is not None
    assert reading.crash.parameter == Parameter(name="fc.weight", shape=(4, 4))
    line = row(reading, "x = F.relu")
    assert line.values == []
    assert shapes(line.reads) == {"x": (2, 5)}


def test_19_work_in_another_thread_is_named():
    reading = reading_of(zoo.Threaded, vectors(2, 4))
    assert "work in another thread: worker" in reading.not_seen


def test_20_scripted_parts_are_named():
    reading = reading_of(zoo.Scripted, vectors(2, 4))
    assert any("inner is scripted" in words for words in reading.not_seen)


def test_20_compiled_parts_are_read_as_written():
    torch.manual_seed(0)
    model = torch.compile(zoo.Loop())
    reading = read(model, (vectors(2, 4),))
    assert row(reading, "x = F.relu").calls == 3
    assert any("is compiled" in words for words in reading.not_seen)


def test_21_a_script_that_trains_at_import(tmp_path: Path):
    file = tmp_path / "script.py"
    file.write_text(
        "import os, urllib.request\nimport torch\nfrom torch import nn\n"
        "os.makedirs('images', exist_ok=True)\nwidth = 8\n"
        "data = urllib.request.urlopen('http://127.0.0.1:9/x').read()\n"
        "class G(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.fc = nn.Linear(width, 4)\n    def forward(self, z):\n"
        "        return self.fc(z)\n"
        "g = G()\nfor step in range(10**9):\n    g(torch.zeros(1, width))\n"
    )
    reading = read_target(f"{file}:G")
    assert reading.blocked == []
    assert [s.line for s in reading.skipped_statements] == [1, 2, 4, 6, 13, 14]
    assert reading.guessed
    assert list(tmp_path.iterdir()) == [file]
    with pytest.raises(ReadError, match=r"script\.py:6: PermissionError: .*network"):
        read_target(f"{file}:G", full_import=True)


def test_22_a_required_flag_is_named(tmp_path: Path):
    file = tmp_path / "flags.py"
    file.write_text(
        "import argparse\nfrom torch import nn\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--width', type=int, required=True)\nopt = parser.parse_args()\n"
        "class G(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.fc = nn.Linear(opt.width, 4)\n    def forward(self, z):\n"
        "        return self.fc(z)\n"
    )
    with pytest.raises(ReadError, match=r"--width.*--argv"):
        read_target(f"{file}:G")
    assert read_target(f"{file}:G", argv="--width 6").input[0].shape == (2, 6)


def test_23_relative_imports(tmp_path: Path):
    package = tmp_path / "kit" / "nets"
    package.mkdir(parents=True)
    (tmp_path / "kit" / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (tmp_path / "kit" / "parts.py").write_text("def twice(x):\n    return x * 2\n")
    (package / "net.py").write_text(
        "from torch import nn\nfrom ..parts import twice\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.fc = nn.Linear(3, 2)\n    def forward(self, x):\n"
        "        return twice(self.fc(x))\n"
    )
    reading = read_target(f"{package / 'net.py'}:Net")
    assert {line.function for line in reading.lines} == {"Net.forward", "twice"}


def test_24_a_missing_package_is_named(tmp_path: Path):
    file = tmp_path / "net.py"
    file.write_text(
        "import no_such_vision\nfrom torch import nn\n"
        "class Net(nn.Module):\n    def forward(self, x):\n"
        "        return no_such_vision.crop(x)\n"
    )
    with pytest.raises(ReadError, match="needs no_such_vision, which is not installed"):
        read_target(f"{file}:Net")


def test_25_whole_numbers_as_input():
    reading = reading_of(zoo.Tokens)
    assert reading.input == [Input(name="", shape=(2, 5), dtype="int64")]
    assert shapes(row(reading, "return self.embed").values) == {"return": (2, 6)}


def test_26_no_gradient_is_no_error():
    reading = reading_of(zoo.Argmax)
    assert reading.backward == "no backward: no output needs a gradient"
    assert reading.crash is None


def test_27_reading_leaves_no_trace():
    torch.manual_seed(0)
    inner = zoo.BatchNormNet()
    model = nn.Sequential(inner, nn.Dropout())
    inner.norm.eval()
    state = copy.deepcopy(model.state_dict())
    modes = [part.training for part in model.modules()]
    x = vectors(2, 3, 8, 8)
    model(x).sum().backward()
    model.load_state_dict(state)
    gradients = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    numbers = torch.get_rng_state(), random.getstate(), numpy_state()
    tracing = sys.gettrace()
    before = x.clone()
    read(model, (x,))
    for name, value in model.state_dict().items():
        assert torch.equal(value, state[name]), name
    assert [part.training for part in model.modules()] == modes
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        assert parameter.grad is not None
        assert torch.equal(parameter.grad, gradient)
    assert torch.equal(torch.get_rng_state(), numbers[0])
    assert random.getstate() == numbers[1]
    assert numpy_state() == numbers[2]
    assert sys.gettrace() is tracing
    assert torch.equal(x, before)


def test_28_transposed_convolution():
    torch.manual_seed(0)
    model, (x,) = zoo.Upsample(), ZOO[zoo.Upsample]()
    with FlopCounterMode(display=False) as counter:
        model(x)
    assert read(model, (x,)).totals.flops_forward == counter.get_total_flops() > 0


# --- All of the zoo --------------------------------------------------------------------

# What torch's own counter gets wrong or leaves out: recurrence, sparse products and attention on a
# CPU, products in inference mode, and a backward pass that is part of the forward one.
COUNTED_BETTER = {
    zoo.LSTMNet, zoo.SparseGCN, zoo.Attention, zoo.Block, zoo.Transformer, zoo.InferenceMode,
    zoo.GradientPenalty,
}  # fmt: skip
TIME = {"seconds_share", "forward_seconds", "traced_seconds"}


def without_time(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_time(inner) for key, inner in value.items() if key not in TIME}
    return [without_time(inner) for inner in value] if isinstance(value, list) else value


def test_the_zoo_is_large():
    assert len(ZOO) >= 40


@pytest.mark.parametrize("cls", ZOO, ids=lambda cls: cls.__name__)
def test_every_operation_and_every_node_has_a_line(cls: type[nn.Module]):
    torch.manual_seed(0)
    model = cls()
    reading = read(model, ZOO[cls]())
    totals = reading.totals
    assert reading.crash is None
    assert totals.ops == totals.ops_attributed > 0
    assert totals.nodes == totals.nodes_attributed
    assert sum(len(line.nodes) for line in reading.lines) == totals.nodes
    assert sum(line.flops_forward for line in reading.lines) == totals.flops_forward
    assert sum(line.flops_backward for line in reading.lines) == totals.flops_backward
    if cls not in COUNTED_BETTER:
        with FlopCounterMode(display=False) as counter:
            model(*ZOO[cls]())
        assert totals.flops_forward == counter.get_total_flops()


@pytest.mark.parametrize("cls", ZOO, ids=lambda cls: cls.__name__)
def test_the_watched_run_is_the_same_run(cls: type[nn.Module]):
    torch.manual_seed(0)
    plain, watched = cls(), None
    if cls is zoo.Lazy:
        plain(*ZOO[cls]())
    watched = copy.deepcopy(plain)
    torch.manual_seed(1)
    expected = [tensor for _, tensor in leaves("", plain(*ZOO[cls]()))]
    torch.manual_seed(1)
    with Tracer(saved=cls is not zoo.FunctionalGrad):
        result = watched(*ZOO[cls]())
    got: list[Tensor] = [tensor for _, tensor in leaves("", result)]
    assert len(got) == len(expected) > 0
    for one, other in zip(got, expected, strict=True):
        assert torch.equal(one.nan_to_num(), other.nan_to_num())
        assert one.requires_grad == other.requires_grad


@pytest.mark.parametrize("cls", ZOO, ids=lambda cls: cls.__name__)
def test_two_readings_are_equal_but_for_the_time(cls: type[nn.Module]):
    assert without_time(reading_of(cls).as_json()) == without_time(reading_of(cls).as_json())


def test_peak_bytes_are_those_of_the_profiler():
    """Tensors alive at once, against the allocations that torch's profiler saw.

    Without convolutions: the workspace of a kernel is no tensor, and nothing of ours sees it.
    """
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), zoo.Helper(), nn.Linear(256, 32))
    x, ones = vectors(16, 64), torch.ones(16, 32)
    reading = read(model, (x,))
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        out = model(x)
        torch.autograd.backward([out], [ones])
    alive = peak = 0
    for event in watched.profiler.kineto_results.events():  # type: ignore[union-attr]
        if event.name() == "[memory]":
            alive += event.nbytes()  # type: ignore[attr-defined]
            peak = max(peak, alive)
    assert reading.totals.peak_bytes == pytest.approx(peak, rel=0.02)


def test_one_block_called_twelve_times_has_one_listing():
    reading = reading_of(zoo.Transformer)
    line = row(reading, "x = x + self.attention")
    assert line.calls == 12
    assert line.by_call is not None
    assert len(line.by_call) == 12
    modules = [c.module for c in reading.calls if c.function == "Block.forward"]
    assert modules == [f"blocks.{n}" for n in range(12)]
    one = line.by_call[str(reading.calls[1].number)]
    assert one.calls == 1
    whole = row(reading, "x = block(x)").with_calls
    assert whole is not None
    assert whole.flops_forward == reading.totals.flops_forward - 2 * 2 * 5 * 8 * 11


def test_what_looks_for_a_module_is_not_listed():
    """An import that fails inside a forward pass asks every finder of the process, ours too."""

    def forward(x: Tensor) -> Tensor:
        with contextlib.suppress(ImportError):
            import no_such_module  # type: ignore[import-not-found]  # noqa: F401
        return x * 2

    assert {line.function for line in read(forward, (vectors(2),)).lines} == {
        "test_what_looks_for_a_module_is_not_listed.forward"
    }


def test_more_calls_than_are_told_apart():
    """The last one that is told apart holds the rest, so that sums stay whole."""

    def many(x: Tensor) -> Tensor:
        for _ in range(MAX_CALLS + 50):
            x = zoo.helper(x @ x)
        return x

    reading = read(many, (torch.eye(3),))
    line = row(reading, "y = x * 2", "helper")
    assert line.calls == MAX_CALLS + 50
    assert len(line.by_call or {}) == MAX_CALLS
    whole = row(reading, "x = zoo.helper").with_calls
    assert whole is not None
    assert whole.flops_forward == reading.totals.flops_forward
    assert line.ops["mul"] == MAX_CALLS + 50


def test_a_layer_of_many_results_shows_its_first():
    torch.manual_seed(0)
    model = nn.Sequential(zoo.Helper(), nn.BatchNorm1d(4))
    line = row(read(zoo.Wrapped(model), (vectors(2, 4),)), "return self.net")
    assert line.children[1].values[0].shape == (2, 4)


def test_a_training_step_that_runs_its_own_backward():
    def step(network: nn.Module, x: Tensor) -> Tensor:
        optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
        loss = network(x).square().mean()
        loss.backward()
        optimizer.step()
        return loss.detach()

    network = nn.Linear(4, 2)
    kept = network.weight.detach().clone()
    reading = read(step, (network, vectors(3, 4)))
    assert reading.backward == "run by the code itself"
    line = row(reading, "loss = network(x)")
    assert "AddmmBackward0" in line.nodes
    assert line.params == ["network.weight", "network.bias"]
    assert line.flops_backward == 2 * 3 * 4 * 2
    assert torch.equal(network.weight, kept)


def test_networks_among_any_number_of_arguments_are_put_back_too():
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    before = [p.detach().clone() for p in (*first.parameters(), *second.parameters())]

    def step(*networks: nn.Module) -> None:
        for network in networks:
            network.train(False)
            with torch.no_grad():
                for p in network.parameters():
                    p += 1

    read(step, (first, second))
    for p, was in zip((*first.parameters(), *second.parameters()), before, strict=True):
        torch.testing.assert_close(p.detach(), was, rtol=0, atol=0)
    assert first.training
    assert second.training
