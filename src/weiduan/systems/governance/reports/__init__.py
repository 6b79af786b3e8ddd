"""问题上报: a matter is told, handled, answered, and closed by the one who told it."""
