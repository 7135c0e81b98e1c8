"""The imports pages, and those on which somebody says how files are read."""
