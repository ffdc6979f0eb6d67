/** TCP connections as Linux tells them under /proc (see proc(5)): those of a network namespace, and whose they are. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** `TCP_ESTABLISHED` of Linux' include/net/tcp_states.h. */
const ESTABLISHED = '01';

interface Connection extends Held {
  readonly localPort: number;
  readonly state: string;
}

/** Local ports of the connections to this port that this machine's end and, as far as it knows, the other hold open. */
export function establishedPorts(remotePort: number): Set<number> {
  const open = connections('self').filter(
    (connection) => connection.remotePort === remotePort && connection.state === ESTABLISHED,
  );
  return new Set(open.map(({ localPort }) => localPort));
}

/** A connection that a process holds. */
export interface Held {
  readonly remotePort: number;
  /** The socket's; no later one has it, though it may have the same ports. */
  readonly inode: string;
}

/** The connections to its own port that this process holds, whatever state they are in. */
export function heldBy(pid: number, port: number): Held[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map(
      (fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1],
    ),
  );
  return connections(`${pid}`).filter(
    ({ localPort, remotePort, inode }) => localPort === port && remotePort > 0 && inodes.has(inode),
  );
}

function connections(pid: string): Connection[] {
  return ['tcp', 'tcp6'].flatMap((table) => {
    const [, ...lines] = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trimEnd().split('\n');
    return lines.map((line) => {
      const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
      return { localPort: portOf(local), remotePort: portOf(remote), state, inode };
    });
  });
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}

/** A descriptor may be closed between two looks. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
