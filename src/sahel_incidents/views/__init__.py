"""What a person sees of records: a page for each, found by words or by id."""
