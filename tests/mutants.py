"""A plugin of pytest that runs the tests of mutants; scripts/mutants.py loads it.

The tests of all mutants are collected once. Then each mutant gets a fork, in which its line is compiled into
the functions that are loaded, and the test that failed another one, in which it has to pass.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import CodeType, FunctionType

import pytest
from django.db import connection, connections

from scripts.mutants import MUTANTS, NAMES, Mutant, files_with

#: How the outcome of a mutant begins that a test has noticed.
CAUGHT = "caught by"

_failed: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a test that failed."""
    if report.failed:
        _failed.append(report.nodeid)


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run the tests of each mutant in a fork, in place of all tests in a row."""
    # the first one makes the database, which all forks find
    _run_tests(session.items[:1])
    connections.close_all()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]
    gc.unfreeze()
    missed = 0
    for name in json.loads(os.environ[NAMES]):
        outcome = _outcome(MUTANTS[name], session.items)
        print(f"{name}: {outcome}", file=sys.__stderr__, flush=True)
        missed += not outcome.startswith(CAUGHT)
    session.testsfailed = missed
    return True


def _outcome(mutant: Mutant, items: Sequence[pytest.Item]) -> str:
    """Return which test notices a mutant, or why none does."""
    tests = [item for item in items if item.nodeid.partition("::")[0] in mutant.tests]
    found = _in_fork(partial(_run_mutant, mutant, tests))
    if not found:
        return "NOT CAUGHT"
    noticing = [item for item in tests if item.nodeid == found]
    if not noticing:
        return f"NOT MADE: {found}"
    if _in_fork(partial(_run_tests, noticing)):
        return f"NOT SHOWN: {found} fails without it, too"
    return f"{CAUGHT} {found}"


def _in_fork(run: Callable[[], str]) -> str:
    """Return what a function returns in a fork of this process, where it may change what it likes."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, run().encode())
        except BaseException as error:
            os.write(writer, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        found = answer.read()
    os.waitpid(child, 0)
    return found


def _run_tests(items: Sequence[pytest.Item]) -> str:
    """Run tests until one fails; return its id, or "" if none does.

    After the last one the session goes on, with its database, which is that of the other forks, too.
    """
    _failed.clear()
    for item, after in zip(items, [*items[1:], items[0].session], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        if _failed:
            return _failed[0]
    return ""


def _run_mutant(mutant: Mutant, items: Sequence[pytest.Item]) -> str:
    """Put a mutant into the functions that are loaded, and run tests until one fails; return its id."""
    (file,) = files_with(mutant)
    text = file.read_text("utf-8")
    before, after = (
        compile(each, str(file), "exec") for each in (text, text.replace(mutant.line, mutant.instead))
    )
    changed = dict(_changed_functions(before, after))
    # isinstance would wake objects that are lazy, some of which refuse
    functions: list[FunctionType] = [each for each in gc.get_objects() if type(each) is FunctionType]
    found = [each for each in functions if each.__code__ in changed]
    assert found, f"no function of {file} with the line is loaded"
    for function in found:
        function.__code__ = changed[function.__code__]
    return _run_tests(items)


def _changed_functions(before: CodeType, after: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Yield the functions that differ in two versions of a module, those inside others, too."""
    others = {code.co_qualname: code for code in after.co_consts if isinstance(code, CodeType)}
    for code in before.co_consts:
        if isinstance(code, CodeType) and code != others.get(code.co_qualname, code):
            yield code, others[code.co_qualname]
            yield from _changed_functions(code, others[code.co_qualname])
