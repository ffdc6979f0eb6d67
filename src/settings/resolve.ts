/** Values for all settings: from an embedding program's options or from flags and variables, checked together. */
import { sslValues, togetherComplaints } from './rules';
import { type Setting, type Settings, settingsTable, written } from './table';

/** A setting has a value that it does not take; the message has one line for each such setting. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Where a setting's value comes from: undefined where it is not set, a bad one as the complaint about it. */
type Source = (name: string, setting: Setting<unknown>) => Given | undefined;
export type Given = { readonly value: unknown } | { readonly complaint: string };

/**
 * Completes the options of an embedding program with the defaults.
 * @throws SettingsError when an option is unknown or has a value that it does not take
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
      return { complaint: `${name}: ${shown} is not valid: it takes ${setting.kind.takes}` };
    },
    (name) => name,
  );
}

/** What is to be written instead of settings that are understood only for those who migrate. */
export function compatibilityNotes({ ssl, tlsCert, tlsKey, port }: Settings): string[] {
  if (!ssl || tlsCert === undefined || tlsKey === undefined) return [];
  return [`instead of SSL=true write ${written(tlsCert, tlsKey)} PORT=${port}`];
}

/**
 * Whether a setting that guards a door is given without a value, as by a variable that was never filled in. Taken for
 * unset it would leave the door open, and nobody would notice.
 */
export function isForgotten({ guards }: Setting<unknown>, value: unknown): boolean {
  return guards !== undefined && typeof value === 'string' && value.trim() === '';
}

/** @param label how the setting is named where it is given */
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
