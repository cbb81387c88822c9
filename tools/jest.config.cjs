/** Native ESM through swc, as in the packages. */
module.exports = {
  rootDir: __dirname,
  forceExit: Boolean(process.env.CI),
  testEnvironment: 'node',
  // A limit for what hangs, not for what is slow: machines that are busy with other things must not fail a test.
  testTimeout: 60_000,
  testEnvironmentOptions: { customExportConditions: ['@ccm-ts/source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  transformIgnorePatterns: ['/node_modules/'],
};
