import react from '@vitejs/plugin-react';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { createHash } from 'node:crypto';
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

const SERVICE_WORKER = 'service-worker';

/** Tells the service worker which files the page is made of, each with its hash where its name has none. */
const pageFiles: Plugin = {
  name: 'page-files',
  apply: 'build',
  generateBundle: {
    // The document itself comes last.
    order: 'post',
    async handler(_options, bundle) {
      const files: { url: string; revision: string | null }[] = [];
      for (const [name, output] of Object.entries(bundle)) {
        if (name === `${SERVICE_WORKER}.js` || name.endsWith('.map')) continue;
        const content = output.type === 'chunk' ? output.code : output.source;
        files.push({ url: `/${name}`, revision: name.startsWith('assets/') ? null : revisionOf(content) });
      }
      const kept = join(import.meta.dirname, 'public');
      for (const name of await readdir(kept)) {
        files.push({ url: `/${name}`, revision: revisionOf(await readFile(join(kept, name))) });
      }
      const worker = bundle[`${SERVICE_WORKER}.js`];
      if (worker?.type !== 'chunk' || !worker.code.includes('self.__PAGE_FILES')) {
        throw new Error('The service worker asks for no files.');
      }
      worker.code = worker.code.replace('self.__PAGE_FILES', JSON.stringify(files));
    },
  },
};

const revisionOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);

/** `npm run dev -w web` beside a server on port 8080; the server itself serves what `vite build` makes. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), pageFiles, compressed],
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    // A Content-Security-Policy without `data:` for anything but pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One sheet of 7 KB: a part of the page that is loaded later never stands there without its looks.
    cssCodeSplit: false,
    rolldownOptions: {
      input: {
        page: join(import.meta.dirname, 'index.html'),
        [SERVICE_WORKER]: join(import.meta.dirname, 'worker', `${SERVICE_WORKER}.ts`),
      },
      output: {
        // A browser looks for a new one at the same address.
        entryFileNames: ({ name }) => (name === SERVICE_WORKER ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
