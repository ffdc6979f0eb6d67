/** Gives a host the orders that an operator gives over the API. */
import { ADMIN_TOKEN } from './http';

/** What comes back, as far as tests look into it. */
export interface OrderAnswer {
  readonly status: number;
  readonly json: {
    readonly [field: string]: unknown;
    readonly ban: { readonly id: string };
    readonly members: number;
    readonly missing: readonly unknown[];
  };
}

/** @param body as JSON, unless it is a text already */
export async function order(
  port: number,
  method: string,
  path: string,
  body?: unknown,
  token = ADMIN_TOKEN,
): Promise<OrderAnswer> {
  const headers = { authorization: `Bearer ${token}` };
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(`http://127.0.0.1:${port}/api${path}`, { method, headers, ...sent });
  return { status: response.status, json: (await response.json()) as OrderAnswer['json'] };
}
