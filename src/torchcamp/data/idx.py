"""The IDX file format of the MNIST database: a magic number, the sizes, then the values.

    byte 0-1   zero
    byte 2     type of the values: 0x08 = unsigned byte, the only one read here
    byte 3     number of dimensions D
    4 * D      each size as a big-endian 32-bit integer
    the rest   the values, last dimension fastest

Source: the format's description on the MNIST database's page (LeCun, Cortes, Burges).
"""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from torchcamp.base.errors import DataError
from torchcamp.base.files import regular_bytes, require_regular

UNSIGNED_BYTE = 0x08
MOST_BYTES = 4 * 2**30  # of a file, unpacked


def read_bytes(path: Path) -> bytes:
    """The content of `path`, unpacked if its name ends in `.gz`.

    Raises:
        DataError: the file cannot be read or is too large, or its gzip stream is truncated or damaged.
    """
    try:
        if path.suffix == ".gz":
            require_regular(path, MOST_BYTES)
            with gzip.open(path) as file:
                content = file.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                raise DataError(f"{path} holds more than {MOST_BYTES / 1e9:,.1f} GB, unpacked")
            return content
        return regular_bytes(path, MOST_BYTES)
    except EOFError as error:
        raise DataError(f"{path} is truncated: its gzip stream ends early") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path} is not a valid gzip file ({error})") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error


def parse_idx(content: bytes, name: str, num_dims: int) -> np.ndarray:
    """The array in the bytes of an IDX file.

    Args:
        content: the whole file, unpacked.
        name: the file's name in error messages.
        num_dims: 3 for images (N, H, W), 1 for labels (N,).

    Returns:
        `uint8` array of that many dimensions (read-only: it shares the bytes).

    Raises:
        DataError: wrong magic number, or a length that differs from the header's.
    """
    header_size = 4 + 4 * num_dims
    magic = bytes([0, 0, UNSIGNED_BYTE, num_dims])
    if content[:4] != magic:
        raise DataError(
            f"{name} has the wrong magic number: it starts with {content[:4].hex(' ') or 'nothing'}, "
            f"but a {num_dims}-D IDX file of unsigned bytes starts with {magic.hex(' ')}"
        )
    if len(content) < header_size:
        raise DataError(f"{name} is truncated: it ends inside its header")
    shape = tuple(int(n) for n in np.frombuffer(content, ">u4", count=num_dims, offset=4))
    num_values = len(content) - header_size
    if num_values != math.prod(shape):
        sizes = " x ".join(map(str, shape))
        raise DataError(
            f"{name} holds {num_values:,} values, but its header says {sizes} = "
            f"{math.prod(shape):,}"
        )
    return np.frombuffer(content, np.uint8, offset=header_size).reshape(shape)


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write a `uint8` array as an IDX file, packed if the name ends in `.gz`."""
    header = bytes([0, 0, UNSIGNED_BYTE, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    content = header + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
