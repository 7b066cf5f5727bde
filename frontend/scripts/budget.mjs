// Fails when what an entry loads first has grown past its budget (gzip -9, JS and CSS together), or when
// a lazy chunk has. Sizes are read from the build manifests, so a new import shows up here at once.
import { existsSync, readFileSync, statSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'dist')
const KB = 1024
const LAZY = 40 * KB
// The page that shows every component holds every component.
const EXEMPT = { 'src/staff/features/kit/Kit.svelte': 60 * KB }
const TOTAL = 2 * KB * KB
// Bytes by build and entry; an entry that is not named gets the campaign page's budget.
const BUDGETS = {
  public: { donate: 35 * KB, volunteer: 30 * KB, embed: 2 * KB, '*': 6 * KB },
  app: { staff: 150 * KB, portal: 110 * KB },
}

// Of the staff app only the compressed files are kept.
function gz(build, file) {
  const raw = path.join(dist, build, file)
  return existsSync(raw) ? gzipSync(readFileSync(raw), { level: 9 }).length : statSync(`${raw}.gz`).size
}
const kb = (n) => `${(n / KB).toFixed(1)} KB`
let failed = false

function report(name, size, budget) {
  const ok = size <= budget
  failed ||= !ok
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(28)} ${kb(size).padStart(9)} of ${kb(budget)}`)
}

// firstLoad walks static imports only: what the browser needs before the entry runs.
function firstLoad(manifest, key, seen = new Set()) {
  if (seen.has(key)) return seen
  seen.add(key)
  for (const dep of manifest[key].imports ?? []) firstLoad(manifest, dep, seen)
  return seen
}

function filesOf(manifest, keys) {
  const files = new Set()
  for (const key of keys) {
    files.add(manifest[key].file)
    for (const css of manifest[key].css ?? []) files.add(css)
  }
  return files
}

for (const [build, budgets] of Object.entries(BUDGETS)) {
  const file = path.join(dist, build, '.vite', 'manifest.json')
  if (!existsSync(file)) {
    console.log(`FAIL ${build}: no manifest, run the build first`)
    failed = true
    continue
  }
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  const sum = (files) => [...files].reduce((n, f) => n + gz(build, f), 0)
  const first = new Set()
  for (const [key, chunk] of Object.entries(manifest)) {
    if (!chunk.isEntry) continue
    const keys = firstLoad(manifest, key)
    keys.forEach((k) => first.add(k))
    report(`${build}/${chunk.name}`, sum(filesOf(manifest, keys)), budgets[chunk.name] ?? budgets['*'])
  }
  for (const [key, chunk] of Object.entries(manifest)) {
    if (!chunk.isDynamicEntry) continue
    const own = [...firstLoad(manifest, key)].filter((k) => !first.has(k))
    const size = sum(filesOf(manifest, own))
    const budget = EXEMPT[key] ?? LAZY
    if (size > 8 * KB || size > budget)
      report(`  lazy ${path.basename(path.dirname(key))}/${chunk.name}`, size, budget)
  }
}

const embed = path.join(dist, 'embed', 'embed.js')
if (existsSync(embed)) report('embed/embed.js', gz('embed', 'embed.js'), 2 * KB)

const total = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((e) => e.isFile())
  .reduce((n, e) => n + statSync(path.join(e.parentPath ?? e.path, e.name)).size, 0)
report('dist in the binary', total, TOTAL)

process.exit(failed ? 1 : 0)
