// @ts-check
import { resolve } from 'node:path';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const root = resolve(import.meta.dirname, '../..');

export default defineConfig(
  { ignores: ['**/dist/**', '**/bundle/**', '**/coverage/**', '**/testdata/**', '**/*.cjs', '**/*.mjs', '**/*.js'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    basePath: root,
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Fakes and ports implement asynchronous interfaces without waiting for anything.
      '@typescript-eslint/require-await': 'off',
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.test.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    // Programs and harnesses speak to a terminal.
    basePath: root,
    files: ['e2e/**/*.ts', 'tools/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
