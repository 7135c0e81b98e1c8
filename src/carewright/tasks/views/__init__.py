"""The pages of tasks, alarms and the roster."""
