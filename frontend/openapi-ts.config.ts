import { defineConfig } from '@hey-api/openapi-ts'

// The leading ../ matters: a bare path is read as a hosted registry name. Query options are not generated:
// our query keys begin with the organization, which the contract does not know.
export default defineConfig({
  input: '../app/openapi.json',
  output: { path: 'src/api/gen' },
  plugins: [
    { name: '@hey-api/client-fetch', baseUrl: '/api/v1', throwOnError: true },
    '@hey-api/typescript',
    { name: '@hey-api/sdk', responseStyle: 'data' },
  ],
})
