"""staff pages, signed in."""
