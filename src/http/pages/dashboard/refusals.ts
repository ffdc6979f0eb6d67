/** Who was refused, and why. */
import type { RefusalRecord } from '../../shapes';
import { byId, make } from '../dom';
import { clock } from '../format';

const SHOWN = 100;
const table = byId('refusals', HTMLElement);

/** Adds new refusals, oldest first; they are shown newest first. */
export function addRefusals(refusals: readonly RefusalRecord[], anew: boolean): void {
  if (anew) table.replaceChildren();
  for (const { time, code, name, reason, address } of refusals) {
    table.prepend(
      make(
        'tr',
        {},
        make('td', { class: 'nowrap' }, clock(time)),
        make('td', { class: 'nowrap', title: name }, String(code)),
        make('td', { class: 'name' }, reason),
        make('td', { class: 'nowrap' }, address),
      ),
    );
  }
  while (table.children.length > SHOWN) table.lastElementChild?.remove();
  byId('no-refusals', HTMLElement).hidden = table.children.length > 0;
}
