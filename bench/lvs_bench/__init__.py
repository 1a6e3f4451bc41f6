"""How fast the collection is, beside what else there is."""
