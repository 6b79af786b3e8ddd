"""预订: who has a room when; never two at once."""
