"""类别: what can be reported, who sees to it first, and how long that may take."""
