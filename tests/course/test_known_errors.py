"""Every known error is raised by its example, recognised, and explained with the right numbers."""

import ast
import re
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from torchcamp.base.errors import UserError
from torchcamp.course.content import lessons
from torchcamp.course.known_errors import (
    KnownError,
    example_of,
    explain,
    explanation,
    fields,
    known_errors,
    names_of,
)

ALL = list(known_errors().values())
PARTS = ("means", "numbers", "causes", "mend", "next")
by_name = pytest.mark.parametrize("error", ALL, ids=lambda error: error.name)

# What the example's message says, read by a person, and what follows from it.
VALUES: dict[str, dict[str, Any]] = {
    "matrix-shapes": {"rows": 64, "given": 512, "expected": 256, "out": 10, "refit": 512},
    "sizes-differ": {"a": 3, "b": 4, "dimension": 1},
    "result-too-large": {"kept": 3, "needed": "2, 3"},
    "reshape-count": {"shape": "[64, 784]", "size": 12544, "wanted": 50176, "fits": 16, "row": 784},
    "convolution-dimensions": {"single": 3, "batched": 4, "layer": "conv2d", "shape": "[64, 784]", "num_dims": 2},
    "convolution-channels": {"groups": 1, "weight": "[16, 1, 3, 3]", "shape": "[8, 3, 28, 28]", "expected": 1, "given": 3},
    "picture-too-small": {"input": "2 x 2", "kernel": "3 x 3"},
    "cat-sizes": {"dimension": 1, "a": 2, "b": 3, "number": 1},
    "stack-sizes": {"a": "[3, 32, 32]", "b": "[3, 32, 40]", "entry": 1},
    "dimension-range": {"low": -1, "high": 0, "dimension": 1, "num_dims": "1 axis, or none if it is a single number", "valid": "0 and -1"},
    "batch-norm-one": {"shape": "[1, 16]", "channels": 16},
    "rnn-input": {"expected": 10, "given": 28},
    "einsum-sizes": {"letter": "j", "a": 4, "b": 3, "operand": 1},
    "target-out-of-bounds": {"target": 10, "needed": 11},
    "batch-sizes": {"predictions": 128, "labels": 32, "times": 4},
    "target-shape": {"target": "[4]", "given": "[4, 1]"},
    "labels-as-long": {"given": "Float", "given_dtype": "float32"},
    "target-as-float": {"result": "Float", "result_dtype": "float32", "place": "Long", "place_dtype": "int64"},
    "dtypes-differ": {"a": "Double", "a_dtype": "float64", "b": "Float", "b_dtype": "float32"},
    "not-for-this-type": {"operation": "log_softmax_lastdim_kernel_impl", "type": "Long", "type_dtype": "int64", "whole_numbers": "`torch.int64`"},
    "power-sign": {"type": "Float", "type_dtype": "float32"},
    "mean-of-integers": {"function": "mean", "type": "Bool", "type_dtype": "bool"},
    "index-bounds": {"index": 3, "dimension": 0, "size": 3, "last": 2},
    "too-many-indices": {"num_dims": 1},
    "one-element": {"count": 4},
    "ambiguous-truth": {"how_many": "more than one value"},
    "not-a-tensor": {"function": "linear", "argument": "input", "position": 1, "type": "list"},
    "no-gradient": {"element": 0},
    "changed-in-place": {"type": "torch.FloatTensor", "shape": "[3]", "operation": "Sigmoid", "found": 1, "version": 0},
    "nan-in-backward": {"function": "SqrtBackward0", "output": 0, "operation": "sqrt"},
    "none-has-no-attribute": {"attribute": "sum"},
    "no-such-attribute": {"class": "Net", "attribute": "fc2"},
    "forward-missing": {"class": "Net"},
    "forward-argument": {"class": "Pair", "missing": 1, "names": "'label'"},
    "init-not-called": {"what": "module"},
    "not-callable": {"type": "torch.Size"},
    "empty-data": {"count": 0},
    "worker-died": {"pid": 4242},
    "state-dict-keys": {
        "missing": ["weight", "bias"], "num_missing": 2, "first_missing": "weight",
        "unexpected": ["0.weight", "0.bias"], "num_unexpected": 2, "first_unexpected": "0.weight",
        "prefix": "0.",
    },
    "state-dict-sizes": {"parameter": "weight", "saved": "[10, 4]", "current": "[3, 4]"},
    "weights-only": {"global": "torch.nn.modules.linear.Linear"},
    "two-devices": {"a": "meta", "b": "cpu"},
    "out-of-memory": {"bytes": 4000000100766916, "gigabytes": "4,000,000"},
}  # fmt: skip

