"""意见: what residents say about a topic or a draft, moderated by stated rules only."""
