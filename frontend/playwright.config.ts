import { defineConfig, devices } from '@playwright/test'

const port = process.env.E2E_PORT ?? '8130'
const base = process.env.E2E_BASE_URL ?? `http://127.0.0.1:${port}`

const chromium = {
  browserName: 'chromium' as const,
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  },
}

export default defineConfig({
  testDir: 'e2e',
  fullyParallel: true,
  workers: 2,
  // Patience costs a passing run nothing, and a machine may stand still for a while.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  retries: process.env.CI ? 1 : 0,
  use: { baseURL: base, trace: 'retain-on-failure', screenshot: 'only-on-failure' },
  webServer: process.env.E2E_BASE_URL
    ? undefined
    : {
        command: `../bin/tributary serve --demo --listen 127.0.0.1:${port}${process.env.E2E_DATA ? ` --data ${process.env.E2E_DATA}` : ''}`,
        env: { TRUSTED_PROXIES: '127.0.0.1/32' }, // each journey comes from an address of its own: see fixtures.ts
        url: `${base}/readyz`,
        reuseExistingServer: !process.env.CI,
        timeout: 60_000,
      },
  projects: [
    { name: 'phone', use: { ...devices['Pixel 7'], ...chromium } },
    { name: 'desktop', use: { ...devices['Desktop Chrome'], ...chromium } },
  ],
})
