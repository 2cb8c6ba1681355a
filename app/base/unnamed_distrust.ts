/** Deno 2.7, upgrading a connection to TLS, fails in writing for a certificate that does not pass, and names neither. */

/** What such an error means; undefined for every other. @param code of an error while a connection was being encrypted */
export function unnamedDistrust(code: string | undefined): string | undefined {
  return code === "UNKNOWN"
    ? "the server's certificate is not trusted: its authority, its name or its dates are not right"
    : undefined;
}
