"""Base, without tables: errors, geometry, sealed fields, constraints."""
