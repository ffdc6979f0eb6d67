/**
 * Looks names up, and finds no address that is not public: whoever can change a name's records must not reach what only
 * this machine reaches. The connection goes to the very address that was checked.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPublic } from '../listening/networks';

/** As `dns.lookup` when it is asked for all addresses. */
export type LookupAll = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The name leads to addresses that are not public, and to no other. */
export const NOT_PUBLIC = 'its name leads to an address that is not public: see WEBHOOK_ALLOW_PRIVATE';

/** @param lookUp for tests */
export function publicLookup(lookUp: LookupAll = lookup): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const addresses = found.filter(({ address }) => isPublic(address));
      const [first] = addresses;
      if (first === undefined) return callback(new Error(NOT_PUBLIC), '', 0);
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
