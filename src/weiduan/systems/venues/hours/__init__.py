"""开放时间: when a place is open, through holidays, moved working days and exceptions."""
