"""The version, where every room can record it; pyproject.toml reads it from here."""

__version__ = "0.1.0"
