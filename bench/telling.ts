/** How long a host has spent telling rooms, as it says itself. */
import type { ServerProcess } from './server-process';

/** Opens `/metrics` of the hosts that are asked. */
const TOKEN = 'token-of-the-benchmark';
const SUM = 'conference_broadcast_duration_seconds_sum';

/** What a host must be started with to be asked. */
export const ASKABLE = { METRICS_TOKEN: TOKEN } as const;

/** Seconds since its start. */
export async function tellingSeconds({ port }: Pick<ServerProcess, 'port'>): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { Authorization: `Bearer ${TOKEN}` },
  });
  return readSum(await response.text());
}

/** @throws where the text has no such figure */
export function readSum(text: string): number {
  const value = new RegExp(`^${SUM} (\\S+)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`the metrics have no ${SUM}`);
  return Number(value);
}
