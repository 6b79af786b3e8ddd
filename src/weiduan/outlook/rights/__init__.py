"""What somebody may ask of what is kept: a copy of everything about a person, a case known by its receipt, or an account."""
