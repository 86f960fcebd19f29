"""Decoded pictures in a file that is mapped into memory: sets may be larger than memory, and are decoded once.

    CACHE/pictures/KEY/pixels.u8     (N, C, H, W) uint8
    CACHE/pictures/KEY/blocks.jsonl  which blocks are done, while decoding
    CACHE/pictures/KEY/index.json    written last: without it the set is not complete

KEY is a hash of the files' names and stamps and of how they are decoded. The mapping is read-only and
shared: a page is read from the file when it is first used and may be dropped again at any time. It does not
count towards a limit on the process's own data (`ulimit -d`). Writing into such a tensor ends the process
(SIGSEGV). The alternatives are worse: a writable shared mapping would silently change what every later
run trains on, and a private one counts as the process's own memory, all of it.
"""

import contextlib
import errno
import fcntl
import functools
import hashlib
import json
import os
import pickle
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from torch import Tensor

from torchcamp.base.errors import DataError
from torchcamp.base.files import save_text
from torchcamp.data.decoding import BLOCK, Decoding, decode_block
from torchcamp.data.fetch import cache_dir
from torchcamp.data.picture_files import PictureFile

VERSION = 1  # raised when the same file is decoded into other pixels
NUM_NAMED = 10  # unreadable files that a message names
SECONDS_ALONE = 1.5  # work that is not worth starting other processes for
SECONDS_BETWEEN_LINES = 4.0
SECONDS_BETWEEN_SYNCS = 2.0
NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
PIXELS, JOURNAL, INDEX = "pixels.u8", "blocks.jsonl", "index.json"


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
    """Decode `files` (at least one), or take what was decoded before.

    Raises:
        DataError: unreadable pictures (unless they may be skipped), none that is readable, or a full
            disk.
    """
    folder = cache_dir() / "pictures" / _key(files, decoding)
    try:
        index = _index(folder, decoding)
        if index is None:
            folder.mkdir(parents=True, exist_ok=True)
            with _locked(folder, report):
                # Another process may have finished it meanwhile.
                index = _index(folder, decoding) or _decode_into(folder, files, decoding, report)
        return _open(folder, index, files, decoding, skip_unreadable)
    except OSError as error:
        if error.errno not in NOT_WRITABLE:
            raise _failed(folder, error) from error
    with tempfile.TemporaryDirectory(prefix="torchcamp-", ignore_cleanup_errors=True) as name:
        report(f"{folder.parent} is not writable: the pictures will be decoded again next time")
        folder = Path(name)
        try:
            index = _decode_into(folder, files, decoding, report)
            # What is mapped stays when its name is gone.
            return _open(folder, index, files, decoding, skip_unreadable)
        except OSError as error:
            raise _failed(folder, error) from error


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
    """Changes with any file's content, name or order, and with any field of `decoding`."""
    digest = hashlib.sha256(json.dumps([VERSION, asdict(decoding)]).encode())
    real = functools.cache(os.path.realpath)

    @functools.cache
    def archive_stamp(path: str) -> tuple[int, int]:
        status = os.stat(path)
        return status.st_size, status.st_mtime_ns

    for file in files:
        path = str(file.file)
        folder, name = os.path.split(path)
        in_archive = file.member is not None or file.size is not None
        archive = archive_stamp(path) if in_archive else ()
        digest.update(
            repr((file.name, real(folder), name, file.stamp, archive)).encode(
                "ascii", "backslashreplace"
            )
        )
    return digest.hexdigest()[:32]


def _index(folder: Path, decoding: Decoding) -> dict[str, Any] | None:
    """What `folder` holds, or None if it is not complete."""
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        size = (folder / PIXELS).stat().st_size
    except FileNotFoundError:
        return None
    wanted = len(index["kept"]) * decoding.channels * decoding.height * decoding.width
    return index if size == wanted else None


def _open(
    folder: Path,
    index: dict[str, Any],
    files: Sequence[PictureFile],
    decoding: Decoding,
    skip_unreadable: bool,
) -> DecodedPictures:
    unreadable = [(files[i].name, reason) for i, reason in index["unreadable"]]
    _refuse_unreadable(files, unreadable, skip_unreadable)
    return DecodedPictures(
        images=_mapped(folder / PIXELS, len(index["kept"]), decoding),
        kept=index["kept"],
        unreadable=unreadable,
        digests=index["digests"],
        constant_share=index["constant_share"],
        blank=index["blank"],
    )