# Further messages of the same kinds, and what follows from their numbers.
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("matrix-shapes", "mat1 and mat2 shapes cannot be multiplied (1792x28 and 784x128)",
     {"flat_rows": 64, "refit": None, "total": 50176}),
    ("matrix-shapes", "mat1 and mat2 shapes cannot be multiplied (5x3 and 5x2)", {"turned": 5}),
    ("reshape-count", "shape '[-1, 784]' is invalid for input of size 1000",
     {"known": 784, "times": 1, "left": 216, "fits": None, "wanted": None}),
    ("reshape-count", "shape '[7]' is invalid for input of size 6", {"wanted": 7, "fits": None}),
    ("convolution-channels",
     "Given groups=1, weight of size [8, 3, 3, 3], expected input[4, 32, 32, 3] to have 3 channels, but got 32 channels instead",
     {"channels_last": "[4, 32, 32, 3]", "missing_axis": None}),
    ("convolution-channels",
     "Given groups=1, weight of size [8, 1, 3, 3], expected input[1, 64, 28, 28] to have 1 channels, but got 64 channels instead",
     {"missing_axis": "[1, 64, 28, 28]", "channels_last": None}),
    ("dimension-range", "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
     {"num_dims": "2 axes", "valid": "0 to 1 and -1 to -2"}),
    ("target-out-of-bounds", "Target -1 is out of bounds.", {"negative": -1, "target": None, "needed": None}),
    ("batch-sizes", "Expected input batch_size (4) to match target batch_size (512).",
     {"fewer": 128, "times": None}),
    ("not-for-this-type", "\"addmm_impl_cpu_\" not implemented for 'Half'",
     {"half": "`torch.float16`", "whole_numbers": None}),
    ("not-for-this-type", "\"bitwise_and_cpu\" not implemented for 'Float'",
     {"sign": "&", "operation": "bitwise_and", "half": None}),
    ("not-for-this-type", "\"bitwise_or_cuda\" not implemented for 'Float'", {"sign": "|"}),
    ("changed-in-place",
     "one of the variables needed for gradient computation has been modified by an inplace operation: [torch.FloatTensor [2, 2]] is at version 1; expected version 0 instead.",
     {"parameter": "torch.FloatTensor", "operation": None, "shape": "[2, 2]"}),
    ("none-has-no-attribute", "'NoneType' object has no attribute 'zero_'", {"gradient": "zero_"}),
    ("no-such-attribute", "'collections.OrderedDict' object has no attribute 'eval'",
     {"saved_dict": "collections.OrderedDict"}),
    ("no-such-attribute", "'numpy.ndarray' object has no attribute 'unsqueeze'", {"numpy_name": "array"}),
    ("state-dict-keys",
     'Missing key(s) in state_dict: "fc.weight". \n\tUnexpected key(s) in state_dict: "module.fc.weight". ',
     {"prefix": "module.", "parallel": "module.", "compiled": None}),
    ("state-dict-keys",
     'Missing key(s) in state_dict: "fc.weight". \n\tUnexpected key(s) in state_dict: "_orig_mod.fc.weight". ',
     {"prefix": "_orig_mod.", "compiled": "_orig_mod.", "parallel": None}),
    ("state-dict-keys", 'Missing key(s) in state_dict: "a.weight". ',
     {"num_unexpected": None, "prefix": None, "num_missing": 1}),
    ("out-of-memory", "DefaultCPUAllocator: not enough memory: you tried to allocate 2500000000 bytes.",
     {"gigabytes": "2.5"}),
    ("dtypes-differ", "Input type (c10::Half) and bias type (float) should be the same",
     {"a_dtype": "float16", "b_dtype": "float32"}),
]  # fmt: skip


