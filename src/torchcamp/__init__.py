"""torchcamp: a deep learning bootcamp with PyTorch that runs on your own machine."""

from torchcamp.base import moved

__version__ = "0.1.0"

moved.install()
