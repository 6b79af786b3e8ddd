"""苗头: what may need a look soon, said of places and never of persons, each with its plain reason."""
