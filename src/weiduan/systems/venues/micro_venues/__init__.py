"""微阵地 Micro-venues: a room planned, fitted out, open, closed; and the units it serves."""
