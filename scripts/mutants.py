"""Takes protections out of the code, one at a time, and tells which test notices.

scripts/mutants.py [NAME ...]   all mutants, or those named; --list names them

Each is one line of the code put differently, in the memory of a process that runs the tests which should
notice, until one fails. Where none fails, the protection is no longer proved, and the exit status is 1. What
only PostgreSQL can show runs on a throw-away server.

One process imports the service and collects the tests of all mutants (tests/mutants.py).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: The names of the mutants that pytest is to make, as JSON.
NAMES = "STANDPOINT_MUTANTS"


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
    "embargo": Mutant(
        "yield Reason.EMBARGO, rights.embargo_until is not None and rights.embargo_until > self.now",
        "yield Reason.EMBARGO, False",
        ("tests/services/test_webhook_gate.py", "tests/api/test_feeds.py"),
    ),
    "takedown": Mutant(
        "yield Reason.TAKEN_DOWN, rights.taken_down_at is not None",
        "yield Reason.TAKEN_DOWN, False",
        ("tests/services/test_webhook_gate.py", "tests/api/test_feeds.py"),
    ),
    "not sent out": Mutant(
        "yield Reason.NOT_SENT_OUT, self.purpose in SENDING and sends is False",
        "yield Reason.NOT_SENT_OUT, False",
        ("tests/api/test_feeds.py", "tests/api/test_embeds.py", "tests/services/test_webhook_gate.py"),
    ),
    "gate of exports": Mutant(
        "return articles.filter(self.gate.is_open_condition()) if self._rights else articles",
        "return articles",
        ("tests/services/test_rights_exports.py",),
    ),
    "gate of releases": Mutant(
        "return requested_articles(release).filter(open_condition(Purpose.RELEASE))",
        "return requested_articles(release)",
        ("tests/services/test_rights_exports.py", "tests/api/test_rights.py"),
    ),
    "gate of matrices": Mutant(
        "if request.goes_out:",
        "if False:",
        ("tests/admin/test_knowledge_pages.py", "tests/api/test_knowledge.py", "tests/api/test_rights.py"),
    ),
    "withheld texts": Mutant(
        "if right == TextRight.YES:",
        "if True:",
        ("tests/services/test_rights_exports.py",),
    ),
    "share of quotes": Mutant(
        "if new <= left:",
        "if True:",
        ("tests/services/test_rights_exports.py",),
    ),
    "masked texts": Mutant(
        "return self.protection.names.mask(text) if self.protection else text",
        "return text",
        ("tests/services/test_rights_gate.py",),
    ),
    "masked records": Mutant(
        "masked = self.masker.mask_article(article, ranges) if self.gate.protection else article",
        "masked = article",
        ("tests/services/test_leaks.py",),
    ),
    "masked ranges": Mutant(
        "ranges = self._load_ranges(chunk.articles, ids) if self.gate.protection else {}",
        "ranges = {}",
        ("tests/services/test_leaks.py",),
    ),
    "masked sources": Mutant(
        "if actor.id in self.sources:",
        "if False:",
        ("tests/services/test_leaks.py",),
    ),
    "blind work in webhooks": Mutant(
        "return DeliveryState.HELD if row.blind else DeliveryState.PENDING",
        "return DeliveryState.PENDING",
        ("tests/services/test_webhook_gate.py",),
    ),
    "erased words": Mutant(
        "return ERASED_CHARACTER * len(text)",
        "return text",
        ("tests/services/test_erasure.py",),
    ),
    "erased events": Mutant(
        'event.data = {name: strip_payload(event.data.get(name)) for name in ("before", "after")}',
        "pass",
        ("tests/services/test_erasure.py",),
    ),
    "erased releases": Mutant(
        "_amend_releases(article, erasure)",
        "pass",
        ("tests/services/test_erasure.py",),
    ),
    "erased articles stay away": Mutant(
        "if Erasure.objects.filter(external_id_digest=digest).exists():",
        "if False:",
        ("tests/services/test_erasure.py",),
    ),
    "sentence of a carried mark": Mutant(
        "if not self._is_same_sentence(where, place, block):",
        "if False:",
        ("tests/text/test_align.py", "tests/services/test_correction.py"),
    ),
    "look-alike sentences": Mutant(
        "self._judged[key] = is_same and self._is_distinct(whole, new_whole)",
        "self._judged[key] = is_same",
        ("tests/text/test_align.py",),
    ),
    "quote of a carried mark": Mutant(
        "if origin is not None and origin[item.start : item.end] == item.quote:",
        "if origin is not None:",
        ("tests/services/test_corrections_in_a_row.py", "tests/services/test_correction.py"),
    ),
    "quote of a proposal": Mutant(
        "quote = item.proposal_quote if decided.quote is None else decided.quote",
        "quote = item.proposal_quote",
        ("tests/api/test_corrections.py",),
    ),
    "touched marks": Mutant(
        "plans = [_keep_touched(plan) if plan.id in touched else plan for plan in plans]",
        "pass",
        ("tests/services/test_correction.py", "tests/services/test_corrections_in_a_row.py"),
    ),
    "approval by equivalence": Mutant(
        "and not any(plan.needs_look for plan in self.spans)",
        "and True",
        ("tests/services/test_correction.py",),
    ),
    "approval by choice": Mutant(
        "and self.row.corpus.carry_approval == CarryApproval.WHEN_UNTOUCHED",
        "and True",
        ("tests/services/test_correction.py",),
    ),
    "undecided marks": Mutant(
        "number = CarryItem.objects.open().filter(set=edit.row).count() if edit.row.based_on_id else 0",
        "number = 0",
        ("tests/services/test_correction.py",),
    ),
    "text under review": Mutant(
        "if row.state not in EDITABLE and row.state != State.APPROVED:",
        "if False:",
        ("tests/services/test_correction.py",),
    ),
    "blind marks of a correction": Mutant(
        "if by is None or not row.blind or row.owner_id == by.pk:",
        "if True:",
        ("tests/api/test_corrections.py",),
    ),
    "own writes on a replica": Mutant(
        "if replayed >= needed:",
        "if True:",
        ("tests/services/test_replica_choice.py",),
    ),
    "a promoted replica": Mutant(
        "if replayed is None:",
        "if False:",
        ("tests/services/test_replica_choice.py",),
    ),
    "reads of writes": Mutant(
        "after = None if is_write else _position_to_read(request)",
        "after = _position_to_read(request)",
        ("tests/services/test_replica_choice.py",),
    ),
    "all spans or none": Mutant(
        """with transaction.atomic():
        seen = (_LOCKED_WITH_TEXT if with_text else _LOCKED)(by, set_id)""",
        """if True:
        seen = (_LOCKED_WITH_TEXT if with_text else _LOCKED)(by, set_id)""",
        ("tests/api/test_wire_span_batches.py",),
    ),
    "every span is found": Mutant(
        "    _require_found(missing)",
        "    pass",
        ("tests/api/test_wire_span_batches.py",),
    ),
    "boilerplate": Mutant(
        "widespread = find_widespread(smaller.kept)",
        "widespread: set[int] = set()",
        ("tests/text/test_copies.py",),
    ),
    "judged copies": Mutant(
        "if not self.rows.may_join(id, lead):",
        "if False:",
        ("tests/services/test_stories.py",),
    ),
    "copies of one corpus": Mutant(
        'f" WHERE corpus_id = %s AND hash = %s {order})"',
        'f" WHERE (corpus_id = %s OR 1) AND hash = %s {order})"',
        ("tests/services/test_stories.py",),
    ),
    "copies of one corpus, on PostgreSQL": Mutant(
        'f" WHERE corpus_id = %s AND hash = wanted {order}"',
        'f" WHERE (corpus_id = %s OR true) AND hash = wanted {order}"',
        ("tests/services/test_stories.py",),
        postgresql=True,
    ),
    "copies count once": Mutant(
        "rows = rows.exclude(pk__in=find_copies(self._countable(self._rows_of_key())))",
        "pass",
        ("tests/api/test_knowledge_copies.py",),
    ),
}


def files_with(mutant: Mutant, tree: Path = ROOT) -> list[Path]:
    """Return the files of the service with the line of a mutant, each as often as it has the line."""
    texts = {file: file.read_text("utf-8") for file in (tree / "annotations").rglob("*.py")}
    return [file for file, text in texts.items() for _ in range(text.count(mutant.line))]


def run_pytest(names: Sequence[str], database: str) -> bool:
    """Run the tests of mutants on SQLite, or on a database; return whether all are caught."""
    environment = {key: value for key, value in os.environ.items() if key != "STANDPOINT_TEST_DATABASE"}
    if database:
        environment["STANDPOINT_TEST_DATABASE"] = database
    environment[NAMES] = json.dumps(names)
    files = sorted({file for name in names for file in MUTANTS[name].tests})
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-s",
        "-n0",
        "-p",
        "tests.mutants",
        "--tb=short",
        *files,
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"pytest ended with status {done.returncode}:\n{done.stdout[-3000:]}")
    return done.returncode == 0


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
    chosen = asked.names or list(MUTANTS)
    on_sqlite = [name for name in chosen if not MUTANTS[name].postgresql]
    on_postgresql = [name for name in chosen if MUTANTS[name].postgresql]
    all_caught = not on_sqlite or run_pytest(on_sqlite, "")
    if on_postgresql:
        server = f"mutants-{os.getpid()}"
        try:
            all_caught &= run_pytest(on_postgresql, postgres("start", server))
        finally:
            postgres("stop", server)
    return 0 if all_caught else 1


if __name__ == "__main__":
    sys.exit(main())
