/** Asks for confirmation before something that cannot be undone. */
import { byId, setText } from '../dom';

const dialog = byId('confirm', HTMLDialogElement);

export function askToRemove(title: string, text: string): Promise<boolean> {
  setText(byId('confirm-title', HTMLElement), title);
  setText(byId('confirm-text', HTMLElement), text);
  dialog.returnValue = '';
  dialog.showModal();
  byId('confirm-no', HTMLElement).focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

byId('confirm-yes', HTMLElement).addEventListener('click', () => dialog.close('yes'));
byId('confirm-no', HTMLElement).addEventListener('click', () => dialog.close());
