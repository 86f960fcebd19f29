"""What a lesson's kernel has loaded when it begins (see `kernel_start`).

Nothing here may seed a random generator, or all kernels would draw the same numbers. torch starts from a
fixed seed anyway, `random` reseeds itself after a fork, and none of these imports `numpy.random`.
"""

import marimo._runtime.runtime  # noqa: F401
import torch  # noqa: F401

import torchcamp.course.lesson  # noqa: F401
