"""Ledger: what was done, in chains that show any later change."""
