/** Tests of what drivers do with real servers, and with those that the tests have instead: `tests/datasource/<name>_test.ts`. */
export const COMPILED_FILES = [
  "chaos",
  "conformance",
  "each_step",
  "exact",
  "http_client",
  "no_hang",
  "oracle",
  "pool",
  "round_trip",
  "silent_loss",
  "sqlite",
  "sqlserver",
  "statements",
  "tls",
] as const;
