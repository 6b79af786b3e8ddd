"""演示数据 Demo: a modelled district on real division codes, loaded as a survey."""
