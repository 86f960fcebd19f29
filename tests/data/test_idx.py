"""IDX files: what is read back, and each way a file can be broken."""

from pathlib import Path

import numpy as np
import pytest

from torchcamp.base.errors import DataError
from torchcamp.data.idx import parse_idx, read_bytes, write_idx


@pytest.mark.parametrize("name", ["a", "a.gz"])
@pytest.mark.parametrize("shape", [(7,), (3, 28, 28)])
def test_what_is_written_is_read_back(tmp_path: Path, name: str, shape: tuple[int, ...]):
    array = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    write_idx(tmp_path / name, array)
    back = parse_idx(read_bytes(tmp_path / name), name, len(shape))
    assert np.array_equal(back, array)


def test_the_header_is_the_formats(tmp_path: Path):
    write_idx(tmp_path / "a", np.zeros((2, 28, 28)))
    assert (tmp_path / "a").read_bytes()[:16].hex(" ", 4) == "00000803 00000002 0000001c 0000001c"


def test_truncated_gzip(tmp_path: Path):
    write_idx(tmp_path / "a.gz", np.random.default_rng(0).integers(0, 256, (9, 28, 28)))
    whole = (tmp_path / "a.gz").read_bytes()
    (tmp_path / "a.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"a\.gz is truncated"):
        read_bytes(tmp_path / "a.gz")


def test_no_gzip_at_all(tmp_path: Path):
    (tmp_path / "a.gz").write_bytes(b"<html>not found</html>")
    with pytest.raises(DataError, match="not a valid gzip file"):
        read_bytes(tmp_path / "a.gz")


def test_damaged_gzip(tmp_path: Path):
    write_idx(tmp_path / "a.gz", np.random.default_rng(0).integers(0, 256, (9, 28, 28)))
    content = bytearray((tmp_path / "a.gz").read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "a.gz").write_bytes(content)
    with pytest.raises(DataError, match="not a valid gzip file"):
        read_bytes(tmp_path / "a.gz")


def test_wrong_magic_number(tmp_path: Path):
    write_idx(tmp_path / "labels", np.zeros(5))
    with pytest.raises(DataError, match="wrong magic number: it starts with 00 00 08 01"):
        parse_idx((tmp_path / "labels").read_bytes(), "labels", 3)


def test_fewer_values_than_promised(tmp_path: Path):
    write_idx(tmp_path / "a", np.zeros((2, 28, 28)))
    with pytest.raises(DataError, match="holds 1,567 values, but its header says"):
        parse_idx((tmp_path / "a").read_bytes()[:-1], "a", 3)


def test_missing_file(tmp_path: Path):
    with pytest.raises(DataError, match="cannot read"):
        read_bytes(tmp_path / "nowhere")
