"""Packages that are optional: loaded when a format asks for them, refused by a sentence where missing.

They are large and take seconds to load, so they are imported here, by name, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

from annotations.exceptions import NotInstalled

#: What a format needs, and the file that installs it.
EXTRAS: Mapping[str, str] = {"spacy": "requirements-spacy.txt", "pyarrow": "requirements-parquet.txt"}


def extra(package: str, module: str = "") -> ModuleType:
    """A module of an optional package; ``NotInstalled`` where it is not installed."""
    try:
        return import_module(module or package)
    except ImportError:
        raise NotInstalled(
            f"This needs the package {package}, which is not installed; install {EXTRAS[package]}, or choose"
            " another format."
        ) from None
