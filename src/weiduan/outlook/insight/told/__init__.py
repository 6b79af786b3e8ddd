"""Reports about a stretch of time, in sentences: a month of an area, a year of a unit."""
