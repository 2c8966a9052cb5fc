import react from '@vitejs/plugin-react';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const COMPRESSIBLE = /\.(?:css|html|js|json|svg|webmanifest)$/;

/** Each text beside itself in two compressed forms, so that no server compresses while somebody waits. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  async writeBundle({ dir = '' }) {
    for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !COMPRESSIBLE.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      const text = await readFile(path);
      await writeFile(`${path}.br`, await promisify(brotliCompress)(text));
      await writeFile(`${path}.gz`, await promisify(gzip)(text, { level: 9 }));
    }
  },
};

/** `npm run dev -w web` beside a server on port 8080; the server itself serves what `vite build` makes. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), compressed],
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    // A Content-Security-Policy without `data:` for anything but pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
