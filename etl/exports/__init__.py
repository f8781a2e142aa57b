"""Figures as files that state what they are: CSV, Excel, Parquet; and where such files go."""

from etl.exports.csv_file import csv_of_records
from etl.exports.formats import FORMATS, PDF, Export, file_name, format_of, make_export, sealed
from etl.exports.json_document import as_json
from etl.exports.statement import make_statement, statement_name

__all__ = [
    "FORMATS",
    "PDF",
    "Export",
    "as_json",
    "csv_of_records",
    "file_name",
    "format_of",
    "make_export",
    "make_statement",
    "sealed",
    "statement_name",
]
