/** Asks and orders who may be where: rules for a room, and bans. Each returns the exit code. */
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Ban, Banned, BanPage, Lifted, RoomPolicy } from '../http/shapes';
import { type Api, Failure } from './api';
import { exitCode, printJson, summary } from './show';
import { BadUsage, DONE, type Surroundings } from './surroundings';
import { type Column, counted, dayTime, duration, table } from './text';

/** Bans that are asked for at a time. */
const PAGE = 500;

interface Printing {
  readonly json?: true;
}

export interface Ruling extends Printing {
  readonly maxSize?: number;
  readonly names?: readonly string[];
  /** Seconds. */
  readonly for?: number;
  readonly open?: string;
}

export interface Banning extends Printing {
  readonly address?: string;
  readonly subject?: string;
  readonly room?: string;
  /** Seconds. */
  readonly for?: number;
  readonly reason?: string;
}

type HeldBy = Banned['heldBy'];

const RULE_COLUMNS: readonly Column[] = [
  ...['RULE', 'VALUE', 'UNTIL'].map((title) => ({ title })),
  { title: 'LEFT', align: 'right' },
];

const BAN_COLUMNS: readonly Column[] = [
  ...['ID', 'BANNED', 'WHOM', 'ROOM', 'UNTIL'].map((title) => ({ title })),
  { title: 'LEFT', align: 'right' },
  { title: 'REASON' },
];

/** Shows the rules of a room, once they are set or opened where that is asked for. */
export async function rules(
  api: Api,
  room: string,
  { json, maxSize, names, for: seconds, open: rule }: Ruling,
  io: Surroundings,
): Promise<number> {
  const isSet = maxSize !== undefined || names !== undefined;
  if (!isSet && seconds !== undefined) {
    throw new BadUsage('--for says how long a rule counts: give --max-size or --names as well');
  }
  if (isSet) return showRules(await set(api, room, { maxSize, names, seconds }), json, io);
  if (rule !== undefined) return showRules(await open(api, room, rule), json, io);
  return showRules(await api.get<RoomPolicy>('room/policy', { room }), json, io);
}

export async function lock(
  api: Api,
  room: string,
  { json, for: seconds }: Ruling,
  io: Surroundings,
): Promise<number> {
  return showRules(await set(api, room, { locked: true, seconds }), json, io);
}

export async function unlock(api: Api, room: string, { json }: Printing, io: Surroundings): Promise<number> {
  return showRules(await open(api, room, 'locked'), json, io);
}

export async function bans(
  api: Api,
  { json, offset, limit }: Printing & { readonly offset: string; readonly limit: string },
  io: Surroundings,
): Promise<number> {
  const page = await api.get<BanPage>('bans', { offset, limit });
  if (json) return printJson(page, io);
  io.out(banTable(page.bans));
  io.out(summary(page.bans.length, page, 'ban'));
  return DONE;
}

/** @param name undefined: it is an address or a subject */
export async function ban(
  api: Api,
  name: string | undefined,
  { json, address, subject, room, for: seconds, reason }: Banning,
  io: Surroundings,
): Promise<number> {
  if ([name, address, subject].filter((whom) => whom !== undefined).length !== 1)
    throw new BadUsage('say whom to ban: a name, --address or --subject');
  const banned = await api.post<Banned>('bans', { name, address, subject, room, seconds, reason });
  if (json) return printJson(banned, io, banned.missing);
  io.out(banTable([banned.ban]));
  io.out(`${counted(banned.removed, 'member')} removed\n${heldInWords(banned.heldBy)}`);
  return exitCode(banned.missing, io);
}

/** @param whom the id of a ban, or the name, address or subject that is banned */
export async function unban(api: Api, whom: string, { json }: Printing, io: Surroundings): Promise<number> {
  const [meant, ...others] = bansOf(whom, await allBans(api));
  if (meant === undefined) {
    throw new Failure(`there is no ban of ${whom}: conference-host bans lists them`, 'no_such_ban');
  }
  if (others.length > 0) {
    const ids = [meant, ...others].map((one) => `${one.id} (${kindOf(one)}, ${one.room ?? 'all rooms'})`);
    throw new BadUsage(`${counted(ids.length, 'ban')} of ${whom}, give the id of one: ${ids.join(', ')}`);
  }
  const lifted = await api.delete<Lifted>(`bans/${meant.id}`);
  if (json) return printJson(lifted, io);
  io.out(`${banTable([lifted.ban])}1 ban lifted\n${heldInWords(lifted.heldBy)}`);
  return DONE;
}

function set(api: Api, room: string, body: object): Promise<RoomPolicy> {
  return api.patch('room/policy', { room }, body);
}

function open(api: Api, room: string, rule: string): Promise<RoomPolicy> {
  return api.delete('room/policy', { room, rule });
}

function showRules(policy: RoomPolicy, json: true | undefined, io: Surroundings): number {
  if (json) return printJson(policy, io);
  const { locked, maxSize, names, heldBy } = policy;
  const rows = [
    ...(locked === undefined ? [] : [['locked', 'nobody new', ...lasting(locked)]]),
    ...(maxSize === undefined ? [] : [['maxSize', String(maxSize.value), ...lasting(maxSize)]]),
    ...(names === undefined
      ? []
      : [['names', names.value.map((name) => JSON.stringify(name)).join(', '), ...lasting(names)]]),
  ];
  io.out(rows.length === 0 ? 'no rules: the room is open\n' : table(RULE_COLUMNS, rows));
  if (heldBy !== undefined) io.out(heldInWords(heldBy));
  return DONE;
}

function banTable(all: readonly Ban[]): string {
  const rows = all.map((ban) => {
    const { id, name, address, subject, room, until, reason } = ban;
    const whom = name ?? address ?? subject ?? '';
    return [id, kindOf(ban), whom, room ?? '(all)', ...lasting({ until }), reason ?? ''];
  });
  return table(BAN_COLUMNS, rows);
}

function kindOf({ name, address }: Ban): string {
  if (name !== undefined) return 'name';
  return address === undefined ? 'subject' : 'address';
}

function lasting({ until }: { readonly until: number }): [until: string, left: string] {
  return [dayTime(until), duration(until - Date.now())];
}

function heldInWords(heldBy: HeldBy): string {
  return heldBy === 'redis'
    ? 'held by Redis: it outlives every node\n'
    : 'held by this node alone, as long as it runs\n';
}

async function allBans(api: Api): Promise<readonly Ban[]> {
  const all: Ban[] = [];
  for (;;) {
    const query = { offset: String(all.length), limit: String(PAGE) };
    const page = await api.get<BanPage>('bans', query);
    all.push(...page.bans);
    if (page.bans.length < PAGE) return all;
  }
}

function bansOf(whom: string, all: readonly Ban[]): readonly Ban[] {
  const byId = all.filter(({ id }) => id === whom);
  if (byId.length > 0) return byId;
  return all.filter(
    ({ name, address, subject }) =>
      [name, subject, address].includes(whom) || (address !== undefined && isOwnNetwork(address, whom)),
  );
}

/** One address is listed as a network: itself, or with IPv6 its /64. */
function isOwnNetwork(network: string, address: string): boolean {
  const [first = '', bits] = network.split('/');
  if (bits !== (isIPv6(address) ? '64' : '32') || isIP(first) !== isIP(address)) return false;
  const own = new BlockList();
  const kind = isIPv6(address) ? 'ipv6' : 'ipv4';
  own.addSubnet(first, Number(bits), kind);
  return own.check(address, kind);
}
