"""Lesson 14: scripts with wrong lines to find, and `torchcamp read` in the page."""

import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.paths import SCRIPTS
from torchcamp.base.wire import Answer, Reply, State
from torchcamp.widgets.find_line import FindLine
from torchcamp.widgets.read_any import ReadAny

READ_SECONDS = 60.0  # time limit of a reading in the page


@dataclass(frozen=True, kw_only=True)
class WrongLine:
    """A line that does not do what it should, word for word, and why."""

    line: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Script:
    """A script that ships for reading: what its author reports, and its wrong lines."""

    name: str
    title: str
    report: str
    wrong: tuple[WrongLine, ...]

    @property
    def source(self) -> str:
        return (SCRIPTS / f"{self.name}.py").read_text()


def scripts() -> dict[str, Script]:
    """Each script that ships for reading, by name."""
    entries = tomllib.loads((SCRIPTS / "scripts.toml").read_text())["script"]
    every = [
        Script(**entry | {"wrong": tuple(WrongLine(**wrong) for wrong in entry["wrong"])})
        for entry in entries
    ]
    return {script.name: script for script in every}


def find_line() -> FindLine:
    """Our scripts, each with two or three wrong lines to find by reading."""
    entries = scripts()

    def answer(state: State) -> Answer:
        entry = entries[state["script"]]
        lines = entry.source.splitlines()
        number = state["line"]
        reply: Reply = {
            "script": state["script"],
            "line": number,
            "num": len(entry.wrong),
        }
        if number is None:
            return reply | {"verdict": "none", "words": ""}, []
        text = lines[int(number)].strip()
        for n, wrong in enumerate(entry.wrong):
            if text == wrong.line:
                return reply | {"verdict": "wrong", "which": n, "words": wrong.why}, []
        return reply | {"verdict": "right", "words": "This line does what it should. Read on."}, []

    names = list(entries)
    return FindLine(
        answer=answer,
        state={"script": names[0], "line": None},
        setup={
            "scripts": [
                {
                    "name": entry.name,
                    "title": entry.title,
                    "report": entry.report,
                    "lines": entry.source.splitlines(),
                    "num": len(entry.wrong),
                }
                for entry in entries.values()
            ]
        },
    )


# --- torchcamp read in the page ----------------------------------------------------------

EXAMPLES = [
    ["torchcamp.models.rnn:CharRNN", "int64:2x8:100", "config=CharRNNConfig()"],
    ["torchcamp.models.vae:VAE", "2x1x28x28", "config=VAEConfig()"],
    [
        "torch.nn:MultiheadAttention",
        "query=2x5x8 key=2x5x8 value=2x5x8",
        "embed_dim=8, num_heads=2, batch_first=True",
    ],
]


def read_any(folder: Path) -> ReadAny:
    """`torchcamp read` on a target that the learner names, relative to `folder`."""

    def answer(state: State) -> Answer:
        target = str(state["target"]).strip()
        if not target:
            return {
                "page": "",
                "words": "Name a class or a function, or choose an example.",
                "target": "",
            }, []
        return read_page(target, str(state["inputs"]), str(state["args"]), folder), []

    return ReadAny(
        answer=answer,
        state={"target": "", "inputs": "", "args": ""},
        setup={"examples": EXAMPLES, "folder": str(folder)},
    )


def read_page(target: str, inputs: str, args: str, folder: Path) -> Reply:
    """The page that `torchcamp read` writes for `target`, or its error message.

    Args:
        target: as for `torchcamp read`.
        inputs: specifications as for `--input`, separated by spaces.
        args: as for `--args`.
        folder: the working directory of the command.
    """
    command = [sys.executable, "-m", "torchcamp", "read", target]
    for spec in inputs.split():
        command += ["--input", spec]
    if args.strip():
        command += ["--args", args.strip()]
    with tempfile.TemporaryDirectory() as temporary:
        page = Path(temporary) / "page.html"
        command += ["--html", str(page), "--limit", str(READ_SECONDS)]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=READ_SECONDS + 15
            )
        except subprocess.TimeoutExpired:
            return {
                "page": "",
                "words": f"Stopped: reading it took more than {READ_SECONDS:.0f} seconds.",
                "target": target,
            }
        message = (done.stderr.strip().splitlines() or done.stdout.strip().splitlines() or [""])[-1]
        if not page.is_file():
            return {"page": "", "words": message, "target": target}
        shown = " ".join(
            ["torchcamp read", target, *(f"--input {each}" for each in inputs.split())]
        )
        if args.strip():
            shown += f' --args "{args.strip()}"'
        return {
            "page": page.read_text(),
            "words": f"The same in a terminal: {shown}",
            "target": target,
        }
