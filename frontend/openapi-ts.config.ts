import { defineConfig } from '@hey-api/openapi-ts'

// The leading ../ matters: a bare path is read as a hosted registry name.
export default defineConfig({
  input: '../app/openapi.json',
  output: { path: 'src/api/gen' },
  plugins: [
    { name: '@hey-api/client-fetch', baseUrl: '/api/v1' },
    '@hey-api/typescript',
    '@hey-api/sdk',
    '@tanstack/svelte-query',
    'valibot',
  ],
})
