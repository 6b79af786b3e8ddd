"""场所: a centre or a micro-venue as people find it: rooms, ways in, a plate at the door."""
