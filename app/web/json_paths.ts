/** Addresses that programs ask; they are answered in JSON. `/api` alone is a page. */
const JSON_PATHS = /^\/(?:(?:jobs|trigger|hooks)(?:\/|$)|api\/)/;

export function isJsonPath(path: string): boolean {
  return JSON_PATHS.test(path);
}
