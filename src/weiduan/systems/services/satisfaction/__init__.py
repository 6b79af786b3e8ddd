"""满意度: few questions, one answer a code, counted at once and kept of nobody."""
