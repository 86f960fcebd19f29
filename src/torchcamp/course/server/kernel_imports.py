"""What a lesson's kernel has loaded when it starts (see `kernel_start`).

Nothing here may seed a random generator, or all kernels would draw the same numbers. torch starts from a
fixed seed anyway, `random` reseeds itself after a fork, and none of these imports `numpy.random`.
"""

import contextlib

# The lesson brings marimo and torch. If an import fails, the lesson repeats it and says why; the process that forks kernels must go on.
with contextlib.suppress(Exception):
    import torchcamp.course.lesson
    import torchcamp.course.server.kernel_start  # noqa: F401
