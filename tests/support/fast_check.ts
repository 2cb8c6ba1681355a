/** Property-based testing; named here and not in the import map, so that it does not end up in the executable. */
export { default as fc } from "npm:fast-check@4.10.2";
