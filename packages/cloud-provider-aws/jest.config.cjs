/** Native ESM through swc. Sibling packages resolve from their source inside the monorepo, from node_modules elsewhere. */
module.exports = {
  rootDir: __dirname,
  forceExit: Boolean(process.env.CI),
  testEnvironment: 'node',
  // A limit for what hangs, not for what is slow: machines that are busy with other things must not fail a test.
  testTimeout: 60_000,
  testEnvironmentOptions: { customExportConditions: ['@ccm-ts/source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/src/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  transformIgnorePatterns: ['/node_modules/'],
};
