"""1+N阵地体系: so far the premises a survey finds."""
