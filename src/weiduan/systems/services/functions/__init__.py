"""功能叠加: what a room is for on which days, on the engine of bookings."""
