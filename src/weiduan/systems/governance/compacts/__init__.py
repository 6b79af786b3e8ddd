"""规约与章程: texts a unit gives itself, version by version, each in force only after a vote and a filing."""
