/**
 * Where attackers and everybody else come from. A network namespace has addresses that only it knows, so that limits
 * apply to them as to any in the world; it ends with its last process, and nothing of it is left.
 */
import { spawn, spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import type { Ground } from '../strangers/ground';

/** TEST-NET-3 of RFC 5737, which nobody has. */
const SERVER = '203.0.113.1';
const ATTACKER = '203.0.113.2';
const OTHERS = '203.0.113.3';
const LOOPBACK = '127.0.0.1';

export interface Place {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  attacker(port: number): Ground;
  others(port: number): Ground;
}

/** Every address is told by a proxy on this machine, which is believed. */
const behindProxy: Place = {
  name: 'behind a proxy that is trusted',
  settings: { TRUST_PROXY: 'loopback' },
  attacker: (port) => loopback(port, { 'X-Forwarded-For': ATTACKER }),
  others: (port) => loopback(port, { 'X-Forwarded-For': OTHERS }),
};

/** All seem to have one address, to which no limits apply. */
const fromLoopback: Place = {
  name: 'from 127.0.0.1',
  settings: {},
  attacker: (port) => loopback(port),
  others: (port) => loopback(port),
};

const apart: Place = {
  name: 'an address of its own',
  settings: {},
  attacker: (port) => ({ host: SERVER, port, localAddress: ATTACKER, headers: {} }),
  others: (port) => ({ host: SERVER, port, localAddress: OTHERS, headers: {} }),
};

/** Where an attacker has an address that is limited, as well as this machine can. */
export function limitedPlace(): Place {
  return isApart() ? apart : behindProxy;
}

export function allPlaces(): Place[] {
  return isApart() ? [apart, behindProxy, fromLoopback] : [behindProxy, fromLoopback];
}

/** Whether this process is in a namespace that has the addresses. */
export function isApart(): boolean {
  return (networkInterfaces().lo ?? []).some(({ address }) => address === SERVER);
}

const SET_UP = [SERVER, ATTACKER, OTHERS]
  .map((address) => `ip address add ${address}/32 dev lo`)
  .join(' && ');
/** Packets as long as a network's: with loopback's own the kernel would hold megabytes for who does not read. */
const LINK = 'ip link set lo mtu 1500 up';
const ENTER = ['--net', 'sh', '-c', `${LINK} && ${SET_UP} && exec "$0" "$@"`];

/** Runs this program again in a namespace of its own, and ends as it ends; false where none can be made. */
export function moveApart(): boolean {
  if (spawnSync('unshare', [...ENTER, 'true'], { stdio: 'ignore' }).status !== 0) return false;
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('unshare', [...ENTER, ...again], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.once('exit', (code) => process.exit(code ?? 1));
  return true;
}

function loopback(port: number, headers: Readonly<Record<string, string>> = {}): Ground {
  return { host: LOOPBACK, port, localAddress: LOOPBACK, headers };
}
