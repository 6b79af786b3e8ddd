"""到期提醒: what is due or late across the systems, for those who keep it, on the desk and by message."""
