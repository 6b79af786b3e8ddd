"""候选用房 Premises: rooms that could become a micro-venue."""
