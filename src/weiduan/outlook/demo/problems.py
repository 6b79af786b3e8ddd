"""Models what is wrong: the demo is to show the problem, so a known part of it is missing.

Which unit or grid was given which fault is kept in `Truth`; a test compares what the product
computes with it. Faults are named as the product names its reasons.
"""

from dataclasses import dataclass, field

# Share of the units with each fault.
UNITS_WITHOUT_GROUP = 0.06
UNITS_FEW_FULL = 0.015  # the group has only probationary members
UNITS_FEW_MEMBERS = 0.025  # the group has fewer than three members
UNITS_NO_LEADER = 0.03
UNITS_TERM_OVER = 0.03
# Share of the grids.
GRIDS_WITHOUT_BRANCH = 0.011
GRIDS_FEW_FULL = 0.011
GRIDS_NO_LEADER = 0.011
GRIDS_TERM_OVER = 0.022
GRID_WORKERS_NO_MEMBERS = 0.45

NO_GROUP, NO_BRANCH = "no_group", "no_branch"
FEW_FULL, FEW_MEMBERS = "few_full_members", "few_members"
NO_LEADER, TERM_OVER = "no_leader", "term_over"

FEWEST_FULL_IN_A_BRANCH, FEWEST_IN_A_GROUP = 3, 3


@dataclass
class Truth:
    """What was modelled as missing; whatever is not named here is as it should be.

    units    unit code → fault of its group
    grids    grid code → fault of its branch
    workers  grids whose grid worker is no member
    """

    units: dict[str, str] = field(default_factory=dict)
    grids: dict[str, str] = field(default_factory=dict)
    workers: set[str] = field(default_factory=set)
