"""Words that are not ours: days, periods, codes, identifiers and errors. Pure, and on the ground floor of everything."""
