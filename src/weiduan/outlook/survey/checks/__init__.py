"""What must hold between the survey's rows, one page for each part of the workbook."""
