"""residents' pages, no account."""
