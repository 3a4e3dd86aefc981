"""The gate of rights: what it adds to an export where nothing is protected, and to mask 50 names.

    python -m bench.rights [articles]

Seconds are those of the processor in the process of the service; the bare export is that without the gate.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.server import run_manage, run_postgres, service_environment

ARTICLES = 10_000
#: The most that the gate, and masking, may add, as parts of the bare export.
MOST_OF_GATE, MOST_OF_MASKING = 0.05, 0.10


def call_inside(env: Mapping[str, str], call: str) -> str:
    """Return the output of a call in ``bench.rights_inside``."""
    code = f"from bench import rights_inside; print(rights_inside.{call})"
    return run_manage(env, "shell", "--no-imports", "-c", code).strip()


def main(articles: int) -> int:
    """Measure and print; return exit status 1 if a limit is exceeded."""
    with tempfile.TemporaryDirectory() as folder, run_postgres() as url:
        env = service_environment(url, Path(folder))
        run_manage(env, "migrate", "--verbosity", "0")
        call_inside(env, f"create_articles({articles})")
        bare, gated, bare_again, masked, named = json.loads(call_inside(env, "measure()"))
    gate, masking = gated / bare - 1, masked / bare_again - 1
    print(f"{articles:,} articles, {named:,} of which name one of the protected")
    print(f"{'bare export':38} {bare:9.2f} s")
    print(f"{'through the gate, nothing protected':38} {gated:9.2f} s  {gate:+.1%} ≤ {MOST_OF_GATE:.0%}")
    print(f"{'with 50 names masked':38} {masked:9.2f} s  {masking:+.1%} ≤ {MOST_OF_MASKING:.0%}")
    held = gate <= MOST_OF_GATE and masking <= MOST_OF_MASKING
    print("all limits held" if held else "a limit is BROKEN")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES))
