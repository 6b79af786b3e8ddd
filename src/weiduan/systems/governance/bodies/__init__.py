"""自治组织: the bodies by which a unit governs itself, who is in office and until when."""
