"""覆盖: which organisation stands on which grid or unit."""
