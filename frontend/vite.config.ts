import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import path from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { BuildOptions, Plugin } from 'vite'
import { defineConfig } from 'vitest/config' // not from 'vite': the test key is typed here

const here = path.dirname(fileURLToPath(import.meta.url))
const src = (dir: string) => path.join(here, 'src', dir)

const app = { staff: 'src/staff/main.ts', portal: 'src/portal/main.ts' }

// Three builds (public, app, embed) keep the surfaces apart, so that the staff app can never make the
// giving page grow.
export default defineConfig(({ mode }) => {
  const build: BuildOptions = {
    outDir: `dist/${mode}`,
    emptyOutDir: true,
    target: 'baseline-widely-available',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  }
  if (mode === 'embed') {
    // No hash in the name: nonprofits paste this URL into their own sites.
    build.lib = { entry: 'src/public/embed.ts', formats: ['iife'], name: 'Give', fileName: () => 'embed.js' }
  } else {
    build.manifest = true
    if (mode === 'app') build.rolldownOptions = { input: app }
    if (mode === 'public') build.rolldownOptions = { input: publicEntries() }
  }
  return {
    base: mode === 'development' || mode === 'test' ? '/' : `/a/${mode}/`,
    plugins: [svelte(), svelteTesting(), precompress()],
    resolve: { alias: { '@lib': src('lib'), '@ui': src('ui'), '@api': src('api') } },
    server: {
      port: 5173,
      strictPort: true,
      origin: 'http://127.0.0.1:5173',
      cors: { origin: 'http://127.0.0.1:8080' },
      proxy: { '/api': 'http://127.0.0.1:8080' },
    },
    build,
    test: {
      environment: 'happy-dom',
      include: ['src/**/*.test.ts'],
      setupFiles: ['./vitest.setup.ts'],
      globals: true,
      css: false,
    },
  }
})

// publicEntries makes every file directly in src/public an entry of its own name: donate.ts becomes
// "donate". embed.ts has its own build; code shared by entries lives in folders beside them.
function publicEntries(): Record<string, string> {
  const files = readdirSync(src('public'), { withFileTypes: true })
    .filter((f) => f.isFile() && /^[a-z-]+\.ts$/.test(f.name) && f.name !== 'embed.ts')
    .map((f) => f.name)
  return Object.fromEntries(files.map((f) => [path.basename(f, '.ts'), `src/public/${f}`]))
}

// precompress writes .br and .gz siblings, so that the server never compresses an asset itself. Of the staff app and the portal only these are
// kept: the server unpacks one for the rare browser that takes neither, and the program stays small.
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    writeBundle(options, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!/\.(js|css|svg|json)$/.test(name) || name.includes('manifest')) continue
        const file = path.join(options.dir ?? '', name)
        const raw = readFileSync(file)
        if (raw.length < 512) continue
        writeFileSync(`${file}.gz`, gzipSync(raw, { level: 9 }))
        writeFileSync(
          `${file}.br`,
          brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
        )
        if (path.basename(options.dir ?? '') === 'app') rmSync(file)
      }
    },
  }
}
