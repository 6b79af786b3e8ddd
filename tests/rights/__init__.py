"""Who may come in where: one matrix, every cell of which is asked."""
