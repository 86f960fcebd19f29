"""What `torchcamp read --json` prints is what docs/*.schema.json say, and nothing besides."""

import copy
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from jsonschema import Draft202012Validator, ValidationError
from torch import nn

from tests.reading import zoo
from tests.reading.test_our_models import CASES, IMAGES
from tests.reading.zoo import ZOO, vectors
from torchcamp.models import vae
from torchcamp.reading import outline, reading
from torchcamp.reading.outline import FileOutline
from torchcamp.reading.process import read_target
from torchcamp.reading.reader import read
from torchcamp.reading.reading import Reading
from torchcamp.reading.record import Record

DOCS = Path(__file__).parents[2] / "docs"
READING = json.loads((DOCS / "reading.schema.json").read_text())
OUTLINE = json.loads((DOCS / "outline.schema.json").read_text())
SHOWN = [
    zoo.Loop, zoo.Branch, zoo.Recursive, zoo.SharedActivation, zoo.Checkpointed, zoo.Tied,
    zoo.NoGradPart, zoo.Encoder, zoo.CustomFunction, zoo.NamespaceInput, zoo.Argmax, zoo.Closure,
    zoo.Transformer, zoo.FunctionalGrad,
]  # fmt: skip


def in_json(record: Record) -> Any:
    """As a program would see it: written out and parsed."""
    return json.loads(json.dumps(record.as_json()))


def require_valid(made: Reading) -> None:
    written = in_json(made)
    Draft202012Validator(READING).validate(written)
    assert Reading.from_json(written) == made


@pytest.mark.parametrize("schema", [READING, OUTLINE])
def test_the_schemas_are_schemas(schema: dict[str, Any]):
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", CASES)
def test_our_models_fit_the_schema_and_come_back_from_json(name: str):
    model, inputs = CASES[name]
    require_valid(read(model, inputs, target=name))


@pytest.mark.parametrize("cls", SHOWN, ids=lambda cls: cls.__name__)
def test_the_zoo_fits_the_schema_and_comes_back_from_json(cls: type[nn.Module]):
    require_valid(read(cls(), ZOO[cls](), target=cls.__name__))


def test_a_crash_fits_the_schema():
    made = read(zoo.Crash(), (vectors(2, 4),))
    assert made.crash is not None
    assert made.crash.parameter is not None
    require_valid(made)


def test_a_function_with_networks_options_and_lines_in_several_files_fits_the_schema():
    def step(network: vae.VAE, optimizer: Any, images: Any, scale: float) -> Any:
        return vae.train_step(network, optimizer, scale * images)

    network = vae.VAE(vae.VAEConfig(hidden_dim=16, latent_dim=4))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    made = read(step, (network, optimizer, IMAGES), {"scale": 1.0})
    assert {Path(file).name for file in made.files} == {"test_schema.py", "vae.py"}
    assert made.input[0].value == "VAE"
    require_valid(made)


def test_a_script_read_in_its_own_process_fits_the_schema(tmp_path: Path):
    file = tmp_path / "script.py"
    file.write_text(
        "import os\nfrom torch import nn\nclass G(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.fc = nn.Linear(4, 4)\n        os.mkdir('x')\n"
        "    def forward(self, z):\n        return self.fc(z)\nraise RuntimeError\n"
    )
    made = read_target(f"{file}:G")
    assert (made.num_kept, len(made.skipped_statements), len(made.blocked)) == (3, 1, 1)
    require_valid(made)


def test_an_outline_fits_its_schema(tmp_path: Path):
    (tmp_path / "net.py").write_text(
        "class Net(nn.Module):\n    def forward(self, x):\n        return x\n"
        "loss = nn.MSELoss()\noptimizer = torch.optim.SGD(net.parameters(), lr=1)\n"
    )
    (tmp_path / "broken.py").write_text("def f(:\n")
    entries = outline.outline(tmp_path)
    assert [bool(entry.problem) for entry in entries] == [True, False]
    written = [in_json(entry) for entry in entries]
    Draft202012Validator(OUTLINE).validate(written)
    assert [FileOutline.from_json(entry) for entry in written] == entries


def test_no_object_may_hold_more_than_the_schema_names():
    """One unknown key anywhere is refused: a field that is added must be written down."""
    validator = Draft202012Validator(READING)
    torch.manual_seed(0)
    whole = in_json(read(zoo.Transformer(), ZOO[zoo.Transformer](), target="zoo"))
    whole["crash"] = in_json(read(zoo.Crash(), (vectors(2, 4),)))["crash"]
    whole["skipped_statements"] = [{"line": 1, "end_line": 2, "source": "import os"}]
    validator.validate(whole)
    places = {pattern: path for path in objects(whole, ()) for pattern in [pattern_of(path)]}
    free = {("files",), ("crash", "shapes"), ("lines", "*", "ops"), ("lines", "*", "by_call")}
    free |= {("lines", "*", "by_call", "0", "ops")}
    closed = {pattern: path for pattern, path in places.items() if pattern not in free}
    assert len(closed) >= 15
    for path in closed.values():
        changed = copy.deepcopy(whole)
        inner = changed
        for step in path:
            inner = inner[step]
        inner["unheard_of"] = 0
        with pytest.raises(ValidationError):
            validator.validate(changed)


def objects(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The paths of all JSON objects inside a value."""
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from objects(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from objects(inner, (*path, index))


def pattern_of(path: tuple[Any, ...]) -> tuple[str, ...]:
    """A path without the positions in lists, and with one number for all calls."""
    return tuple("*" if isinstance(step, int) else "0" if step.isdigit() else step for step in path)


def records(module: Any) -> list[type[Record]]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Record) and value is not Record
    ]


@pytest.mark.parametrize(
    ("cls", "schema"),
    [(cls, READING) for cls in records(reading)] + [(cls, OUTLINE) for cls in records(outline)],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_the_fields_of_each_dataclass_are_the_properties_in_the_schema(
    cls: type[Record], schema: dict[str, Any]
):
    """In the same order; those that may be missing are those that JSON may leave out."""
    own = schema if cls is Reading else schema["$defs"][cls.__name__]
    parts = [schema["$defs"][part["$ref"].rpartition("/")[2]] for part in own.get("allOf", [])]
    properties = [name for part in (*parts, own) for name in part["properties"]]
    required = [name for part in (*parts, own) for name in part.get("required", [])]
    if "oneOf" in own:  # a tensor, or anything else
        required = sorted(set.intersection(*(set(kind["required"]) for kind in own["oneOf"])))
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    assert properties == [field.name for field in fields]
    assert required == [field.name for field in fields if field.default is dataclasses.MISSING]


def test_each_property_is_described():
    def undescribed(schema: dict[str, Any], path: str) -> Iterator[str]:
        for name, part in schema.get("properties", {}).items():
            if "$ref" not in part and "description" not in part:
                yield f"{path}.{name}"
        for name, part in schema.get("$defs", {}).items():
            if "description" not in part:
                yield name
            yield from undescribed(part, name)

    assert [*undescribed(READING, "reading"), *undescribed(OUTLINE, "outline")] == []
