/** Texts as QR codes. */
/*! QR codes by lean-qr: MIT, Copyright (c) David Evans */
import { correction, generate } from 'lean-qr/nano';

const SVG = 'http://www.w3.org/2000/svg';
/** Modules of the quiet zone around it (ISO/IEC 18004). */
const QUIET = 4;

/** Dark on light in any colour scheme: not all phones read the inverse. */
export function codeFor(text: string): SVGElement {
  const code = generate(text, { minCorrectionLevel: correction.M });
  const size = code.size + 2 * QUIET;
  let dark = '';
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) if (code.get(x, y)) dark += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
  }
  const svg = element('svg', {
    viewBox: `0 0 ${size} ${size}`,
    class: 'code',
    role: 'img',
    'aria-label': `QR code: ${text}`,
    'shape-rendering': 'crispEdges',
  });
  svg.append(element('rect', { width: `${size}`, height: `${size}`, fill: '#fff' }));
  svg.append(element('path', { d: dark, fill: '#000' }));
  return svg;
}

function element(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
