/** Does a lot in small tasks, so that the page answers in between. */
export async function inTurns<T>(items: Iterable<T>, act: (item: T) => void): Promise<void> {
  for (const item of items) {
    await new Promise((resolve) => setTimeout(resolve));
    act(item);
  }
}
