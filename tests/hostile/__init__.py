"""What hostile people write and hand in, and that nothing comes of it."""
