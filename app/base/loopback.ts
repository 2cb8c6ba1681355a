/** Addresses that only this machine reaches. */

/** True for a host name or an address of the loopback interface. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
