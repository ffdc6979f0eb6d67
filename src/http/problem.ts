/** How the API says that something is wrong: a code that stays the same, and a sentence that may not. */
import type { RequestContext } from './parts';

export type ProblemCode =
  | 'bad_parameter'
  | 'not_found'
  | 'no_such_member'
  | 'no_such_room'
  | 'unauthorised'
  | 'internal';

export interface Problem {
  readonly error: ProblemCode;
  readonly message: string;
}

export function problem(
  context: RequestContext,
  status: 400 | 401 | 404 | 500,
  error: ProblemCode,
  message: string,
): Response {
  return context.json<Problem>({ error, message }, status);
}