@cache
def raised(error: KnownError) -> str:
    """The message of the error's example as Python prints it, without colours."""
    found = run(error.example, {"__name__": "example"})
    assert found is not None, "the example raises nothing"
    text = f"{type(found).__name__}: {found}"
    return re.sub(r"pid\(s\) \d+", "pid(s) 4242", re.sub(r"\x1b\[\d*m", "", text)).strip()


def run(code: str, names: dict[str, Any]) -> Exception | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # anomaly detection says that it is slow
        try:
            exec(compile(code, "example.py", "exec"), names)
        except Exception as error:
            return error
    return None


@by_name
def test_the_example_raises_its_message_and_is_explained_with_its_numbers(error: KnownError):
    if error.name in ("no-cuda", "file-from-a-gpu") and torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    real, at = raised(error), 0
    for part in error.message.split("…"):
        assert part.strip() in real[at:]
        at = real.index(part.strip(), at)
    if "…" not in error.message:
        assert real == error.message
    (one,) = explain(real).explanations
    assert one.error is error
    assert one.values == VALUES.get(error.name, {})
    assert one == example_of(error)  # the page and docs/errors.md show what is really raised
    said = " ".join(sentence for part in PARTS for sentence in getattr(one, part))
    assert all(str(one.values[name]) in said for name in error.said() & one.values.keys())
    assert not re.search(r"[{}]\w", said.replace("{tuple(", ""))


@by_name
def test_the_mended_example_runs_and_the_shapes_beside_the_lines_are_true(error: KnownError):
    assert error.mended != error.example
    shapes(error.example)
    assert shapes(error.mended) is None


def shapes(code: str) -> Exception | None:
    """Run code statement by statement, compare the shapes in its comments; the error that ended it."""
    lines, names = code.splitlines(), {"__name__": "example"}
    for statement in ast.parse(code).body:
        if found := run(ast.unparse(statement), names):
            return found
        comment = re.search(r"# \(([\d, ]+)\)$", lines[(statement.end_lineno or 0) - 1])
        if comment and isinstance(statement, ast.Assign):
            value: Any = names[ast.unparse(statement.targets[0])]
            assert list(value.shape) == [int(n) for n in comment[1].split(", ")], ast.unparse(
                statement
            )
    return None


def test_a_wrong_shape_in_a_comment_is_found():
    assert shapes("import torch\nx = torch.zeros(2, 3)  # (2, 3)") is None
    with pytest.raises(AssertionError):
        shapes("import torch\nx = torch.zeros(2, 3)  # (3, 2)")


@pytest.mark.parametrize("error", [each for each in ALL if each.also], ids=lambda error: error.name)
def test_messages_of_other_versions_and_devices_are_recognised(error: KnownError):
    for message in error.also:
        assert [each.error.name for each in explain(message).explanations] == [error.name]


def test_no_pattern_is_there_in_vain():
    for error in ALL:
        for pattern in error.patterns:
            assert any(re.search(pattern, each) for each in (error.message, *error.also)), pattern


@pytest.mark.parametrize(("name", "message", "expected"), CASES)
def test_what_follows_from_the_numbers(name: str, message: str, expected: dict[str, Any]):
    values = known_errors()[name].values_in(message)
    assert values is not None
    assert {key: values.get(key) for key in expected} == expected


def test_every_sentence_is_said_of_some_message():
    names = names_of(None)
    for error in ALL:
        further = [message for name, message, _ in CASES if name == error.name]
        messages = [error.message, *error.also, *further]
        found = [(error.values_in(message) or {}) | names for message in messages]
        for part in PARTS:
            for sentence in getattr(error, part):
                assert any(fields(sentence) <= values.keys() for values in found), sentence
        for values in found:
            one = explanation(error, values)
            assert all((one.means, one.causes, one.mend, one.next)), (error.name, values)


