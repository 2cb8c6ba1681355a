/** All channels there are. A new one is a file and a line here. */
import type { Channel } from "./channel.ts";
import { dingtalk } from "./channels/dingtalk.ts";
import { email } from "./channels/email.ts";
import { feishu } from "./channels/feishu.ts";
import { ntfy } from "./channels/ntfy.ts";
import { slack } from "./channels/slack.ts";
import { teams } from "./channels/teams.ts";
import { telegram } from "./channels/telegram.ts";
import { webhook } from "./channels/webhook.ts";
import { wecom } from "./channels/wecom.ts";

/** Each knows the type of its own settings, which come from its own schema. */
export const CHANNELS = [
  email,
  webhook,
  dingtalk,
  wecom,
  feishu,
  slack,
  teams,
  telegram,
  ntfy,
] as unknown as readonly Channel[];
