"""表决: who may vote, frozen; each right-holder once; one count; a result anyone can check."""
