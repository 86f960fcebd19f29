"""torchcamp: a deep learning bootcamp with PyTorch that runs on your own machine."""

__version__ = "0.1.0"
