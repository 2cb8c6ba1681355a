/** Names of tables and columns as they stand in a statement. */
import type { Dialect } from "./sql.ts";

const QUOTES: Readonly<Record<Dialect, readonly [open: string, close: string]>> = {
  postgresql: ['"', '"'],
  mysql: ["`", "`"],
  sqlite: ['"', '"'],
  sqlserver: ["[", "]"],
  oracle: ['"', '"'],
};

/** A name, such as `orders` or `sales.orders`, each of its parts between quotes. */
export function quotedName(name: string, dialect: Dialect): string {
  return name.split(".").map((part) => quotedPart(part, dialect)).join(".");
}

/** One name between quotes, whatever is in it. Oracle keeps names that were not quoted in capitals: small letters mean those. */
export function quotedPart(name: string, dialect: Dialect): string {
  const [open, close] = QUOTES[dialect];
  const plain = dialect === "oracle" && !/[A-Z]/.test(name) ? name.toUpperCase() : name;
  return open + plain.replaceAll(close, close + close) + close;
}
