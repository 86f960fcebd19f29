"""What `torchcamp doctor --json` prints is what docs/diagnosis.schema.json says, and nothing besides."""

import copy
import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from tests.doctor.made import SEVERAL, diagnosis, finding
from tests.reading.test_schema import objects, pattern_of
from torchcamp.doctor.codes import CODES
from torchcamp.doctor.diagnosis import Cut, Diagnosis, Finding, Place, Watched
from torchcamp.reading.record import Record

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "diagnosis.schema.json").read_text())
BUGGY = """
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2), nn.Softmax(dim=1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(20):
    x = torch.randn(8, 4)
    loss = nn.functional.cross_entropy(net(x), x[:, :2].argmax(1))
    loss.backward()
    optimizer.step()
"""


def require_valid(made: Diagnosis) -> None:
    written = json.loads(json.dumps(made.as_json(), allow_nan=False))
    Draft202012Validator(SCHEMA).validate(written)
    assert Diagnosis.from_json(written) == made


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_a_diagnosis_of_every_kind_of_entry_fits_and_comes_back():
    require_valid(SEVERAL)
    require_valid(diagnosis())


def test_a_script_that_was_run_fits_the_schema(diagnosed: Callable[..., Diagnosis]):
    made = diagnosed(BUGGY)
    codes = {each.code for each in made.findings}
    assert {"softmax-before-cross-entropy", "zero-grad-missing"} <= codes
    assert len(made.cut) == 1
    require_valid(made)


def test_no_object_may_hold_more_than_the_schema_names():
    validator = Draft202012Validator(SCHEMA)
    whole = SEVERAL.as_json()
    places = {pattern_of(path): path for path in objects(whole, ())}
    free = {("sources",), ("findings", "*", "evidence"), ("ignored", "*", "evidence")}
    closed = [path for pattern, path in places.items() if pattern not in free]
    assert len(closed) == 6  # the whole, findings, related lines, ignored ones, watched, cut
    for path in closed:
        changed = copy.deepcopy(whole)
        inner: Any = changed
        for step in path:
            inner = inner[step]
        inner["unheard_of"] = 0
        with pytest.raises(ValidationError):
            validator.validate(changed)


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "no-such-code"},
        {"severity": "fatal"},
        {"line": 0},
        {"seen": 0},
        {"evidence": {"norm_used": 0.5}},
        {"evidence": {"words": "x", "list": [1]}},
    ],
)
def test_a_finding_that_no_detector_may_make_is_refused(wrong: dict[str, Any]):
    good = finding("no-step", 3)
    require_valid(diagnosis(good))
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate(
            diagnosis(dataclasses.replace(good, **wrong)).as_json()
        )


@pytest.mark.parametrize("cls", [Diagnosis, Finding, Place, Watched, Cut])
def test_the_fields_of_each_dataclass_are_the_properties_in_the_schema(cls: type[Record]):
    own = SCHEMA if cls is Diagnosis else SCHEMA["$defs"][cls.__name__]
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    assert list(own["properties"]) == [field.name for field in fields]
    # What only a notebook has is left out of a script's.
    assert own["required"] == [field.name for field in fields if field.default is not None]


def test_the_schema_names_every_code():
    assert SCHEMA["$defs"]["Finding"]["properties"]["code"]["enum"] == list(CODES)


def test_each_property_is_described():
    def undescribed(schema: dict[str, Any], path: str) -> Iterator[str]:
        for name, part in schema.get("properties", {}).items():
            if "$ref" not in part and "description" not in part:
                yield f"{path}.{name}"
            yield from undescribed(part, f"{path}.{name}")
        for name, part in schema.get("$defs", {}).items():
            if "description" not in part:
                yield name
            yield from undescribed(part, name)

    assert [*undescribed(SCHEMA, "diagnosis")] == []
