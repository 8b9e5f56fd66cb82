"""The recipes, a file each: what to run and what number to expect."""
