/** The style sheet: files of one idea each, in cascade layers, joined in their order. */
import layers from "../../static/css/layers.css" with { type: "text" };
import tokens from "../../static/css/tokens.css" with { type: "text" };
import base from "../../static/css/base.css" with { type: "text" };
import buttons from "../../static/css/components/buttons.css" with { type: "text" };
import causes from "../../static/css/components/causes.css" with { type: "text" };
import chips from "../../static/css/components/chips.css" with { type: "text" };
import code from "../../static/css/components/code.css" with { type: "text" };
import dialog from "../../static/css/components/dialog.css" with { type: "text" };
import filter from "../../static/css/components/filter.css" with { type: "text" };
import forms from "../../static/css/components/forms.css" with { type: "text" };
import frame from "../../static/css/components/frame.css" with { type: "text" };
import lane from "../../static/css/components/lane.css" with { type: "text" };
import selection from "../../static/css/components/selection.css" with { type: "text" };
import sheets from "../../static/css/components/sheets.css" with { type: "text" };
import signs from "../../static/css/components/signs.css" with { type: "text" };
import table from "../../static/css/components/table.css" with { type: "text" };
import smallFrame from "../../static/css/components/phone.css" with { type: "text" };
import shared from "../../static/css/pages/shared.css" with { type: "text" };
import today from "../../static/css/pages/today.css" with { type: "text" };
import rows from "../../static/css/pages/rows.css" with { type: "text" };
import runs from "../../static/css/pages/runs.css" with { type: "text" };
import task from "../../static/css/pages/task.css" with { type: "text" };
import run from "../../static/css/pages/run.css" with { type: "text" };
import timeline from "../../static/css/pages/timeline.css" with { type: "text" };
import system from "../../static/css/pages/system.css" with { type: "text" };
import audit from "../../static/css/pages/audit.css" with { type: "text" };
import deliveries from "../../static/css/pages/deliveries.css" with { type: "text" };
import users from "../../static/css/pages/users.css" with { type: "text" };
import start from "../../static/css/pages/start.css" with { type: "text" };
import signIn from "../../static/css/pages/sign_in.css" with { type: "text" };
import api from "../../static/css/pages/api.css" with { type: "text" };
import plan from "../../static/css/pages/plan.css" with { type: "text" };
import smallPages from "../../static/css/pages/phone.css" with { type: "text" };
import print from "../../static/css/pages/print.css" with { type: "text" };

/** Within a layer what comes later wins where selectors are equally strong: small screens and paper are last. */
export const STYLE = [
  layers,
  tokens,
  base,
  buttons,
  causes,
  chips,
  code,
  dialog,
  filter,
  forms,
  frame,
  lane,
  selection,
  sheets,
  signs,
  table,
  smallFrame,
  shared,
  today,
  rows,
  runs,
  task,
  run,
  timeline,
  system,
  audit,
  deliveries,
  users,
  start,
  signIn,
  plan,
  api,
  smallPages,
  print,
].join("\n");
