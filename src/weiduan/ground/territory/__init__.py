"""Territory: divisions, grids, units and buildings through time."""
