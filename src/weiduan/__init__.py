"""微端: four 1+N systems for the basic units in which people really live."""

__version__ = "0.1.0"
