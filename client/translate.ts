/** Imported first by each program of the client: constants of modules have texts, too, and are made when they are imported. */
import * as vscode from 'vscode';
import { configure } from '../language/text/l10n.ts';

configure(vscode.l10n.bundle);
