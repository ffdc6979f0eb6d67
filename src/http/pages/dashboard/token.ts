/** The token, which this tab keeps until it is closed. */

const KEPT_AS = 'conference-host admin token';

/** This tab's token, or one from the address's fragment, which is then removed from the address. */
export function knownToken(): string | null {
  const [, given] = /^#token=(.+)$/.exec(location.hash) ?? [];
  if (given !== undefined) {
    const token = decoded(given);
    if (token !== undefined) keepToken(token);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(KEPT_AS);
}

/** Whether it can be sent in a header; anything else is not a token. */
export function isToken(text: string): boolean {
  return /^[!-~]+$/.test(text);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEPT_AS, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEPT_AS);
}

/** Undefined if an escape is malformed. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
