/** Rows with something to press. */
const ROW = ':is(tbody tr, #roster li)';

/**
 * Changes the page, and keeps the row under the pointer, or the one with the focus, where it was: what comes or goes
 * above it must not put another one there. Browsers do so by themselves only once a page has been scrolled.
 */
export function steadily(change: () => void): void {
  const row = document.querySelector(`${ROW}:hover`) ?? document.querySelector(`${ROW}:focus-within`);
  const top = row?.getBoundingClientRect().top ?? 0;
  change();
  if (row?.isConnected) scrollBy({ top: row.getBoundingClientRect().top - top, behavior: 'instant' });
}
