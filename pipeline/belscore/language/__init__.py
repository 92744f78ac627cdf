"""What the words of a Dutch call mean: tokens, phrases, values, names, forms of address."""
