"""Optional packages: loaded when a format needs them, refused by a sentence where they are missing.

They are large and take seconds to load, so they are imported by name when they are needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

from annotations.exceptions import NotInstalledError

#: The optional packages, and the requirements files that install them.
OPTIONAL_PACKAGES: Mapping[str, str] = {
    "spacy": "requirements-spacy.txt",
    "pyarrow": "requirements-parquet.txt",
    "obstore": "requirements-s3.txt",
}


def load_optional_module(package: str, module: str = "") -> ModuleType:
    """Return a module of an optional package; raise ``NotInstalledError`` where it is missing."""
    try:
        return import_module(module or package)
    except ImportError:
        raise NotInstalledError(
            f"This needs the package {package}, which is not installed; "
            f"install {OPTIONAL_PACKAGES[package]}, or choose another format."
        ) from None
