"""`embedded` needs nothing; `production` reads the environment and fails loudly."""
