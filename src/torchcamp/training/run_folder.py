"""One training run on disk: its settings, its measures, and what it needs to resume.

    run.json        recipe, every setting, seed, versions, data and its hash, device, command;
                    measures, once the run has finished
    source/         the learner's recipe and the modules beside it, if it came from a file
    metrics.jsonl   one row of numbers per line, each with its step; no clock values
    timing.jsonl    seconds of training, and of capturing CUDA graphs, by step
    checkpoint.pt   everything that changes while training (`torch.load(weights_only=True)`)
    checkpoint-STEP/  of weights that are sharded, those of the checkpoint: each process writes its part
    initial.safetensors   the weights it began with, if they came from elsewhere
    weights.safetensors   the network that is evaluated and sampled
    samples/        pictures drawn after each epoch, where the recipe draws any
    report.html     one offline page

Only run.json, timing.jsonl and the report's head hold clock values: all other files of a resumed run equal those of an
uninterrupted one.
"""

import errno
import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from torchcamp.base.errors import RunError
from torchcamp.base.files import naming, require_regular, save_text, write_atomically
from torchcamp.base.plain import tensors
from torchcamp.data.pictures import grid, png_bytes, require_picture
from torchcamp.training.run_list import FORMAT, read_description

INITIAL = "initial.safetensors"
MOST_ROWS = 2**30  # bytes of metrics.jsonl: some ten million rows
MOST_STEPS = 2**53  # up to which a float counts
# What a checkpoint must hold, see `loop.fit`.
CHECKPOINT = {"step": int, "state": dict, "random": dict, "sums": dict, "num_summed": int}
SHARDS = re.compile(r"checkpoint-\d+")


def weights_metadata(description: Mapping[str, Any]) -> dict[str, Any]:
    """What a file of weights says of itself, from the content of a run.json.

    Not where the data are: that is nobody's business who is given the file.
    """
    about = {
        name: description[name]
        for name in ("recipe", "preset", "class_names", "image_shape")
        if description.get(name)
    }
    numbers = {k: v for k, v in description.get("numbers", {}).items() if k != "data"}
    version = description.get("versions", {}).get("torchcamp")
    return about | {"numbers": numbers, "torchcamp": version}


