"""Everything public as open data: sets with their dictionary, features for map programs, maps for other pages, news."""
