"""The four 1+N systems: organisation, venues, governance, services."""
