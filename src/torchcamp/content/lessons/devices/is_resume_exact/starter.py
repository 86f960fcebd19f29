import copy
from collections.abc import Callable
from typing import Any

import torch


def is_resume_exact(make: Callable[[int], Any], num_steps: int, half: int) -> bool:
    """Whether saving and loading after `half` steps changes nothing."""
    # TODO: one run whole, one cut in two
    raise NotImplementedError
