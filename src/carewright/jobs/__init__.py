"""What happens by itself: lists of calls, each safe to run twice, each in the name of the system."""
