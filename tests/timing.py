"""Time that grows with the input, judged so that a busy machine is no proof.

Between twice and four times lies less than what two other processes on the same cores can do to a
measurement. So the larger input is eight times the smaller: a linear reader then takes eight times as long,
a quadratic one sixty-four times, and the line is drawn far from both.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

SCALE = 8
#: The largest ratio that is still taken for linear.
MOST = 20
#: Below this many seconds for the larger input, nothing can be quadratic that matters.
NOISE = 0.05
TRIES = 6


def cpu_seconds(action: Callable[[], object]) -> float:
    """Return the seconds of the processor that an action takes, without those of the garbage collector."""
    collects = gc.isenabled()
    gc.disable()
    try:
        began = time.process_time()
        action()
        return time.process_time() - began
    finally:
        if collects:
            gc.enable()


def measure_growth(small: Callable[[], object], large: Callable[[], object]) -> float:
    """Return how many times as long the larger input takes, or 0 where that is no more than noise.

    The quickest of several times counts, and the first fair ratio is enough.
    """
    first = second = float("inf")
    for _ in range(TRIES):
        second = min(second, cpu_seconds(large))
        if second < NOISE:
            return 0
        first = min(first, cpu_seconds(small))
        if second <= MOST * first:
            break
    return second / first


def require_linear_time(small: Callable[[], object], large: Callable[[], object]) -> None:
    """Fail if the larger of two inputs, eight times the smaller, takes far more than eight times as long."""
    growth = measure_growth(small, large)
    assert growth <= MOST, f"{SCALE} times as much takes {growth:.1f} times as long"
