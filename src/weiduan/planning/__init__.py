"""Planning: arithmetic only. Arrays in, plans with their proof out; no database, no page, no words for readers."""
