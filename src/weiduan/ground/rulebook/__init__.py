"""Rulebook: rules with numbers as dated, sourced records, and their evaluator."""
