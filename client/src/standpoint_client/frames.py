"""Tables of the service as data frames, where pandas is installed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from standpoint_client.errors import StandpointClientError


def read_table(path: Path) -> Any:
    """Return a CSV file of the service as a data frame; a quote that reads "NA" stays one."""
    try:
        pandas = import_module("pandas")
    except ImportError:
        raise StandpointClientError("This needs pandas: pip install pandas") from None
    if path.suffix != ".csv":
        raise StandpointClientError(f"{path.name} is no table; ask for a format that is one, such as quotes.")
    return pandas.read_csv(path, keep_default_na=False)
