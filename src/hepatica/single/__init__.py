"""Jobs on one file or plan: a table in, result rows out."""
