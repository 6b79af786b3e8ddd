"""Holds: a case isn't erased while somebody entitled keeps it for a stated reason, until a day."""
