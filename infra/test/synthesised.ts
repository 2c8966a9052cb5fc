import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUNDLE_NAMES } from '../lib/bundles.ts';
import { EarshotStack } from '../lib/earshot-stack.ts';
import { readOptions } from '../lib/options.ts';

export const ENVIRONMENTS = ['dev', 'prod'] as const;

export type Context = Readonly<Record<string, string>>;

const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;

/** A new public key as PEM. */
export const makePublicKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1', publicKeyEncoding, privateKeyEncoding }).publicKey;

/** What it takes to have CloudFront. */
export const CLOUDFRONT = { enable_cloudfront: 'true', cloudfront_public_key: makePublicKey() } as const;

export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A directory that is gone when all tests have ended. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'earshot-infra-'));
}

let root: string | undefined;
let apps = 0;

/** What it synthesises is gone, too. */
export function makeApp(): App {
  root ??= temporaryDirectory();
  apps += 1;
  return new App({ outdir: join(root, `app-${apps}`) });
}

let places: { bundlesDir: string; extensionFile: string } | undefined;

/** Directories with one file for each function, and for the extension: what is in them is of no matter to a template. */
export function emptyBundles(): { bundlesDir: string; extensionFile: string } {
  if (places !== undefined) return places;
  const directory = temporaryDirectory();
  const bundlesDir = join(directory, 'lambda');
  const extensionFile = join(directory, 'secrets-extension.zip');
  for (const name of BUNDLE_NAMES) {
    mkdirSync(join(bundlesDir, name), { recursive: true });
    writeFileSync(join(bundlesDir, name, 'index.mjs'), `export const handler = () => '${name}';\n`);
  }
  writeFileSync(extensionFile, 'PK');
  places = { bundlesDir, extensionFile };
  return places;
}

export function makeStack(context: Context): { app: App; stack: EarshotStack } {
  const app = makeApp();
  const stack = new EarshotStack(app, 'earshot', { options: readOptions(context), ...emptyBundles() });
  return { app, stack };
}

/** The template of a stack with these choices. */
export function synthesise(context: Context): Template {
  return Template.fromStack(makeStack(context).stack);
}

/** All resources of one type, by their logical ids. */
export function resourcesOf(template: Template, type: string): Record<string, TemplateResource> {
  return template.findResources(type) as Record<string, TemplateResource>;
}

/** The only resource of its type that fits. */
export function onlyResource(
  template: Template,
  type: string,
  fits: (resource: TemplateResource, id: string) => boolean = () => true,
): TemplateResource {
  const found = Object.entries(resourcesOf(template, type)).filter(([id, each]) => fits(each, id));
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`There are ${found.length} of ${type} that fit.`);
  }
  return found[0][1];
}

/** A function of ours, by the end of its name. */
export function functionOf(template: Template, name: string): TemplateResource {
  return onlyResource(
    template,
    'AWS::Lambda::Function',
    ({ Properties }) =>
      typeof Properties['FunctionName'] === 'string' && Properties['FunctionName'].endsWith(`-${name}`),
  );
}
