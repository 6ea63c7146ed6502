/** What package.json declares, against what the code does. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../client/commands/command-table.ts';
import { scriptLanguages } from '../../client/script-languages.ts';
import { clusterSettings, engineSettings, outputKeepBytes, settingDefaults } from '../../client/settings.ts';
import { firstScript } from '../../client/submit/first-script.ts';
import { defaultSettings } from '../../engine/settings.ts';
import { checkScript } from '../../language/check/check-script.ts';
import { problemCodes } from '../../language/problem/codes.ts';
import { chosenSeverities } from '../../language/problem/severities.ts';
import { parseScript } from '../../language/script/parse-script.ts';
import { readManifest } from '../support/manifest.ts';

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
    readonly viewsWelcome: readonly { readonly view: string; readonly when: string; readonly contents: string }[];
    readonly walkthroughs: readonly Walkthrough[];
    readonly languageModelTools: readonly {
      readonly name: string;
      readonly inputSchema: { readonly additionalProperties?: boolean };
    }[];
    readonly configuration: { readonly properties: { readonly [key: string]: Property } };
  };
}

interface Walkthrough {
  readonly id: string;
  readonly steps: readonly {
    readonly description: string;
    readonly media: { readonly image?: string; readonly altText?: string; readonly markdown?: string };
    readonly completionEvents: readonly string[];
  }[];
}

interface Property {
  readonly default?: unknown;
  readonly scope?: string;
  readonly markdownDescription?: string;
  readonly propertyNames?: { readonly enum?: readonly string[]; readonly markdownEnumDescriptions?: readonly string[] };
  readonly additionalProperties?: { readonly enum?: readonly string[] };
}

const root = join(import.meta.dirname, '..', '..');
const manifest = readManifest<Manifest>();
const { contributes } = manifest;
const { properties } = contributes.configuration;

describe('commands', () => {
  const declared = contributes.commands.map(({ command }) => command).sort();

  it('are the same in the table and in package.json', () => {
    expect(declared).toEqual(Object.keys(commandTable).sort());
  });

  it('of menus and welcome texts exist', () => {
    const inMenus = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    const texts = [
      ...contributes.viewsWelcome.map(({ contents }) => contents),
      ...steps.flatMap(({ description, completionEvents }) => [
        description,
        ...completionEvents.map((event) => event.replace('onCommand:', 'command:')),
      ]),
    ];
    const inTexts = texts.flatMap((text) =>
      [...text.matchAll(/command:(vigil\.\w+)(?!\.focus|\w)/g)].map((match) => match[1]),
    );
    expect(inTexts.length).toBeGreaterThan(0);
    for (const command of [...inMenus, ...inTexts]) expect(declared).toContain(command);
  });
});

describe('empty views', () => {
  const views = ['vigil.jobs', 'vigil.runs'];
  const states = [true, false].flatMap((trusted) =>
    ['connected', 'failed'].flatMap((engine) => [true, false].map((isScript) => ({ trusted, engine, isScript }))),
  );

  it.each(views)('%s says one thing in each state', (view) => {
    for (const { trusted, engine, isScript } of states) {
      const holds = (term: string): boolean => {
        if (term.startsWith('!')) return !holds(term.slice(1));
        if (term === 'isWorkspaceTrusted') return trusted;
        if (term === 'vigil.isScript') return isScript;
        const [key, value] = term.split(' == ');
        expect(key).toBe('vigil.engine');
        return value === engine;
      };
      const shown = contributes.viewsWelcome.filter((one) => one.view === view && one.when.split(' && ').every(holds));
      expect(shown, JSON.stringify({ trusted, engine, isScript })).toHaveLength(1);
    }
  });

  it('lead to the walkthrough that there is', () => {
    const ids = contributes.walkthroughs.map(({ id }) => `vigil.vigil#${id}`);
    const named = contributes.viewsWelcome.flatMap(({ contents }) =>
      [...contents.matchAll(/openWalkthrough\?([^)]*)/g)].map((match) =>
        JSON.parse(decodeURIComponent(match[1] ?? '')),
      ),
    );
    expect(named.length).toBeGreaterThan(0);
    for (const id of named) expect(ids).toContain(id);
  });
});

it('the script to begin with has no mistake', () => {
  expect(checkScript(parseScript(firstScript)).map(({ code, message }) => `${code} ${message}`)).toEqual([]);
  expect(parseScript(firstScript).watchers).toHaveLength(2);
});

describe('settings', () => {
  it('offer every diagnostic and severity', () => {
    // `node scripts/write-severities.mjs` writes them.
    const setting = properties['vigil.diagnostics.severity'];
    expect(setting?.propertyNames?.enum).toEqual(Object.keys(problemCodes));
    expect(setting?.propertyNames?.markdownEnumDescriptions).toEqual(
      Object.values(problemCodes).map(({ severity, summary }) => `${summary} Default: ${severity}.`),
    );
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

it('tools of assistants take only what they declare', () => {
  expect(contributes.languageModelTools.length).toBeGreaterThan(0);
  for (const { name, inputSchema } of contributes.languageModelTools) {
    expect(name).toMatch(/^vigil_[a-z]+$/);
    expect(inputSchema.additionalProperties, name).toBe(false);
  }
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
    ...contributes.walkthroughs.flatMap(({ steps }) =>
      steps.map(({ media: { image, altText, markdown } }) => {
        expect(image === undefined || (altText ?? '').length > 0).toBe(true);
        return image ?? markdown ?? '';
      }),
    ),
  ];
  for (const file of named) expect(existsSync(join(root, file)), file).toBe(true);
});

it('@types/vscode is the oldest VS Code that is supported', () => {
  expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies['@types/vscode']}`);
});
