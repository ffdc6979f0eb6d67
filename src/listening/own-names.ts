/** Names that only this machine has: nobody else can point them here. */
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Whether a host name, as URLs write it, is an address, `localhost` or this machine's own name. */
export function isOwnName(name: string): boolean {
  if (isIP(name.replace(/^\[|\]$/g, '')) > 0 || name === 'localhost') return true;
  const own = hostname().toLowerCase();
  return name === own || name === `${own}.local`;
}
