import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

export const ROOT = join(import.meta.dirname, '../..');

const NOT_OURS = new Set(['node_modules', 'dist', 'data', 'coverage', '.git', '.env']);

/** A TypeScript file of the repository, parsed but not type-checked: all of them take about a second. */
export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  path: string;
  isTest: boolean;
  /** As written: `./x.js`, `#libs/x`, `kysely`. Workers named by `new URL('./x.js', import.meta.url)` count as imports. */
  imports: string[];
  /** Those of them that are still there at run time; a cycle of types is none. */
  importsAtRunTime: string[];
  ast: ts.SourceFile;
}

/** Every file that belongs to the project, from its root. */
export function projectFiles(folder = ROOT): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name) || entry.isSymbolicLink()) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? projectFiles(path) : [relative(ROOT, path).replaceAll('\\', '/')];
  });
}

export function sourceFiles(): SourceFile[] {
  return projectFiles().filter((path) => /^(apps|libs|simulators|test)\/.*\.ts$/.test(path)).map((path) => {
    const ast = ts.createSourceFile(path, readFileSync(join(ROOT, path), 'utf8'), ts.ScriptTarget.ES2023, true);
    return { path, isTest: path.startsWith('test/') || /\.test(-[a-z]+)?\.ts$/.test(path), ...importsOf(ast), ast };
  });
}

function importsOf(ast: ts.SourceFile): { imports: string[]; importsAtRunTime: string[] } {
  const found: string[] = [];
  const typesOnly: string[] = [];
  visit(ast, (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      (isTypeOnly(node) ? typesOnly : found).push(node.moduleSpecifier.text);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      typesOnly.push(node.argument.literal.text);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      found.push(...textsOf(node.arguments[0]));
    } else if (ts.isNewExpression(node) && node.expression.getText() === 'URL' && node.arguments?.[1]?.getText() === 'import.meta.url') {
      found.push(...textsOf(node.arguments[0]).filter((text) => /^\..*\.js$/.test(text)));
    }
  });
  return { imports: [...found, ...typesOnly], importsAtRunTime: found };
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

/** A literal's text; a template such as `#apps/${role}` stands for every app and is named `#apps/*`. */
function textsOf(node: ts.Node | undefined): string[] {
  if (!node) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) return [node.head.text + node.templateSpans.map((span) => `*${span.literal.text}`).join('')];
  return [];
}

export function visit(node: ts.Node, seen: (node: ts.Node) => void): void {
  seen(node);
  node.forEachChild((child) => visit(child, seen));
}

export const lineOf = (ast: ts.SourceFile, position: number): number => ast.getLineAndCharacterOfPosition(position).line + 1;

/** The project's own file that an import means, from the root; undefined for a package. */
export function targetOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(from), specifier).replaceAll('\\', '/').replace(/\.js$/, '.ts');
  if (specifier === '#simulators') return 'simulators/src/index.ts';
  const [, area, name] = /^#(libs|apps)\/([\w*-]+)$/.exec(specifier) ?? [];
  return area && `${area}/${name}/src/index.ts`;
}

/** `libs/alerts`, `apps/console`, `simulators`, `test`. */
export function roomOf(path: string): string {
  const [area = '', name = ''] = path.split('/');
  return area === 'libs' || area === 'apps' ? `${area}/${name}` : area;
}
