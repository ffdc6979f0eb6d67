/** Where the host is, as this page was opened. */
const { protocol, host, pathname } = location;

/** Whether the page came with TLS. */
export const isSecure = protocol === 'https:';
/** The schemes at the host's port: it takes either these or their others. */
export const http = isSecure ? 'https' : 'http';
export const ws = isSecure ? 'wss' : 'ws';
/** Host and port, with the path of a proxy that has the host below one. */
export const here = `${host}${pathname.replace(/\/+$/, '')}`;

export function isLoopback(address: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(address);
}
