"""摸清底数 Survey: one workbook in, checked first, loaded whole or not at all."""
