"""Outlook: looks across the four systems."""
