/** What a command gets from the process. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** What every command is told. */
export interface Where {
  readonly url: string;
}

/** The command is not valid; its message says why. */
export class BadUsage extends Error {}

/** Exit codes of commands. */
export const DONE = 0;
/** The host is unreachable, or has refused. */
export const FAILED = 1;
/** The command makes no sense. */
export const BAD_USAGE = 2;
/** There is no such room, member, stream, rule or ban. */
export const NOBODY = 3;
/** A node did not answer: what it has is left out. */
export const INCOMPLETE = 4;
