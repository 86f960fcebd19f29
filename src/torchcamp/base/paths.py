"""Paths of the files that ship inside the package."""

from importlib.resources import files
from pathlib import Path

PACKAGE = Path(str(files("torchcamp")))
CONTENT = PACKAGE / "content"
WEIGHTS = CONTENT / "weights"
REFERENCE_NETWORKS = WEIGHTS / "judges"  # the folder's name is part of shipped hashes
SCRIPTS = CONTENT / "scripts"
PROJECT = CONTENT / "project"
