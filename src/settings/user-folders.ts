/** Where a user keeps what, if the environment says so (XDG Base Directory Specification, version 0.8). */
import { isAbsolute, join } from 'node:path';

/** The variable with the parent of a setting's folder, and the name of the folder. */
const FOLDERS: Readonly<Record<string, readonly [string, string]>> = {
  stateDir: ['XDG_STATE_HOME', 'conference-host'],
  caroot: ['XDG_DATA_HOME', 'mkcert'],
};

/** The folder that a setting means where it is not given. */
export function userFolder(
  setting: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const [variable, name] = FOLDERS[setting] ?? [];
  const parent = variable === undefined ? undefined : env[variable];
  // The specification: relative paths are invalid, and are to be ignored.
  return parent === undefined || name === undefined || !isAbsolute(parent) ? undefined : join(parent, name);
}
