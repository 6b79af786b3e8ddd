"""Doors: how the world comes in. No rule lives here."""
