/** The scripts of the pages: modules of one idea each, under the names they import each other by. */
import main from "../../static/script/main.js" with { type: "text" };
import refresh from "../../static/script/refresh.js" with { type: "text" };
import dialog from "../../static/script/dialog.js" with { type: "text" };
import toasts from "../../static/script/toasts.js" with { type: "text" };
import clock from "../../static/script/clock.js" with { type: "text" };
import copy from "../../static/script/copy.js" with { type: "text" };
import keyboard from "../../static/script/keyboard.js" with { type: "text" };
import news from "../../static/script/news.js" with { type: "text" };
import selection from "../../static/script/selection.js" with { type: "text" };
import narrow from "../../static/script/narrow.js" with { type: "text" };
import folders from "../../static/script/folders.js" with { type: "text" };
import log from "../../static/script/log.js" with { type: "text" };
import zone from "../../static/script/zone.js" with { type: "text" };
import width from "../../static/script/width.js" with { type: "text" };
import api from "../../static/script/api.js" with { type: "text" };
import search from "../../static/script/search.js" with { type: "text" };

export const SCRIPTS: Readonly<Record<string, string>> = {
  "main.js": main,
  "refresh.js": refresh,
  "dialog.js": dialog,
  "toasts.js": toasts,
  "clock.js": clock,
  "copy.js": copy,
  "keyboard.js": keyboard,
  "news.js": news,
  "selection.js": selection,
  "narrow.js": narrow,
  "folders.js": folders,
  "log.js": log,
  "zone.js": zone,
  "width.js": width,
  "search.js": search,
  "api.js": api,
};
