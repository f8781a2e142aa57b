"""Figures as files that state what they are: CSV, Excel, Parquet; and where such files go."""

from etl.exports.formats import FORMATS, Export, file_name, format_of, make_export, sealed
from etl.exports.json_document import as_json

__all__ = ["FORMATS", "Export", "as_json", "file_name", "format_of", "make_export", "sealed"]
