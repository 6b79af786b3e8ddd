"""三会一课: the year's plan, the meeting, its quorum, its minutes, what came of it."""
