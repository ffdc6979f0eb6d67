/** Resolves all settings, from embedding options or from flags and variables, and validates them together. */
import { complaintOf } from './kinds';
import { sslValues, togetherComplaints } from './rules';
import { type Setting, type Settings, settingsTable, written } from './table';

/** Settings are not valid; the message has one line per problem. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Looks up a setting: its value, a complaint about it, or undefined if it is not set. */
type Source = (name: string, setting: Setting<unknown>) => Given | undefined;
export type Given = { readonly value: unknown } | { readonly complaint: string };

/**
 * Validates an embedding program's options and adds the defaults.
 * @throws SettingsError when an option is unknown or its value is not valid
 */
export function resolveOptions(options: Readonly<Record<string, unknown>>): Settings {
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(settingsTable, name));
  if (unknown.length > 0) throw new SettingsError(`${unknown.join(', ')}: there is no such option`);
  return resolve(
    (name, setting) => {
      const value = options[name];
      if (value === undefined) return undefined;
      if (isForgotten(setting, value)) return { complaint: forgotten(name) };
      if (setting.kind.accepts(value)) return { value };
      const shown = show(setting, String(value));
      return { complaint: `${name}: ${shown} ${complaintOf(setting.kind, value)}` };
    },
    (name) => name,
  );
}

/** What to write instead of settings that exist only for migration. */
export function compatibilityNotes({ ssl, tlsCert, tlsKey, port }: Settings): string[] {
  if (!ssl || tlsCert === undefined || tlsKey === undefined) return [];
  return [`instead of SSL=true write ${written(tlsCert, tlsKey)} PORT=${port}`];
}

/**
 * Whether a setting that guards a door is empty, such as a variable that was never filled in. Treated as unset, it
 * would leave the door open without anyone noticing.
 */
export function isForgotten({ guards }: Setting<unknown>, value: unknown): boolean {
  return guards !== undefined && typeof value === 'string' && value.trim() === '';
}

/** @param label the setting's name where it was given */
export function forgotten(label: string): string {
  return `${label} is empty: give it a value, or remove it`;
}

export function show({ secret }: Setting<unknown>, value: string): string {
  return secret ? `(${Buffer.byteLength(value)} bytes)` : value;
}

export function resolve(source: Source, label: (name: string) => string): Settings {
  const complaints: string[] = [];
  const given: Record<string, unknown> = {};
  const defaults: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(settingsTable)) {
    const found = source(name, setting);
    defaults[name] = setting.default;
    if (found === undefined) continue;
    if ('complaint' in found) complaints.push(found.complaint);
    else given[name] = Array.isArray(found.value) ? Object.freeze([...found.value]) : found.value;
  }
  const values = { ...defaults, ...sslValues(given), ...given };
  complaints.push(...togetherComplaints(values, label));
  if (complaints.length > 0) throw new SettingsError(complaints.join('\n'));
  return Object.freeze(values) as unknown as Settings;
}
