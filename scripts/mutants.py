"""Takes protections out of the code, one at a time, and tells which test notices.

scripts/mutants.py [NAME ...]   all mutants, or those named; --list names them

Each is one line of the code put differently, in a copy of the tree that goes away. The tests that should
notice run there; where none fails, the protection is no longer proved, and the exit status is 1. The one
that only PostgreSQL can show runs on a throw-away server.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
#: The statuses of pytest for "tests failed" and for "stopped, because enough had failed".
CAUGHT = frozenset({1, 2})


@dataclass(frozen=True)
class Mutant:
    """A line that stands once in the code, what stands there instead, and where tests should notice."""

    line: str
    instead: str
    tests: tuple[str, ...]
    postgresql: bool = False


MUTANTS = {
    "version check": Mutant(
        "if stored != seen:",
        "if False:",
        ("tests/services/test_spans.py", "tests/services/test_corpora.py", "tests/api/test_wire_writes.py"),
    ),
    "corpus filter": Mutant(
        'member = Q((f"{corpus}memberships__user_id", user.pk))',
        'member = Q((f"{corpus}memberships__isnull", False))',
        ("tests/services/test_spans.py", "tests/test_permissions.py"),
    ),
    "token scopes": Mutant(
        "if isinstance(token, AccessToken) and not set(needed) & set(token.scopes):",
        "if False:",
        ("tests/api/test_authentication.py", "tests/api/test_wire_order.py"),
    ),
    "quote check": Mutant(
        "if text[where.start : where.end] == quote:",
        "if True:",
        ("tests/text/test_ranges.py", "tests/services/test_spans.py"),
    ),
    "snapshot": Mutant(
        'cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")',
        "pass",
        ("tests/services/test_exports.py",),
        postgresql=True,
    ),
    "blindness": Mutant(
        'own, not_blind = Q((f"{path}owner_id", user.pk)), Q((f"{path}blind", False))',
        'own, not_blind = Q((f"{path}owner_id", user.pk)), Q((f"{path}pk__isnull", False))',
        ("tests/services/test_corpora.py", "tests/api/test_wire_blind.py"),
    ),
    "four eyes": Mutant(
        "if transition.four_eyes and by.pk in author_ids(seen.row):",
        "if False:",
        ("tests/services/test_review.py", "tests/api/test_four_eyes.py"),
    ),
    "fold": Mutant(
        "return latin_form(text).strip()[:MAX_FOLDED_LENGTH]",
        "return text[:MAX_FOLDED_LENGTH]",
        ("tests/services/test_registry.py", "tests/api/test_reviewing.py"),
    ),
}


def copy_tree(target: Path) -> None:
    """Copy what git knows, and the migrated database that the tests keep."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    for name in filter(None, names.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    if (ROOT / "var" / "tests").is_dir():
        kept = shutil.ignore_patterns("bytecode")  # knows its files by their whole paths
        shutil.copytree(ROOT / "var" / "tests", target / "var" / "tests", ignore=kept)


def files_with(mutant: Mutant, tree: Path) -> list[Path]:
    """Return the files of the service with the line of a mutant, each as often as it has the line."""
    texts = {file: file.read_text("utf-8") for file in (tree / "annotations").rglob("*.py")}
    return [file for file, text in texts.items() for _ in range(text.count(mutant.line))]


def noticed(mutant: Mutant, tree: Path, database: str) -> list[str]:
    """Return the tests that fail with the mutant in place."""
    files = files_with(mutant, tree)
    if len(files) != 1:
        sys.exit(f"This line must stand once in annotations/, so that it can be mutated:\n  {mutant.line}")
    file = files[0]
    whole = file.read_text("utf-8")
    file.write_text(whole.replace(mutant.line, mutant.instead), "utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "STANDPOINT_TEST_DATABASE"}
    if mutant.postgresql:
        environment["STANDPOINT_TEST_DATABASE"] = database
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "--maxfail=3", "--tb=no", *mutant.tests]
    done = subprocess.run(
        command,
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    file.write_text(whole, "utf-8")
    found = FAILED.findall(done.stdout)
    if done.returncode not in CAUGHT | {0} or bool(found) != (done.returncode in CAUGHT):
        sys.exit(f"pytest ended with status {done.returncode}:\n{done.stdout[-3000:]}")
    return found


def postgres(what: str, name: str) -> str:
    """Start or stop a server of our own; answers its URL."""
    script = str(ROOT / "scripts" / "postgres.py")
    done = subprocess.run([sys.executable, script, what, name], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


def main() -> int:
    parser = argparse.ArgumentParser(description="Shows that the tests notice a missing protection.")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*MUTANTS, []])
    parser.add_argument("--list", action="store_true", help="name the mutants and end")
    asked = parser.parse_args()
    if asked.list:
        print("\n".join(MUTANTS))
        return 0
    chosen = {name: MUTANTS[name] for name in asked.names or MUTANTS}
    server = f"mutants-{os.getpid()}"
    missed = 0
    with tempfile.TemporaryDirectory(prefix="standpoint-mutants-") as folder:
        copy_tree(Path(folder))
        url = postgres("start", server) if any(mutant.postgresql for mutant in chosen.values()) else ""
        try:
            for name, mutant in chosen.items():
                found = noticed(mutant, Path(folder), url)
                print(f"{name}: {'caught by ' + found[0] if found else 'NOT CAUGHT'}", flush=True)
                missed += not found
        finally:
            if url:
                postgres("stop", server)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
