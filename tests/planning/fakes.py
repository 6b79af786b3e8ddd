"""Solvers that misbehave, each in the way its name says."""

import os
import re
import resource
import time
from dataclasses import replace

import numpy as np

from weiduan.planning.engines import HIGHS, Answer, Here, Limits, Problem


def sleep_for_ever(problem: Problem, limits: Limits) -> Answer:
    """Hang, politely."""
    time.sleep(3600)
    return Answer("optimal")


def hold_the_interpreter(problem: Problem, limits: Limits) -> Answer:
    """Hang in native code that lets no other thread run, as a solver would."""
    re.match("(a+)+$", "a" * 64 + "b")
    return Answer("optimal")


def abort(problem: Problem, limits: Limits) -> Answer:
    """Crash as native code does."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.abort()


def complain(problem: Problem, limits: Limits) -> Answer:
    """Raise."""
    raise RuntimeError("no licence")


def chatter(problem: Problem, limits: Limits) -> Answer:
    """Print where answers travel, then find nothing."""
    os.write(1, b"presolving...\n" * 1000)
    return Answer("stopped")


def find_nothing(problem: Problem, limits: Limits) -> Answer:
    """Stop with empty hands."""
    return Answer("stopped")


def break_rows(problem: Problem, limits: Limits) -> Answer:
    """Call a plan of nothing the best."""
    return Answer("optimal", np.zeros(len(problem.cost)), 0.0)


def halve(problem: Problem, limits: Limits) -> Answer:
    """Choose halves of sites."""
    return Answer("optimal", np.full(len(problem.cost), 0.5), 0.0)


def boast(problem: Problem, limits: Limits) -> Answer:
    """Claim a bound above the plan it comes with."""
    values = np.ones(len(problem.cost))
    return Answer("optimal", values, float(problem.cost @ values) + 5.0)


def price_wrongly(problem: Problem, limits: Limits) -> Answer:
    """Solve, and tell duals that prove something else."""
    answer = Here(*HIGHS).solve(problem, limits)
    return answer if answer.duals is None else replace(answer, duals=answer.duals * 1.5 - 1.0)


def deny(problem: Problem, limits: Limits) -> Answer:
    """Call everything impossible."""
    return Answer("infeasible")
