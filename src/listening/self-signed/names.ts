/** The names and addresses under which this machine is reached, for its certificate. */
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { isOnAllInterfaces } from '../../settings/doors';
import type { Settings } from '../../settings/table';
import { interfaceAddresses, localAddresses } from '../addresses';

export interface MachineNames {
  /** DNS names and addresses that the certificate must have. */
  readonly needed: readonly string[];
  /**
   * What it gets besides. Most IPv6 addresses are temporary (RFC 8981), and containers come and go: a certificate made
   * anew for each of them would have to be trusted anew.
   */
  readonly welcome: readonly string[];
}

/** A name that a certificate can have (RFC 1123, section 2.1; machines also have underscores). */
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/i;

export function machineNames(settings: Pick<Settings, 'host'>, machine = hostname()): MachineNames {
  const [short = ''] = machine.split('.');
  const given = isOnAllInterfaces(settings) ? [] : [settings.host ?? ''];
  const names = [
    'localhost',
    machine,
    short,
    `${short}.local`,
    '127.0.0.1',
    '::1',
    ...localAddresses(),
    ...given,
  ];
  return {
    needed: [...new Set(names.map((name) => name.toLowerCase()))].filter(
      (name) => (isIP(name) !== 0 && !name.includes('%')) || DNS_NAME.test(name),
    ),
    welcome: interfaceAddresses('IPv6'),
  };
}
