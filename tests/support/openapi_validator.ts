/** Validators that nobody here wrote; named here and not in the import map, so that they do not end up in the executable. */
export { Validator } from "npm:@seriousme/openapi-schema-validator@2.11.0";
export { Ajv2020 } from "npm:ajv@8.20.0/dist/2020.js";
