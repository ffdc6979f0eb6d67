/** Whether something is done by the time that a test's clock has passed. */

/** @param time passes when it is told to @param milliseconds of it */
export async function isDoneWithin(
  time: { pass(milliseconds: number): Promise<void> },
  work: Promise<unknown>,
  milliseconds: number,
): Promise<boolean> {
  let isDone = false;
  void work.then(() => {
    isDone = true;
  });
  await time.pass(milliseconds);
  return isDone;
}
