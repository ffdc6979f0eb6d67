/** Asks a node that is nothing but a backplane to do something. */
import type { BackplaneTasks } from './backplane-node';
import type { ServerProcess } from './server-process';

export async function ask<T extends keyof BackplaneTasks>(
  { port }: ServerProcess,
  task: T,
  ...[argument]: Parameters<BackplaneTasks[T]>
): Promise<Awaited<ReturnType<BackplaneTasks[T]>>> {
  const body = argument === undefined ? null : JSON.stringify(argument);
  const response = await fetch(`http://127.0.0.1:${port}/${task}`, { method: 'POST', body });
  return JSON.parse(await response.text());
}
