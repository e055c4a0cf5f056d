"""Reports: one document model, printed as web page, Word, PDF and annex workbook."""
