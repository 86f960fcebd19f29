"""Inputs from what was typed, from the file, and guessed."""

import dataclasses
from typing import Any, Optional

import pytest
import torch
from torch import Tensor, nn

from torchcamp.base.errors import ReadError
from torchcamp.reading.inputs import Bare, build, find_inputs, parse_args, parse_input


def parsed(spec: str) -> tuple[str, Any]:
    name, value = parse_input(spec, {})
    return name, value.tensor() if isinstance(value, Bare) else value


@pytest.mark.parametrize(
    ("spec", "name", "shape", "dtype"),
    [
        ("2x3x32x32", "", (2, 3, 32, 32), torch.float32),
        ("tokens=int64:2x16:65", "tokens", (2, 16), torch.int64),
        ("4:9", "", (4,), torch.int64),
        ("mask=bool:2x2", "mask", (2, 2), torch.bool),
        ("x=float64:()", "x", (), torch.float64),
        ("y=torch.eye(3)", "y", (3, 3), torch.float32),
    ],
)
def test_specs(spec: str, name: str, shape: tuple[int, ...], dtype: torch.dtype):
    found, value = parsed(spec)
    assert (found, tuple(value.shape), value.dtype) == (name, shape, dtype)
    assert torch.equal(value, parsed(spec)[1])


def test_whole_numbers_stay_below_high():
    _, value = parse_input("int64:1000:5", {})
    assert set(value.tolist()) == {0, 1, 2, 3, 4}


def test_plain_values_and_names_of_the_module():
    assert parse_input("n=int:3", {}) == ("n", 3)
    assert parse_input("scale=float:0.5", {}) == ("scale", 0.5)
    assert parse_input("mask=None", {}) == ("mask", None)
    assert parse_input("c=Config * 2", {"Config": 4}) == ("c", 8)


@pytest.mark.parametrize("spec", ["float31:2x2", "x=2x", "nothing_known", "a=1 +"])
def test_bad_specs(spec: str):
    with pytest.raises(ReadError):
        parse_input(spec, {})


def test_a_misspelled_dtype_comes_with_the_nearest_one():
    with pytest.raises(ReadError, match=r"unknown dtype 'flaot32'. Did you mean 'float32'\?"):
        parse_input("x=flaot32:2x2", {})


def test_args():
    assert parse_args("d=16, f=dict(a=1)") == {"d": "16", "f": "dict(a=1)"}
    for text in ("16", "**x", "a=", "a=1; b=2"):
        with pytest.raises(ReadError):
            parse_args(text)


@dataclasses.dataclass
class Config:
    width: int = 3


class Configured(nn.Module):
    def __init__(self, config: Config, scale: float = 1.0):
        super().__init__()
        self.fc = nn.Linear(config.width, 2)

    def forward(self, x, other=None):
        return self.fc(x)


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(6))

    def forward(self, x):
        return x * self.gamma


class Two(nn.Module):
    def forward(self, left, right):
        return left + right


def test_a_dataclass_is_built_from_its_defaults_and_said():
    module, guesses = build(Configured, {}, "f.py:Configured")
    assert guesses == ["config = Config()"]
    assert isinstance(module, Configured)
    assert module.fc.in_features == 3
    assert build(Configured, {"config": Config(5)}, "")[1] == []


def test_missing_arguments_come_with_a_command():
    with pytest.raises(ReadError, match=r"needs in_features and out_features.*--args '"):
        build(nn.Linear, {}, "torch.nn:Linear")
    with pytest.raises(ReadError, match=r"--args 'out_features=2, in_features=\.\.\.'"):
        build(nn.Linear, {"out_features": 2}, "torch.nn:Linear")
    with pytest.raises(ReadError, match="failed: TypeError"):
        build(nn.Linear, {"in_features": 2, "out_features": "x"}, "")


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Linear(5, 2), (2, 5)),
        (nn.Sequential(nn.Flatten(), nn.Linear(784, 2)), (2, 1, 28, 28)),
        (nn.Conv2d(3, 4, 3), (2, 3, 32, 32)),
        (nn.Embedding(7, 3), (2, 16)),
        (nn.LSTM(4, 3), (2, 16, 4)),
        (nn.Sequential(nn.ConvTranspose2d(100, 4, 4), nn.BatchNorm2d(4)), (2, 100, 1, 1)),
        (nn.ReLU(), (2, 16)),
        (Scaled(), (2, 6)),
    ],
)
def test_guesses(module: nn.Module, shape: tuple[int, ...]):
    found = find_inputs(module, [], {}, "")
    assert found.guessed
    assert found.args[0].shape == shape
    assert str(shape) in found.how


def signatures():
    def plain(x, img_size=32, scale=0.5, flag=True, size=(8, 8), other=None, name="a", empty=()):
        pass

    def annotated(
        x: Tensor, img_size: int, scale: float | None = None, flag: Optional[bool] = None,  # noqa: UP045
        size: tuple[int, int] | int = 3, other: Tensor | int = 1, name: torch.LongTensor | None = None,
        empty: "Unheard | list[int]" = None,  # noqa: F821  # type: ignore
    ):  # fmt: skip
        pass

    return plain, annotated


@pytest.mark.parametrize("function", signatures(), ids=["by default", "by annotation"])
def test_img_size_is_an_int_where_the_signature_says_so(function: Any):
    specs = [
        "2x3",
        "img_size=64",
        "scale=2",
        "flag=1",
        "size=4x6",
        "other=5",
        "name=3x4",
        "empty=2x2",
    ]
    found = find_inputs(function, [parse_input(spec, {}) for spec in specs], {}, "")
    assert found.args[0].shape == (2, 3)
    numbers = [found.kwargs[name] for name in ("img_size", "scale", "flag", "size")]
    assert [(type(number), number) for number in numbers] == [
        (int, 64), (float, 2.0), (bool, True), (tuple, (4, 6)),
    ]  # fmt: skip
    assert found.kwargs["other"].shape == (5,)
    is_annotated = function.__name__ == "annotated"
    assert found.kwargs["name"].dtype == (torch.int64 if is_annotated else torch.float32)
    assert is_annotated == (found.kwargs["empty"] == [2, 2] if is_annotated else False)
    by_position = find_inputs(function, [("", torch.ones(1)), parse_input("7", {})], {}, "")
    assert by_position.args[1] == 7


def test_several_inputs_are_asked_for():
    with pytest.raises(ReadError) as caught:
        find_inputs(Two(), [], {}, "a file.py:Two", options=" --args 'a=1'")
    assert "torchcamp read 'a file.py:Two' --args 'a=1' --input left=2x16" in str(caught.value)
    with pytest.raises(ReadError, match="right is missing; for example: add --input right=2x16"):
        find_inputs(Two(), [("left", torch.zeros(2))], {}, "")
    with pytest.raises(ReadError, match="do not fit"):
        find_inputs(Two(), [("", torch.zeros(2))] * 3, {}, "")


def test_make_input():
    x = torch.zeros(2, 5)
    one = find_inputs(nn.Linear(5, 2), [], {"make_input": lambda: x}, "")
    assert one.args == (x,)
    assert not one.guessed
    both = find_inputs(Two(), [], {"make_input": lambda: {"left": x, "right": x}}, "")
    assert set(both.kwargs) == {"left", "right"}
    assert len(find_inputs(Two(), [], {"make_input": lambda: (x, x)}, "").args) == 2
