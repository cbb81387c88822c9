/** Native ESM through swc. Sibling packages resolve from their source inside the monorepo, from node_modules elsewhere. */
module.exports = {
  rootDir: __dirname,
  forceExit: Boolean(process.env.CI),
  testEnvironment: 'node',
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
