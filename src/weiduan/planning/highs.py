"""HiGHS, called with arrays. Only child processes and tests import this.

The version is pinned: later ones returned wrong optima (through presolve, or after a start solution was set), and can't
share a process with OR-tools. So no start solution is ever set.
"""

import highspy
import numpy as np

from weiduan.planning.engines import Answer, Limits, Problem, Verdict

VERDICTS: dict[highspy.HighsModelStatus, Verdict] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kModelEmpty: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kTimeLimit: "stopped",
    highspy.HighsModelStatus.kObjectiveTarget: "stopped",
    highspy.HighsModelStatus.kSolutionLimit: "stopped",
    highspy.HighsModelStatus.kInterrupt: "stopped",
}
BY_COLUMNS, MINIMISE, FEASIBLE = 1, 1, 2


def solve(problem: Problem, limits: Limits) -> Answer:
    """Solve with HiGHS; always one thread, so that the same seed gives the same plan."""
    solver = highspy._Highs()
    for option, setting in _options(limits).items():
        solver.setOptionValue(option, setting)
    solver.passModel(
        len(problem.cost), len(problem.row_lower), len(problem.index), BY_COLUMNS, MINIMISE, 0.0,
        problem.cost, np.zeros(len(problem.cost)), problem.upper, problem.row_lower, problem.row_upper,
        problem.starts, problem.index, problem.value, problem.integral.astype(np.int32),
    )  # fmt: skip
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    verdict = VERDICTS.get(status, "failed")
    solution = solver.getSolution()
    values = np.array(solution.col_value) if info.primal_solution_status == FEASIBLE else None
    relaxed = not problem.integral.any()
    bound = _bound_of_lp(verdict, info.objective_function_value) if relaxed else info.mip_dual_bound
    duals = np.array(solution.row_dual) if relaxed and verdict == "optimal" else None
    return Answer(verdict, values, float(bound), str(status).rpartition(".")[2], duals)


def _options(limits: Limits) -> dict[str, bool | int | float | str]:
    options: dict[str, bool | int | float | str] = {
        "output_flag": False, "threads": 1, "parallel": "off", "random_seed": limits.seed,
        "time_limit": limits.seconds, "mip_rel_gap": limits.gap,
    }  # fmt: skip
    return options if limits.target is None else options | {"objective_target": limits.target}


def _bound_of_lp(verdict: Verdict, objective: float) -> float:
    return objective if verdict == "optimal" else -np.inf
