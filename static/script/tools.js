// @ts-check
/// <reference lib="dom" />
/** Tools that do nothing without a script are hidden until it is here. */

function showTools() {
  for (const tool of document.querySelectorAll("[data-script-only][hidden]")) tool.removeAttribute("hidden");
}

showTools();
document.addEventListener("htmx:after:swap", showTools);
