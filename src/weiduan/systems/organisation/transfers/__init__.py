"""组织关系: how members move between organisations, and who keeps in touch with those who are away."""
