"""矛盾调解: a quarrel laid between two parties, sealed; only counts leave."""
