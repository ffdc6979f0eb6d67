/** Formats figures for people. */

const COUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const FINE = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export function count(value: number): string {
  return COUNT.format(value);
}

/** With a decimal only if it matters. */
export function fine(value: number): string {
  return (value < 100 ? FINE : COUNT).format(value);
}

export function megabytes(bytes: number): string {
  return `${fine(bytes / 1e6)} MB`;
}

/** A span of milliseconds in its two largest units. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function clock(time: number): string {
  return new Date(time).toLocaleTimeString();
}

/** With the day, as this place writes it. */
export function dayTime(time: number): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
