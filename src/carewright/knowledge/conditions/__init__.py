"""Which codes mean which chronic condition, and how many claims it takes to believe them."""
