/** Native ESM through swc, as in the packages. */
module.exports = {
  rootDir: __dirname,
  forceExit: Boolean(process.env.CI),
  testEnvironment: 'node',
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
