"""The pages of the population: the list, the person, the overview, the programs."""
