"""任职: person × role × place × time."""
