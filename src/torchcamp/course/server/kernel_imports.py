"""What a lesson's kernel has loaded when it begins (see `kernel_start`)."""

import os

import marimo._runtime.runtime  # noqa: F401
import numpy as np
import torch  # noqa: F401

import torchcamp.course.lesson  # noqa: F401

# Copies would all draw the same numbers; `random` does this itself, and torch begins with a fixed seed anyway.
os.register_at_fork(after_in_child=np.random.seed)
