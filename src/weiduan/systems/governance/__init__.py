"""Governance: what residents report, decide and settle in their units."""
