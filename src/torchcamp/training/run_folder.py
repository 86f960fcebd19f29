"""One training run on disk: what it was, what it measured, and how to go on with it.

    run.json        recipe, every number, seed, versions, data and its hash, device, command;
                    when it ended, its measures
    recipe.py       the learner's own recipe, where it came from a file
    metrics.jsonl   one row of numbers per line, each with its step; no clock values
    timing.jsonl    seconds of training and images per second, by step
    checkpoint.pt   everything that changes while training (`torch.load(weights_only=True)`)
    weights.safetensors   the network that is evaluated and sampled
    samples/        pictures drawn after each epoch, where the recipe draws any
    report.html     one offline page

Clock values stand in run.json and timing.jsonl only: all other files of a resumed run equal those
of an uninterrupted one.
"""

import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from torchcamp.base.errors import RunError
from torchcamp.base.files import write_atomically
from torchcamp.data.pictures import grid, png_bytes


class RunFolder:
    """A run's folder. Make one with `create`, find one with `open`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    @classmethod
    def create(cls, out: Path, name: str) -> "RunFolder":
        """Make a new folder directly in `out` (made if missing), named after `name` and the time.

        Raises:
            RunError: the folder cannot be made.
        """
        stem = f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
        try:
            out.mkdir(parents=True, exist_ok=True)
            for number in range(1, 1000):
                path = out / (stem if number == 1 else f"{stem}-{number}")
                try:
                    path.mkdir()
                    return cls(path)
                except FileExistsError:
                    continue
        except OSError as error:
            raise RunError(f"cannot make a run folder in {out}: {error.strerror}") from error
        raise RunError(f"{out} already has a thousand runs named {stem}")

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """An existing run.

        Raises:
            RunError: no folder, or one in which no run was begun.
        """
        if not path.is_dir():
            raise RunError(f"there is no run folder {path}")
        if not (path / "run.json").is_file():
            raise RunError(f"{path} holds no run.json: no run was begun there")
        return cls(path)

    # --- Its description ------------------------------------------------------------------

    def describe(self, **entries: Any) -> None:
        """Write `entries` into run.json, beside what is there."""
        description = self.description() if (self.path / "run.json").exists() else {}
        text = json.dumps(description | entries, indent=2) + "\n"
        write_atomically(self.path / "run.json", lambda part: part.write_text(text))

    def description(self) -> dict[str, Any]:
        """The content of run.json.

        Raises:
            RunError: it cannot be read.
        """
        try:
            return json.loads((self.path / "run.json").read_text())
        except (OSError, json.JSONDecodeError) as error:
            raise RunError(f"cannot read {self.path / 'run.json'}: {error}") from error

    @property
    def finished(self) -> bool:
        return bool(self.description().get("finished"))

    # --- Its rows -------------------------------------------------------------------------

    def append(self, file: str, row: dict[str, Any]) -> None:
        """Add one line to `metrics.jsonl` or `timing.jsonl`."""
        with (self.path / file).open("a") as stream:
            stream.write(json.dumps(row) + "\n")

    def rows(self, file: str) -> list[dict[str, Any]]:
        """All whole lines of `metrics.jsonl` or `timing.jsonl`."""
        path = self.path / file
        if not path.exists():
            return []
        rows = []
        for line in path.read_text().splitlines():
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError:
                break  # the last line of a killed run
        return rows

    def cut_rows(self, file: str, last_step: int) -> None:
        """Forget the rows after `last_step`; a line cut short is forgotten too."""
        kept = [row for row in self.rows(file) if row["step"] <= last_step]
        text = "".join(json.dumps(row) + "\n" for row in kept)
        if (self.path / file).exists():
            write_atomically(self.path / file, lambda part: part.write_text(text))

    @property
    def train_seconds(self) -> float:
        """Seconds spent in training steps, over all sittings."""
        return sum(row["seconds"] for row in self.rows("timing.jsonl"))

    # --- Its tensors ----------------------------------------------------------------------

    def save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Replace checkpoint.pt; the rows written so far reach the disk first."""
        for file in ("metrics.jsonl", "timing.jsonl"):
            if (self.path / file).exists():
                with (self.path / file).open("rb") as stream:
                    os.fsync(stream.fileno())
        write_atomically(self.path / "checkpoint.pt", lambda part: torch.save(checkpoint, part))

    def load_checkpoint(self) -> dict[str, Any] | None:
        """What `save_checkpoint` wrote last, or None where the run was killed before.

        Raises:
            RunError: the file is damaged.
        """
        path = self.path / "checkpoint.pt"
        if not path.exists():
            return None
        try:
            return torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # zip, pickle and torch each have their own
            raise RunError(f"{path} is damaged: {error}".splitlines()[0]) from error

    def save_weights(self, network: nn.Module) -> None:
        """Write weights.safetensors."""
        tensors = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
        content = save(tensors)
        path = self.path / "weights.safetensors"
        write_atomically(path, lambda part: part.write_bytes(content))

    def save_samples(self, epoch: int, images: Tensor) -> None:
        """Write samples/epoch-EEE.png: pictures (N, 1, H, W) in [0, 1] as one grid."""
        content = png_bytes(grid(images))
        (self.path / "samples").mkdir(exist_ok=True)
        path = self.path / "samples" / f"epoch-{epoch:03d}.png"
        write_atomically(path, lambda part: part.write_bytes(content))

    def sample_files(self) -> list[Path]:
        """The pictures that were drawn after the epochs, in order."""
        return sorted((self.path / "samples").glob("epoch-*.png"))

    def load_weights(self) -> dict[str, Tensor]:
        """The content of weights.safetensors.

        Raises:
            RunError: the run has none yet, or they are damaged.
        """
        path = self.path / "weights.safetensors"
        if not path.exists():
            raise RunError(
                f"{self.path} has no weights yet: the run was stopped before its first checkpoint"
            )
        try:
            return load_file(path)
        except SafetensorError as error:
            raise RunError(f"{path} is damaged: {error}") from error

    # --- One process at a time ------------------------------------------------------------

    def lock(self) -> None:
        """Keep other processes from training into this folder until this one ends.

        Raises:
            RunError: another process is.
        """
        self._lock = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.unlock()
            raise RunError(f"another process is training into {self.path}") from error

    def unlock(self) -> None:
        """Let others in again."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def sweep(self) -> None:
        """Remove what a killed process left half-written."""
        for part in self.path.rglob(".*.part"):
            part.unlink(missing_ok=True)
