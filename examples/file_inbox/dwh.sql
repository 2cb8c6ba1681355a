CREATE TABLE readings (sensor TEXT NOT NULL, at TEXT NOT NULL, value NUMERIC NOT NULL, PRIMARY KEY (sensor, at));
