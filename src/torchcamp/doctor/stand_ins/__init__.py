"""What takes the place of packages and data that are not on this machine.

A package that is installed is never replaced: the finder comes last. What was used is written down.
"""

from torchcamp.doctor.stand_ins.finder import Installed, install

__all__ = ["Installed", "install"]
