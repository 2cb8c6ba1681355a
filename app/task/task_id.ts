/** What a task may be called. */

const TASK_ID = /^[\p{L}\p{N}](?:[\p{L}\p{N}_. -]{0,98}[\p{L}\p{N}_.-])?$/u;

/** True for what can stand in addresses, on the command line and in names of files. */
export function isTaskId(text: string): boolean {
  return TASK_ID.test(text);
}
