"""微心愿: a small wish without a name, taken up, fulfilled, thanked for."""