class RunFolder:
    """A run's folder. Make a new one with `create`, or `open` an existing one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    @classmethod
    def create(cls, out: Path, name: str) -> "RunFolder":
        """Create a folder in `out` (itself created if missing), named after `name` and the time.

        Raises:
            RunError: the folder cannot be created.
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
            raise RunError(
                f"cannot create a run folder in {out}: {error.strerror}; choose another with --out"
            ) from error
        raise RunError(f"{out} already has a thousand runs named {stem}; choose another --out")

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """An existing run.

        Raises:
            RunError: `path` is not a folder, or has no run.json.
        """
        if not path.is_dir():
            raise RunError(f"run folder {path} does not exist; list yours with: torchcamp runs")
        if not (path / "run.json").is_file():
            raise RunError(f"{path} is not a run folder: it has no run.json")
        return cls(path)

    # --- Its description ------------------------------------------------------------------

    def describe(self, **entries: Any) -> None:
        """Merge `entries` into run.json."""
        new = not (self.path / "run.json").exists()
        description = {"format": FORMAT} if new else self.description()
        text = json.dumps(description | entries, indent=2) + "\n"
        save_text(self.path / "run.json", text)

    def description(self) -> dict[str, Any]:
        """The content of run.json.

        Raises:
            RunError: it cannot be read, or is not as a training writes it.
        """
        return read_description(self.path)

    @property
    def finished(self) -> bool:
        return bool(self.description().get("finished"))

    # --- Its rows -------------------------------------------------------------------------

    def append(self, file: str, row: dict[str, Any]) -> None:
        """Add one line to `metrics.jsonl` or `timing.jsonl`."""
        with naming(self.path / file), (self.path / file).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")

    def rows(self, file: str) -> list[dict[str, Any]]:
        """All complete lines of `metrics.jsonl` or `timing.jsonl`.

        Raises:
            RunError: a line is not a row of that file.
        """
        path = self.path / file
        if not path.exists():
            return []
        rows: list[dict[str, Any]] = []
        needed = ("step", "epoch") if file == "metrics.jsonl" else ("step", "seconds")
        lines = _content(path, MOST_ROWS).decode("utf-8", "replace").splitlines()
        for number, line in enumerate(lines, start=1):
            row: Any = None
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                if number == len(lines):
                    break  # the run was killed while writing it
            if not _is_row(row, needed):
                raise RunError(
                    f"{path} is damaged: line {number} is not a row that a training writes"
                )
            rows.append(row)
        return rows

    def cut_rows(self, file: str, last_step: int) -> None:
        """Drop the rows after `last_step`, and an incomplete last line."""
        kept = [row for row in self.rows(file) if row["step"] <= last_step]
        text = "".join(json.dumps(row) + "\n" for row in kept)
        if (self.path / file).exists():
            save_text(self.path / file, text)

    @property
    def train_seconds(self) -> float:
        """Seconds spent in training steps, summed over all resumes."""
        return sum(row["seconds"] for row in self.rows("timing.jsonl"))

    @property
    def capture_seconds(self) -> float:
        """Seconds spent in capturing steps as CUDA graphs, likewise."""
        return sum(row.get("capture_seconds", 0.0) for row in self.rows("timing.jsonl"))

    # --- Its tensors ----------------------------------------------------------------------

    def save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Replace checkpoint.pt; the rows written so far reach the disk first.

        Its `shards`, if it has any, names a folder of sharded tensors, which is whole by now. Other such
        folders go once checkpoint.pt no longer needs them.
        """
        for file in ("metrics.jsonl", "timing.jsonl"):
            if (self.path / file).exists():
                with (self.path / file).open("rb") as stream:
                    os.fsync(stream.fileno())
        write_atomically(self.path / "checkpoint.pt", lambda part: _save(checkpoint, part))
        self._drop_shards(checkpoint.get("shards"))

    def _drop_shards(self, but: str | None) -> None:
        for folder in self.path.glob("checkpoint-*"):
            if SHARDS.fullmatch(folder.name) and folder.name != but and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)

    def load_checkpoint(self) -> dict[str, Any] | None:
        """What `save_checkpoint` wrote last, or None if the run was killed before its first.

        Raises:
            RunError: the file is damaged, or holds something else.
        """
        path = self.path / "checkpoint.pt"
        if not path.exists():
            return None
        try:
            require_regular(path)
            checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        except OSError as error:
            raise RunError(f"cannot read {path}: {error.strerror or error}") from error
        except Exception as error:  # zip, pickle and torch each raise their own kinds
            raise RunError(
                f"{path} is damaged: it is not a checkpoint of torchcamp ({type(error).__name__})"
            ) from error
        for name, kind in CHECKPOINT.items():
            if not isinstance(checkpoint, dict) or not isinstance(checkpoint.get(name), kind):
                raise RunError(f"{path} is not a checkpoint of torchcamp: it has no {name!r}")
        if not all(
            isinstance(value, Tensor) and value.numel() == 1
            for value in checkpoint["sums"].values()
        ):
            raise RunError(f"{path} is not a checkpoint of torchcamp: its sums are not numbers")
        if checkpoint["step"] < 0 or checkpoint["num_summed"] < 0:
            raise RunError(f"{path} is not a checkpoint of torchcamp: it counts below 0")
        if not SHARDS.fullmatch(str(checkpoint.get("shards", "checkpoint-0"))):
            raise RunError(
                f"{path} is not a checkpoint of torchcamp: it names no folder of its own"
            )
        return checkpoint

    def save_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Write weights.safetensors: a network's state dict, and as metadata what it belongs to.

        One entry, `torchcamp`, holds it all as JSON: safetensors writes several in a random order,
        and the weights of a resumed run must equal those of an uninterrupted one.
        """
        tensors = {k: v.detach().cpu().contiguous() for k, v in weights.items()}
        about = weights_metadata(self.description()) if (self.path / "run.json").exists() else {}
        content = save(tensors, {"torchcamp": json.dumps(about)} if about else None)
        path = self.path / "weights.safetensors"
        write_atomically(path, lambda part: part.write_bytes(content))

    def save_initial_weights(self, network: nn.Module) -> None:
        """Write initial.safetensors: a run killed before its first checkpoint begins with it again."""
        tensors = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
        content = save(tensors)
        write_atomically(self.path / INITIAL, lambda part: part.write_bytes(content))

    def load_initial_weights(self) -> dict[str, Tensor]:
        """What `save_initial_weights` wrote.

        Raises:
            RunError: it is missing or damaged.
        """
        try:
            require_regular(self.path / INITIAL)
            return load_file(self.path / INITIAL)
        except (OSError, SafetensorError) as error:
            raise RunError(
                f"cannot read {self.path / INITIAL}, the weights that this run began with: {error}"
            ) from error

    def save_samples(self, epoch: int, images: Tensor) -> None:
        """Write samples/epoch-EEE.png: pictures (N, C, H, W) in [0, 1] as one grid."""
        content = png_bytes(grid(images))
        (self.path / "samples").mkdir(exist_ok=True)
        path = self.path / "samples" / f"epoch-{epoch:03d}.png"
        write_atomically(path, lambda part: part.write_bytes(content))

    def sample_files(self) -> list[Path]:
        """The picture files drawn after each epoch, in order.

        Raises:
            RunError: one of them is not a picture.
        """
        files = sorted((self.path / "samples").glob("epoch-*.png"))
        for file in files:
            try:
                require_picture(file)
            except OSError as error:
                raise RunError(
                    f"{file} is not a picture that a training writes; remove it, then resume"
                ) from error
        return files

    def load_weights(self) -> dict[str, Tensor]:
        """The content of weights.safetensors.

        Raises:
            RunError: the run has none yet, or they are damaged, or nan.
        """
        path = self.path / "weights.safetensors"
        if not path.exists():
            raise RunError(
                f"{self.path} has no weights: the run stopped before its first checkpoint; continue "
                f"it with: torchcamp train --resume {self.path}"
            )
        try:
            require_regular(path)
            weights = load_file(path)
        except OSError as error:
            raise RunError(f"cannot read {path}: {error.strerror or error}") from error
        except SafetensorError as error:
            raise RunError(f"{path} is damaged: {error}") from error
        for name, value in weights.items():
            if value.is_floating_point() and value.isnan().any():
                raise RunError(f"{path} is damaged: {name} holds nan, which no training saves")
        return weights

    # --- One process at a time ------------------------------------------------------------

    def lock(self) -> None:
        """Lock the folder against training by other processes, until this one ends.

        Raises:
            RunError: another process has the lock.
        """
        self._lock = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.unlock()
            raise RunError(f"another process is training in {self.path}; stop it first") from error

    def unlock(self) -> None:
        """Release the lock."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def sweep(self, shards: str | None = None) -> None:
        """Remove what a killed process left half-written, and what it had no time to remove.

        Args:
            shards: the folder of sharded tensors that checkpoint.pt names.
        """
        for part in self.path.rglob(".*.part"):
            part.unlink(missing_ok=True)
        self._drop_shards(shards)


def _content(path: Path, most: int) -> bytes:
    try:
        require_regular(path, most)
        return path.read_bytes()
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror or error}") from error


def _is_row(row: Any, needed: Sequence[str]) -> bool:
    """Whether `row` has the `needed` numbers, which count up from 0, and besides only numbers, which
    may be nan, and a notice."""
    return (
        isinstance(row, dict)
        and all(_is_number(row.get(name)) and 0 <= row[name] < MOST_STEPS for name in needed)
        and all(
            isinstance(value, str) if name == "notice" else _is_number(value)
            for name, value in row.items()
        )
        and row["step"] == int(row["step"])
    )


def _is_number(value: Any) -> bool:
    """A number that a float can hold."""
    return isinstance(value, float) or (type(value) is int and abs(value) < MOST_STEPS)


def _save(checkpoint: dict[str, Any], part: Path) -> None:
    """`torch.save`, whose own writer reports a full disk as a RuntimeError about positions."""
    try:
        torch.save(checkpoint, part)
    except RuntimeError as error:
        needed = sum(tensor.nbytes for tensor in tensors(checkpoint))
        if shutil.disk_usage(part.parent).free > needed:
            raise
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(part)) from error
