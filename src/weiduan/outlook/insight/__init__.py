"""Insight: the four zeros and their gaps; reads only."""
