/** One of the parts of all tests. */
import { loadPart } from "../support/parts.ts";

await loadPart(new URL(import.meta.url).pathname);
