-- The tables of the example tasks.
CREATE TABLE tbl_test (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  value REAL NOT NULL,
  create_time TEXT NOT NULL
);
CREATE INDEX tbl_test_create_time ON tbl_test (create_time);

CREATE TABLE tbl_synced (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  value REAL NOT NULL,
  create_time TEXT NOT NULL
);
