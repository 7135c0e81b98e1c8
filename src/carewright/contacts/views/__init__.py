"""The pages of contacts and notes."""
