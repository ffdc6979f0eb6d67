/** Figures as people read them. */

/** Three significant digits, without an exponent, thousands apart. */
export function threeDigits(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString('en', {
    minimumFractionDigits: Math.min(digits, 3),
    maximumFractionDigits: Math.min(digits, 3),
  });
}

/** @param unit none where the value is a plain count, which is written whole */
export function withUnit(value: number | undefined, unit: string): string {
  if (value === undefined) return '–';
  return unit === '' ? Math.round(value).toLocaleString('en') : `${threeDigits(value)} ${unit}`;
}

/** How many times one is the other: `0.06×`. */
export function times(ratio: number | undefined): string {
  return ratio === undefined ? '–' : `${threeDigits(ratio)}×`;
}
