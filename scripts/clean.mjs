// Empties dist/: what a module that has moved leaves behind would be packed and published.
import { rmSync } from 'node:fs';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
