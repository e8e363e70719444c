"""The incidents in the columns of UCDP GED, for tools that expect them."""
