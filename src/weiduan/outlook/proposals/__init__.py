"""方案 Proposals: ask planning how every unit can be covered, keep what it says; people adopt it."""
