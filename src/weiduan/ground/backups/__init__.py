"""Backups: taken while everybody works, sealed for a key that isn't here, restored whole or not at all."""
