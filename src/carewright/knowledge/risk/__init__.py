"""How sick a population is, by models others made: what each model is, in words, and its tables."""
