// @ts-check
/** What the pages do by themselves; each module is one idea. */
import "./zone.js";
import "./width.js";
import "./toasts.js";
import "./dialog.js";
import "./refresh.js";
import "./clock.js";
import "./copy.js";
import "./keyboard.js";
import "./selection.js";
import "./folders.js";
import "./narrow.js";
import "./log.js";
import "./news.js";
import "./search.js";
import "./api.js";

/** Tools that do nothing without a script are hidden until it is here. */
function showTools() {
  for (const tool of document.querySelectorAll("[data-script-only][hidden]")) tool.removeAttribute("hidden");
}

showTools();
document.addEventListener("htmx:after:swap", showTools);
