/** Writes SVG. */

type Attributes = Readonly<Record<string, string | number>>;

/** @param content elements or text that is escaped already */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${shorten(value)}"`);
  return `<${name}${written.join('')}${content === '' ? '/>' : `>${content}</${name}>`}`;
}

/**
 * A picture with a white ground, so that it is readable on dark pages too.
 * @param title stands first, where screen readers look for it
 */
export function svgDocument(
  width: number,
  height: number,
  title: string,
  elements: readonly string[],
): string {
  const ground = element('rect', { width, height, fill: '#fff' });
  const root = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      'font-family': 'system-ui, sans-serif',
      'font-size': 13,
    },
    `\n${[element('title', {}, title), ground, ...elements].join('\n')}\n`,
  );
  return `${root}\n`;
}

function shorten(value: string | number): string {
  return typeof value === 'string' ? value : String(Math.round(value * 10) / 10);
}
