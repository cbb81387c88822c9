import ts from 'typescript';

/** A module that another one names: by import, re-export, dynamic import or import type. */
export interface ModuleReference {
  readonly specifier: string;
  /** From 1. */
  readonly line: number;
}

/** What the boundary rules need to know about one source file. */
export interface ModuleSyntax {
  readonly references: readonly ModuleReference[];
  /** Lines of default exports. */
  readonly defaultExports: readonly number[];
}

/** Reads the imports and default exports of a TypeScript file. Pure; never fails on broken code, the type check does that. */
export function readModuleSyntax(path: string, text: string): ModuleSyntax {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const references: ModuleReference[] = [];
  const defaultExports: number[] = [];
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier) references.push({ specifier: specifier.text, line: lineOf(specifier) });
    if (isDefaultExport(node)) defaultExports.push(lineOf(node));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { references, defaultExports };
}

function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
    return ts.isStringLiteralLike(node.moduleSpecifier) ? node.moduleSpecifier : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    return argument && ts.isStringLiteralLike(argument) ? argument : undefined;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return ts.isStringLiteralLike(node.argument.literal) ? node.argument.literal : undefined;
  }
  return undefined;
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)
  );
}
