import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      '{apps,contract,world,kernel,messages,gateway,services,dataplane,testkit,docs,bench,e2e,interop}/**/*.test.ts',
    ],
    globalSetup: ['testkit/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
})
