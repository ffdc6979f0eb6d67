/** The rooms that the crowd meets in, and that the attackers join. Names are opaque, so some are odd. */
const ODD_ROOMS = [
  'a+b',
  '100%',
  'my room',
  '__proto__',
  'комната',
  'a,b',
  '"quoted"',
  '%2F',
  '?room=',
  'ünï🎈',
];

export const ROOMS: readonly string[] = [
  ...ODD_ROOMS,
  ...Array.from({ length: 20 - ODD_ROOMS.length }, (_, index) => `room ${index}`),
];

/** The member that is frozen, in a room with one other who waits for it to be gone. */
export const FROZEN = { room: 'frozen', name: 'ice' } as const;
