"""Layers of the map, cut into tiles."""
