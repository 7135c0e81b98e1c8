"""The pages of assessments: what is due, asking, and ending."""
