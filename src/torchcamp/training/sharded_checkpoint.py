"""The sharded tensors of a checkpoint in a folder of their own, by `torch.distributed.checkpoint`.

Each process writes its rows into a file; any number of processes reads them back, one included.
`checkpoint.pt` names the folder and holds everything else: it is replaced once the folder is whole, so
there is always one whole checkpoint. Slow to import, as `sharding` is.
"""

import errno
import os
import pickle
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.filesystem import FileSystemReader, FileSystemWriter
from torch.distributed.checkpoint.metadata import TensorStorageMetadata
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import save
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.tensor import empty

from torchcamp.base.errors import RunError, first_line
from torchcamp.training.sharded_tensors import is_sharded
from torchcamp.training.sharding import PLACEMENT

# What the table of a folder's tensors may name; a pickle that names more could do anything.
PLAIN = {
    "torch.distributed.checkpoint.metadata": {
        "Metadata", "TensorStorageMetadata", "TensorProperties", "ChunkStorageMetadata",
        "MetadataIndex", "StorageMeta", "_MEM_FORMAT_ENCODING",
    },
    "torch.distributed.checkpoint.filesystem": {"_StorageInfo"},
    "torch.serialization": {"_get_layout"},
    "torch": {"Size"} | {name for name in dir(torch) if isinstance(getattr(torch, name), torch.dtype)},
    "pathlib": {"PosixPath", "WindowsPath", "PurePosixPath", "Path"},
    "pathlib._local": {"PosixPath", "WindowsPath", "PurePosixPath", "Path"},
}  # fmt: skip


def divided(captured: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """What `checkpoint.capture` returned without its sharded tensors, and these by their place."""
    tensors: dict[str, Tensor] = {}

    def without(value: Any, place: str) -> Any:
        if not isinstance(value, Mapping):
            return value
        rest = {}
        for name, entry in value.items():
            if is_sharded(entry):
                tensors[_place(place, name)] = entry
            else:
                rest[name] = without(entry, _place(place, name))
        return rest

    return without(captured, ""), tensors


def united(rest: dict[str, Any], tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """What `divided` was given; `rest` is changed."""
    for place, tensor in tensors.items():
        *way, last = map(_key, place.split("/"))
        entry: Any = rest
        for name in way:
            entry = entry.setdefault(name, {})
        entry[last] = tensor
    return rest


def write(folder: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write this process's rows of `tensors` into `folder`; all processes must call it.

    Raises:
        OSError: a process could not write.
    """
    try:
        save(dict(tensors), storage_writer=FileSystemWriter(folder))
    except CheckpointException as failed:  # of all processes alike, with the reasons
        error = _reason(failed)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(folder)) from failed
        needed = sum(tensor.nbytes for tensor in tensors.values())
        if shutil.disk_usage(folder.parent).free <= needed:  # torch has its own words for it
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder)) from failed
        raise RunError(f"cannot write {folder}: {first_line(error)}") from failed


def read(folder: Path, mesh: DeviceMesh | None = None) -> dict[str, Tensor]:
    """The tensors in `folder`: whole ones, or with a `mesh` this process's rows; then all must call it.

    Raises:
        RunError: the folder is missing or damaged.
    """
    try:
        _require_plain(folder / ".metadata")
        reader = FileSystemReader(folder)
        tensors: dict[str, Any] = {}
        for place, about in reader.read_metadata().state_dict_metadata.items():
            if not isinstance(about, TensorStorageMetadata):
                raise RunError(
                    f"{folder} is not a checkpoint of torchcamp: it holds more than tensors"
                )
            dtype = about.properties.dtype
            if mesh is None:
                tensors[place] = torch.empty(about.size, dtype=dtype)
            else:
                tensors[place] = empty(
                    about.size, dtype=dtype, device_mesh=mesh, placements=PLACEMENT
                )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that one process reads alone
            load(tensors, storage_reader=reader, no_dist=mesh is None)
    except (Exception, CheckpointException) as error:
        if isinstance(error, RunError) or "gloo" in str(error):  # another process has ended
            raise
        raise RunError(
            f"{folder}, a part of the checkpoint, is missing or damaged ({first_line(_reason(error))}): "
            "resume from a copy of the run that has it, or begin a new run"
        ) from error
    return tensors


def _reason(error: BaseException) -> BaseException:
    """Why the first process that failed did so."""
    if isinstance(error, CheckpointException):
        return next(iter(error.failures.values()))[0]
    return error


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name not in PLAIN.get(module, ()):
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        return super().find_class(module, name)


def _require_plain(table: Path) -> None:
    """Refuse a table of tensors that names anything else, before torch unpickles it."""
    with table.open("rb") as stream:
        _Unpickler(stream).load()


def _place(place: str, name: Any) -> str:
    """Parameters of an optimizer have numbers for names."""
    word = f"#{name}" if isinstance(name, int) else str(name).replace("/", "%2F")
    return f"{place}/{word}" if place else word


def _key(word: str) -> str | int:
    return int(word[1:]) if word[:1] == "#" and word[1:].isdigit() else word.replace("%2F", "/")
