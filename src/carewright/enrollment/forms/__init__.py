"""What people fill in: at the public doors, and in the house."""
