"""Ground: where things are, what was done, who may act."""
