"""the weiduan command."""
