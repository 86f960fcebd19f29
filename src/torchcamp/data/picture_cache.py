"""Decoded pictures in a file that is mapped into memory: larger sets than memory, and no second decoding.

    CACHE/pictures/KEY/pixels.u8     (N, C, H, W) uint8
    CACHE/pictures/KEY/blocks.jsonl  which blocks are done, while decoding
    CACHE/pictures/KEY/index.json    written last: without it the set is not complete

KEY is a hash of the files' names and stamps and of how they are decoded. The mapping is read-only and
shared: a page is read from the file when it is first used and may be dropped again at any time, so a
set may be larger than memory. Writing into such a tensor ends the process, which is better than a
cache that silently holds other pictures from then on.
"""

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from torch import Tensor

from torchcamp.base.errors import DataError
from torchcamp.base.files import write_atomically
from torchcamp.data.decoding import BLOCK, Decoding, decode_all, decode_block
from torchcamp.data.fetch import cache_dir
from torchcamp.data.picture_files import PictureFile

VERSION = 1  # raised when the same file is decoded into other pixels
NUM_NAMED = 10  # unreadable files that a message names
SECONDS_ALONE = 1.5  # work that is not worth starting other processes for
SECONDS_BETWEEN_LINES = 4.0
SECONDS_BETWEEN_SYNCS = 2.0
NUM_COMPARED = 2000  # pictures that are compared to find pixels that never change


@dataclass(frozen=True, kw_only=True)
class DecodedPictures:
    """The readable pictures of a set, in order.

    images: (N, C, H, W) uint8; read-only where they come from the cache.
    kept: for each, its index in the list of files.
    unreadable: name and reason of those that were left out.
    digests: of each picture's pixels; equal pictures have equal ones.
    constant_share: how many of the pixel positions are the same in all pictures.
    blank: how many pictures have a single colour.
    """

    images: Tensor
    kept: list[int]
    unreadable: list[tuple[str, str]]
    digests: list[str]
    constant_share: float
    blank: int


def decoded(
    files: Sequence[PictureFile],
    decoding: Decoding,
    *,
    report: Callable[[str], None] = lambda line: None,
    skip_unreadable: bool = False,
) -> DecodedPictures:
    """Decode `files`, or take what was decoded before.

    Raises:
        DataError: unreadable pictures (unless they may be skipped), none that is readable, or a full
            disk.
    """
    folder = cache_dir() / "pictures" / _key(files, decoding)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder, report):
            if not (folder / "index.json").exists():
                _decode_into(folder, files, decoding, report)
            index = json.loads((folder / "index.json").read_text())
            os.utime(folder / "index.json")
    except OSError as error:
        if error.errno not in (13, 30):  # no permission, a read-only file system
            raise DataError(
                f"cannot write decoded pictures into {folder.parent}: {error.strerror or error}; free "
                "some space, or choose another cache folder with XDG_CACHE_HOME"
            ) from error
        report(f"{folder.parent} cannot be written: the pictures are decoded into memory")
        images, index = _decode_in_memory(files, decoding)
    else:
        images = _mapped(folder / "pixels.u8", len(index["kept"]), decoding)
    unreadable = [(files[i].name, reason) for i, reason in index["unreadable"]]
    _refuse_unreadable(files, unreadable, skip_unreadable)
    return DecodedPictures(
        images=images,
        kept=index["kept"],
        unreadable=unreadable,
        digests=index["digests"],
        constant_share=index["constant_share"],
        blank=index["blank"],
    )


def cache_size() -> int:
    """Bytes that decoded pictures and unpacked archives take up."""
    return sum(
        file.stat().st_size
        for name in ("pictures", "archives")
        for file in (cache_dir() / name).rglob("*")
        if file.is_file()
    )


def clear_cache() -> int:
    """Remove all decoded pictures and unpacked archives; returns how many bytes that freed."""
    size = cache_size()
    for name in ("pictures", "archives"):
        shutil.rmtree(cache_dir() / name, ignore_errors=True)
    return size


def _key(files: Sequence[PictureFile], decoding: Decoding) -> str:
    digest = hashlib.sha256(json.dumps([VERSION, asdict(decoding)]).encode())
    resolved = functools.cache(lambda path: str(path.resolve()))
    for file in files:
        line = [file.name, resolved(file.file), *file.stamp]
        digest.update(json.dumps(line).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:32]


