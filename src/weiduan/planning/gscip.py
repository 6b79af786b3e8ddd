"""SCIP through OR-tools, called with arrays. Only child processes and tests import this.

The model message is filled straight from the arrays: OR-tools' own modelling objects take longer to build than to solve.
"""

import numpy as np
from google.protobuf.duration_pb2 import Duration
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    parameters_pb2,
    result_pb2,
    sparse_containers_pb2,
)
from ortools.math_opt.core.python import solver

from weiduan.planning.answers import Numbers
from weiduan.planning.engines import Answer, Limits, Problem, Verdict

VERDICTS: dict[int, Verdict] = {
    result_pb2.TERMINATION_REASON_OPTIMAL: "optimal",
    result_pb2.TERMINATION_REASON_INFEASIBLE: "infeasible",
    result_pb2.TERMINATION_REASON_FEASIBLE: "stopped",
    result_pb2.TERMINATION_REASON_NO_SOLUTION_FOUND: "stopped",
}


def solve(problem: Problem, limits: Limits) -> Answer:
    """Solve with SCIP."""
    result = solver.solve(
        _model(problem), parameters_pb2.SOLVER_TYPE_GSCIP, parameters_pb2.SolverInitializerProto(), _parameters(limits),
        model_parameters_pb2.ModelSolveParametersProto(), None, callback_pb2.CallbackRegistrationProto(), None, None,
    )  # fmt: skip
    ended = result.termination
    values = _values(result, len(problem.cost))
    note = result_pb2.TerminationReasonProto.Name(ended.reason)
    return Answer(VERDICTS.get(ended.reason, "failed"), values, ended.objective_bounds.dual_bound, note)


def _model(problem: Problem) -> model_pb2.ModelProto:
    columns, rows = len(problem.cost), len(problem.row_lower)
    model = model_pb2.ModelProto()
    model.variables.ids.extend(range(columns))
    model.variables.lower_bounds.extend([0.0] * columns)
    model.variables.upper_bounds.extend(problem.upper.tolist())
    model.variables.integers.extend(problem.integral.tolist())
    costly = np.flatnonzero(problem.cost)
    model.objective.linear_coefficients.ids.extend(costly.tolist())
    model.objective.linear_coefficients.values.extend(problem.cost[costly].tolist())
    model.linear_constraints.ids.extend(range(rows))
    model.linear_constraints.lower_bounds.extend(problem.row_lower.tolist())
    model.linear_constraints.upper_bounds.extend(problem.row_upper.tolist())
    model.linear_constraint_matrix.CopyFrom(_matrix(problem))
    return model


def _matrix(problem: Problem) -> sparse_containers_pb2.SparseDoubleMatrixProto:
    """Turn columns into the row order the message asks for."""
    order = np.argsort(problem.index, kind="stable")
    columns = np.repeat(np.arange(len(problem.cost)), np.diff(problem.starts))
    matrix = sparse_containers_pb2.SparseDoubleMatrixProto()
    matrix.row_ids.extend(problem.index[order].tolist())
    matrix.column_ids.extend(columns[order].tolist())
    matrix.coefficients.extend(problem.value[order].tolist())
    return matrix


def _parameters(limits: Limits) -> parameters_pb2.SolveParametersProto:
    """Return the limits; a target is let go of, as SCIP refuses it here, and only saves time."""
    whole = int(limits.seconds)
    return parameters_pb2.SolveParametersProto(
        time_limit=Duration(seconds=whole, nanos=int((limits.seconds - whole) * 1e9)),
        random_seed=limits.seed, relative_gap_tolerance=limits.gap, absolute_gap_tolerance=0.0,
    )  # fmt: skip


def _values(result: result_pb2.SolveResultProto, columns: int) -> Numbers | None:
    """Return the best values found; what the message leaves out is 0."""
    for solution in result.solutions:
        if solution.HasField("primal_solution"):
            found = solution.primal_solution.variable_values
            values = np.zeros(columns)
            values[np.array(found.ids, dtype=np.int64)] = np.array(found.values)
            return values
    return None
