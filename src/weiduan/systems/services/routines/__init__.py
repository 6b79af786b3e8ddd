"""三常态三主动: rounds that come again and again, and those that are late."""
