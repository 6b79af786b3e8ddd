"""1+N阵地体系: rooms a survey finds, and the micro-venues they become."""