def test_every_entry_is_complete():
    for error in ALL:
        assert error.lesson in {lesson.name for lesson in lessons()}
        assert len(error.causes) > 1, error.name
        assert not error.title.endswith(".")
        for sentence in (*error.means, *error.causes, *error.mend, *error.next):
            assert sentence[-1] in ".?" or sentence in error.next, sentence
            assert sentence.count("`") % 2 == 0, sentence


def test_at_least_the_thirty_commonest_are_known():
    assert len(ALL) >= 30
    assert len({error.title for error in ALL}) == len(ALL)
    assert VALUES.keys() <= known_errors().keys()


def test_a_message_that_says_two_things_is_explained_twice():
    message = (
        'RuntimeError: Error(s) in loading state_dict for Net:\n\tMissing key(s) in state_dict: "a". \n'
        "\tsize mismatch for fc.weight: copying a param with shape torch.Size([10, 4]) from "
        "checkpoint, the shape in current model is torch.Size([3, 4])."
    )
    explained = explain(message)
    assert [each.error.name for each in explained.explanations] == [
        "state-dict-keys",
        "state-dict-sizes",
    ]


def test_of_a_chain_the_last_known_error_is_explained():
    first = "RuntimeError: index out of range in self"
    between = "During handling of the above exception, another exception occurred:"
    last = "IndexError: Target 10 is out of bounds."
    assert explain(f"{first}\n\n{between}\n\n{last}").message == last
    unknown = "subprocess.CalledProcessError: Command died"
    assert explain(f"{first}\n\n{between}\n\n{unknown}").message == first


@pytest.mark.parametrize(
    "message",
    [
        "IndexError: list index out of range",
        "IndexError: index 3 is out of bounds for axis 0 with size 3",  # NumPy's
        "ModuleNotFoundError: No module named 'torch'",
        "ValueError: too many values to unpack (expected 2)",
        "AttributeError: module 'torch' has no attribute 'tensr'",
        "TypeError: unsupported operand type(s) for ^: 'float' and 'int'",
        "ValueError: operands could not be broadcast together with shapes (2,3) (2,4)",  # NumPy's
        "RuntimeError: CUDA error: an illegal memory access was encountered",
        "MemoryError",
    ],
)
def test_messages_of_others_are_not_claimed(message: str):
    with pytest.raises(UserError, match="is not among those"):
        explain(message)


def test_an_unknown_message_names_the_nearest():
    with pytest.raises(
        UserError, match=r"explained: 'mat1 and mat2 shapes differ'\. .* explain matrix-shapes\.$"
    ):
        explain("mat1 and mat2 shapes differ")
    with pytest.raises(UserError, match=r"Did you mean 'matrix-shapes'\?$"):
        explain("matrix-shape")
    with pytest.raises(UserError, match=r"explained: 'disk on fire'\. torchcamp explain --list"):
        explain("disk on fire")
    with pytest.raises(UserError) as error:
        explain("x" * 1000 + "\n" + "y" * 1000)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 250


def test_the_class_is_named_where_the_file_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my train.py").write_text(
        "import torch\n\n\nclass Net:\n    def forward(self):\n        pass\n\n\nx = 1\n"
    )

    def next_of(line: int, file: str) -> str:
        text = f"  File \"{file}\", line {line}, in forward\n    pass\nRuntimeError: shape '[3]' is invalid for input of size 4"
        (one,) = explain(text).explanations
        return one.next[-1]

    here = str(tmp_path / "my train.py")
    assert next_of(6, here).startswith("`torchcamp read 'my train.py':Net` ")
    assert next_of(9, here).startswith("`torchcamp read 'my train.py':Class` ")
    assert next_of(6, "/elsewhere/train.py").startswith(
        "`torchcamp read /elsewhere/train.py:Class` "
    )
    assert next_of(6, "<stdin>").startswith("`torchcamp read FILE.py:Class` ")
