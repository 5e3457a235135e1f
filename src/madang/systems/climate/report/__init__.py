"""A plan on paper: its tables, as a PDF with its letters in it, and as data."""
