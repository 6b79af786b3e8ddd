"""议事协商: a topic from being raised to the residents' word on what came of it."""
