/** What clients have told: kept, so that an engine that starts by itself knows it. */
import type { Logger } from './logger.ts';
import { keepStoreSetting } from './open-stores.ts';
import type { EnginePaths } from './paths.ts';
import type { EngineSettings } from './protocol.ts';
import type { Publisher } from './publisher.ts';
import { defaultSettings } from './settings.ts';
import type { Store } from './store/store.ts';
import { StoreFailure } from './store/store-failure.ts';

export interface ToldSettingsDependencies {
  readonly store: Store;
  /** What the setting `vigil.store` was when the engine started. */
  readonly storeSetting: string;
  readonly paths: EnginePaths;
  readonly log: Logger;
  readonly publisher: Publisher;
}

const name = 'engine';

export class ToldSettings {
  readonly #deps: ToldSettingsDependencies;
  #now: EngineSettings;

  constructor(deps: ToldSettingsDependencies) {
    this.#deps = deps;
    const kept = deps.store.setting(name) as Partial<EngineSettings> | undefined;
    this.#now = { ...defaultSettings, ...kept, store: deps.storeSetting };
  }

  get now(): EngineSettings {
    return this.#now;
  }

  /** What is not given stays as it is: a terminal's settings file need not repeat the editor's. */
  tell(settings: Partial<EngineSettings>): void {
    const before = this.#now;
    this.#now = { ...before, ...settings };
    if (this.#now.store !== before.store) this.#storeChosen(this.#now.store);
    if (JSON.stringify(this.#now) !== JSON.stringify(before)) this.keep();
  }

  /** A client must be able to attach, and to ask what is wrong, while the database cannot be written. */
  keep(): void {
    // It may hold a password, and is needed before there is a database.
    const { store: _, ...kept } = this.#now;
    try {
      this.#deps.store.saveSetting(name, kept);
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      this.#deps.log.warn(`the settings count, but are not kept: ${error.message}`);
    }
  }

  /** It counts for the next engine: this one does not leave its jobs. */
  #storeChosen(setting: string): void {
    const { paths, publisher, store, storeSetting } = this.#deps;
    keepStoreSetting(paths.storeFile, setting);
    if (setting === storeSetting) return;
    const message = `Vigil's engine goes on with ${store.usage().path}: the setting vigil.store counts when it starts next. "vigil stop-engine" ends it; jobs go on.`;
    publisher.notification({ level: 'warning', message });
  }
}
