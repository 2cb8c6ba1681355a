/** `carillon api types`: TypeScript types for clients of the API. */
import { openApiOf } from "../api/openapi/document.ts";
import { typescriptOf } from "../api/openapi/typescript.ts";
import { ROUTES } from "../api/v1/routes.ts";
import type { Command } from "./command.ts";
import { print } from "./output.ts";
import { VERSION } from "./version.ts";

export const apiTypes: Command = {
  name: "api types",
  usage: "",
  words: 0,
  summary: "TypeScript types for clients of the API, as this version serves it",
  flags: {},
  configured: false,
  examples: [{ line: "api types > carillon_api.ts", what: "a module that a client imports" }],
  run() {
    print(typescriptOf(openApiOf(ROUTES, VERSION, "en")).trimEnd());
    return 0;
  },
};
