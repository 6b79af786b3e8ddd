"""党员: persons kept because of a membership or a post."""
