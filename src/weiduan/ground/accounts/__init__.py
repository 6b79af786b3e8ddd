"""Accounts: who signs in, and what they may do where and until when."""
