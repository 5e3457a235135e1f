"""Files as rows: what a file holds is read here, a bounded piece at a time; what it means is not."""
