/**
 * The attacks of those who are no members yet, or whose room is only loud. They come from loopback, to which no limits
 * apply, or as a proxy would tell of a stranger in the world, to whom they do.
 */
import { Meter } from '../meter';
import { type Ground, type Siege, shortened } from '../strangers/ground';
import { guess } from '../strangers/guess';
import { hoard } from '../strangers/hoard';
import { knock } from '../strangers/knock';
import { loudRoom } from '../strangers/loud-room';
import { pipelined } from '../strangers/pipelined';
import type { Attack, Scene } from './attacks';

/** What the server must be told, so that there is something to be refused, guessed and limited. */
export const STRANGERS_SETTINGS = {
  ALLOWED_ORIGINS: 'https://meet.example',
  ADMIN_TOKEN: 'opens-what-nobody-guesses-in-a-year',
  TRUST_PROXY: 'loopback',
} as const;

/** Milliseconds that most of them last. */
const TIME = 1_500;
/** A room takes its time to fill: handshakes of one address are limited. */
const LOUD_TIME = 6_000;
/** Milliseconds until hoarders whose connections were cut are there again. */
const COME_BACK = 200;
/** More than may be no members of the descriptors that the server has. */
const HOARDERS = 800;

export const strangerAttacks: Readonly<Record<string, Attack>> = {
  'pipelined requests': (scene) => pipelined(groundOf(scene), shortened(scene, TIME), 20),
  'silent hoarders': (scene) => hoardFor(scene, false),
  'hoarders that never read': (scene) => hoardFor(scene, true),
  'the refused': (scene) => knock(groundOf(scene), shortened(scene, TIME), 10),
  guesses: (scene) => guess(groundOf(scene), shortened(scene, TIME), 8),

  'the loud room': (scene) => {
    const meters = { received: new Meter(), sent: new Meter() };
    return loudRoom(limited(scene), shortened(scene, LOUD_TIME), { size: 250, rate: 45, ...meters });
  },
};

function hoardFor(scene: Scene, asks: boolean): Promise<unknown> {
  const siege: Siege = shortened(scene, TIME);
  return hoard(groundOf(scene), siege, { count: HOARDERS, asks, comeBack: COME_BACK });
}

/** Of either kind. */
function groundOf(scene: Scene): Ground {
  return scene.random.chance(50) ? limited(scene) : { ...limited(scene), headers: {} };
}

/** Ground on which limits apply: an address of TEST-NET-3 (RFC 5737). */
function limited({ port, random }: Scene): Ground {
  const headers = { 'X-Forwarded-For': `203.0.113.${1 + random.below(4)}` };
  return { host: '127.0.0.1', port, localAddress: '127.0.0.1', headers };
}
