/** Who types a command: the account of this machine. */
import { userInfo } from "node:os";
import type { Actor } from "../model/actor.ts";

export function thisUser(): Actor {
  return { channel: "cli", name: accountName() };
}

function accountName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // An account without a name, as in a container: it is somebody all the same.
    return undefined;
  }
}
