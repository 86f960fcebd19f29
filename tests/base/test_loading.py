import gc

import pytest

from torchcamp.base.loading import without_collecting


def test_nothing_is_collected_meanwhile_and_as_before_afterwards():
    collections: list[int] = []

    def count(phase: str, info: dict[str, int]) -> None:
        collections.append(info["generation"])

    def make_many() -> int:
        collections.clear()
        kept = [[i] for i in range(50_000)]
        return len(kept) and len(collections)

    gc.callbacks.append(count)
    try:
        assert make_many() > 0
        with without_collecting():
            assert make_many() == 0
        assert make_many() > 0
        with pytest.raises(KeyError), without_collecting():
            raise KeyError
        assert gc.isenabled()
        gc.disable()
        with without_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
        gc.callbacks.remove(count)
