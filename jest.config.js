/** Unit tests need nothing; integration and e2e start real servers once per run (test/harness). */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest'] },
};

export default {
  testTimeout: 30_000,
  maxWorkers: 2,
  forceExit: false,
  // A worker that ran many files has a heap of some gigabytes, which alone takes seconds to give back; after half a second jest took it for one that hangs.
  workerGracefulExitTimeout: 15_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/test/unit/**/*.test.ts'] },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.test.ts'],
      globalSetup: '<rootDir>/test/harness/start.mjs',
      globalTeardown: '<rootDir>/test/harness/stop.mjs',
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.e2e.ts'],
      globalSetup: '<rootDir>/test/harness/start.mjs',
      globalTeardown: '<rootDir>/test/harness/stop.mjs',
    },
  ],
};
