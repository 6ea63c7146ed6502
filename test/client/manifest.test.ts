/** What package.json declares, against what the code does. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../client/commands/command-table.ts';
import { scriptLanguages } from '../../client/script-languages.ts';
import { clusterSettings, engineSettings, outputKeepBytes, settingDefaults } from '../../client/settings.ts';
import { defaultSettings } from '../../engine/settings.ts';
import { problemCodes } from '../../language/problem/codes.ts';
import { chosenSeverities } from '../../language/problem/severities.ts';

interface Manifest {
  readonly icon: string;
  readonly engines: { readonly vscode: string };
  readonly devDependencies: { readonly [name: string]: string };
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly grammars: readonly { readonly path: string; readonly injectTo: readonly string[] }[];
    readonly snippets: readonly { readonly language: string; readonly path: string }[];
    readonly menus: { readonly [menu: string]: readonly { readonly command: string }[] };
    readonly viewsContainers: { readonly activitybar: readonly { readonly icon: string }[] };
    readonly views: { readonly vigil: readonly { readonly icon: string }[] };
    readonly viewsWelcome: readonly { readonly contents: string }[];
    readonly configuration: { readonly properties: { readonly [key: string]: Property } };
  };
}

interface Property {
  readonly default?: unknown;
  readonly scope?: string;
  readonly markdownDescription?: string;
  readonly propertyNames?: { readonly enum?: readonly string[]; readonly markdownEnumDescriptions?: readonly string[] };
  readonly additionalProperties?: { readonly enum?: readonly string[] };
}

const root = join(import.meta.dirname, '..', '..');
const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { contributes } = manifest;
const { properties } = contributes.configuration;

describe('commands', () => {
  const declared = contributes.commands.map(({ command }) => command).sort();

  it('are the same in the table and in package.json', () => {
    expect(declared).toEqual(Object.keys(commandTable).sort());
  });

  it('of menus and welcome texts exist', () => {
    const inMenus = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
    const inTexts = contributes.viewsWelcome.flatMap(({ contents }) =>
      [...contents.matchAll(/command:(vigil\.\w+)/g)].map((match) => match[1]),
    );
    expect(inTexts.length).toBeGreaterThan(0);
    for (const command of [...inMenus, ...inTexts]) expect(declared).toContain(command);
  });
});

describe('settings', () => {
  it('offer every diagnostic and severity', () => {
    // `node scripts/write-severities.mjs` writes them.
    const setting = properties['vigil.diagnostics.severity'];
    expect(setting?.propertyNames?.enum).toEqual(Object.keys(problemCodes));
    expect(setting?.propertyNames?.markdownEnumDescriptions).toHaveLength(Object.keys(problemCodes).length);
    expect(setting?.additionalProperties?.enum).toEqual(chosenSeverities);
  });

  /** Read by vscode-languageclient itself. */
  const notOurs = ['vigil.trace.server'];

  it('have the same keys and defaults in the code and in package.json', () => {
    const declared = Object.fromEntries(Object.entries(properties).filter(([key]) => !notOurs.includes(key)));
    const expected = Object.entries(settingDefaults).map(([key, value]) => [`vigil.${key}`, value]);
    expect(Object.fromEntries(Object.entries(declared).map(([key, property]) => [key, property.default]))).toEqual(
      Object.fromEntries(expected),
    );
  });

  it('have the defaults that the engine has when nobody told it any', () => {
    const { sshConfigFile, ...others } = engineSettings(() => undefined);
    const { sshConfigFile: ofEngine, ...othersOfEngine } = defaultSettings;
    expect(others).toEqual(othersOfEngine);
    expect(sshConfigFile.replace('~', homedir())).toBe(ofEngine);
  });

  it.each(Object.entries(properties))('%s has a description and a scope', (_, property) => {
    expect(property.markdownDescription).toMatch(/\.$/);
    expect(property.scope).toMatch(/^(machine|window|resource)$/);
  });

  it('that name hosts and files cannot come from an untrusted workspace', () => {
    const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
    expect(restricted).toEqual(
      expect.arrayContaining([
        'vigil.clusters',
        'vigil.sshConfigFile',
        'vigil.actions.runCommand',
        'vigil.email.server',
      ]),
    );
  });

  it('of the wrong type give way to the defaults', () => {
    const typed: { readonly [key: string]: unknown } = {
      clusters: 'x',
      sshConfigFile: 3,
      minPollSeconds: '1',
      maxWatchersPerJob: null,
      'actions.runCommand': 'everything',
      'actions.allowedCommands': 'sh',
      'actions.notificationsPerHour': 'many',
      'email.port': '25',
      'email.tls': true,
      'email.to': [],
    };
    expect(engineSettings((key) => typed[key])).toEqual({ ...defaultSettings, sshConfigFile: '~/.ssh/config' });
    expect(clusterSettings([{ name: 'a' }, { host: 'b' }, null, 'c'])).toEqual([{ name: 'a' }]);
    expect(engineSettings((key) => ({ minPollSeconds: 0.01 })[key as 'minPollSeconds']).minPollSeconds).toBe(1);
    expect(outputKeepBytes(() => 1000)).toBe(32 * 1024 * 1024);
  });
});

describe('languages of scripts', () => {
  it('have the colours of watchers', () => {
    const [grammar] = contributes.grammars;
    const scopes = scriptLanguages.map((language) => `source.${language === 'shellscript' ? 'shell' : language}`);
    expect(grammar?.injectTo).toEqual(scopes);
    const { injectionSelector } = JSON.parse(readFileSync(join(root, grammar?.path ?? ''), 'utf8'));
    expect(injectionSelector).toBe(scopes.map((scope) => `L:${scope} -string`).join(', '));
  });

  it('have the snippets', () => {
    const ofScripts = contributes.snippets.filter(({ language }) => language !== 'yaml');
    expect(ofScripts.map(({ language }) => language)).toEqual([...scriptLanguages]);
    expect(new Set(ofScripts.map(({ path }) => path)).size).toBe(1);
  });
});

it('every file that package.json names is there', () => {
  const named = [
    manifest.icon,
    ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
    ...contributes.views.vigil.map(({ icon }) => icon),
    ...contributes.grammars.map(({ path }) => path),
    ...contributes.snippets.map(({ path }) => path),
  ];
  for (const file of named) expect(existsSync(join(root, file)), file).toBe(true);
});

it('@types/vscode is the oldest VS Code that is supported', () => {
  expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies['@types/vscode']}`);
});
