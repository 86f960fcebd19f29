"""What a lesson's kernel has loaded when it begins (see `kernel_start`).

Nothing that has drawn a seed: copies would all draw the same numbers. torch begins with a fixed one,
`random` draws another in each copy, and none of these imports `numpy.random`.
"""

import marimo._runtime.runtime  # noqa: F401
import torch  # noqa: F401

import torchcamp.course.lesson  # noqa: F401
