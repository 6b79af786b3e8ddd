"""本人: what a member can see, correct and consent to, by a one-time link."""
