"""The joints between Django and the house: the home folder, the embedded database, jobs, lists and exports."""
