"""可达: how far it is on foot from a unit to the places that serve it."""
