"""Documents that are remembered, passage by passage, and read again when their files change."""
