"""Lesson 15: scripts with wrong lines to find, and `torchcamp read` and `doctor` in the page."""

import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torchcamp.base.paths import SCRIPTS
from torchcamp.base.wire import Answer, Reply, State
from torchcamp.widgets.find_line import FindLine
from torchcamp.widgets.page_form import PageForm

READ_SECONDS = 60.0  # time limit of a reading in the page
WATCH_SECONDS = 30.0  # and of a diagnosis, in which a script trains
PATIENCE = 25.0  # seconds beyond the limit, in which the command starts and writes its page


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
        return (SCRIPTS / f"{self.name}.py").read_text(encoding="utf-8")


def scripts() -> dict[str, Script]:
    """Each script that ships for reading, by name."""
    entries = tomllib.loads((SCRIPTS / "scripts.toml").read_text(encoding="utf-8"))["script"]
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


def read_any(folder: Path) -> PageForm:
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

    return PageForm(
        answer=answer,
        state={"target": "", "inputs": "", "args": ""},
        setup={
            "name": "read-any",
            "label": "Read any PyTorch code",
            "fields": [
                ["target", "class or function", "model.py:Net"],
                ["inputs", "inputs", "2x1x28x28"],
                ["args", "arguments of the constructor", "hidden=64"],
            ],
            "button": "Read",
            "busy": "reading: some seconds …",
            "examples": EXAMPLES,
        },
    )


def read_page(target: str, inputs: str, args: str, folder: Path) -> Reply:
    """The page that `torchcamp read` writes for `target`, or its error message.

    Args:
        target: as for `torchcamp read`.
        inputs: specifications as for `--input`, separated by spaces.
        args: as for `--args`.
        folder: the working directory of the command.
    """
    options = [word for spec in inputs.split() for word in ("--input", spec)]
    if args.strip():
        options += ["--args", args.strip()]
    return _page_of(["read", target, *options], folder, READ_SECONDS)


def _page_of(command: list[str], folder: Path, seconds: float, extra: Sequence[str] = ()) -> Reply:
    """The page that a command of torchcamp writes, or its error message.

    Args:
        command: the command, its target, and what a person would type behind it.
        folder: the working directory.
        seconds: the command's time limit.
        extra: what must stand at the very end.
    """
    target = command[1]
    reply: Reply = {"page": "", "target": target}
    with tempfile.TemporaryDirectory() as temporary:
        page = Path(temporary) / "page.html"
        options = ["--html", str(page), "--limit", str(seconds), *extra]
        try:
            done = subprocess.run(
                [sys.executable, "-m", "torchcamp", *command, *options],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds + PATIENCE,
            )
        except subprocess.TimeoutExpired:
            return reply | {"words": f"Stopped: it took more than {seconds:.0f} seconds."}
        if not page.is_file():
            lines = done.stderr.strip().splitlines() or done.stdout.strip().splitlines() or [""]
            return reply | {"words": lines[-1]}
        shown = shlex.join(["torchcamp", *command, *extra])
        return reply | {
            "page": page.read_text(encoding="utf-8"),
            "words": f"The same in a terminal: {shown}",
        }


# --- torchcamp doctor in the page --------------------------------------------------------

WATCHED = ("plain_gan.py", "resumed.py", "two_networks.py")  # those of our scripts that train


def diagnose_any(folder: Path) -> PageForm:
    """`torchcamp doctor` on a script that the learner names, relative to `folder`, or on one of ours."""

    def answer(state: State) -> Answer:
        target = str(state["target"]).strip()
        if not target:
            words = "Name a script that trains, or choose one of ours."
            return {"page": "", "words": words, "target": ""}, []
        return diagnosis_page(target, str(state["args"]), folder), []

    return PageForm(
        answer=answer,
        state={"target": "", "args": ""},
        setup={
            "name": "diagnose-any",
            "label": "Watch any training script",
            "fields": [
                ["target", "script", "train.py"],
                ["args", "its own arguments", "--epochs 2"],
            ],
            "button": "Watch it train",
            "busy": "watching: some seconds …",
            "examples": [[name, ""] for name in WATCHED],
        },
    )


def diagnosis_page(target: str, args: str, folder: Path) -> Reply:
    """The page that `torchcamp doctor` writes for a script, or its error message.

    Args:
        target: as for `torchcamp doctor`; one of `WATCHED` is found wherever we keep it.
        args: the script's own arguments, as in a terminal.
        folder: the working directory of the command.
    """
    try:
        own = shlex.split(args)
    except ValueError as error:
        return {"page": "", "words": f"The arguments cannot be read: {error}.", "target": target}
    is_ours = target in WATCHED and not (folder / target).exists()
    return _page_of(
        ["doctor", target],
        SCRIPTS if is_ours else folder,
        WATCH_SECONDS,
        ["--", *own] if own else [],
    )
