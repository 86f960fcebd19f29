"""What the doctor's tests share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.zygote import Zygote
from torchcamp.doctor.diagnosis import Diagnosis


@pytest.fixture
def diagnosed(zygote: Zygote, tmp_path: Path) -> Callable[..., Diagnosis]:
    """Write `source` to train.py in a folder of its own, and diagnose it there."""

    def run(source: str, name: str = "train.py", **options: Any) -> Diagnosis:
        root = tmp_path / "root"
        root.mkdir(exist_ok=True)
        (root / name).write_text(source)
        target = options.pop("target", name)
        return zygote.diagnose(target, tmp_path / "doctor", root, **options)

    return run
