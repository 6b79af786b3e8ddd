"""党组织: committees, general branches, branches and groups, with their terms."""
