/**
 * The first instant that every promised reader can hold; what is before means none, as the zero of .NET and of Windows do.
 * Before it Spark 3 refuses a file of another writer whole
 * (https://spark.apache.org/docs/3.5.0/sql-data-sources-parquet.html, `datetimeRebaseModeInRead`).
 */
export const FIRST_INSTANT = '1900-01-01T00:00:00.000Z';
