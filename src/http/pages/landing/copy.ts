/** Copies texts, also where browsers offer no clipboard: over plain http, except on localhost. */
import { byId, setText } from '../dom';

/** Milliseconds that a button shows that it has copied. */
const COPIED_FOR = 2_000;

/** @param label the button's text, which says for a moment how it went */
export async function copy(source: HTMLElement, label: HTMLElement): Promise<void> {
  const said = (await toClipboard(source)) ? 'Copied' : 'Selected: press Ctrl+C';
  const before = label.dataset.label ?? label.textContent ?? '';
  label.dataset.label = before;
  const status = byId('copied', HTMLElement);
  setText(label, said);
  setText(status, said);
  setTimeout(() => {
    setText(label, before);
    setText(status, '');
  }, COPIED_FOR);
}

async function toClipboard(source: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    return true;
  } catch {
    return copySelected(source);
  }
}

/** Leaves the text selected if that fails, to be copied by hand. */
function copySelected(source: HTMLElement): boolean {
  const selection = getSelection();
  selection?.selectAllChildren(source);
  const isCopied = document.execCommand('copy');
  if (isCopied) selection?.removeAllRanges();
  return isCopied;
}
