/** Imported first by each page: constants of modules have texts, too, and are made when they are imported. */
import { configure } from '../language/text/l10n.ts';

// Data that the extension put into the page: no policy for scripts touches it.
configure(JSON.parse(document.querySelector('#translations')?.textContent ?? '{}'));
