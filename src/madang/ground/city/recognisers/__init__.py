"""What the city recognises in a file, each by its columns or schema and none by its name."""
