"""品牌: a name and a mark that gather what belongs together."""
