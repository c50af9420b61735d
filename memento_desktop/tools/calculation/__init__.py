"""What the `calculate` tool is made of: tokens, a parser, exact numbers, units, dates."""
