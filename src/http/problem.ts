/** Error responses of the API. */
import type { RequestContext } from './parts';
import type { Problem, ProblemCode } from './shapes';

export function problem(
  context: RequestContext,
  status: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 500 | 503,
  error: ProblemCode,
  message: string,
): Response {
  return context.json<Problem>({ error, message }, status);
}