@contextlib.contextmanager
def _locked(folder: Path, report: Callable[[str], None]) -> Iterator[None]:
    """Only one process decodes a set; others wait for it, or take over when it dies."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            report("another process is decoding the same pictures; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _mapped(path: Path, count: int, decoding: Decoding) -> Tensor:
    shape = (count, decoding.channels, decoding.height, decoding.width)
    array = np.memmap(path, dtype=np.uint8, mode="r", shape=shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that the array cannot be written to
        return torch.from_numpy(array)


# --- Decoding --------------------------------------------------------------------------


def _decode_into(
    folder: Path,
    files: Sequence[PictureFile],
    decoding: Decoding,
    report: Callable[[str], None],
) -> None:
    """Fill `folder`, going on from the blocks that an interrupted process has finished."""
    shape = (len(files), decoding.channels, decoding.height, decoding.width)
    pixels, journal = folder / "pixels.u8", folder / "blocks.jsonl"
    num_bytes = int(np.prod(shape))
    done = _read_journal(journal) if pixels.exists() and pixels.stat().st_size == num_bytes else {}
    with pixels.open("r+b" if done else "w+b") as stream:
        # Space is taken now: a disk that fills up later would kill the process that writes to a page.
        os.posix_fallocate(stream.fileno(), 0, num_bytes)
        missing = [b for b in range(-(-len(files) // BLOCK)) if b not in done]
        progress = _Progress(len(files), sum(len(d["digests"]) for d in done.values()), report)
        with journal.open("a" if done else "w") as record:
            synced, unsaved = time.monotonic(), []
            for block in _decoded_blocks(pixels, files, decoding, missing):
                done[block["block"]] = block
                unsaved.append(json.dumps(block) + "\n")
                progress.add(len(block["digests"]))
                if time.monotonic() - synced > SECONDS_BETWEEN_SYNCS:
                    _save(stream, record, unsaved)
                    synced, unsaved = time.monotonic(), []
            _save(stream, record, unsaved)
        blocks = [done[b] for b in sorted(done)]
        digests = [digest for block in blocks for digest in block["digests"]]
        unreadable = [tuple(each) for block in blocks for each in block["unreadable"]]
        bad = {index for index, _ in unreadable}
        kept = [i for i in range(len(files)) if i not in bad]
        if bad and kept:
            journal.unlink()  # interrupted from here on, the rows are no longer where it says
            array = np.memmap(pixels, dtype=np.uint8, mode="r+", shape=shape)
            for position, original in enumerate(kept):
                if position != original:
                    array[position] = array[original]
            array.flush()
        found: dict[str, Any] = {
            "kept": kept,
            "unreadable": unreadable,
            "digests": [digests[i] for i in kept],
            "blank": sum(block["blank"] for block in blocks),
            "constant_share": _constant_share(_mapped(pixels, len(kept), decoding))
            if kept
            else 0.0,
        }
        os.fsync(stream.fileno())
    text = json.dumps(found)
    write_atomically(folder / "index.json", lambda part: part.write_text(text))
    journal.unlink(missing_ok=True)


def _save(stream: IO[bytes], record: IO[str], lines: list[str]) -> None:
    """Blocks first, then the lines that say that they are there."""
    os.fsync(stream.fileno())
    record.writelines(lines)
    record.flush()
    os.fsync(record.fileno())


def _read_journal(path: Path) -> dict[int, dict[str, Any]]:
    done: dict[int, dict[str, Any]] = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        with contextlib.suppress(json.JSONDecodeError):  # its last line, cut off
            block = json.loads(line)
            done[block["block"]] = block
    return done


def _decoded_blocks(
    pixels: Path, files: Sequence[PictureFile], decoding: Decoding, blocks: list[int]
) -> Iterator[dict[str, Any]]:
    """Decode `blocks` into `pixels`: a few here, and if that takes long, the rest in processes."""
    blocks = list(blocks)
    while blocks:
        started = time.monotonic()
        block = blocks.pop(0)
        yield decode_block(pixels, files, decoding, block)
        if (time.monotonic() - started) * len(blocks) > SECONDS_ALONE:
            break
    if blocks:
        with _Workers(pixels, files, decoding) as workers:
            yield from workers.map(blocks)


class _Workers:
    """As many decoding processes as there are free cores; see `decoding_worker`."""

    def __init__(self, pixels: Path, files: Sequence[PictureFile], decoding: Decoding) -> None:
        self.job = pickle.dumps((pixels, list(files), decoding))
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "_Workers":
        for _ in range(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2):
            process = subprocess.Popen(
                [sys.executable, "-m", "torchcamp.data.decoding_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                start_new_session=True,  # Ctrl-C reaches this process, which then ends them
            )
            self.processes.append(process)
            assert process.stdin is not None
            process.stdin.write(len(self.job).to_bytes(8, "little") + self.job)
            process.stdin.flush()
        return self

    def map(self, blocks: list[int]) -> Iterator[dict[str, Any]]:
        """Give each process a block whenever it has finished one."""
        import selectors

        waiting = list(reversed(blocks))
        with selectors.DefaultSelector() as selector:
            for process in self.processes:
                self._give(process, waiting)
                assert process.stdout is not None
                selector.register(process.stdout, selectors.EVENT_READ, process)
            while selector.get_map():
                for key, _ in selector.select():
                    process = key.data
                    line = process.stdout.readline()
                    if not line:
                        raise DataError(
                            "a process that decodes pictures died (out of memory?); run the command "
                            "again, it goes on where it was"
                        )
                    yield json.loads(line)
                    if not self._give(process, waiting):
                        selector.unregister(process.stdout)

    @staticmethod
    def _give(process: subprocess.Popen[bytes], waiting: list[int]) -> bool:
        assert process.stdin is not None
        if waiting:
            process.stdin.write(b"%d\n" % waiting.pop())
            process.stdin.flush()
            return True
        process.stdin.close()
        return False

    def __exit__(self, *exception: object) -> None:
        for process in self.processes:
            if any(exception):
                process.kill()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close() if pipe else None
            process.wait()


class _Progress:
    """A line now and then about how far it is."""

    def __init__(self, total: int, done: int, report: Callable[[str], None]) -> None:
        self.total, self.done, self.report = total, done, report
        self.before = done
        self.started = self.said = time.monotonic()

    def add(self, count: int) -> None:
        self.done += count
        now = time.monotonic()
        if now - self.said < SECONDS_BETWEEN_LINES and self.done < self.total:
            return
        rate = (self.done - self.before) / max(now - self.started, 1e-9)
        if self.done < self.total:
            seconds = (self.total - self.done) / max(rate, 1e-9)
            self.report(
                f"decoding pictures: {self.done:,} of {self.total:,} ({rate:,.0f} a second, "
                f"{seconds:.0f} s left)"
            )
        elif self.said > self.started:
            self.report(f"decoded {self.total:,} pictures in {now - self.started:.0f} s")
        self.said = now


def _decode_in_memory(
    files: Sequence[PictureFile], decoding: Decoding
) -> tuple[Tensor, dict[str, Any]]:
    kept, unreadable, digests, pictures, blank = [], [], [], [], 0
    for index, (picture, reason) in enumerate(decode_all(files, decoding)):
        if picture is None:
            unreadable.append((index, reason))
            continue
        planes = np.ascontiguousarray(picture.transpose(2, 0, 1))
        kept.append(index)
        pictures.append(planes)
        digests.append(hashlib.blake2b(planes.tobytes(), digest_size=16).hexdigest())
        blank += int((planes.max(axis=(1, 2)) == planes.min(axis=(1, 2))).all())
    shape = (0, decoding.channels, decoding.height, decoding.width)
    images = torch.from_numpy(np.stack(pictures) if pictures else np.zeros(shape, np.uint8))
    return images, {
        "kept": kept,
        "unreadable": unreadable,
        "digests": digests,
        "blank": blank,
        "constant_share": _constant_share(images) if kept else 0.0,
    }


def _constant_share(images: Tensor) -> float:
    """How many of the positions have the same value in all pictures (in 2,000 of them, evenly)."""
    index = torch.linspace(0, len(images) - 1, min(NUM_COMPARED, len(images))).long()
    low, high = images[index[:1]].amin(0), images[index[:1]].amax(0)
    for part in index.split(BLOCK):
        low, high = low.minimum(images[part].amin(0)), high.maximum(images[part].amax(0))
    return (low == high).float().mean().item() if len(images) > 1 else 0.0


def _refuse_unreadable(
    files: Sequence[PictureFile], unreadable: Sequence[tuple[str, str]], skip: bool
) -> None:
    if not unreadable or (skip and len(unreadable) < len(files)):
        return
    named = ", ".join(f"{name} ({reason})" for name, reason in unreadable[:NUM_NAMED])
    more = f" and {len(unreadable) - NUM_NAMED} more" if len(unreadable) > NUM_NAMED else ""
    if len(unreadable) == len(files):
        raise DataError(f"none of the {len(files)} pictures can be read: {named}{more}")
    raise DataError(
        f"cannot read {len(unreadable)} of {len(files)} pictures: {named}{more}; repair them, or leave "
        "them out with --set skip_unreadable=true"
    )