def _failed(folder: Path, error: OSError) -> DataError:
    if error.errno in FULL:  # nor leave the disk full
        shutil.rmtree(folder, ignore_errors=True)
    return DataError(
        f"cannot write decoded pictures into {folder.parent}: {error.strerror or error}; free some "
        "space, or choose another cache folder with XDG_CACHE_HOME"
    )


@contextlib.contextmanager
def _locked(folder: Path, report: Callable[[str], None]) -> Iterator[None]:
    """Only one process decodes a set; others wait for it, or take over when it dies.

    Its decoding processes inherit the lock: one that outlives it for a moment still holds it.
    """
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        os.set_inheritable(lock.fileno(), True)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
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
) -> dict[str, Any]:
    """Fill `folder`, going on from the blocks that an interrupted process has finished."""
    shape = (len(files), decoding.channels, decoding.height, decoding.width)
    pixels, journal = folder / PIXELS, folder / JOURNAL
    num_bytes = int(np.prod(shape))
    (folder / INDEX).unlink(missing_ok=True)
    done = _read_journal(journal) if pixels.exists() and pixels.stat().st_size == num_bytes else {}
    with pixels.open("r+b" if done else "w+b") as stream:
        if hasattr(os, "posix_fallocate"):  # a full disk is known now, not after an hour
            os.posix_fallocate(stream.fileno(), 0, num_bytes)
        else:
            stream.truncate(num_bytes)
        _decode_missing(stream, journal, files, decoding, done, report)
        blocks = [done[number] for number in sorted(done)]
        digests = [digest for block in blocks for digest in block["digests"]]
        unreadable = [each for block in blocks for each in block["unreadable"]]
        bad = {index for index, _ in unreadable}
        kept = [index for index in range(len(files)) if index not in bad]
        if bad:
            journal.unlink()  # from here on, the pictures are no longer where it says
            _move_together(pixels, shape, kept)
            stream.truncate(num_bytes // len(files) * len(kept))
        os.fsync(stream.fileno())
    found: dict[str, Any] = {
        "kept": kept,
        "unreadable": unreadable,
        "digests": [digests[index] for index in kept],
        "blank": sum(block["blank"] for block in blocks),
        "constant_share": _constant_share(_mapped(pixels, len(kept), decoding)) if kept else 0.0,
    }
    text = json.dumps(found)
    save_text(folder / INDEX, text)
    journal.unlink(missing_ok=True)
    return found


def _decode_missing(
    stream: IO[bytes],
    journal: Path,
    files: Sequence[PictureFile],
    decoding: Decoding,
    done: dict[int, dict[str, Any]],
    report: Callable[[str], None],
) -> None:
    """Decode the blocks that are not in `done`, add them to it, and record each in `journal`."""
    missing = [block for block in range(-(-len(files) // BLOCK)) if block not in done]
    progress = _Progress(len(files), sum(len(d["digests"]) for d in done.values()), report)
    unsaved: list[str] = []
    synced = time.monotonic()
    with (
        journal.open("a" if done else "w", encoding="utf-8") as record,
        contextlib.closing(
            _decoded_blocks(Path(stream.name), files, decoding, missing)
        ) as decoded_now,
    ):
        record.write("\n")  # ends a line that an interrupted process began
        try:
            for block in decoded_now:
                done[block["block"]] = block
                unsaved.append(json.dumps(block) + "\n")
                progress.add(len(block["digests"]))
                if time.monotonic() - synced > SECONDS_BETWEEN_SYNCS:
                    _save(stream, record, unsaved)
                    synced, unsaved = time.monotonic(), []
        finally:
            _save(stream, record, unsaved)


def _move_together(pixels: Path, shape: tuple[int, ...], kept: Sequence[int]) -> None:
    """Close the gaps that unreadable pictures left."""
    array = np.memmap(pixels, dtype=np.uint8, mode="r+", shape=shape)
    for position, original in enumerate(kept):
        if position != original:
            array[position] = array[original]
    array.flush()


def _save(stream: IO[bytes], record: IO[str], lines: list[str]) -> None:
    """Blocks first, then the lines that say that they are there."""
    os.fsync(stream.fileno())
    record.writelines(lines)
    record.flush()
    os.fsync(record.fileno())


def _read_journal(path: Path) -> dict[int, dict[str, Any]]:
    done: dict[int, dict[str, Any]] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        with contextlib.suppress(json.JSONDecodeError):  # a line that was cut off
            block = json.loads(line)
            done[block["block"]] = block
    return done


def _decoded_blocks(
    pixels: Path, files: Sequence[PictureFile], decoding: Decoding, missing: Sequence[int]
) -> Generator[dict[str, Any]]:
    """Decode `missing` into `pixels`: a few here, and if that takes long, the rest in processes."""
    tasks = deque(
        (pixels, files[block * BLOCK : (block + 1) * BLOCK], decoding, block) for block in missing
    )
    while tasks:
        started = time.monotonic()
        yield decode_block(*tasks.popleft())
        if (time.monotonic() - started) * len(tasks) > SECONDS_ALONE:
            yield from _in_processes(tasks)


Task = tuple[Path, Sequence[PictureFile], Decoding, int]  # the arguments of `decode_block`


def _in_processes(tasks: deque[Task]) -> Iterator[dict[str, Any]]:
    """Decode `tasks`, until none is left, in a process per free core; see `decoding_worker`."""
    found: queue.SimpleQueue[dict[str, Any] | Exception] = queue.SimpleQueue()
    num_tasks = len(tasks)
    num_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    paths = os.pathsep.join(path for path in sys.path if path)
    processes = [
        subprocess.Popen(
            [sys.executable, "-P", "-m", "torchcamp.data.decoding_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": paths},
            start_new_session=True,  # Ctrl-C reaches this process, which then ends them
            close_fds=False,  # the lock; Python's other files are not inherited anyway
        )
        for _ in range(min(num_cores or 1, num_tasks))
    ]
    # A thread per process keeps it busy while this one waits for the disk.
    threads = [
        threading.Thread(target=_feed, args=(process, tasks, len(processes), found), daemon=True)
        for process in processes
    ]
    try:
        for thread in threads:
            thread.start()
        for _ in range(num_tasks):
            block = next_of(found)
            if isinstance(block, Exception):
                raise block
            yield block
    finally:
        for process in processes:
            process.kill()
        for process, thread in zip(processes, threads, strict=True):
            if thread.ident:
                thread.join()
            with process, contextlib.suppress(BrokenPipeError):  # waits, and closes its pipes
                pass


def next_of(
    found: "queue.SimpleQueue[dict[str, Any] | Exception]",
) -> dict[str, Any] | Exception:
    """Waits in short pieces: a Ctrl-C just as a long wait begins would only be seen at its end."""
    while True:
        with contextlib.suppress(queue.Empty):
            return found.get(timeout=0.2)


def _feed(
    process: subprocess.Popen[bytes],
    tasks: deque[Task],
    num_processes: int,
    found: "queue.SimpleQueue[dict[str, Any] | Exception]",
) -> None:
    """Give `process` a task whenever it has finished one, and while many are left, one ahead."""
    assert process.stdin is not None
    assert process.stdout is not None
    given: deque[Task] = deque()
    while True:
        line = b""
        with contextlib.suppress(BrokenPipeError):
            while len(given) < (2 if len(tasks) > 2 * num_processes else 1):
                try:
                    given.append(tasks.popleft())
                except IndexError:
                    break
                process.stdin.write(pickle.dumps(given[-1]))
                process.stdin.flush()
            if not given:
                return
            line = process.stdout.readline()
        part = given.popleft()[1]
        if not line.endswith(b"\n"):
            found.put(
                DataError(
                    f"a process that decodes pictures died between {part[0].name} and "
                    f"{part[-1].name} (out of memory?); run the command again, it goes on where it was"
                )
            )
            return
        reply = json.loads(line)
        found.put(OSError(reply["errno"], reply["error"]) if "error" in reply else reply)


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
            left = (self.total - self.done) / max(rate, 1e-9)
            left_text = f"{left / 60:.0f} min" if left > 120 else f"{left:.0f} s"
            self.report(
                f"decoding pictures: {self.done:,} of {self.total:,} ({rate:,.0f} a second, "
                f"{left_text} left)"
            )
        elif self.said > self.started:
            self.report(f"decoded {self.total:,} pictures in {now - self.started:.0f} s")
        self.said = now


def _constant_share(images: Tensor) -> float:
    """How many of the positions have the same value in all pictures."""
    low = high = images[0]
    for part in images.split(BLOCK) if len(images) > 1 else ():
        low, high = low.minimum(part.amin(0)), high.maximum(part.amax(0))
        if not (low == high).any():
            return 0.0
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
